"""The demo of the fence: a deep 2 m drive under 1,000 m of line, seen by no survey from above.

What is taken from published searches and what is invented stands in ``_NOTES`` and on the page.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from subterra.cli.demo_steps import Steps
    from subterra.search.actions import Survey
    from subterra.site import SiteConfig
    from subterra.site.actions import SiteActions
    from subterra.site.planned import PlannedSurvey

__all__ = ["TRUTH", "dmz_config", "p_detected", "read_radar", "work_dmz", "write_people"]

BOUNDS: Final = (0.0, 0.0, 1000.0, 20.0)
DEPTH_M: Final = 155.0
DEPTHS_M: Final = (50.0, 100.0, 145.0)
DIAMETER_M: Final = 2.26
"""Of the circle with the section of 2 m by 2 m."""
PANEL_M: Final = 20.0
_MOST_PANELS: Final = 3

_NEAR: Final = ((438.0, -1000.0, -108.0), (466.0, 1000.0, -112.0))
TRUTH: Final[Mapping[str, Any]] = {
    "axis": ((451.6, -30.0, -110.0), (452.7, 50.0, -110.1)),
    "axis_with_ends_outside": _NEAR,
    "radius_m": 0.5 * DIAMETER_M,
}
"""Invented: where the drive crosses the fence."""

_NOTES: Final = (
    "Published, of the four tunnels found under the Korean demilitarised zone: sections of about "
    "2 m by 2 m in granite at 50 to 160 m depth, without branches, 1.6 to 3.5 km long, from north "
    "to south across the line; the first was given away by steam, the third and fourth were "
    "searched on the word of defectors; the second was missed by 69 holes; the fourth was met "
    "after about 300 holes in ten years, with continuous-wave radar between holes 20 m apart. "
    "Claims of up to 22 more trace to one statement.",
    "Invented: this line, every place on it, the two people and what they say, where the steam is "
    "and where the drive is. The drive has the published section and depth. Pulse radar stands in "
    "for continuous waves; its picks are drawn from the closed form and the ground of the "
    "inference, so that they try the search and not the physics.",
    "R1 and R2 are one defector's word, heard twice: they share an origin and count once.",
)
_REPORTS: Final = (
    ("R1", "defector", "C", 3, "defector", 400, 10, 100, 0, 20),
    ("R2", "newspaper", "D", 4, "defector", 380, 10, 150, 0, 30),
)
_SIGNS: Final = (("S1", "steam", 460, 12, 25),)


def work_dmz(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the fence: people, what each method would see, panels while they are best, a hole.

    Parameters
    ----------
    steps : Steps
        What has been done so far, and where.
    seed : int
        Seed of the inference.

    Returns
    -------
    dict
        Facts for ``--json``.
    """
    steps.say("Fence: 1,000 m of granite, a 2 m drive 50 to 150 m deep, one word and some steam.")
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        steps.make(dmz_config())
        steps.add(write_people(Path(folder)))
        steps.infer(seed)
        seen = _forecast(steps)
        facts: dict[str, Any] = {"p_detected": seen, "panels": []}
        while len(facts["panels"]) < _MOST_PANELS:
            panel = _best_panel(steps.weigh(), first=not facts["panels"])
            if panel is None:
                break
            number = len(facts["panels"]) + 1
            void = _drill(steps, panel)
            path = Path(folder) / f"panel {number}.csv"
            read_radar(panel, path, seed + number)
            steps.add([path])
            steps.infer(seed)
            line = panel.line
            facts["panels"].append([line.x0, line.y0, line.x1, line.y1])
            if void:
                break
    plan = steps.plan()
    if plan.holes:
        hole = steps.as_hole(plan.holes[0])
        from subterra.cli.demo import crossing

        hit = crossing(hole, TRUTH)
        done = steps.log(hole, hit)
        facts |= {"hole": hole.name, "hit": None if hit is None else list(hit), "p_hit": done.p_hit}
    return {**facts, **steps.finish()}


def dmz_config() -> SiteConfig:
    """Return the site file of the fence."""
    from subterra.site import build_config

    return build_config(
        {
            "name": "Demo fence",
            "bounds": list(BOUNDS),
            "depth_m": DEPTH_M,
            "targets": {"look_for": ["driven"], "more": [0.98, 0.02, 0.0]},
            "notes": list(_NOTES),
            "known": [{"label": "invented course of the drive", "axis": TRUTH["axis"]}],
            "host": {"density_kg_m3": [2600.0, 2700.0], "resistivity_ohmm": [1000.0, 10000.0]},
            "surveys": {"radar_lens": 0.03, "permittivity": 7.0},
            "families": {
                "driven": {
                    "length_m": [1600.0, 3500.0],
                    "depth_m": [50.0, 150.0],
                    "radius_m": [1.0, 1.25],
                    "grade_sd": 0.005,
                    "curvature_sd_per_m": 0.0001,
                    "fill": [0.9, 0.1, 0.0],
                },
                "chamber": {"expected": 0.05, "depth_m": [20.0, 150.0]},
            },
            "drilling": {
                "inclinations_deg": [90.0],
                "collar_spacing_m": PANEL_M,
                "max_length_m": DEPTH_M,
                "deviation_sd_per_m": 0.005,
            },
            "actions": {
                "loss_unfound": 2000.0,
                "panel_spacing_m": PANEL_M,
                "permitted": ["hole", "panel", "gravity line"],
                "line_m": 300.0,
                "station_m": 10.0,
            },
        }
    )


