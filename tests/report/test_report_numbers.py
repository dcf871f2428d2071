from __future__ import annotations

import pytest

from subterra.counting import counted
from subterra.report.numbers import coordinate, signed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5600030.0, "5600030"),
        (5600000.0, "5600000"),
        (12.5, "12.5"),
        (0.0, "0"),
        (-40.25, "-40.25"),
    ],
)
def test_coordinates_keep_their_metres(value, words):
    assert coordinate(value) == words


def test_one_is_not_many():
    assert [counted(n, "hole") for n in (0, 1, 2)] == ["0 holes", "1 hole", "2 holes"]
    assert [counted(n, "datum", "data") for n in (1, 12000)] == ["1 datum", "12,000 data"]


def test_what_rounds_to_nothing_has_no_sign():
    assert [signed(v) for v in (-0.01, 0.04, -2.0, 3.0)] == ["0.0", "0.0", "−2.0", "+3.0"]
