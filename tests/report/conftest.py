from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from subterra.inference import target_clusters
from subterra.inference.belief import Belief, RunInfo
from subterra.report.content import (
    DrilledHole,
    ReportContent,
    SightedReport,
    SourceItem,
    TruthObject,
)
from subterra.scene import Plane, Prior, concatenate, make_scene, object_counts, sample_prior, take
from subterra.search.hit import hit_probability
from subterra.search.holes import Hole
from subterra.search.outcomes import plan_outcomes
from subterra.search.plan import PlannedHole
from subterra.search.poc import poc_grid
from subterra.search.rivals import fit_by_rival, rival_explanations
from subterra.search.terms import DrillTerms
from subterra.site.holes import as_hole

BOUNDS = (0.0, 0.0, 120.0, 120.0)
AXIS = np.array([[0.0, 34.0, -3.5], [60.0, 58.0, -5.6], [120.0, 82.0, -8.0]])


@dataclass(frozen=True)
class Fit:
    """Stands in for a survey's fit: only the fields that the report reads."""

    kind: str
    label: str
    unit: str
    x_m: Any
    y_m: Any
    line: Any
    pseudo_depth_m: Any
    observed: Any
    predicted: Any
    ground: Any
    residual: Any
    sd: Any
    snr: float
    words: str = ""


