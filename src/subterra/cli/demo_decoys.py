"""The demo of a false entrance: what people say and show, and what a second line of evidence does.

The site is invented; each turn of the story has happened somewhere (docs/reports-and-signs.md).
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.cli.demo_steps import read_data

if TYPE_CHECKING:
    from subterra.cli.demo_steps import Steps
    from subterra.inference import Belief
    from subterra.site import SiteConfig

__all__ = ["decoys_config", "p_passes", "read_decoys", "work_decoys", "write_decoys"]

_DATA: Final = "demo_decoys.json"
_DEPTH_M: Final = 12.0
_REACH_M: Final = 10.0

_NOTES: Final = (
    "Invented: the site, every place and number in it, and its people. Gravity is simulated from "
    "prisms (by {script}, seed {seed}), not with the closed forms that the inference uses.",
    "Taken from what was published of real searches: the first tunnel under the Korean border was "
    "given away by steam over the ground and voices below; the second and fourth by guards who "
    "heard blasts and a motor; claims of many tunnels that were counted as independent traced to "
    "one statement; villagers' noise and holes into natural caves were false alarms.",
    "S1 to S3, a closed opening and two fresh heaps, lead nowhere. They stand within 30 m of one "
    "another and count once. R1 and R2 send the search the same way; R2 had it from R1, so they "
    "share an origin and count once, too. The inference is told neither that the opening is false "
    "nor where the drive is.",
    "The heaps hold 105 m³ loose. The drive that is there, 123 m of 3.1 m² section, would give 540 "
    "m³: heaps may hold part of it, so their volume alone does not give them away here.",
)


def work_decoys(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the decoy field: people and signs, then gravity, then a plan.

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
    world = read_decoys()
    steps.say("Decoys: a closed opening with fresh heaps in the west, steam and noise in the east.")
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        paths = write_decoys(world, Path(folder))
        steps.make(decoys_config(world))
        steps.add(paths[:-1])
        steps.infer(seed)
        before = _believed(steps, world)
        steps.add(paths[-1:])
    steps.infer(seed)
    after = _believed(steps, world)
    steps.plan()
    facts = {"people_and_signs": before, "with_gravity": after}
    return {**facts, **steps.finish()}


def _believed(steps: Steps, world: Mapping[str, Any]) -> dict[str, float]:
    """Say, and return, how sure the belief is of a drive at the decoy and at the truth."""
    from subterra.site.belief_store import current_belief

    belief = current_belief(steps.site).belief
    a, b = world["truth"]["axis"]
    middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]
    found = {
        name: round(p_passes(belief, at, _REACH_M), 3)
        for name, at in (("decoy", world["truth"]["decoy"]), ("truth", middle))
    }
    steps.say(
        f"  P(a drive passes within {_REACH_M:g} m of the opening) = {found['decoy']:.2f}, of the "
        f"middle of the true drive = {found['truth']:.2f}"
    )
    return found


def p_passes(belief: Belief, at: Sequence[float], reach_m: float) -> float:
    """Probability that the axis of a target passes a place in plan.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    at : (2,) sequence of float
        Place, m.
    reach_m : float
        Distance in plan that counts, m.

    Returns
    -------
    float
    """
    import numpy as np

    from subterra.scene import segments, target_mask

    objects = belief.scenes.objects
    start, end = segments(objects)
    ax, ay = start[0] - at[0], start[1] - at[1]
    dx, dy = (end - start)[:2]
    square = np.maximum(dx**2 + dy**2, 1e-12)
    t = np.clip(-(ax * dx + ay * dy) / square, 0.0, 1.0)
    near = ((ax + t * dx) ** 2 + (ay + t * dy) ** 2).min(axis=-1) <= reach_m**2
    passes = (near & target_mask(belief.prior)[objects.family]).any(axis=-1)
    return float(belief.weight[passes].sum())


def read_decoys() -> dict[str, Any]:
    """Read the decoy field that comes with the package."""
    return read_data(_DATA)


def decoys_config(world: Mapping[str, Any]) -> SiteConfig:
    """Return the site file of the decoy field."""
    from subterra.site import build_config

    truth, provenance = world["truth"], world["provenance"]
    notes = [note.format(**provenance) for note in _NOTES]
    return build_config(
        {
            "name": "Demo decoys",
            "bounds": world["bounds"],
            "depth_m": _DEPTH_M,
            "targets": {"look_for": ["driven"]},
            "notes": notes,
            "known": [
                {
                    "label": f"true course of the simulated drive, radius {truth['radius_m']:g} m",
                    "axis": truth["axis"],
                }
            ],
        }
    )


def write_decoys(world: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the files that a user would have, gravity last; returns their paths."""
    survey = world["gravity"]
    stations = [
        {
            "station": f"G{k + 1}",
            "x": x,
            "y": y,
            "z": survey["sensor_height_m"],
            "g_ugal": g,
            "sd_ugal": survey["sd_ugal"],
        }
        for k, ((x, y), g) in enumerate(zip(survey["stations"], survey["g_ugal"], strict=True))
    ]
    tables = {
        "reports.csv": world["reports"],
        "sources.csv": world["sources"],
        "signs.csv": world["signs"],
        "gravity.csv": stations,
    }
    for name, rows in tables.items():
        _write_rows(folder / name, rows)
    return [folder / name for name in tables]


def _write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
