"""Heights that field files lack, taken from the site's terrain; those that they have, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from subterra.counting import counted
from subterra.site.terrain import Ground
from subterra.tables import (
    BoreholeTable,
    FloatArray,
    GradientTable,
    GravityReadingTable,
    GravityTable,
    HoleRecords,
    ResistivityTable,
    StationTable,
)

__all__ = ["HeightNote", "check_heights", "with_heights"]

_SENSOR_M: Final = 0.3
_GRADIOMETER_M: Final = 0.5
"""What gravity evidence takes for the height of its sensors over the ground."""
_TRIPOD_M: Final = 1.5
_CASING_M: Final = 0.5
_BOUGUER_UGAL_PER_M: Final = 308.6 - 0.0419 * 2000.0
"""Free air less the slab of 2000 kg/m³, as readings are reduced unless a density is said."""
_LEVEL_M: Final = 0.05
"""Heights over the plane up to which electrodes may stand on even ground."""
_WIDE: Final = 2.0
_FAR: Final = 4.0
"""Times the stated accuracy beyond which the rms and the largest difference are said."""


@dataclass(frozen=True)
class HeightNote:
    """What became of the heights of a file.

    Parameters
    ----------
    file : str
        Its name.
    words : str
        One sentence.
    doubt : bool
        Whether somebody should look at it.
    """

    file: str
    words: str
    doubt: bool


@dataclass(frozen=True)
class _Standing:
    """Places of a table that stand on the ground, and up to how far over it they may be."""

    what: str
    x: FloatArray
    y: FloatArray
    z: FloatArray | None
    above_m: float
    allowed_m: float


def with_heights(ground: Ground, table: Any, *, mesh: bool) -> Any:
    """Give a table the heights of the terrain where it has none.

    Parameters
    ----------
    ground : Ground
        The site's terrain.
    table : table
        Of any kind.
    mesh : bool
        Whether the background of resistivity follows the heights of its electrodes; on even ground
        these lie on the plane.

    Returns
    -------
    table
        The same where it has heights, stands on no ground, or a place of it lies outside of the
        terrain: a file is never part on the terrain and part on the plane.
    """
    if isinstance(table, HoleRecords):
        return replace(table, collars=_raised(ground, table.collars, mesh))
    return _raised(ground, table, mesh)


def _raised(ground: Ground, table: Any, mesh: bool) -> Any:
    standing = _standing(table)
    if standing is None or standing.z is not None or not len(standing.x):
        return table
    z, sd = ground.at(standing.x, standing.y)
    if np.isnan(z).any():
        return table
    z = z + standing.above_m
    if isinstance(table, ResistivityTable):
        return replace(table, electrode_z_m=z) if mesh else table
    if isinstance(table, StationTable | GravityReadingTable):
        return replace(table, z_m=z, z_sd_m=sd)
    return replace(table, z_m=z)


def check_heights(ground: Ground, files: Sequence[tuple[str, Any, bool]]) -> tuple[HeightNote, ...]:
    """Say of each file where its heights come from, and how they agree with the terrain.

    Parameters
    ----------
    ground : Ground
        The site's terrain.
    files : sequence of (str, table, bool)
        Name and content as read, and whether a mesh follows its electrodes.

    Returns
    -------
    tuple of HeightNote
        None for files that stand on no ground.
    """
    notes: list[HeightNote] = []
    for name, given, mesh in files:
        table = given.collars if isinstance(given, HoleRecords) else given
        standing = _standing(table)
        if standing is None or not len(standing.x):
            continue
        z, sd = ground.at(standing.x, standing.y)
        inside = np.isfinite(z)
        if standing.z is None:
            notes.append(_taken(name, table, standing, ground, inside, mesh))
            continue
        notes.append(_compared(name, standing, standing.z, z, sd))
        high = _over_plane(name, table, standing, ground, mesh)
        notes += [] if high is None else [high]
    return tuple(notes)


def _standing(table: Any) -> _Standing | None:
    if isinstance(table, GravityTable):
        return _Standing("station", table.x_m, table.y_m, table.z_m, _SENSOR_M, _TRIPOD_M)
    if isinstance(table, StationTable):
        return _Standing("station", table.x_m, table.y_m, table.z_m, _SENSOR_M, _TRIPOD_M)
    if isinstance(table, GradientTable):
        return _Standing("station", table.x_m, table.y_m, table.z_m, _GRADIOMETER_M, _TRIPOD_M)
    if isinstance(table, GravityReadingTable):
        if table.x_m is None or table.y_m is None:
            return None
        return _Standing("reading", table.x_m, table.y_m, table.z_m, _SENSOR_M, _TRIPOD_M)
    if isinstance(table, BoreholeTable):
        return _Standing("collar", table.x_m, table.y_m, table.z_m, 0.0, _CASING_M)
    if isinstance(table, ResistivityTable):
        x, y, z = table.electrode_x_m, table.electrode_y_m, table.electrode_z_m
        if z is not None:
            # Electrodes over one another hang in a hole.
            place = np.round(np.column_stack([x, y]), 2)
            _, which, count = np.unique(place, axis=0, return_inverse=True, return_counts=True)
            alone = count[which.reshape(-1)] == 1
            x, y, z = x[alone], y[alone], z[alone]
        return _Standing("electrode", x, y, z, 0.0, 0.0)
    return None


def _taken(
    name: str,
    table: Any,
    standing: _Standing,
    ground: Ground,
    inside: np.ndarray[Any, Any],
    mesh: bool,
) -> HeightNote:
    n, out = len(standing.x), int((~inside).sum())
    verb = "has no height" if n == 1 else "have no heights"
    what = f"{name}: its {counted(n, standing.what)} {verb}"
    if out:
        words = (
            f"{what}; outside of the terrain: {out} of {n}, so that all of them stay on the plane; "
            "give them z, or add a terrain that covers them"
        )
        return HeightNote(name, words, True)
    if isinstance(table, ResistivityTable) and not mesh:
        words = (
            f"{what}: left on the plane, as even ground needs it; with --option background=mesh "
            "electrodes stand on the terrain"
        )
        return HeightNote(name, words, ground.plane.rms_m > _LEVEL_M)
    sd = float(ground.at(standing.x, standing.y)[1].max())
    words = f"{what}: taken from the terrain, ±{sd:.2f} m"
    if isinstance(table, StationTable | GravityReadingTable):
        size = _BOUGUER_UGAL_PER_M * sd
        words += f", which is about ±{size:.0f} µGal in a reading that is reduced by them"
    return HeightNote(name, words, False)


def _compared(
    name: str,
    standing: _Standing,
    given: FloatArray,
    z: FloatArray,
    sd: FloatArray,
) -> HeightNote:
    inside = np.isfinite(z)
    if not inside.any():
        words = f"{name}: all of its {standing.what}s lie outside of the terrain: heights unchecked"
        return HeightNote(name, words, True)
    over = (given - z)[inside]
    # What may stand on a tripod or a casing is as good as on the ground.
    off = over - np.clip(over, 0.0, standing.allowed_m)
    known = sd[inside]
    rms, worst = float(np.sqrt(np.mean(off**2))), int(np.argmax(np.abs(off)))
    stated = float(known.max())
    if rms <= _WIDE * stated and abs(off[worst]) <= _FAR * stated:
        words = (
            f"{name}: the heights of its {counted(len(off), standing.what)} agree with "
            "the terrain within "
            f"{rms:.2f} m (rms); stated ±{stated:.2f} m"
        )
        return HeightNote(name, words, False)
    middle = float(np.median(over))
    spread = float(1.4826 * np.median(np.abs(over - middle)))
    side = "over" if middle >= 0.0 else "under"
    words = (
        f"{name}: its {counted(len(off), standing.what)} "
        f"{'stands' if len(off) == 1 else 'stand'} {abs(middle):.2f} m {side} the terrain in "
        f"the median, spread {spread:.2f} m, one of them {off[worst]:+.2f} m; stated "
        f"±{stated:.2f} m"
    )
    if spread <= _WIDE * stated:
        words += ": a constant difference looks like another vertical datum, or heights of a frame"
        words += " of their own"
    return HeightNote(name, words, True)


def _over_plane(
    name: str, table: Any, standing: _Standing, ground: Ground, mesh: bool
) -> HeightNote | None:
    """Electrodes over the plane need a mesh; without one the inference will refuse them."""
    if mesh or standing.z is None or not isinstance(table, ResistivityTable):
        return None
    plane = ground.plane
    level = plane.z0_m + plane.slope_x * standing.x + plane.slope_y * standing.y
    high = float((standing.z - level).max())
    if high <= _LEVEL_M:
        return None
    words = (
        f"{name}: its electrodes stand up to {high:.2f} m over the plane of the ground, which even "
        "ground does not allow: withdraw it and add it with --option background=mesh, or set "
        "background under [host] of the site file"
    )
    return HeightNote(name, words, True)
