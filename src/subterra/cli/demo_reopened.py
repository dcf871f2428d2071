"""The demo of a reopened mine: a tunnel that reuses an old adit and goes on beyond it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from subterra.cli.demo_steps import Steps
    from subterra.site import SiteConfig

__all__ = ["adit_map", "gravity_line", "reopened_config", "told", "work_reopened"]

_TRUTH: Final = ((-60.0, 100.0, -10.5), (360.0, 138.0, -10.0))
_SHIFT: Final = (14.0, -36.0)
"""How far the sheet draws the adit east and north of its true place."""
_RADIUS_M: Final = 1.6
_DENSITY: Final = 2300.0
_LINE_X: Final = 245.0
_NOISE_UGAL: Final = 3.0
_GEOLOGY_UGAL: Final = 2.0
_MOST_HOLES: Final = 4
_DATA_SEED: Final = 1
_DRY: Final = (("D1", 80.0, 78.0), ("D2", 130.0, 82.0), ("D3", 200.0, 60.0))
"""Driller's holes where the sheet has the adit, and one beside: 20 m, solid."""


def work_reopened(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the reopened mine: map and people, then gravity, then planned holes until one hits.

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
    from subterra.cli.demo import crossing
    from subterra.formats import write_gravity, write_map_geojson, write_reports
    from subterra.inference import p_any

    steps.say(
        "Reopened mine: 300 m of a 3 km tunnel beside a canal, part of it an adit of old workings."
    )
    steps.make(reopened_config())
    with tempfile.TemporaryDirectory(prefix="subterra-") as name:
        folder = Path(name)
        write_map_geojson(adit_map(), folder / "adit-sheet.geojson")
        write_reports(told(), folder / "reports.csv")
        write_gravity(gravity_line(), folder / "gravity-line.csv")
        steps.add([folder / "adit-sheet.geojson", folder / "reports.csv"])
        for hole, x, y in _DRY:
            steps.add_hole(hole, (x, y, 0.0, 0.0, 90.0), 20.0, None)
        first = steps.infer(seed)
        steps.add([folder / "gravity-line.csv"])
    second = steps.infer(seed)
    facts: dict[str, Any] = {"p_any_map_and_people": p_any(first), "p_any_gravity": p_any(second)}
    drilled: list[dict[str, Any]] = []
    plan = steps.plan()
    while plan.holes and len(drilled) < _MOST_HOLES:
        hole = steps.as_hole(plan.holes[0])
        hit = crossing(hole, {"axis_with_ends_outside": _TRUTH, "radius_m": _RADIUS_M})
        done = steps.log(hole, hit)
        found = None if hit is None else list(hit)
        drilled.append({"hole": hole.name, "hit": found, "p_hit": done.p_hit})
        plan = steps.plan(reasons=False)
        if hit is not None:
            break
    return {**facts, "holes": drilled, **steps.finish()}


def reopened_config() -> SiteConfig:
    """Return the site file, with what is published and what is invented."""
    from subterra.site import build_config

    return build_config(
        {
            "name": "Reopened mine",
            "bounds": [0.0, 0.0, 300.0, 200.0],
            "depth_m": 22.0,
            "targets": {"look_for": ["driven", "working"]},
            "notes": [
                "Published: a map tied to a geologic quadrangle is within ±150 ft (46 m) of the "
                "ground; graded reports are rarely independent of one another; that old workings "
                "have been reused and driven on.",
                "Invented: the place, its coordinates, the adit and its sheet, which is drawn "
                f"{-_SHIFT[1]:g} m too far south, the reports, the holes and the gravity line.",
                "The gravity line is that of an endless air-filled cylinder, with made-up geology "
                f"of {_GEOLOGY_UGAL:g} µGal and noise of {_NOISE_UGAL:g} µGal (seed {_DATA_SEED}). "
                "Report R2 is wrong. The inference is told neither.",
            ],
            "known": [
                {
                    "label": f"true course in this story, radius {_RADIUS_M:g} m; the adit ended "
                    "at x = 170 m",
                    "axis": [list(end) for end in _TRUTH],
                }
            ],
        }
    )


def adit_map() -> Any:
    """Return the sheet: the old adit as drawn, up to where it ended, and a level elsewhere."""
    import numpy as np

    from subterra.tables import MineMapTable

    (x0, y0, _), (x1, y1, _) = _TRUTH
    end = 170.0
    y_end = y0 + (end - x0) * (y1 - y0) / (x1 - x0)
    dx, dy = _SHIFT
    adit = [(x0 + dx, y0 + dy), (end + dx, y_end + dy)]
    level = [(-300.0, 40.0), (-200.0, 260.0)]
    points = np.array(adit + level)
    return MineMapTable(
        line=("adit", "north level"),
        sheet=("sheet 4", "sheet 4"),
        tie=("geologic", "geologic"),
        level=("", ""),
        date=("1911", "1911"),
        start=np.array([0, 2, 4], np.int32),
        x=points[:, 0],
        y=points[:, 1],
        z_m=np.full(4, np.nan),
        level_sd_m=np.full(2, np.nan),
        sd_m=np.zeros(2),
    )


def told() -> Any:
    """Return the two reports: a good source near the tunnel, and a poor one that is wrong."""
    import numpy as np

    from subterra.tables import ReportTable

    missing = np.full(2, np.nan)
    return ReportTable(
        id=("R1", "R2"),
        source=("lock keeper", "passer-by"),
        reliability=("B", "D"),
        credibility=np.array([2, 4], np.int32),
        origin=("lock keeper", "passer-by"),
        x_m=np.array([255.0, 60.0]),
        y_m=np.array([112.0, 25.0]),
        sd_m=np.array([25.0, 15.0]),
        kind=("tunnel", "tunnel"),
        heading_deg=missing,
        heading_sd_deg=missing,
        depth_m=missing,
        depth_sd_m=missing,
        date=("", ""),
        text=("digging heard at night", "the ground sounds hollow"),
    )


def gravity_line() -> Any:
    """Return a gravity line across the tunnel beyond the drawn adit, made from a closed form."""
    import numpy as np

    from subterra.tables import GravityTable

    y = np.arange(10.0, 195.0, 6.0)
    (x0, y0, z0), (x1, y1, z1) = _TRUTH
    t = (_LINE_X - x0) / (x1 - x0)
    at, depth = y0 + t * (y1 - y0), -(z0 + t * (z1 - z0))
    across = (y - at) * (x1 - x0) / float(np.hypot(x1 - x0, y1 - y0))
    line_mass = np.pi * _RADIUS_M**2 * _DENSITY
    void = -2.0 * 6.674e-11 * line_mass * depth / (across**2 + depth**2) * 1e8
    rng = np.random.default_rng(_DATA_SEED)
    wave = rng.uniform(0.0, 2.0 * np.pi, 2)
    geology = _GEOLOGY_UGAL * (np.sin(y / 45.0 + wave[0]) + np.sin(y / 25.0 + wave[1]))
    n = len(y)
    return GravityTable(
        tuple(f"G{k + 1}" for k in range(n)),
        np.full(n, _LINE_X),
        y,
        None,
        np.round(void + geology + rng.normal(0.0, _NOISE_UGAL, n) + 0.05 * y, 2),
        np.full(n, _NOISE_UGAL),
    )
