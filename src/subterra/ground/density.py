"""Covariance of gravity and its vertical gradient over a random density field.

Sensors at heights h₁, h₂ over a half-space whose density has the plan spectrum S(k) and, for that
wavenumber, the vertical factor V(k), read with H = h₁ + h₂ and f(k) = k S(k) V(k)

    C(Δ, H) = 2πG² ∫ J0(kΔ) f(k) k^n e^{−kH} dk,

n = 0 for two readings of gravity, 1 for gravity and gradient, 2 for two gradients: the derivative
towards the ground multiplies a wave by k. Its kernels:

* ``GroundKernel``: a Matérn field of standard deviation 1, horizontal length l, vertical v,
  S = 4πν κ^{2ν}/(κ² + k²)^{ν+1}, κ = √(2ν)/l, and V = 1/(k (k + 1/v)) (exponential) or
  (1/k)[1/(k+b) + b/(k+b)²], b = √3/v (Matérn 3/2);
* ``WhiteKernel``: f = S/2, in closed form (``density_white``); the others tend to it for short
  lengths;
* ``FractalKernel``: f = (A/π) ∫₀^{π/2} (κ² + k²/cos²θ)^{−β/2} dθ.

Limits: the ground is a half-space under one plane; a station's height is that over the plane at
its place, so that a slope's normal and relief are not followed: of a station on a rise the
clutter is understated. A station *under* ground sees white noise on all sides but for a clearance
of 1.15 correlation lengths, which gives the variance far under exponential ground to 8 % up to a
ratio of 4; surface stations of the same survey then get the height at which white noise has the
variance of the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.special import j0

from subterra.errors import InputError
from subterra.ground.density_white import white_covariance
from subterra.ground.nuisance import DensityKernel, FractalKernel, GroundKernel, WhiteKernel
from subterra.physics import G_EOTVOS, G_UGAL

__all__ = ["MIN_HEIGHT_M", "UNDERGROUND_M", "gravity_covariance"]

Array = npt.NDArray[Any]

MIN_HEIGHT_M: Final = 0.1
"""A sensor is taken to be no nearer to the ground than this."""
UNDERGROUND_M: Final = 3.0
"""A sensor deeper than this under the surface is under ground; less is a pit or relief."""
_CLEARANCE_M: Final = 1.0
"""Half the height of the gallery around a station under ground."""
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


def _fractal_spectrum(k: Array, kernel: FractalKernel) -> Array:
    """The same of fractal ground whose waves from the outer scale to 1 m have unit variance."""
    node, weight = np.polynomial.legendre.leggauss(48)
    kappa, half = 2.0 * np.pi / kernel.outer_m, 0.5 * kernel.exponent
    theta, w = 0.25 * np.pi * (node + 1.0), 0.25 * np.pi * weight
    inner = ((kappa**2 + (k[:, None] / np.cos(theta)) ** 2) ** -half) @ w
    log_q = np.log(kappa / 100.0) + np.log(200.0 * np.pi / kappa) * 0.5 * (node + 1.0)
    q = np.exp(log_q)
    shell = 0.5 * np.log(200.0 * np.pi / kappa) * weight
    variance = np.sum(shell * q**3 * (kappa**2 + q**2) ** -half) / (2.0 * np.pi**2)
    return inner / (np.pi * variance)


def _nodes(lag: float, height: float, kernel: DensityKernel, order: int) -> tuple[Array, Array]:
    """Gauss–Legendre nodes in k on panels of about a half wave, f(k) in their weights."""
    node, weight = np.polynomial.legendre.leggauss(8)
    if isinstance(kernel, GroundKernel):
        fine = 1.0 if order == 0 else 10.0
        bend = np.sqrt(2.0 * kernel.smoothness) / kernel.horizontal_m
        top = max(
            min(40.0 / (2.0 * height), fine * 60.0 * bend),
            20.0 / (2.0 * height + kernel.horizontal_m),
        )
        n_panel = int(np.clip(np.ceil(top * lag / np.pi), 16, 4000))
        edges = top * np.linspace(0.0, 1.0, n_panel + 1) ** 1.5
    else:
        top = 40.0 / (2.0 * height)
        waves = np.linspace(0.0, top, int(np.clip(np.ceil(top * lag / np.pi), 16, 4000)) + 1)
        edges = np.geomspace(1e-5 * top, top, 96)
        edges = np.unique(np.concatenate([waves, edges]))
    half = 0.5 * np.diff(edges)[:, None]
    k = (edges[:-1, None] + half * (node + 1.0)).ravel()
    if isinstance(kernel, GroundKernel):
        f = _spectrum(k, kernel)
    elif isinstance(kernel, FractalKernel):
        f = _fractal_spectrum(k, kernel)
    else:
        f = np.full(k.shape, 0.5 * kernel.strength_m3)
    return k, (half * weight).ravel() * f * k**order


def _radial_covariance(lag: Array, heights: Array, kernel: DensityKernel, order: int = 0) -> Array:
    """C(Δ) without G² for s = 1 kg/m³ by order of differentiation, one row per sensor height."""
    k, weight = _nodes(float(lag.max()), float(heights.min()), kernel, order)
    damped = weight[:, None] * np.exp(-2.0 * np.outer(k, heights))
    return 2.0 * np.pi * (j0(np.outer(lag, k)) @ damped).T


@dataclass(frozen=True)
class _PairTable:
    """Covariances of one order of differentiation, tabulated over lags, and heights if needed."""

    kernel: DensityKernel
    order: int
    far: float
    low: float
    high: float

    def prepare(self) -> Callable[[Array, Array], Array]:
        """Return a function of lags and mean heights of pairs, both of any shape."""
        kernel, low = self.kernel, self.low
        length = kernel.horizontal_m if isinstance(kernel, GroundKernel) else 2.0 * low
        scale = min(length, 2.0 * low)
        table = np.concatenate([[0.0], np.geomspace(0.1 * scale, max(1.01 * self.far, scale), 240)])
        if self.high <= low * (1.0 + 1e-9):
            (row,) = _radial_covariance(table, np.array([low]), kernel, self.order)
            flat = CubicSpline(table, row)
            return lambda lag, _: np.asarray(flat(lag))
        heights = np.geomspace(low, self.high, 4 + math.ceil(5.0 * math.log(self.high / low)))
        rows = _radial_covariance(table, heights, kernel, self.order)
        spline = RectBivariateSpline(np.log(heights), table, rows, kx=3, ky=3, s=0)
        return lambda lag, height: np.asarray(spline.ev(np.log(height), lag))


def _over_ground(
    x: Array, y: Array, height: Array, kernel: DensityKernel, zz: Array
) -> Callable[[slice], Array]:
    """Rows of the covariance of stations that are all over the ground."""
    far = float(np.hypot(np.ptp(x), np.ptp(y)))
    order = zz.astype(np.int8)
    present = np.unique(order[:, None] + np.unique(order))
    low, high = float(height.min()), float(height.max())
    tables = {int(n): _PairTable(kernel, int(n), far, low, high).prepare() for n in present}
    unit = np.where(zz, G_EOTVOS, G_UGAL)

    def rows(part: slice) -> Array:
        lag = np.hypot(x[part, None] - x, y[part, None] - y)
        middle = 0.5 * (height[part, None] + height)
        units = np.outer(unit[part], unit)
        if len(tables) == 1:
            return units * next(iter(tables.values()))(lag, middle)
        orders, out = order[part, None] + order, np.empty(lag.shape)
        for n, table in tables.items():
            these = orders == n
            out[these] = table(lag[these], middle[these])
        return units * out

    return rows


def _strength(kernel: DensityKernel) -> tuple[float, float]:
    """Strength S in m³ of white noise of the kernel's long waves, and its clearance in metres."""
    if isinstance(kernel, WhiteKernel):
        return kernel.strength_m3, _CLEARANCE_M
    if isinstance(kernel, FractalKernel):
        problem = "fractal ground is for stations over the ground, and some are under it"
        raise InputError(problem)
    column = 2.0 if kernel.smoothness == 0.5 else 4.0 / np.sqrt(3.0)
    strength = column * kernel.vertical_m * 2.0 * np.pi * kernel.horizontal_m**2
    length = (kernel.horizontal_m**2 * kernel.vertical_m) ** (1.0 / 3.0)
    return strength, max(1.15 * length, _CLEARANCE_M)


