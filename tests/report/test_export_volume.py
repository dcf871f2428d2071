"""The volume of probability holds every part of a target."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.inference.belief import Belief, RunInfo
from subterra.report.export_volume import axis_volume
from subterra.scene import Prior, make_scene

INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})


def test_a_branch_passes_through_its_cells():
    fork = {
        "family": "working",
        "fill": "air",
        "radius": 1.0,
        "axis": [(-40.0, 5.0, -8.0), (100.0, 5.0, -8.0)],
        "branch": np.array([(30.0, 6.0, -8.0), (30.0, 35.0, -8.0)]),
    }
    prior = Prior((0.0, 0.0, 60.0, 40.0), 20.0, targets=("working",))
    volume, _ = axis_volume(Belief(make_scene([fork]), np.ones(1), prior, INFO), 10.0, 20.0)
    assert volume.shape == (1, 4, 6)
    wanted = np.zeros((4, 6))
    wanted[0] = 1.0
    wanted[:, 3] = 1.0
    assert volume[0] == pytest.approx(wanted)
