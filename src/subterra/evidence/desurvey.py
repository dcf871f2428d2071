"""Where a surveyed hole runs: the minimum-curvature trace through its stations.

Between two stations the hole is the circular arc that leaves in the one direction and arrives in
the other; over the length L and the dogleg θ it moves by

    (L/2)·(d₁ + d₂)·F,    F = (2/θ)·tan(θ/2)

(Taylor and Mason 1972, doi 10.2118/3362-PA; Sawaryn and Thorogood 2005, doi 10.2118/84246-PA).
Above the first station and below the last the hole is straight.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.scene import Prior
from subterra.tables import BoreholeTable, SurveyTable

__all__ = [
    "hole_directions",
    "hole_traces",
    "minimum_curvature",
    "stations_of",
    "trace_points",
]

Array = npt.NDArray[Any]

_MAX_DOGLEG_DEG: Final = 120.0
_SAGITTA_M: Final = 0.01
"""Arcs are cut into chords that leave them by no more than this."""


def hole_directions(azimuth_deg: Array, inclination_deg: Array) -> Array:
    """Unit vectors (n, 3), east, north, up, of azimuths and of inclinations positive down."""
    azimuth, down = np.deg2rad(azimuth_deg), np.deg2rad(inclination_deg)
    return np.column_stack(
        [np.sin(azimuth) * np.cos(down), np.cos(azimuth) * np.cos(down), -np.sin(down)]
    )


def _shape_factor(dogleg: float) -> float:
    """Ratio of the arc's displacement to that of two half-length straights: (2/θ)·tan(θ/2)."""
    if dogleg < 1e-4:
        return 1.0 + dogleg * dogleg / 12.0
    return 2.0 / dogleg * math.tan(0.5 * dogleg)


def _turned(first: Array, last: Array, dogleg: float, share: float) -> Array:
    """Direction at a share of the arc from one direction to the other."""
    if dogleg < 1e-9:
        return first
    a, b = math.sin((1.0 - share) * dogleg), math.sin(share * dogleg)
    return (a * first + b * last) / math.sin(dogleg)


def minimum_curvature(depth_m: Array, azimuth_deg: Array, inclination_deg: Array) -> Array:
    """Offsets of stations from the first one.

    Parameters
    ----------
    depth_m : (n,) numpy.ndarray
        Depths along the hole, rising, metres.
    azimuth_deg, inclination_deg : (n,) numpy.ndarray
        Directions there: clockwise from north, positive down from horizontal.

    Returns
    -------
    (n, 3) numpy.ndarray
        East, north and up from the first station, metres.

    Raises
    ------
    InputError
        If depths do not rise, or the hole turns by more than 120° between two stations, where
        the arc is not what was drilled.
    """
    directions = hole_directions(azimuth_deg, inclination_deg)
    steps = np.diff(depth_m)
    if np.any(steps <= 0.0):
        problem = "the depths of stations along a hole must rise"
        raise InputError(problem)
    out = np.zeros((len(depth_m), 3))
    for i, step in enumerate(steps):
        dogleg = _dogleg(directions[i], directions[i + 1], depth_m[i : i + 2])
        mean = 0.5 * (directions[i] + directions[i + 1])
        out[i + 1] = out[i] + step * _shape_factor(dogleg) * mean
    return out


def _dogleg(first: Array, last: Array, depth_m: Array) -> float:
    # The half angle from the chord is exact for the small angles that arccos cannot tell.
    chord = float(np.linalg.norm(last - first))
    dogleg = 2.0 * math.asin(min(0.5 * chord, 1.0))
    if dogleg > math.radians(_MAX_DOGLEG_DEG):
        problem = (
            f"the hole turns by {math.degrees(dogleg):.0f}° between the stations at "
            f"{depth_m[0]:g} and {depth_m[1]:g} m, more than {_MAX_DOGLEG_DEG:.0f}°"
        )
        raise InputError(problem)
    return dogleg


