"""Reports and signs together: simulation-based calibration by weighting draws of the prior.

Truths are drawn from the prior given the layout, data from the truth, and the posterior is the
prior's draws weighted by the likelihood; the truth's rank in it must be uniform (Talts 2018).
"""

from __future__ import annotations

import numpy as np
import pytest
from samples import looked, reports, signs
from scipy.stats import kstest

from subterra.evidence import ReportTerms, SourceRecord
from subterra.scene import Prior, sample_prior, target_mask
from subterra.simulate import simulate_worlds

PRIOR = Prior(bounds=(0.0, 0.0, 40.0, 40.0), depth_m=15.0)
N_WORLDS, N_SCENES = 150, 1500


def layouts():
    """Vague enough that 1,500 draws of the prior carry the posterior."""
    said = reports(
        {"sd_m": 10.0, "reliability": "C", "credibility": 2},
        {"sd_m": 12.0, "kind": "entrance", "reliability": "D"},
        {"sd_m": 15.0, "kind": "noise", "source": "guard", "reliability": "C"},
        {"sd_m": 15.0, "kind": "depth", "depth_m": 4.0, "depth_sd_m": 3.0, "source": "guard"},
        {"sd_m": 12.0, "kind": "nothing", "x": 10.0, "source": "walker", "reliability": "B"},
        prior=PRIOR,
        records={"guard": SourceRecord(2, 5)},
        terms=ReportTerms(decoy_share=0.3, datum_shift_m=(8.0, -5.0)),
    )
    seen = signs(
        {"sd_m": 8.0, "volume_m3": 50.0},
        {"sd_m": 8.0, "kind": "steam"},
        looked(1.0, 0.6, area="0 0, 40 0, 40 25, 0 25"),
        prior=PRIOR,
    )
    return said, seen


def quantities(scenes):
    """Number of targets, northing of the first target's middle, and depth of its middle."""
    target = target_mask(PRIOR)[scenes.objects.family]
    first = np.where(target.any(axis=1), target.argmax(axis=1), 0)
    rows = np.arange(len(scenes))
    there = target.any(axis=1)
    return {
        "targets": target.sum(axis=1).astype(float),
        "y": np.where(there, scenes.objects.y[rows, first, 2], -1e4),
        "depth": np.where(there, -scenes.objects.z[rows, first, 2], -1e4),
    }


def ranks(power=1.0, seed=3):
    """Rank of each truth in its posterior, by quantity; ties are broken at random."""
    rng = np.random.default_rng(seed)
    draws = sample_prior(PRIOR, N_SCENES, rng)
    held = quantities(draws)
    found = {name: [] for name in (*held, "log_likelihood")}
    sharp = []
    for world in simulate_worlds(PRIOR, layouts(), N_WORLDS, seed):
        truth = world.scenes
        logs = sum(e.log_likelihood(draws) for e in world.evidence)
        weight = np.exp(power * (logs - logs.max()))
        weight /= weight.sum()
        sharp.append(1.0 / np.sum(weight**2))
        theirs = {**held, "log_likelihood": logs}
        mine = {k: v[0] for k, v in quantities(truth).items()}
        mine["log_likelihood"] = sum(e.log_likelihood(truth)[0] for e in world.evidence)
        for name, values in theirs.items():
            below = weight[values < mine[name]].sum()
            level = weight[values == mine[name]].sum()
            found[name].append(below + rng.random() * level)
    assert power > 1.0 or np.median(sharp) > 100.0
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform_and_of_a_spoiled_posterior_are_not():
    chance = {name: kstest(values, "uniform").pvalue for name, values in ranks().items()}
    assert min(chance.values()) > 0.01 / len(chance), chance
    spoiled = {name: kstest(v, "uniform").pvalue for name, v in ranks(power=6.0).items()}
    assert min(spoiled.values()) < 1e-4, spoiled
