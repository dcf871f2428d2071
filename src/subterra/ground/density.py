"""Covariance of gravity over a random density field: a tabulated Hankel transform.

A half-space whose density has standard deviation ``s``, horizontal correlation length ``l``
(isotropic Matérn) and vertical length ``v`` pulls on sensors at height ``h`` with covariance

    C(Δ) = (2πG)²/2π ∫ J0(kΔ) S(k) e^{−2kh} V(k) k dk,
    S(k) = 4πν κ^{2ν}/(κ² + k²)^{ν+1},  κ = √(2ν)/l,
    V(k) = 1/(k (k + 1/v))  (exponential),   (1/k)[1/(k+b) + b/(k+b)²], b = √3/v  (Matérn 3/2).

For l, v → 0 it tends to the closed form of white density noise, πG²S/√(Δ² + 4h²).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.special import j0

from subterra.ground.nuisance import GroundKernel
from subterra.physics import G_UGAL

__all__ = ["gravity_covariance"]

Array = npt.NDArray[Any]

_SINGLE: Final = 4000
"""Covariances of more data are kept in single precision, to halve them."""
_ROWS: Final = 512


def _spectrum(k: Array, kernel: GroundKernel) -> Array:
    """S(k)·V(k)·k, the integrand without the Bessel function and the height."""
    nu = kernel.smoothness
    kappa = np.sqrt(2.0 * nu) / kernel.horizontal_m
    plan = 4.0 * np.pi * nu * kappa ** (2.0 * nu) / (kappa**2 + k**2) ** (nu + 1.0)
    if nu == 0.5:
        return plan / (k + 1.0 / kernel.vertical_m)
    b = np.sqrt(3.0) / kernel.vertical_m
    return plan * (1.0 / (k + b) + b / (k + b) ** 2)


def _radial_covariance(lag: Array, height: float, kernel: GroundKernel) -> Array:
    """C(Δ) for s = 1 kg/m³ in µGal², Gauss–Legendre on panels no longer than a half wave."""
    top = min(40.0 / (2.0 * height), 60.0 * np.sqrt(2.0 * kernel.smoothness) / kernel.horizontal_m)
    top = max(top, 20.0 / (2.0 * height + kernel.horizontal_m))
    n_panel = int(np.clip(np.ceil(top * lag.max() / np.pi), 16, 4000))
    graded = top * np.linspace(0.0, 1.0, n_panel + 1) ** 1.5
    node, weight = np.polynomial.legendre.leggauss(8)
    half = 0.5 * np.diff(graded)[:, None]
    k = (graded[:-1, None] + half * (node + 1.0)).ravel()
    w = (half * weight).ravel()
    integrand = w * _spectrum(k, kernel) * np.exp(-2.0 * k * height)
    return 2.0 * np.pi * G_UGAL**2 * (j0(np.outer(lag, k)) @ integrand)


def gravity_covariance(x: Array, y: Array, height_m: float, kernel: GroundKernel) -> Array:
    """Covariance of gravity readings over unit density heterogeneity.

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Stations in metres.
    height_m : float
        Height of the sensors over the ground in metres; at least 0.1 is used.
    kernel : GroundKernel
        Correlation of the density.

    Returns
    -------
    (n, n) numpy.ndarray
        µGal² for a density standard deviation of 1 kg/m³; in double precision up to 4,000
        stations and in single beyond.
    """
    height = max(height_m, 0.1)
    far = float(np.hypot(np.ptp(x), np.ptp(y)))
    scale = min(kernel.horizontal_m, 2.0 * height)
    table = np.concatenate([[0.0], np.geomspace(0.1 * scale, max(1.01 * far, scale), 240)])
    spline = CubicSpline(table, _radial_covariance(table, height, kernel))
    out = np.empty((len(x), len(x)), np.float64 if len(x) <= _SINGLE else np.float32)
    for start in range(0, len(x), _ROWS):
        part = slice(start, start + _ROWS)
        out[part] = spline(np.hypot(x[part, None] - x, y[part, None] - y))
    return out
