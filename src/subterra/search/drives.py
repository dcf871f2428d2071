"""Straight level drives laid under a survey, to ask what it would see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.scene import N_PARAMETERS, N_VERTICES, Objects, Prior, decode_objects
from subterra.scene.families import family_code, fill_code

__all__ = ["Drives", "Placements", "cross_drives", "drive_objects", "lay_placements"]

Array = npt.NDArray[Any]

_PASSING: Final = 20.0
"""Half length of a drive over the larger of survey and depth: beyond it, more changes nothing."""


@dataclass(frozen=True)
class Placements:
    """Where and in which direction drives pass.

    Parameters
    ----------
    azimuth_deg, x_m, y_m : (P,) numpy.ndarray
        Direction, clockwise from north, and a point that the axis passes below.
    """

    azimuth_deg: Array
    x_m: Array
    y_m: Array

    def __len__(self) -> int:
        return len(self.x_m)


@dataclass(frozen=True)
class Drives:
    """Straight drives parallel to the surface, one per row.

    Parameters
    ----------
    diameter_m : (n,) numpy.ndarray
        Of the circle that has the section's area.
    fill : (n,) numpy.ndarray of int
        Codes of ``FILLS``.
    depth_m : (n,) numpy.ndarray
        Of the axis under the surface, vertical.
    place : Placements
        One per row.
    half_length_m : float
        Half the length of each.
    """

    diameter_m: Array
    fill: Array
    depth_m: Array
    place: Placements
    half_length_m: float

    def __len__(self) -> int:
        return len(self.diameter_m)


def lay_placements(points: Array, n_azimuth: int = 8, n_offset: int = 5) -> Placements:
    """Spread drives evenly over the directions and over the width of a survey in each of them.

    Parameters
    ----------
    points : (k, 2) numpy.ndarray
        Plan places of the survey in metres.
    n_azimuth, n_offset : int
        Directions, the first one north; places across each direction, at the middles of equal
        parts of the survey's width.

    Returns
    -------
    Placements
        ``n_azimuth × n_offset`` of them.

    Raises
    ------
    InputError
        If there is no point.
    """
    if len(points) == 0:
        problem = "a survey without a place has no area in which a drive could be laid"
        raise InputError(problem)
    azimuth = np.repeat(180.0 * np.arange(n_azimuth) / n_azimuth, n_offset)
    part = np.tile((np.arange(n_offset) + 0.5) / n_offset, n_azimuth)
    east, north = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    along = np.outer(points[:, 0], east) + np.outer(points[:, 1], north)
    across = np.outer(points[:, 0], north) - np.outer(points[:, 1], east)
    offset = across.min(axis=0) + part * np.ptp(across, axis=0)
    middle = 0.5 * (along.min(axis=0) + along.max(axis=0))
    return Placements(azimuth, middle * east + offset * north, middle * north - offset * east)


def cross_drives(
    fills: Sequence[str], diameter_m: Array, depth_m: Array, place: Placements
) -> Drives:
    """Every fill with every diameter, depth and placement.

    Returns
    -------
    Drives
        Rows in the order of an array of shape (F, D, Z, P). All reach far beyond the survey.
    """
    codes = np.array([fill_code(name) for name in fills])
    shape = (len(codes), len(diameter_m), len(depth_m), len(place))
    f, d, z, p = (v.ravel() for v in np.indices(shape))
    span = np.hypot(np.ptp(place.x_m), np.ptp(place.y_m))
    return Drives(
        np.asarray(diameter_m, np.float64)[d],
        codes[f],
        np.asarray(depth_m, np.float64)[z],
        Placements(place.azimuth_deg[p], place.x_m[p], place.y_m[p]),
        _PASSING * max(float(span), float(np.max(depth_m))),
    )


def drive_objects(drives: Drives, prior: Prior) -> Objects:
    """Turn drives into objects in middling host, fill and halo.

    Density, conductivity ratio and rubble deficit stand at the middle of their prior, halo
    factors at 1.

    Parameters
    ----------
    drives : Drives
        At least 1.15 radii deep; see ``subterra.search.detectability`` for the domain.
    prior : Prior
        Gives surface, host and fills.

    Returns
    -------
    Objects
        Leading shape (n,).
    """
    n = len(drives)
    middle = decode_objects(
        prior,
        np.full(n, family_code("driven"), np.int8),
        drives.fill.astype(np.int8),
        np.full((n, N_PARAMETERS), 0.5),
        np.full(n, 0.5 * sum(prior.host_density)),
    )
    east, north = (f(np.radians(drives.place.azimuth_deg)) for f in (np.sin, np.cos))
    s = drives.half_length_m * np.linspace(-1.0, 1.0, N_VERTICES)
    x = drives.place.x_m[:, None] + s * east[:, None]
    y = drives.place.y_m[:, None] + s * north[:, None]
    return replace(
        middle,
        x=x,
        y=y,
        z=prior.surface.at(x, y) - drives.depth_m[:, None],
        radius=(0.5 * drives.diameter_m).astype(np.float32),
    )
