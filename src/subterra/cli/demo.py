"""The verb ``demo``: a complete worked site, from nothing to a drill plan and a page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from subterra.cli.demo_decoys import work_decoys
from subterra.cli.demo_dmz import work_dmz
from subterra.cli.demo_gallery import work_gallery
from subterra.cli.demo_old_map import work_old_map
from subterra.cli.demo_reopened import work_reopened
from subterra.cli.demo_steps import Steps, free_folder, read_data
from subterra.cli.output import JsonFlag, Output
from subterra.errors import check_known

if TYPE_CHECKING:
    from subterra.search import Hole
    from subterra.site import SiteConfig

__all__ = ["crossing", "demo", "field_config", "read_field", "work_field", "write_field"]

_DATA: Final = "demo_field.json"
_SEEDS: Final = "demo_seeds.json"
_DEPTH_M: Final = 15.0


def demo(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="field (simulated), gallery (real data), decoys, old-map, reopened-mine or dmz.",
        ),
    ] = "field",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the site that is made.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the inference.")] = 1,
    json: JsonFlag = False,
) -> None:
    """Work a complete site, from nothing to a drill plan and a page."""
    output = Output(json)
    demos: Mapping[str, Callable[[Steps, int], dict[str, Any]]] = {
        "field": work_field,
        "gallery": work_gallery,
        "decoys": work_decoys,
        "old-map": work_old_map,
        "reopened-mine": work_reopened,
        "dmz": work_dmz,
    }
    check_known("demo", name, demos)
    wanted = Path("subterra-demo" if name == "field" else f"subterra-demo-{name}")
    folder = free_folder(wanted if out is None else out)
    facts = demos[name](Steps(output, folder), seed)
    output.document({"demo": name, "seed": seed, **facts})


def work_field(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the simulated field: plan, drill the first hole in the truth, update, plan again.

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
    field = read_field()
    steps.say("Demo field: 120 m by 120 m, crossed by a 2 m drive that the inference must find.")
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        paths = write_field(field, Path(folder))
        steps.make(field_config(field))
        steps.add(paths)
    steps.infer(seed)
    plan = steps.plan()
    facts: dict[str, Any] = {}
    if plan.holes:
        hole = steps.as_hole(plan.holes[0])
        hit = crossing(hole, field["truth"])
        done = steps.log(hole, hit)
        facts = {"hole": hole.name, "hit": None if hit is None else list(hit), "p_hit": done.p_hit}
        steps.plan(reasons=False)
    return {**facts, **steps.finish()}


def read_field() -> dict[str, Any]:
    """Read the simulated field that comes with the package."""
    return read_data(_DATA)


def field_config(field: Mapping[str, Any]) -> SiteConfig:
    """Return the site file of the simulated field."""
    from subterra.site import build_config

    truth, provenance = field["truth"], field["provenance"]
    return build_config(
        {
            "name": "Demo field",
            "bounds": field["bounds"],
            "depth_m": _DEPTH_M,
            "targets": {"look_for": ["driven"]},
            "notes": [
                "Simulated. Gravity is from prisms and resistivity from finite elements (by "
                f"{provenance['script']}, seed {provenance['seed']}), not from the closed forms "
                "that the inference uses; a homogeneous ground is solved with an error of "
                f"{provenance['homogeneous_error_rms']:.1g} (rms).",
                f"Reports {' and '.join(truth['wrong_reports'])} are wrong. The inference is not "
                "told.",
                *_other_seeds(),
            ],
            "known": [
                {
                    "label": f"true course of the simulated drive, radius {truth['radius_m']:g} m",
                    "axis": truth["axis"],
                }
            ],
        }
    )


def _other_seeds() -> list[str]:
    """Say how the same work fares on twenty fields, of which this is the first."""
    seeds = read_data(_SEEDS)
    return [
        f"Seed 1 was chosen before looking. On seeds 1 to {seeds['seeds']}, made alike and worked "
        f"with {seeds['scenes']} scenes, hole 1 met the drive in {seeds['hits']}; the plans' own "
        f"probabilities promised {seeds['expected_hits']:g}."
    ]


def write_field(field: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the simulated survey as the files that a user would have; returns their paths."""
    from subterra.formats import (
        write_boreholes,
        write_gravity,
        write_intervals,
        write_reports,
        write_unified,
    )

    tables: Sequence[tuple[str, Callable[..., None], Any]] = (
        ("gravity.csv", write_gravity, _gravity_table(field["gravity"])),
        ("resistivity.dat", write_unified, _resistivity_table(field["resistivity"])),
        ("reports.csv", write_reports, _report_table(field["reports"])),
        ("collars.csv", write_boreholes, _collar_table(field["dry_holes"])),
        ("logs.csv", write_intervals, _interval_table(field["dry_holes"])),
    )
    for name, write, table in tables:
        write(table, folder / name)
    return [folder / name for name, _, _ in tables]


