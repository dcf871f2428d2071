"""Layouts along one line: gravity stations, and the rays of radar between two holes.

As in `subterra.simulate.layouts` the data are stand-ins; only places and errors count.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.tables import GravityTable, TravelTimeTable
from subterra.tables.stand_in import STAND_IN_UGAL

__all__ = ["FAN_DEG", "MAX_RAYS", "gravity_line", "radar_between", "radar_panel"]

Array = npt.NDArray[Any]
Point = tuple[float, float, float]

FAN_DEG: Final = 30.0
"""Dip of the rays above and below the level ones of a panel."""
MAX_RAYS: Final = 240
"""Levels are set wider apart rather than more rays laid."""
_FEWEST_STATIONS: Final = 8
_LIGHT_M_NS: Final = 0.299792458


def gravity_line(
    start: tuple[float, float],
    end: tuple[float, float],
    spacing_m: float,
    sd_ugal: float | None = None,
) -> GravityTable:
    """Lay gravity stations out along a line.

    Parameters
    ----------
    start, end : (float, float)
        First station and end of the line, m.
    spacing_m : float
        Distance between neighbours, m.
    sd_ugal : float, optional
        Standard error of a reading, µGal; without it that of a survey whose crew states none.

    Returns
    -------
    GravityTable
        Stations on the surface with readings of zero.

    Raises
    ------
    InputError
        For a spacing that is not positive or fewer than eight stations.
    """
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    n = int(length / spacing_m + 1e-6) + 1 if spacing_m > 0.0 else 0
    if n < _FEWEST_STATIONS:
        problem = (
            f"a gravity line of {length:g} m with {spacing_m:g} m between stations has {n}; at "
            f"least {_FEWEST_STATIONS} stand out of a trend"
        )
        raise InputError(problem)
    part = np.arange(n) * spacing_m / length
    x, y = ((a + part * (b - a)).astype(np.float64) for a, b in zip(start, end, strict=True))
    sd = None if sd_ugal is None else np.full(n, sd_ugal)
    names = tuple(f"P{k + 1}" for k in range(n))
    return GravityTable(names, x, y, None, np.full(n, STAND_IN_UGAL), sd)


def radar_panel(
    top: Point,
    other_top: Point,
    from_m: float,
    to_m: float,
    step_m: float,
    *,
    permittivity: float = 7.0,
    frequency_mhz: float = 100.0,
) -> TravelTimeTable:
    """Lay the rays of radar between two vertical holes: level ones and a fan of one dip each way.

    Parameters
    ----------
    top, other_top : (float, float, float)
        Collars x, y, z, m.
    from_m, to_m : float
        Depths in both holes between which antennas stand, m.
    step_m : float
        Distance between levels, m; made wider where more than `MAX_RAYS` rays would be laid.
    permittivity : float
        Relative, of the ground: gives the times that stand in for the data, and by them the speed
        of the host.
    frequency_mhz : float
        Of the pulse.

    Returns
    -------
    TravelTimeTable

    Raises
    ------
    InputError
        If the holes coincide, or nothing lies between the depths.
    """
    apart = math.hypot(other_top[0] - top[0], other_top[1] - top[1])
    if not (apart > 0.0 and step_m > 0.0 and to_m - from_m >= step_m):
        problem = (
            f"a panel needs two holes apart, found {apart:g} m, and levels every {step_m:g} m "
            f"between two depths, found {from_m:g} and {to_m:g} m"
        )
        raise InputError(problem)
    n = min(int((to_m - from_m) / step_m + 1e-6) + 1, MAX_RAYS // 3)
    level = np.linspace(from_m, to_m, n)
    drop = apart * math.tan(math.radians(FAN_DEG))
    source = np.repeat(level, 3)
    receiver = source + np.tile([-drop, 0.0, drop], n)
    held = (receiver >= from_m - 1e-9) & (receiver <= to_m + 1e-9)
    source, receiver = source[held], receiver[held]
    count = len(source)
    sz, rz = top[2] - source, other_top[2] - receiver
    distance = np.hypot(apart, sz - rz)
    return TravelTimeTable(
        "radar",
        "ns",
        np.full(count, top[0]),
        np.full(count, top[1]),
        sz,
        np.full(count, other_top[0]),
        np.full(count, other_top[1]),
        rz,
        distance * math.sqrt(permittivity) / _LIGHT_M_NS,
        frequency_hz=np.full(count, 1e6 * frequency_mhz),
    )


def radar_between(
    course: Array,
    other: Array,
    top_z: float,
    base_z: float,
    step_m: float,
    *,
    permittivity: float = 7.0,
    frequency_mhz: float = 100.0,
) -> TravelTimeTable:
    """Lay the rays of radar between two holes as they run: level ones and a fan of one dip.

    Parameters
    ----------
    course, other : (k, 3) numpy.ndarray
        Points along each hole, x, y, z, m, going down.
    top_z, base_z : float
        Heights between which antennas stand in both holes, m.
    step_m, permittivity, frequency_mhz
        As for `radar_panel`.

    Returns
    -------
    TravelTimeTable

    Raises
    ------
    InputError
        If a hole does not go down all the way or does not reach the heights, or the holes meet.
    """
    for points in (course, other):
        if np.any(np.diff(points[:, 2]) >= 0.0) or points[0, 2] < top_z or points[-1, 2] > base_z:
            problem = (
                f"a panel from {top_z:g} to {base_z:g} m needs two holes that go down through both "
                f"heights, found one from {points[0, 2]:g} to {points[-1, 2]:g} m"
            )
            raise InputError(problem)
    if not (step_m > 0.0 and top_z - base_z >= step_m):
        problem = f"nothing lies {step_m:g} m apart between {top_z:g} and {base_z:g} m"
        raise InputError(problem)
    n = min(int((top_z - base_z) / step_m + 1e-6) + 1, MAX_RAYS // 3)
    level = np.linspace(top_z, base_z, n)
    apart = float(np.mean(np.hypot(*(_plan_at(course, level) - _plan_at(other, level)))))
    if not apart > 0.0:
        problem = "a panel needs two holes apart"
        raise InputError(problem)
    drop = apart * math.tan(math.radians(FAN_DEG))
    sz = np.repeat(level, 3)
    rz = sz + np.tile([drop, 0.0, -drop], n)
    held = (rz <= top_z + 1e-9) & (rz >= base_z - 1e-9)
    sz, rz = sz[held], rz[held]
    (sx, sy), (rx, ry) = _plan_at(course, sz), _plan_at(other, rz)
    distance = np.sqrt((sx - rx) ** 2 + (sy - ry) ** 2 + (sz - rz) ** 2)
    return TravelTimeTable(
        "radar", "ns", sx, sy, sz, rx, ry, rz,
        distance * math.sqrt(permittivity) / _LIGHT_M_NS,
        frequency_hz=np.full(len(sz), 1e6 * frequency_mhz),
    )  # fmt: skip


def _plan_at(course: Array, z: Array) -> Array:
    """Plan places (2, n) of a hole at heights."""
    return np.stack([np.interp(-z, -course[:, 2], course[:, i]) for i in (0, 1)])