def write_people(folder: Path) -> list[Path]:
    """Write what people said and what was seen; returns the paths."""
    tables = {
        "reports.csv": (
            (
                *("id", "source", "reliability", "credibility", "origin", "x", "y", "sd_m"),
                *("heading_deg", "heading_sd_deg"),
            ),
            _REPORTS,
        ),
        "signs.csv": (("id", "kind", "x", "y", "sd_m"), _SIGNS),
    }
    for name, (header, rows) in tables.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
    return [folder / name for name in tables]


def planned_surveys() -> dict[str, PlannedSurvey]:
    """What could be done on the fence: gravity, resistivity, and radar between two holes."""
    from subterra.simulate.line_layouts import radar_panel
    from subterra.site import plan_grid, plan_lines
    from subterra.site.kinds import find_kind
    from subterra.site.planned import PlannedSurvey

    panel = radar_panel((440.0, 10.0, 0.0), (460.0, 10.0, 0.0), 45.0, 150.0, 1.0)
    return {
        "gravity": plan_grid((300.0, 0.0, 600.0, 20.0), 10.0),
        "resistivity": plan_lines((300.0, 10.0, 600.0, 10.0), 10.0, "schlumberger")[0],
        "crosshole radar": PlannedSurvey(find_kind("traveltime"), panel, "one panel"),
    }


def p_detected(site: Any, planned: PlannedSurvey) -> list[float]:
    """P(a 2 m drive is seen) at ``DEPTHS_M``, over grounds, places and directions across."""
    import numpy as np

    from subterra.site import ForecastTerms, forecast

    terms = ForecastTerms(fills=("air",), diameters_m=(DIAMETER_M,))
    made = forecast(site, [planned], terms).surveys[0]
    pod = made.detectability.pod(made.threshold)[0, 0]
    held = np.isfinite(pod)
    found = np.interp(DEPTHS_M, made.detectability.depth_m[held], pod[held])
    return [round(float(p), 3) for p in found]


def _forecast(steps: Steps) -> dict[str, list[float]]:
    """Say, and return, what each method would see of the drive."""
    steps.say("\n> subterra forecast")
    depths = ", ".join(f"{d:.0f}" for d in DEPTHS_M)
    steps.say(f"  P(a 2 m air-filled drive is seen) at {depths} m:")
    out: dict[str, list[float]] = {}
    for name, planned in planned_surveys().items():
        out[name] = p_detected(steps.site, planned)
        verdict = "no information here" if max(out[name]) < 0.05 else "may see it"
        steps.say(f"  {name}: {', '.join(f'{p:.2f}' for p in out[name])}: {verdict}")
    return out


def _best_panel(found: SiteActions, *, first: bool) -> Survey | None:
    """The panel that is weighed best; after the first only while no other action is better."""
    from subterra.search.actions import Survey

    for item in found.weighed:
        if isinstance(item.action, Survey) and item.action.kind == "panel":
            return item.action
        if not first:
            return None
    return None


def _drill(steps: Steps, panel: Survey) -> bool:
    """Drill the new holes of a panel; returns whether one met the drive."""
    from subterra.cli.demo import crossing
    from subterra.site.holes import drilled_holes

    standing = ", ".join(hole.name for hole in panel.standing) or "no hole that stands"
    steps.say(f"\n> drill {len(panel.holes)} for the panel, which uses {standing}")
    met = False
    for hole in panel.holes:
        void = crossing(hole, TRUTH)
        collar = (hole.x, hole.y, hole.z, hole.azimuth_deg, hole.inclination_deg)
        name = f"F{len(drilled_holes(steps.site)) + 1}"
        steps.add_hole(name, collar, hole.length_m, void)
        met = met or void is not None
    return met


def read_radar(panel: Survey, path: Path, seed: int) -> None:
    """Write the picks that a panel would give over the invented drive."""
    import numpy as np

    from subterra.evidence import TravelTimeEvidence
    from subterra.formats import write_traveltime
    from subterra.scene import make_scene
    from subterra.tables import TravelTimeTable

    if not isinstance(panel.evidence, TravelTimeEvidence):
        problem = f"a panel holds travel times, found {panel.evidence.kind}"
        raise TypeError(problem)
    drive = {
        "family": "driven",
        "fill": "air",
        "axis": TRUTH["axis_with_ends_outside"],
        "radius": TRUTH["radius_m"],
    }
    made = panel.evidence.simulate(make_scene([drive]), np.random.default_rng(seed))
    ends = np.hstack([made.rays.at(0.0), made.rays.at(1.0)]).T
    table = TravelTimeTable("radar", "ns", *ends, time=made.observed)
    write_traveltime(replace(table, frequency_hz=np.full(len(table), 1e8)), path)
