"""What is ruled out, against counting scenes by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from search_samples import INFO

from subterra.inference.belief import Belief
from subterra.scene import Prior
from subterra.scene.sample import sample_prior
from subterra.search.ruled_out import ruled_out

PRIOR = Prior((0.0, 0.0, 60.0, 40.0), 20.0, p_none=0.2)
N = 6000


def prior_belief(likelihood=None):
    scenes = sample_prior(PRIOR, N, np.random.default_rng(5))
    weight = np.ones(N) if likelihood is None else likelihood(scenes)
    weight = weight / weight.sum()
    ess = 1.0 / np.sum(weight**2)
    return Belief(scenes, weight, PRIOR, replace(INFO, island=(N,), ess=ess, n_scenes=N))


def test_without_evidence_everything_is_possible() -> None:
    found = ruled_out(prior_belief())
    judged = np.isfinite(found.left)
    assert judged.mean() > 0.5
    assert np.all(np.isinf(found.smallest_m[judged.any(-1)]))
    assert np.median(found.left[judged]) == pytest.approx(1.0, abs=0.1)


def test_wide_targets_ruled_out_leave_the_narrow_ones() -> None:
    """Evidence against targets wider than 1.6 m, wherever they are."""

    def likelihood(scenes):
        driven = scenes.objects.family == 1
        return np.where((driven & (scenes.objects.radius > 0.8)).any(axis=1), 1e-6, 1.0)

    found = ruled_out(prior_belief(likelihood))
    told = found.smallest_m[np.isfinite(found.left).sum(-1) >= len(found.diameter_m) - 1]
    first = found.diameter_m[found.diameter_m >= 1.6][0]
    assert len(told) > 10
    # A bin that 1.6 m cuts holds narrower targets too.
    assert np.all((told == first) | (told == found.diameter_m[found.diameter_m < 1.6][-1]))


def test_shallow_and_western_targets_ruled_out_stay_so_in_their_place() -> None:
    def likelihood(scenes):
        o = scenes.objects
        s = np.linspace(0.0, 4.0, 401)
        out = np.ones(len(scenes))
        for i in range(len(scenes)):
            for k in np.flatnonzero(o.family[i] == 1):
                x, y, z = (np.interp(s, np.arange(5), v[i, k]) for v in (o.x, o.y, o.z))
                inside = (x > -1.0) & (x < 31.0) & (y > -1.0) & (y < 41.0) & (z > -7.5)
                if inside.any():
                    out[i] = 1e-6
        return out

    found = ruled_out(prior_belief(likelihood))
    west = found.x_m < 30.0
    shallow = found.smallest_m[0][:, west]
    assert np.all(shallow[np.isfinite(shallow)] == found.diameter_m[0])
    assert np.isfinite(shallow).mean() > 0.8
    deep = found.smallest_m[2]
    assert np.all(np.isinf(deep[~np.isnan(deep)]))


def test_few_scenes_say_nothing() -> None:
    held = prior_belief()
    found = ruled_out(replace(held, info=replace(held.info, ess=10.0)))
    assert np.isnan(found.smallest_m).all()
