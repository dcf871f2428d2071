"""A small site with every kind of evidence, and a way to spoil a belief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from subterra.evidence import (
    Evidence,
    borehole_evidence,
    gravity_evidence,
    report_evidence,
    resistivity_evidence,
)
from subterra.inference import Belief
from subterra.scene import FAMILIES, N_PARAMETERS, Prior, decode_scenes
from subterra.tables import (
    BoreholeTable,
    GravityTable,
    IntervalTable,
    ReportTable,
    ResistivityTable,
)


def small_prior() -> Prior:
    """Two target families, two fills that matter, and natural chambers."""
    return Prior((0.0, 0.0, 40.0, 40.0), 8.0, targets=("driven", "working"))


def gravity_table() -> GravityTable:
    x, y = (v.ravel() for v in np.meshgrid(np.arange(2.5, 40.0, 5.0), np.arange(2.5, 40.0, 5.8)))
    return GravityTable(
        tuple(f"s{i}" for i in range(len(x))), x, y, None, np.zeros(len(x)), np.full(len(x), 4.0)
    )


def resistivity_table() -> ResistivityTable:
    """A dipole-dipole line along the middle."""
    x = np.arange(2.0, 40.0, 2.0)
    quads = [(i, i + 1, i + 1 + k, i + 2 + k) for k in (1, 2, 4, 6) for i in range(len(x) - 2 - k)]
    return ResistivityTable(
        x, np.full(len(x), 20.0), None, np.array(quads, np.int32), np.full(len(quads), 200.0), None
    )


def hole(name: str, x: float, y: float) -> tuple[BoreholeTable, IntervalTable]:
    """A vertical hole to 8 m, logged dry."""
    collar = BoreholeTable(
        (name,), np.array([x]), np.array([y]), None, np.zeros(1), np.array([90.0]), np.array([8.0])
    )
    return collar, IntervalTable((name,), np.zeros(1), np.array([8.0]), ("intact",))


def report_table() -> ReportTable:
    unsaid = np.full(2, np.nan)
    return ReportTable(
        ("R1", "R2"),
        ("shepherd", "map"),
        ("C", "E"),
        np.array([2, 3]),
        ("shepherd", "map"),
        np.array([10.0, 30.0]),
        np.array([10.0, 30.0]),
        np.array([4.0, 6.0]),
        ("tunnel", "entrance"),
        unsaid,
        unsaid,
        unsaid,
        unsaid,
        ("", ""),
        ("", ""),
    )


def small_site() -> tuple[Prior, list[Evidence]]:
    """Prior, and gravity, one resistivity line, one hole and two reports."""
    prior = small_prior()
    return prior, [
        gravity_evidence([gravity_table()], prior),
        resistivity_evidence([resistivity_table()], prior),
        borehole_evidence(*hole("B1", 12.0, 25.0), prior),
        report_evidence(report_table(), prior),
    ]


def shrink(belief: Belief, share: float) -> Belief:
    """Pull the scenes towards their mean in the unit cube, family by family: overconfidence."""
    scenes, weight = belief.scenes, belief.weight
    family = scenes.objects.family
    unit = scenes.unit.copy()
    for code in range(1, len(FAMILIES)):
        mine = family == code
        if mine.any():
            w = np.broadcast_to(weight[:, None], mine.shape)[mine]
            mean = np.average(unit[mine], axis=0, weights=w)
            unit[mine] += share * (mean - unit[mine])
    assert unit.shape[-1] == N_PARAMETERS
    middle = np.average(scenes.site_unit, axis=0, weights=weight)
    site = scenes.site_unit + share * (middle - scenes.site_unit)
    spoiled = decode_scenes(belief.prior, family, scenes.objects.fill, unit, site)
    return replace(belief, scenes=spoiled)
