"""Where new objects are proposed: the prior mixed with what the population has learnt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import erf, ndtr, ndtri

from subterra.inference.scan import Scan, draw_from_scan, scan_density
from subterra.kernel import kernel
from subterra.scene import FAMILIES, N_PARAMETERS, Scenes

__all__ = ["ObjectPool", "draw_objects", "log_density", "object_pool"]

Array = npt.NDArray[Any]

_N_CENTRE: Final = 96
_MIN_COUNT: Final = 24
_FLAT_WIDTH: Final = 30.0
"""A wrapped normal that varies by 1e-4 over the cube."""
_SHARES: Final = np.array([0.2, 0.3, 0.5])
"""Shares of births from the prior, the scan and the population."""
_ROOT_TWO: Final = math.sqrt(2.0)


@dataclass(frozen=True)
class ObjectPool:
    """Objects of other scenes, by family, as quantiles.

    Parameters
    ----------
    unit : tuple of (k, P) numpy.ndarray
        Objects by family code.
    count : (families,) numpy.ndarray of int
        How many there are of each.
    centre : (families, C, P) numpy.ndarray
        Centres of the mixture that proposes births.
    width : (families, P) numpy.ndarray
        Its standard deviation in each parameter.
    learnt : (families,) numpy.ndarray of bool
        Whether the family has enough objects for a mixture; otherwise the scan has its share.
    scan : Scan
        What single objects looked like before the ladder.
    """

    unit: tuple[Array, ...]
    count: Array
    centre: Array
    width: Array
    learnt: Array
    scan: Scan

    def pick(self, family: Array, rng: np.random.Generator) -> Array:
        """A random object of each wanted family, (n, P); NaN-free even where there is none."""
        out = np.full((len(family), N_PARAMETERS), 0.5)
        u = rng.random(len(family))
        for code in range(1, len(FAMILIES)):
            if self.count[code] > 0:
                mine = family == code
                out[mine] = self.unit[code][(u[mine] * self.count[code]).astype(int)]
        return out


def object_pool(
    scenes: Scenes, scan: Scan, rng: np.random.Generator, used: Array | None = None
) -> ObjectPool:
    """Collect the objects of a population.

    The births' mixture has normal components wrapped around the unit cube, centred on a random
    subset of the objects and as wide as Silverman's rule has it for their spread. In parameters
    that a family does not read (``used``, families × P, false) it is flat.
    """
    family = scenes.objects.family.reshape(-1)
    unit = scenes.unit.reshape(-1, N_PARAMETERS)
    n_family = len(FAMILIES)
    parts = tuple(unit[family == code] if code > 0 else unit[:0] for code in range(n_family))
    count = np.array([len(p) for p in parts])
    centre = np.full((n_family, _N_CENTRE, N_PARAMETERS), 0.5)
    width = np.full((n_family, N_PARAMETERS), 0.3)
    learnt = count >= _MIN_COUNT
    for code in range(1, n_family):
        if learnt[code]:
            centre[code] = parts[code][rng.integers(count[code], size=_N_CENTRE)]
            spread = 0.5 * (np.quantile(parts[code], 0.84, 0) - np.quantile(parts[code], 0.16, 0))
            width[code] = np.clip(0.6 * spread, 0.005, 0.3)
    if used is not None:
        width[~used] = _FLAT_WIDTH
    return ObjectPool(parts, count, centre, width, learnt, scan)


def draw_objects(family: Array, pool: ObjectPool, rng: np.random.Generator) -> Array:
    """Draw quantiles (n, P) of new objects of the given families."""
    n = len(family)
    out = rng.random((n, N_PARAMETERS))
    component = rng.integers(_N_CENTRE, size=n)
    source = rng.choice(3, size=n, p=_SHARES)
    source = np.where((source == 2) & ~pool.learnt[family], 1, source)
    scanned = draw_from_scan(pool.scan, family, rng)
    width = pool.width[family]
    # A normal cut at half a turn either way, wrapped around the cube.
    edge = ndtr(0.5 / width)
    u = (1.0 - edge) + rng.random((n, N_PARAMETERS)) * (2.0 * edge - 1.0)
    learnt = np.mod(pool.centre[family, component] + width * ndtri(u), 1.0)
    out[source == 1] = scanned[source == 1]
    out[source == 2] = learnt[source == 2]
    return out


@kernel
def _mixture(family: Array, unit: Array, centre: Array, width: Array, out: Array) -> None:
    n_centre, n_parameter = centre.shape[1], centre.shape[2]
    for i in range(family.size):
        f = family[i]
        total = 0.0
        for c in range(n_centre):
            square = 0.0
            for p in range(n_parameter):
                away = abs(unit[i, p] - centre[f, c, p])
                away = min(away, 1.0 - away) / width[f, p]
                square += away * away
            if square < 80.0:
                total += math.exp(-0.5 * square)
        out[i] = total / n_centre


def log_density(family: Array, unit: Array, pool: ObjectPool) -> Array:
    """Log density (n,) of ``draw_objects`` over the unit cube, given the family."""
    mixture = np.empty(len(family))
    _mixture(family, unit, pool.centre, pool.width, mixture)
    norm = np.log(pool.width * np.sqrt(2.0 * np.pi) * erf(0.5 / pool.width / _ROOT_TWO)).sum(axis=1)
    with np.errstate(over="ignore"):
        learnt = mixture * np.exp(-norm[family])
    scanned = np.exp(scan_density(pool.scan, family, unit))
    blend = np.where(pool.learnt[family], learnt, scanned)
    return np.log(_SHARES[0] + _SHARES[1] * scanned + _SHARES[2] * blend)