def trace_points(
    depth_m: Array, azimuth_deg: Array, inclination_deg: Array, length_m: float
) -> tuple[Array, Array]:
    """Cut a surveyed hole into chords, from its collar to its end.

    Parameters
    ----------
    depth_m, azimuth_deg, inclination_deg : (n,) numpy.ndarray
        Stations in the order of depth; see `minimum_curvature`.
    length_m : float
        Drilled length, metres.

    Returns
    -------
    depth : (k,) numpy.ndarray
        Depths along the hole, from 0 to the length.
    offset : (k, 3) numpy.ndarray
        East, north and up from the collar, metres.
    """
    depth = np.asarray(depth_m, float)
    azimuth, down = np.asarray(azimuth_deg, float), np.asarray(inclination_deg, float)
    if depth[0] > 0.0:
        depth = np.concatenate([[0.0], depth])
        azimuth, down = np.concatenate([azimuth[:1], azimuth]), np.concatenate([down[:1], down])
    if depth[-1] < length_m:
        depth = np.concatenate([depth, [length_m]])
        azimuth, down = np.concatenate([azimuth, azimuth[-1:]]), np.concatenate([down, down[-1:]])
    at = minimum_curvature(depth, azimuth, down)
    directions = hole_directions(azimuth, down)
    depths, points = [0.0], [np.zeros(3)]
    for i in range(len(depth) - 1):
        step = depth[i + 1] - depth[i]
        dogleg = _dogleg(directions[i], directions[i + 1], depth[i : i + 2])
        parts = max(1, math.ceil(math.sqrt(step * dogleg / (8.0 * _SAGITTA_M))))
        for k in range(1, parts):
            share = k / parts
            part = _turned(directions[i], directions[i + 1], dogleg, share)
            mean = 0.5 * (directions[i] + part)
            depths.append(depth[i] + share * step)
            points.append(at[i] + share * step * _shape_factor(share * dogleg) * mean)
        depths.append(depth[i + 1])
        points.append(at[i + 1])
    return np.array(depths), np.array(points)


def stations_of(collars: BoreholeTable, surveys: SurveyTable | None) -> dict[str, Array]:
    """Return the stations (k, 3) of each hole: depth, azimuth, inclination, by rising depth.

    A hole without any has none; else the collar's own direction stands at its top if no station
    does.

    Raises
    ------
    InputError
        If a station has no collar.
    """
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in collars.hole}
    if surveys is not None:
        columns = (surveys.depth_m, surveys.azimuth_deg, surveys.inclination_deg)
        for name, depth, azimuth, down in zip(surveys.hole, *columns, strict=True):
            if name not in found:
                problem = f"a survey names hole {name!r}, which has no collar"
                raise InputError(problem)
            found[name].append((float(depth), float(azimuth), float(down)))
    out: dict[str, Array] = {}
    for i, name in enumerate(collars.hole):
        rows = sorted(found[name])
        if rows and rows[0][0] > 0.0:
            rows.insert(0, (0.0, float(collars.azimuth_deg[i]), float(collars.inclination_deg[i])))
        out[name] = np.array(rows, float).reshape(-1, 3)
    return out


def hole_traces(
    collars: BoreholeTable, surveys: SurveyTable | None, prior: Prior
) -> dict[str, Array]:
    """Where every hole runs.

    Parameters
    ----------
    collars : BoreholeTable
        Holes.
    surveys : SurveyTable or None
        Measured directions.
    prior : Prior
        Gives the surface for collars without z.

    Returns
    -------
    dict of str to (k, 4) numpy.ndarray
        Depth along the hole, x, y, z of the ends of chords, from collar to end, metres.

    Raises
    ------
    InputError
        If a station has no collar or a hole turns round.
    """
    x, y = np.asarray(collars.x_m, float), np.asarray(collars.y_m, float)
    z = prior.surface.at(x, y) if collars.z_m is None else np.asarray(collars.z_m, float)
    out: dict[str, Array] = {}
    for i, (name, rows) in enumerate(stations_of(collars, surveys).items()):
        length = float(collars.length_m[i])
        if not len(rows):
            rows = np.array([[0.0, collars.azimuth_deg[i], collars.inclination_deg[i]]])
        depth, offset = trace_points(rows[:, 0], rows[:, 1], rows[:, 2], length)
        out[name] = np.column_stack([depth, np.array([x[i], y[i], z[i]]) + offset])
    return out