def _white(
    x: Array, y: Array, height: Array, kernel: DensityKernel, zz: Array
) -> Callable[[slice], Array]:
    """Rows of the covariance over white noise, or over what takes its place under ground."""
    strength, clearance = _strength(kernel)
    if not isinstance(kernel, WhiteKernel):
        over, seen = height > 0.0, height.copy()
        for h in np.unique(height[over]):
            variance = _radial_covariance(np.zeros(1), np.array([h]), kernel)[0, 0]
            seen[height == h] = 0.5 * np.pi * strength / variance
        height = np.where(over, seen, np.minimum(height, -1.01 * clearance))
    return lambda part: strength * white_covariance(x, y, height, zz, clearance, part)


def gravity_covariance(
    x: Array,
    y: Array,
    height_m: float | Array,
    kernel: DensityKernel,
    gradient: Array | None = None,
) -> Array:
    """Covariance of readings over density heterogeneity of unit amplitude.

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Stations in metres.
    height_m : float or (n,) numpy.ndarray
        Height of the sensors over the ground in metres. At least 0.1 is used, also down to
        3 m *below* the plane (pits and relief); what is deeper is under ground.
    kernel : DensityKernel
        Correlation of the density.
    gradient : (n,) numpy.ndarray of bool, optional
        Readings that are vertical gradients in E; the others, by default all, are gravity in µGal.

    Returns
    -------
    (n, n) numpy.ndarray
        µGal², µGal·E or E² for a density of amplitude 1 kg/m³; in double precision up to 4,000
        stations and in single beyond.

    Raises
    ------
    InputError
        For fractal ground with a station under ground.
    """
    height = np.broadcast_to(np.asarray(height_m, np.float64), x.shape)
    height = np.where(height > -UNDERGROUND_M, np.maximum(height, MIN_HEIGHT_M), height)
    zz = np.zeros(x.shape, np.bool_) if gradient is None else gradient
    white = isinstance(kernel, WhiteKernel) or bool(np.any(height < 0.0))
    rows = (_white if white else _over_ground)(x, y, height, kernel, zz)
    out = np.empty((len(x), len(x)), np.float64 if len(x) <= _SINGLE else np.float32)
    for start in range(0, len(x), _ROWS):
        part = slice(start, start + _ROWS)
        out[part] = rows(part)
    return out
