"""Limitations: what the answer does not cover, and everything that was assumed."""

from __future__ import annotations

from typing import Final

from subterra.report.blocks import Heading, Section, bullets, section, table
from subterra.report.content import ReportContent
from subterra.report.findings import FAMILY_WORDS, limits
from subterra.scene import FILLS, FamilyPrior, Prior
from subterra.search.terms import DrillTerms

__all__ = ["limits_section"]

_EACH: Final = dict(FAMILY_WORDS)


def limits_section(content: ReportContent) -> Section:
    """Say what the answer does not cover and what was assumed."""
    prior = content.belief.prior
    rows = [*_search(prior), *_families(prior), *_ground(prior)]
    if content.terms is not None:
        rows += _drilling(content.terms)
    return section(
        "limits",
        "Limitations and assumptions",
        Heading("What this answer does not cover"),
        bullets(limits(content)),
        Heading("What was assumed", "assumed"),
        table(
            "Numbers of the site file; whoever doubts one changes it there and runs the inference "
            "again",
            ("what", "assumed"),
            rows,
            words=(0, 1),
        ),
    )


def _search(prior: Prior) -> list[tuple[str, str]]:
    one, two, three = prior.more_targets
    return [
        ("P(no target) before any evidence", f"{prior.p_none:g}; it does not change with the area"),
        (
            "number of targets, given that there is one",
            f"one {one:g}, two {two:g}, three {three:g}",
        ),
    ]


def _families(prior: Prior) -> list[tuple[str, str]]:
    return [
        (
            f"{_EACH[name][_EACH[name].index(' ') + 1 :]}"
            + (" (target)" if name in prior.targets else " (competing explanation)"),
            _family(family, name in prior.targets),
        )
        for name, family in prior.families.items()
        if name in prior.targets or family.expected > 0.0
    ]


def _family(family: FamilyPrior, target: bool) -> str:
    fills = ", ".join(f"{n} {p:g}" for n, p in zip(FILLS, family.fill, strict=True))
    length = "" if family.name == "chamber" else f"length {_range(family.length_m)} m, "
    expected = "" if target else f"; {family.expected:g} expected in the area"
    return (
        f"{length}axis {_range(family.depth_m)} m deep, radius {_range(family.radius_m)} m; "
        f"fill: {fills}{expected}"
    )


def _ground(prior: Prior) -> list[tuple[str, str]]:
    return [
        ("density of the ground", f"{_range(prior.host_density)} kg/m³"),
        ("resistivity of the ground", f"{_range(prior.host_resistivity)} Ω·m"),
        ("conductivity of water-filled voids over the ground's", _range(prior.water_ratio)),
        ("conductivity of rubble over the ground's", _range(prior.rubble_ratio)),
        ("density that rubble lacks, share of the ground's", _range(prior.rubble_deficit)),
        (
            "disturbed ground around a void",
            f"changes its response by a factor with sd {prior.halo_sd:g} (natural log)",
        ),
    ]


def _drilling(terms: DrillTerms) -> list[tuple[str, str]]:
    seen = ", ".join(f"{n} {p:g}" for n, p in zip(FILLS, terms.p_detect, strict=True))
    rows = [
        ("P(the log says void | the drill meets it)", seen),
        ("void logs where there is none", f"{terms.false_void_per_m:g} per metre drilled"),
        ("deviation of holes that were not surveyed", f"{terms.deviation_sd_per_m:g} m per metre"),
    ]
    if terms.extraction < 1.0:
        rows.append(("P(void and not pillar) in a working", f"{terms.extraction:g}"))
    return rows


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g} to {bounds[1]:g}"
