"""Electrodes of a survey in its own frame: placing them on the site, geometric factors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.formats.text import Place
from subterra.tables import REMOTE, FloatArray, IntArray

__all__ = ["check_frame", "flat_surface_factor", "place", "rhoa_from_resistance"]

# Current and potential electrode of each term of the geometric factor, and its sign.
_PAIRS = ((0, 2, 1.0), (0, 3, -1.0), (1, 2, -1.0), (1, 3, 1.0))
# Electrodes off their plane by this share of the shortest distance change a factor by about as
# much, which is the error of a field measurement.
_FLAT = 0.03


def check_frame(
    origin: tuple[float, float] | None, rotation_deg: float
) -> tuple[tuple[float, float], float]:
    """Check the options that place a local frame; see `place`.

    Raises
    ------
    InputError
        Not two finite numbers and one.
    """
    try:
        x, y = (float(value) for value in (origin if origin is not None else (0.0, 0.0)))
        angle = float(rotation_deg)
    except (TypeError, ValueError) as error:
        problem = f"expected origin = x, y and rotation_deg = one number ({error})"
        raise InputError(problem) from error
    if not all(math.isfinite(value) and abs(value) <= 1e8 for value in (x, y, angle)):
        problem = f"origin {x:.12g}, {y:.12g} or rotation_deg {angle:g} is not a usable number"
        raise InputError(problem)
    return (x, y), angle


def place(
    x_m: FloatArray, y_m: FloatArray, origin: tuple[float, float], rotation_deg: float
) -> tuple[FloatArray, FloatArray]:
    """Turn local coordinates counter-clockwise, then shift them.

    Parameters
    ----------
    x_m, y_m : ndarray, shape (n,)
        Local coordinates, m.
    origin : (float, float)
        Site coordinates of the local point (0, 0), m.
    rotation_deg : float
        Angle by which the local frame is turned, counter-clockwise seen from above: the local
        x axis points `rotation_deg` counter-clockwise from the site's x axis (east). A line
        laid towards north has 90.

    Returns
    -------
    x_m, y_m : ndarray, shape (n,)
        Site coordinates, m.
    """
    quarter, rest = divmod(rotation_deg, 90.0)
    cos, sin = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    # Quarter turns are exact, so that a line towards north keeps its easting to the last bit.
    for _ in range(int(quarter) % 4):
        cos, sin = -sin, cos
    return origin[0] + cos * x_m - sin * y_m, origin[1] + sin * x_m + cos * y_m


def flat_surface_factor(position_m: FloatArray, abmn: IntArray) -> FloatArray:
    """Geometric factor of four-point arrays on the flat surface of a uniform half-space.

    ``k = 2 pi / (1/AM - 1/AN - 1/BM + 1/BN)``, remote electrodes left out (Telford, Geldart
    and Sheriff 1990, Applied Geophysics, chapter 8).

    Parameters
    ----------
    position_m : ndarray, shape (n_electrodes, 3)
        Electrodes, m; the surface may be tilted.
    abmn : ndarray of int, shape (n, 4)
        Indices from 0, -1 for remote.

    Returns
    -------
    ndarray, shape (n,)
        Factor, m; NaN where the potentials cancel or electrodes coincide.
    """
    total = np.zeros(len(abmn))
    scale = np.zeros(len(abmn))
    with np.errstate(divide="ignore", invalid="ignore"):
        for current, potential, sign in _PAIRS:
            inverse = 1.0 / _distance_m(position_m, abmn[:, current], abmn[:, potential])
            total += sign * inverse
            scale += inverse
        usable = np.isfinite(scale) & (np.abs(total) > 1e-9 * scale)
        return np.where(usable, 2.0 * np.pi / total, np.nan)


def rhoa_from_resistance(
    path: Path | str,
    lines: Sequence[int],
    position_m: FloatArray,
    abmn: IntArray,
    r_ohm: FloatArray,
) -> FloatArray:
    """Apparent resistivity of resistances measured on a flat, possibly tilted surface.

    Parameters
    ----------
    path : Path or str
        The file, for messages.
    lines : sequence of int
        Line of each datum.
    position_m : ndarray, shape (n_electrodes, 3)
        Electrodes, m.
    abmn : ndarray of int, shape (n, 4)
        Indices from 0, -1 for remote.
    r_ohm : ndarray, shape (n,)
        Voltage over current, Ω, with the sign that the order of the electrodes gives it.

    Returns
    -------
    ndarray, shape (n,)
        Ω·m, positive.

    Raises
    ------
    InputError
        A surface that is not flat, an array whose potentials cancel, or a resistance of the
        wrong sign.
    """
    closest_m = min(
        float(_distance_m(position_m, abmn[:, current], abmn[:, potential]).min())
        for current, potential, _ in _PAIRS
    )
    rough_m = _roughness_m(position_m)
    if rough_m > _FLAT * closest_m:
        Place(path).refuse(
            f"resistances on uneven ground (electrodes {rough_m:.2g} m off their plane) need their "
            "geometric factors: give k or rhoa"
        )
    factor_m = flat_surface_factor(position_m, abmn)
    rhoa_ohmm = factor_m * r_ohm
    for row in np.flatnonzero(~(rhoa_ohmm > 0.0))[:1]:
        at = Place(path, lines[row])
        if np.isnan(factor_m[row]):
            at.refuse("the potentials of this electrode array cancel; it has no geometric factor")
        at.refuse(
            f"resistance {r_ohm[row]:g} ohm and geometric factor {factor_m[row]:g} m give no "
            "positive resistivity; check the sign and the order of the electrodes"
        )
    return rhoa_ohmm


def _roughness_m(position_m: FloatArray) -> float:
    """Largest vertical distance of electrodes from their best plane."""
    centred = position_m - position_m.mean(axis=0)
    slope = np.linalg.lstsq(centred[:, :2], centred[:, 2], rcond=1e-9)[0]
    return float(np.abs(centred[:, 2] - centred[:, :2] @ slope).max())


def _distance_m(
    position_m: FloatArray, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]
) -> FloatArray:
    distance = np.linalg.norm(position_m[first] - position_m[second], axis=1)
    return np.where((first == REMOTE) | (second == REMOTE), np.inf, distance)
