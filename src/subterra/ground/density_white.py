"""Covariance of gravity and its gradient over white density noise, in closed form.

Density noise of strength S (kg²/m³: variance times volume) fills the half-space z < 0 but for a
clear slab of half height b around each station that is under ground. Of horizontal wavenumber k,
noise at z pulls on a sensor at z₁ with ``2πG sgn(z₁ − z) e^{−k|z₁−z|}`` and has the gradient
``2πG k e^{−k|z₁−z|}``. Integrated over z below, between and above two sensors z₁ ≥ z₂, and over k
with J0(kΔ), everything is a derivative of 1/√(Δ² + H²). For two sensors above the ground, with
H = z₁ + z₂ (2h at one height h),

    C_gg = πG²S /√(Δ²+H²),   C_gG = πG²S H/(Δ²+H²)^{3/2},   C_GG = πG²S (2H²−Δ²)/(Δ²+H²)^{5/2}.

Gravity is positive down and its gradient too, as everywhere (``physics.gravity_line``): a dense
lump below raises both, hence the positive cross term at Δ = 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.physics import G_EOTVOS, G_UGAL

__all__ = ["white_covariance"]

Array = npt.NDArray[Any]


def _power(order: Array | int, lag: Array, height: Array) -> Array:
    """∫ k^order J0(kΔ) e^{−kH} dk for order 0, 1, 2, 3."""
    square = lag * lag + height * height
    root = np.sqrt(square)
    terms = (
        1.0 / root,
        height / (square * root),
        (2.0 * height**2 - lag**2) / (square**2 * root),
        height * (6.0 * height**2 - 9.0 * lag**2) / (square**3 * root),
    )
    return np.choose(order, terms)


def white_covariance(
    x: Array,
    y: Array,
    height_m: Array,
    gradient: Array,
    clearance_m: float = 1.0,
    rows: slice = slice(None),
) -> Array:
    """Covariance of readings over white density noise of unit strength S = 1 kg²/m³.

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Stations in metres.
    height_m : (n,) numpy.ndarray
        Height over the ground in metres, at least 0.1; or, under ground, minus the depth, deeper
        than the clearance.
    gradient : (n,) numpy.ndarray of bool
        Whether the reading is a gradient in E, else gravity in µGal.
    clearance_m : float
        Half height b of what is known to be free of noise around a station under ground.
    rows : slice
        Rows of the matrix that are wanted.

    Returns
    -------
    (n or fewer, n) numpy.ndarray
        µGal², µGal·E or E².
    """
    lag = np.hypot(x[rows, None] - x, y[rows, None] - y)
    first = height_m[rows, None] >= height_m
    upper = np.maximum(height_m[rows, None], height_m)
    lower = np.minimum(height_m[rows, None], height_m)
    one, two = gradient[rows, None] & np.ones_like(first), gradient & np.ones_like(first)
    order = one.astype(int) + two.astype(int)
    b = clearance_m
    # Below both: all signs are positive.
    ceiling = np.where(lower < 0.0, lower - b, 0.0)
    total = 0.5 * _power(order, lag, upper + lower - 2.0 * ceiling)
    under = lower < 0.0
    # Between: the lower sensor is pulled upwards.
    top = np.where(upper < 0.0, upper - b, 0.0)
    thick = np.where(under, np.maximum(top - (lower + b), 0.0), 0.0)
    apart = np.where(thick > 0.0, upper - lower, 1.0)
    flips = np.where(np.where(first, two, one), 1.0, -1.0)
    total = total + flips * thick * _power(order + 1, lag, apart)
    # Above both, up to the ground: both are pulled upwards, gradients are not turned.
    over = upper + b < 0.0
    near = np.where(over, upper - lower + 2.0 * b, 1.0)
    far = np.where(over, -(upper + lower), 1.0)
    sign = np.where(one, 1.0, -1.0) * np.where(two, 1.0, -1.0)
    total = total + np.where(
        over, 0.5 * sign * (_power(order, lag, near) - _power(order, lag, far)), 0.0
    )
    unit = np.where(gradient, G_EOTVOS, G_UGAL)
    return 2.0 * np.pi * np.outer(unit[rows], unit) * total