def make_belief(n=400, seed=1, share=0.93, surface=None, **prior_changes):
    """Scenes spread about one driven tunnel, some with a chamber besides, some empty."""
    prior = Prior(BOUNDS, 12.0, surface=surface or Plane(), **prior_changes)
    rng = np.random.default_rng(seed)
    scenes = []
    for _ in range(n):
        shift = rng.normal(0.0, [0.0, 1.0, 0.5]) + rng.normal(0, 0.02) * (AXIS - AXIS[1]) * [
            0,
            1,
            0,
        ]
        objects = [
            {
                "family": "driven",
                "fill": rng.choice(["air", "water", "rubble"], p=[0.85, 0.1, 0.05]),
                "axis": AXIS + shift,
                "radius": np.exp(rng.normal(0.0, 0.2)),
            }
        ]
        if rng.random() < 0.2:
            centre = [*rng.normal([92.0, 25.0], 3.0), rng.normal(-6.0, 1.0)]
            objects.append({"family": "chamber", "fill": "water", "axis": [centre], "radius": 2.0})
        scenes.append(make_scene(objects if rng.random() < share else objects[1:]))
    scenes = concatenate(scenes)
    info = RunInfo(
        1, n, 41.7, (-812.4, -813.1), (share, share - 0.02), (n // 2, n - n // 2), 0.41 * n,
        {"within": 0.24, "birth": 0.03, "death": 0.03, "fill": 0.31}, (0.0, 0.05, 0.3, 1.0),
        {"gravity": "a" * 64, "resistivity": "b" * 64},
        {"gravity": 5.3, "resistivity": 11.8, "report r1": 1.2, "report r5": -0.8,
         "holes": -2.1, "report r6": float("nan")},
        {"gravity": 9.1, "resistivity": 14.0, "report r1": 2.2, "report r5": -0.3,
         "holes": -1.9, "report r6": 0.4},
        "0.1.0",
    )  # fmt: skip
    return Belief(scenes, np.full(n, 1.0 / n), prior, info)


def make_summary(belief):
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    p = float(belief.weight[n_target > 0].sum())
    return {
        "p_any": p, "p_none": 1.0 - p, "p_by_family": {"driven": p}, "log10_bayes_factor": 1.1,
        "ess": belief.info.ess, "converged": True, "seed_spread": 0.02,
        "scenes": len(belief.scenes), "seconds": 41.7, "stale": False,
        "calibration": "not yet calibrated",
        "objects": [
            {"p": p, "family": {"driven": 0.97, "working": 0.03},
             "fill": {"air": 0.85, "water": 0.1, "rubble": 0.05}, "axis": AXIS.tolist(),
             "axis_sd_m": 1.3, "radius_m": 1.02, "radius_sd_m": 0.21},
        ],
    }  # fmt: skip


def gravity_fit(rng, label="gravity"):
    x, y = (
        v.ravel().astype(float) for v in np.meshgrid(np.arange(0, 121, 10), np.arange(0, 121, 10))
    )
    off = (y - 34.0 - 0.4 * x) * 0.93
    z = 3.5 + x * 4.5 / 120.0
    void = -2.0 * 6.674e-11 * 3.14 * 2200.0 * z / (off**2 + z**2) * 1e8
    trend = 0.12 * (x - 60.0) + 0.05 * (y - 60.0)
    ground = 7.0 * np.sin(x / 19.0) * np.cos(y / 23.0)
    noise = rng.normal(0.0, 3.0, len(x))
    return Fit("gravity", label, "µGal", x, y, None, None, trend + void + ground + noise,
               trend + void, ground, noise, np.full(len(x), 3.0), 4.1)  # fmt: skip


def resistivity_fit(rng, label="resistivity", lines=4):
    parts = [[], [], [], []]
    for k in range(lines):
        for level in range(1, 7):
            mid = np.arange(level, 46.0 - level, 2.0)
            parts[0].append(np.full(len(mid), 10.0 + 14.0 * k))
            parts[1].append(20.0 + mid)
            parts[2].append(np.full(len(mid), k))
            parts[3].append(np.full(len(mid), 0.5 * level))
    x, y, line, depth = (np.concatenate(p) for p in parts)
    off = (y - 34.0 - 0.4 * x) * 0.93
    void = 14.0 * np.exp(-((off / 3.0) ** 2) - ((depth - 2.2) / 1.0) ** 2)
    ground = 9.0 * np.sin(x / 7.0 + y / 5.0)
    residual = rng.normal(0.0, 4.5, len(x))
    residual[::97] = 21.0
    predicted = 104.0 * (1.0 + 0.05 * depth) * (1.0 + void / 100.0)
    observed = predicted * np.exp((ground + residual) / 100.0)
    return Fit("resistivity", label, "Ω·m", x, y, line, depth, observed, predicted, ground,
               residual, np.full(len(x), 5.4), 9.2)  # fmt: skip


def planned_holes():
    return (
        PlannedHole("P1", 30.4, 46.2, 0.0, 0.0, 90.0, 7.2, 3.6, 5.7, 0.71, 0.71, 0.82, 1.4,
                    "most probable per cost"),
        PlannedHole("P2", 84.0, 64.0, 0.0, 340.0, 60.0, 10.5, 6.1, 8.8, 0.52, 0.38, 0.61, 1.5,
                    "second crossing, tells depth"),
        PlannedHole("P3", 58.0, 58.6, 0.0, 0.0, 90.0, 9.0, 4.7, 7.0, 0.55, 0.21, 0.31, 1.5,
                    "what is left between holes 1 and 2"),
    )  # fmt: skip


def interpreted(belief):
    """Rival explanations, and what the planned holes would tell of them."""
    rivals = rival_explanations(belief, target_clusters(belief))
    terms, rows = DrillTerms(), planned_holes()
    holes = [as_hole(row) for row in rows]
    hits = hit_probability(belief.scenes, belief.prior, holes, terms=terms)
    flat = np.linspace(-3.0, 3.0, len(belief.weight))
    return {
        "rivals": rivals,
        "terms": terms,
        "outcomes": plan_outcomes(belief, [row.hole for row in rows], hits, rivals),
        "fits": fit_by_rival(belief, rivals, {"gravity": flat}),
    }


def full_content():
    belief = make_belief()
    rng = np.random.default_rng(7)
    grade = ("B2", "C3", "F6", "B2", "D4", "E5")
    places = ((32, 49, 8), (75, 61, 12), (20, 100, 15), (60, 55, 10), (95, 24, 9), (104, 78, 20))
    gravity = gravity_fit(rng)
    return ReportContent(
        title="Demo field",
        belief=belief,
        summary=make_summary(belief),
        poc=poc_grid(belief, 2.0),
        surveys=(gravity, resistivity_fit(rng)),
        stations={"gravity": np.column_stack([gravity.x_m, gravity.y_m])},
        lines=tuple(
            np.column_stack([np.full(24, 10.0 + 14.0 * k), 20.0 + 2.0 * np.arange(24)])
            for k in range(4)
        ),
        reports=tuple(
            SightedReport(
                f"r{k + 1}", f"source {k}", g, f"o{k}", x, y, sd, "tunnel", "noise at night"
            )
            for k, (g, (x, y, sd)) in enumerate(zip(grade, places, strict=True))
        ),
        drilled=(
            DrilledHole(Hole("BH1", 62.0, 66.0, 0.0, 0.0, 90.0, 11.0), (), 11.0),
            DrilledHole(Hole("BH2", 96.0, 30.0, 0.0, 0.0, 90.0, 10.0), (), 10.0),
            DrilledHole(Hole("BH3", 44.0, 46.0, 0.0, 350.0, 60.0, 12.0), ((5.1, 7.2),), 10.0),
        ),
        planned=planned_holes(),
        **interpreted(belief),
        p_left_after=np.array([0.93, 0.8, 0.66, 0.51]),
        p_any_hit=np.array([0.0, 0.71, 0.83, 0.88]),
        no_go=(np.array([[70.0, 90.0], [100.0, 95.0], [96.0, 114.0], [72.0, 112.0]]),),
        sources=(
            SourceItem("gravity", "gravity", "gravity.csv", "a" * 64),
            SourceItem("resistivity", "resistivity", "lines.ohm", "b" * 64, "four lines"),
        ),
        truth=(TruthObject(AXIS, "simulated truth"),),
        notes=("Hole 1 hits in 17 of seeds 1–20 of this demo.",),
        crs="local",
        cost_unit="set-ups",
        made="2024-05-01T12:00:00Z",
        provenance={"numpy": np.__version__},
    )


def make_quiet(content):
    """The same site with nothing in it: no target, no plan, no survey."""
    belief = content.belief
    n_target, _ = object_counts(belief.scenes.objects.family, belief.prior)
    empty = np.flatnonzero(n_target == 0)
    scenes = take(belief.scenes, empty)
    info = replace(belief.info, ledger={}, explained={}, p_any_islands=(0.0, 0.0))
    belief = Belief(scenes, np.full(len(empty), 1.0 / len(empty)), belief.prior, info)
    summary = {**make_summary(belief), "objects": [], "log10_bayes_factor": None}
    return ReportContent("Empty", belief, summary, poc_grid(belief, 2.0))


@pytest.fixture(scope="session")
def content():
    return full_content()


@pytest.fixture(scope="session")
def quiet(content):
    return make_quiet(content)


@pytest.fixture
def prior_scenes():
    prior = Prior(BOUNDS, 12.0)
    return prior, sample_prior(prior, 300, np.random.default_rng(3))
