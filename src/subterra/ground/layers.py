"""How many level layers the resistivity data of a site ask for, and which.

The mean of ln ρa over all places where one arrangement of electrodes stood is what a layered ground
can predict; the scatter about it is lateral. Layers are fitted to those means by least squares on
ln ρ and ln h from several starts, and their number is the one with the least

    BIC = Σ ((mean − prediction)/sd)² + (2n − 1) ln m,

m the number of distinct arrangements. The error of a mean is 3 % (what level layers cannot answer
for) and the scatter over the root of the number of arrangements that fit side by side into the
survey: overlapping ones see the same ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from subterra.errors import InputError
from subterra.physics import LayeredEarth, Quadripoles, layered_sum

__all__ = ["LayerFit", "Soundings", "fit_layers", "make_soundings"]

Array = npt.NDArray[Any]

_FLOOR: Final = 0.03
_STARTS: Final = 6
_CONTRAST: Final = np.log(1e3)


@dataclass(frozen=True)
class Soundings:
    """Means of ln ρa over equal arrangements of electrodes.

    Parameters
    ----------
    x, y, z : (n_electrode,) numpy.ndarray
        Metres; z is the height over the surface.
    abmn : (m, 4) numpy.ndarray of int
        One representative of each arrangement.
    mean, sd : (m,) numpy.ndarray
        Mean of ln ρa (ρa in Ω·m) and its standard error.
    size_m : (m,) numpy.ndarray
        Largest distance between two electrodes of the arrangement, metres.
    """

    x: Array
    y: Array
    z: Array
    abmn: Array
    mean: Array
    sd: Array
    size_m: Array


@dataclass(frozen=True)
class LayerFit:
    """Best layers of one number.

    Parameters
    ----------
    earth : LayeredEarth
        Layers.
    bic : float
        Smaller is better; differences below 2 say nothing.
    misfit : float
        Root mean square of (mean − prediction)/sd.
    """

    earth: LayeredEarth
    bic: float
    misfit: float


def make_soundings(layout: Quadripoles, log_rhoa: Array) -> Soundings:
    """Average data of equal arrangements.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    log_rhoa : (n,) numpy.ndarray
        ln of the apparent resistivity in Ω·m.

    Returns
    -------
    Soundings
    """
    x, y, z = (np.asarray(v, np.float64) for v in (layout.x, layout.y, layout.z))
    key, size = _arrangements(x, y, z, layout.abmn)
    _, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    count = np.bincount(group)
    mean = np.bincount(group, log_rhoa) / count
    scatter = np.sqrt(np.bincount(group, (log_rhoa - mean[group]) ** 2) / np.maximum(count - 1, 1))
    # A single datum scatters as much as the others do.
    scatter = np.where(
        count > 1, scatter, np.median(scatter[count > 1]) if count.max() > 1 else 0.1
    )
    extent = float(np.hypot(np.ptp(x), np.ptp(y)))
    side_by_side = np.clip(extent / size[first], 1.0, count)
    sd = np.hypot(_FLOOR, scatter / np.sqrt(side_by_side))
    return Soundings(x, y, z, layout.abmn[first], mean, sd, size[first])


def _arrangements(x: Array, y: Array, z: Array, abmn: Array) -> tuple[Array, Array]:
    """Distances and depths that make an arrangement, in decimetres, and its size in metres."""
    parts: list[Array] = []
    for i in range(4):
        parts.append(np.where(abmn[:, i] >= 0, z[abmn[:, i]], -1e4))
        for j in range(i):
            both = (abmn[:, i] >= 0) & (abmn[:, j] >= 0)
            p, q = abmn[:, i], abmn[:, j]
            parts.append(np.where(both, np.hypot(x[p] - x[q], y[p] - y[q]), -1e4))
    values = np.stack(parts, axis=1)
    plan = np.stack([parts[k] for k in (1, 3, 4, 6, 7, 8)], axis=1)
    return np.rint(10.0 * values).astype(np.int64), np.maximum(plan.max(axis=1), 0.1)


def _earth(parameters: Array) -> LayeredEarth:
    n = (len(parameters) + 1) // 2
    return LayeredEarth(
        tuple(float(v) for v in np.exp(parameters[:n])),
        tuple(float(v) for v in np.exp(parameters[n:])),
    )


def _fit(data: Soundings, n: int, rng: np.random.Generator) -> LayerFit:
    """Least squares from several starts, within a thousandfold contrast."""
    k_sum = layered_sum(LayeredEarth((1.0,)), data.x, data.y, data.z, data.abmn)

    def residual(parameters: Array) -> Array:
        total = layered_sum(_earth(parameters), data.x, data.y, data.z, data.abmn)
        # Arrangements with little voltage may change its sign on the way to the optimum.
        return (np.log(np.maximum(total / k_sum, 1e-9)) - data.mean) / data.sd

    level = float(np.average(data.mean, weights=1.0 / data.sd**2))
    thin, thick = np.log(0.1 * data.size_m.min()), np.log(data.size_m.max())
    low = np.array([level - _CONTRAST] * n + [thin] * (n - 1))
    high = np.array([level + _CONTRAST] * n + [thick] * (n - 1))
    best = None
    for _ in range(_STARTS if n > 1 else 1):
        start = np.concatenate(
            [
                level + 0.7 * rng.standard_normal(n),
                np.sort(rng.uniform(thin + 0.3, thick - 0.3, n - 1)),
            ]
        )
        found = least_squares(residual, np.clip(start, low, high), bounds=(low, high))
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None  # noqa: S101  (there is always a first start)
    chi2 = 2.0 * float(best.cost)
    m = len(data.mean)
    return LayerFit(_earth(best.x), chi2 + (2 * n - 1) * np.log(m), float(np.sqrt(chi2 / m)))


def fit_layers(data: Soundings, *, most: int = 4, seed: int = 1) -> tuple[LayerFit, ...]:
    """Fit one to ``most`` layers.

    Parameters
    ----------
    data : Soundings
        Means of equal arrangements.
    most : int
        Largest number of layers; fewer are tried where there are too few arrangements.
    seed : int
        Of the starts.

    Returns
    -------
    tuple of LayerFit
        By number of layers; the best has the least ``bic``.

    Raises
    ------
    InputError
        If there are fewer than three arrangements.
    """
    m = len(data.mean)
    if m < 3:
        problem = f"layers need data of at least 3 arrangements of electrodes: {m}"
        raise InputError(problem)
    rng = np.random.default_rng(seed)
    largest = min(most, (m + 1) // 2)
    return tuple(_fit(data, n, rng) for n in range(1, largest + 1))