def _gravity_table(survey: Mapping[str, Any]) -> Any:
    import numpy as np

    from subterra.tables import GravityTable

    x, y = np.asarray(survey["stations"], np.float64).T
    n = len(x)
    return GravityTable(
        tuple(f"G{k + 1}" for k in range(n)),
        x,
        y,
        np.full(n, float(survey["sensor_height_m"])),
        np.asarray(survey["g_ugal"], np.float64),
        np.full(n, float(survey["sd_ugal"])),
    )


def _resistivity_table(survey: Mapping[str, Any]) -> Any:
    import numpy as np

    from subterra.tables import ResistivityTable

    x, y = np.asarray(survey["electrodes"], np.float64).T
    rhoa = np.asarray(survey["rhoa_ohm_m"], np.float64)
    abmn = np.asarray(survey["abmn"], np.int32)
    return ResistivityTable(x, y, None, abmn, rhoa, np.full(len(rhoa), float(survey["err"])))


def _report_table(reports: Sequence[Mapping[str, Any]]) -> Any:
    import numpy as np

    from subterra.tables import ReportTable

    n = len(reports)
    missing = np.full(n, np.nan)

    def texts(key: str) -> tuple[str, ...]:
        return tuple(str(report[key]) for report in reports)

    def numbers(key: str) -> Any:
        return np.array([float(report[key]) for report in reports])

    return ReportTable(
        id=texts("id"),
        source=texts("source"),
        reliability=texts("reliability"),
        credibility=np.array([int(report["credibility"]) for report in reports], np.int32),
        origin=texts("origin"),
        x_m=numbers("x"),
        y_m=numbers("y"),
        sd_m=numbers("sd_m"),
        kind=("tunnel",) * n,
        heading_deg=missing,
        heading_sd_deg=missing,
        depth_m=missing,
        depth_sd_m=missing,
        date=("",) * n,
        text=("",) * n,
    )


def _collar_table(holes: Sequence[Mapping[str, Any]]) -> Any:
    from subterra.search import Hole
    from subterra.site.holes import collar_table

    return collar_table(
        [
            Hole(hole["hole"], hole["x"], hole["y"], hole["z"], 0.0, 90.0, hole["length_m"])
            for hole in holes
        ]
    )


def _interval_table(holes: Sequence[Mapping[str, Any]]) -> Any:
    import numpy as np

    from subterra.tables import IntervalTable

    n = len(holes)
    return IntervalTable(
        tuple(hole["hole"] for hole in holes),
        np.zeros(n),
        np.array([float(hole["length_m"]) for hole in holes]),
        ("intact",) * n,
    )


def crossing(hole: Hole, truth: Mapping[str, Any]) -> tuple[float, float] | None:
    """Drill a straight hole in the simulated truth.

    Parameters
    ----------
    hole : Hole
        The hole, to its full length.
    truth : mapping
        ``axis_with_ends_outside``, two ends [x, y, z] in metres, and ``radius_m``.

    Returns
    -------
    tuple of float or None
        Metres along the hole at which it enters and leaves the drive; None if it misses.
    """
    import numpy as np

    from subterra.scene.geometry import trace_capsule
    from subterra.search import direction

    a, b = (tuple(map(float, end)) for end in truth["axis_with_ends_outside"])
    east, north, up = map(float, direction(hole.azimuth_deg, hole.inclination_deg))
    t_from, t_to = trace_capsule(
        hole.x, hole.y, hole.z, east, north, up, hole.length_m,
        a[0], a[1], a[2], b[0], b[1], b[2], float(truth["radius_m"]),
    )  # fmt: skip
    if np.isnan(t_from) or not t_from < t_to:
        return None
    return round(float(t_from), 2), round(float(t_to), 2)
