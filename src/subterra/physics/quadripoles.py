"""Four-electrode layouts over a flat surface, prepared for the kernels of resistivity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.kernel import single
from subterra.scene import Plane

__all__ = ["Quadripoles", "geometric_sum", "make_quadripoles"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Quadripoles:
    """Four-electrode layout prepared for the kernels.

    Parameters
    ----------
    origin : (float, float)
        Plan coordinates in metres, site frame, from which ``x``, ``y`` and ``window`` count.
    x, y, z : (n_electrode,) numpy.ndarray of float32
        Metres; ``z`` is the height over the surface, 0 or negative.
    abmn : (n, 4) numpy.ndarray of int32
        Electrodes of each datum, −1 remote.
    current, potential : (n_pair, 2) numpy.ndarray of int32
        Distinct current and potential dipoles.
    current_of, potential_of : (n,) numpy.ndarray of int32
        Dipole of each datum.
    k_sum : (n,) numpy.ndarray of float64
        Geometric sum K in 1/m; the geometric factor is 2π/K.
    window : (4,) numpy.ndarray of float32
        Plan box x0, y0, x1, y1 beyond which an object no longer matters.
    """

    origin: tuple[float, float]
    x: Array
    y: Array
    z: Array
    abmn: Array
    current: Array
    potential: Array
    current_of: Array
    potential_of: Array
    k_sum: Array
    window: Array


def _half_potential(x: Array, y: Array, z: Array, i: Array, j: Array) -> Array:
    """φ between electrodes i and j (−1 remote gives 0)."""
    plan = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2
    near = np.sqrt(plan + (z[i] - z[j]) ** 2)
    far = np.sqrt(plan + (z[i] + z[j]) ** 2)
    with np.errstate(divide="ignore"):
        phi = 0.5 * (1.0 / near + 1.0 / far)
    return np.where((i < 0) | (j < 0), 0.0, phi)


def geometric_sum(x: Array, y: Array, z: Array, abmn: Array) -> Array:
    """Geometric sum K of quadripoles.

    Parameters
    ----------
    x, y, z : (n_electrode,) numpy.ndarray
        Metres; z is the height over the flat surface (0 or negative).
    abmn : (n, 4) numpy.ndarray of int
        Zero-based electrodes, −1 remote.

    Returns
    -------
    (n,) numpy.ndarray
        1/m; V/I = ρ K / 2π.
    """
    x, y, z = (np.asarray(v, np.float64) for v in (x, y, z))
    a, b, m, n = np.asarray(abmn).T
    return (
        _half_potential(x, y, z, a, m)
        - _half_potential(x, y, z, a, n)
        - _half_potential(x, y, z, b, m)
        + _half_potential(x, y, z, b, n)
    )


def _largest_spread(x: Array, y: Array, abmn: Array) -> float:
    """Largest plan distance in metres between two electrodes of one datum."""
    widest = 0.0
    for i in range(4):
        for j in range(i):
            both = (abmn[:, i] >= 0) & (abmn[:, j] >= 0)
            if both.any():
                p, q = abmn[both, i], abmn[both, j]
                widest = max(widest, float(np.hypot(x[p] - x[q], y[p] - y[q]).max()))
    return widest


def make_quadripoles(
    x: Array,
    y: Array,
    z: Array | None,
    abmn: Array,
    surface: Plane | None = None,
    *,
    above_m: float = 0.05,
) -> Quadripoles:
    """Prepare a layout.

    Parameters
    ----------
    x, y : (n_electrode,) numpy.ndarray
        Metres, site frame.
    z : (n_electrode,) numpy.ndarray or None
        Elevation in metres; None puts all electrodes on the surface.
    abmn : (n, 4) numpy.ndarray of int
        Zero-based electrodes, −1 remote.
    surface : Plane, optional
        Ground surface, by default z = 0.
    above_m : float
        How far an electrode may stand over the surface; it is put onto it.

    Returns
    -------
    Quadripoles

    Raises
    ------
    InputError
        If an electrode lies more than ``above_m`` above the surface or a quadripole has no
        geometric factor.
    """
    plane = surface or Plane()
    height = np.zeros(len(x)) if z is None else np.asarray(z, np.float64) - plane.at(x, y)
    if np.any(height > above_m):
        worst = int(np.argmax(height))
        problem = (
            f"electrode {worst + 1} lies {height[worst]:.2f} m above the site's surface; "
            "give the site its surface plane"
        )
        raise InputError(problem)
    height = np.minimum(height, 0.0)
    quads = np.ascontiguousarray(abmn, np.int32)
    k_sum = geometric_sum(x, y, height, quads)
    bad = ~(np.abs(k_sum) > 1e-9) | ~np.isfinite(k_sum)
    if bad.any():
        problem = (
            f"datum {int(np.flatnonzero(bad)[0]) + 1}: its electrodes have no geometric factor"
        )
        raise InputError(problem)
    current, current_of = np.unique(quads[:, :2], axis=0, return_inverse=True)
    potential, potential_of = np.unique(quads[:, 2:], axis=0, return_inverse=True)
    used = np.unique(quads[quads >= 0])
    ux, uy = np.asarray(x)[used], np.asarray(y)[used]
    margin = 5.0 + _largest_spread(np.asarray(x), np.asarray(y), quads)
    window = [ux.min() - margin, uy.min() - margin, ux.max() + margin, uy.max() + margin]
    x0, y0 = float(np.mean(ux)), float(np.mean(uy))
    window = [window[0] - x0, window[1] - y0, window[2] - x0, window[3] - y0]
    return Quadripoles(
        (x0, y0),
        single(np.asarray(x) - x0),
        single(np.asarray(y) - y0),
        single(height),
        quads,
        np.ascontiguousarray(current, np.int32),
        np.ascontiguousarray(potential, np.int32),
        current_of.reshape(-1).astype(np.int32),
        potential_of.reshape(-1).astype(np.int32),
        k_sum,
        np.asarray(window, np.float32),
    )
