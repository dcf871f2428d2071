"""Projected coordinates run to millions of metres: what is said of them keeps every metre."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.scene import Prior
from subterra.search.declared import declare
from subterra.site import plan_grid, plan_lines

X, Y = 400004.0, 5600015.5


def test_plans_say_where_they_lie():
    assert "400004 5600015.5 400036 5600026" in plan_grid((X, Y, 400036.0, 5600026.0), 4.0).label
    line = plan_lines((X, Y, 400038.0, Y), 2.0, "wenner")
    assert "400004 5600015.5 400038 5600015.5" in line[0].label


def test_an_area_outside_the_bounds_is_said_in_full():
    prior = Prior((X, Y, X + 30.0, Y + 20.0), depth_m=10.0)
    area = np.array([[X, Y], [X + 40.0, Y], [X + 40.0, Y + 20.0]])
    with pytest.raises(InputError, match=r"\(400044, 5600035\.5\)"):
        declare(prior, polygon=area)
