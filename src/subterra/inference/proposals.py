"""Where new objects are proposed: the prior mixed with what the population has learnt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import erf, ndtr, ndtri

from subterra.inference.lobes import Lobes, find_lobes
from subterra.inference.outlook import Outlook
from subterra.inference.scan import Scan, density_at, draw_from_scan, locate
from subterra.kernel import kernel
from subterra.scene import FAMILIES, N_PARAMETERS, Prior, Scenes, used_parameters

__all__ = ["Cloud", "ObjectPool", "draw_objects", "log_density", "object_pool"]

Array = npt.NDArray[Any]

_N_CENTRE: Final = 96
_MIN_COUNT: Final = 24
_FLAT_WIDTH: Final = 30.0
"""A wrapped normal that varies by 1e-4 over the cube."""
_ELITE: Final = 0.06
_MIN_ELITE: Final = 8
_SHARES: Final = np.array([0.2, 0.15, 0.15, 0.3, 0.2])
"""Shares of births from the prior, the first and the last scan, the population and its elite."""
_LEAST_WIDTH: Final = (0.005, 0.001)
_MOST_WIDTH: Final = 0.3
_ROOT_TWO: Final = math.sqrt(2.0)


@dataclass(frozen=True)
class Cloud:
    """Objects by family, and the mixture around them that proposes births.

    Parameters
    ----------
    every : (n + 1, P) numpy.ndarray
        Objects as quantiles, family after family; the last row stands for none.
    count : (families,) numpy.ndarray of int
        How many there are of each.
    centre : (families, C, P) numpy.ndarray
        Centres of the mixture.
    width : (families, P) numpy.ndarray
        Its standard deviation in each parameter.
    learnt : (families,) numpy.ndarray of bool
        Whether the family has enough objects for a mixture.
    """

    every: Array
    count: Array
    centre: Array
    width: Array
    learnt: Array

    @property
    def unit(self) -> tuple[Array, ...]:
        """Objects (k, P) by family code."""
        ends = self.count.cumsum()
        return tuple(self.every[end - k : end] for end, k in zip(ends, self.count, strict=True))

    def pick(self, family: Array, rng: np.random.Generator) -> Array:
        """A random object of each wanted family, (n, P); NaN-free even where there is none."""
        own, start = self.count[family], (self.count.cumsum() - self.count)[family]
        row = start + (rng.random(len(family)) * own).astype(np.int64)
        return self.every[np.where(own > 0, row, -1)]


@dataclass(frozen=True)
class ObjectPool:
    """Objects of other scenes.

    Where a narrow peak rises out of a wide population, differences and spreads of the whole are
    far too large for it; those of the scenes that explain the data best have its scale.

    Parameters
    ----------
    all, elite : Cloud
        Objects of all of those scenes, and of the best few.
    lobes : Lobes
        Normals fitted to all of them.
    outlook : Outlook
        What was seen before the ladder.
    last : Scan
        What one more object looked like beside the population, if that was looked at since.
    """

    all: Cloud
    elite: Cloud
    lobes: Lobes
    outlook: Outlook
    last: Scan


def _cloud(
    scenes: Scenes, rows: Array, used: Array, how: tuple[int, float], rng: np.random.Generator
) -> Cloud:
    """Mixture of normals wrapped around the unit cube, as wide as Silverman's rule has it.

    In parameters that a family does not read it is flat. ``how`` says of how many objects it is
    learnt at least, and how narrow it may be.
    """
    least, narrowest = how
    family = scenes.objects.family[rows].reshape(-1)
    unit = scenes.unit[rows].reshape(-1, N_PARAMETERS)
    n_family = len(FAMILIES)
    count = np.bincount(family, minlength=n_family)
    order = np.argsort(family, kind="stable")[count[0] :]
    count[0] = 0
    every = np.concatenate([unit[order], np.full((1, N_PARAMETERS), 0.5)])
    ends = count.cumsum()
    centre = np.full((n_family, _N_CENTRE, N_PARAMETERS), 0.5)
    width = np.full((n_family, N_PARAMETERS), _MOST_WIDTH)
    learnt = count >= least
    for code in np.flatnonzero(learnt):
        objects = every[ends[code] - count[code] : ends[code]]
        centre[code] = objects[rng.integers(count[code], size=_N_CENTRE)]
        low, high = np.quantile(objects, (0.16, 0.84), axis=0)
        width[code] = (0.6 * (0.5 * (high - low))).clip(narrowest, _MOST_WIDTH)
    width[~used] = _FLAT_WIDTH
    return Cloud(every, count, centre, width, learnt)


def object_pool(
    prior: Prior,
    scenes: Scenes,
    height: Array,
    outlook: Outlook,
    last: Scan,
    rng: np.random.Generator,
) -> ObjectPool:
    """Collect the objects of a population.

    Parameters
    ----------
    prior : Prior
        Says which parameters each family reads.
    scenes : Scenes
        The population.
    height : (n,) numpy.ndarray
        Its log-likelihoods.
    outlook : Outlook
        What was seen before the ladder.
    last : Scan
        What was seen since, or ``outlook.single``.
    rng : numpy.random.Generator
        Chooses the centres of the mixtures.

    Returns
    -------
    ObjectPool
    """
    n = len(scenes)
    best = np.argsort(-height, kind="stable")[: max(int(_ELITE * n), 1)]
    used = used_parameters(prior)
    every = _cloud(scenes, np.arange(n), used, (_MIN_COUNT, _LEAST_WIDTH[0]), rng)
    return ObjectPool(
        every,
        _cloud(scenes, best, used, (_MIN_ELITE, _LEAST_WIDTH[1]), rng),
        find_lobes(prior, every.unit, rng),
        outlook,
        last,
    )


def _from_cloud(cloud: Cloud, family: Array, rng: np.random.Generator) -> Array:
    """Normals cut at half a turn either way, wrapped around the cube."""
    n = len(family)
    component = rng.integers(_N_CENTRE, size=n)
    width = cloud.width[family]
    edge = ndtr(0.5 / width)
    u = (1.0 - edge) + rng.random((n, N_PARAMETERS)) * (2.0 * edge - 1.0)
    return np.mod(cloud.centre[family, component] + width * ndtri(u), 1.0)


def draw_objects(family: Array, pool: ObjectPool, rng: np.random.Generator) -> Array:
    """Draw quantiles (n, P) of new objects of the given families.

    What a cloud has not learnt comes from the first scan.
    """
    n = len(family)
    source = rng.choice(len(_SHARES), size=n, p=_SHARES)
    clouds = ((3, pool.all), (4, pool.elite))
    for k, cloud in clouds:
        source[(source == k) & ~cloud.learnt[family]] = 1
    out = rng.random((n, N_PARAMETERS))
    for k, scan in ((1, pool.outlook.single), (2, pool.last)):
        mine = np.flatnonzero(source == k)
        out[mine] = draw_from_scan(scan, family[mine], rng)
    for k, cloud in clouds:
        mine = np.flatnonzero(source == k)
        out[mine] = _from_cloud(cloud, family[mine], rng)
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
                if square > 80.0:
                    break
            if square < 80.0:
                total += math.exp(-0.5 * square)
        out[i] = total / n_centre


def _cloud_density(cloud: Cloud, family: Array, unit: Array) -> Array:
    mixture = np.empty(len(family))
    _mixture(family, unit, cloud.centre, cloud.width, mixture)
    norm = np.log(cloud.width * np.sqrt(2.0 * np.pi) * erf(0.5 / cloud.width / _ROOT_TWO))
    with np.errstate(over="ignore"):
        return mixture * np.exp(-norm.sum(axis=1)[family])


def log_density(family: Array, unit: Array, pool: ObjectPool) -> Array:
    """Log density (n,) of ``draw_objects`` over the unit cube, given the family."""
    at = locate(pool.last, family, unit)
    scanned, last = (np.exp(density_at(scan, at)) for scan in (pool.outlook.single, pool.last))
    out = _SHARES[0] + _SHARES[1] * scanned + _SHARES[2] * last
    for share, cloud in zip(_SHARES[3:], (pool.all, pool.elite), strict=True):
        dense = _cloud_density(cloud, family, unit)
        out = out + share * np.where(cloud.learnt[family], dense, scanned)
    return np.log(out)
