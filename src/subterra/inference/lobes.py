"""Lobes of a population: normals of full covariance that propose long steps within one family.

An object is seen through the probit of its quantiles, in which the prior is a standard normal in
every parameter. Lobes are fitted to the objects of one half of a population by expectation and
maximisation, one after the other, with the prior as the background of each; headings are turned so
that the cut of their circle lies opposite the lobe. A step towards lobe k, of mean m and covariance
S, is autoregressive (Neal 1998; Cotter, Roberts, Stuart & White 2013),

    z' = m + ρ (z − m) + √(1 − ρ²) S^½ ξ,

reversible for that normal: left to judge is likelihood times prior over lobe. With ρ = 0
the object is drawn anew, and any lobe may be the next; with ρ > 0 it keeps to the lobe that it is
taken for, and the chance of being so taken is judged too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from subterra.inference.lobe_kernels import fit_normal, log_over_prior, place_gaps
from subterra.scene import FAMILIES, HEADED, Prior, fold, used_parameters

__all__ = ["Lobe", "Lobes", "find_lobes", "log_density", "stride", "turned"]

Array = npt.NDArray[Any]

_MOST_LOBES: Final = 3
_MOST_FITTED: Final = 256
"""Objects of a family from which lobes are learnt at most."""
_PER_PARAMETER: Final = 3
"""Objects for each parameter below which there is nothing to learn."""
_CANDIDATES: Final = 8
_NEAREST: Final = 0.25
_WIDER: Final = 1.05
_CORRELATIONS: Final = np.array([0.0, 0.5, 0.8, 0.9])
_TINY: Final = 1e-9
_HEADED: Final = np.array([name in HEADED for name in FAMILIES])


@dataclass(frozen=True)
class Lobe:
    """One normal over the probits of the parameters that its family reads.

    Parameters
    ----------
    turn : float
        Half turns that are added to the heading before it is read.
    mean : (d,) numpy.ndarray
        Its centre.
    root : (d, d) numpy.ndarray
        Lower Cholesky factor of its covariance.
    weight : float
        Share of the family's objects.
    """

    turn: float
    mean: Array
    root: Array
    weight: float


@dataclass(frozen=True)
class Lobes:
    """Lobes of every family.

    Parameters
    ----------
    of : tuple of tuple of Lobe
        By family code; none where there are too few objects.
    used : (families, P) numpy.ndarray of bool
        Parameters that each family reads.
    """

    of: tuple[tuple[Lobe, ...], ...]
    used: Array


def turned(family: Array, unit: Array, by: Array | float) -> Array:
    """The same objects with headings read from another zero, ``by`` half turns away."""
    return fold(family, unit, by)


def _probit(unit: Array) -> Array:
    return ndtri(unit.clip(_TINY, 1.0 - _TINY))


def _columns(unit: Array, used: Array) -> Array:
    """Parameters (n, d) that a family reads, row after row in memory as kernels want them."""
    return unit.compress(used, axis=1)


def _gaps(unit: Array, at: Array, turns: Array, left: Array) -> Array:
    """How far (candidates, n) objects lie from each candidate, in probits of place as it sees them.

    ``at`` (candidates,) says which object each is, and ``left`` (n,) what earlier lobes have left.
    """
    heading = unit[:, 0] + turns[:, None]
    crossed = (heading < 0.0) | (heading >= 1.0)
    gap = np.empty(heading.shape)
    place_gaps(
        _probit(np.mod(heading, 1.0)), crossed, _probit(unit[:, 1]), _probit(unit[:, 4]),
        at, left, gap,
    )  # fmt: skip
    return gap


def _gather(gap: Array, left: Array, least: int) -> tuple[int, Array]:
    """Candidate whose neighbours are nearest, and those neighbours, (n,) of bool."""
    wanted = min(max(least, int(_NEAREST * len(left))), int((left > 0.5).sum())) - 1
    reach = np.partition(gap, wanted, axis=1)[:, wanted]
    best = int(reach.argmin())
    return best, gap[best] <= reach[best]


def _fitted(z: Array, member: Array, left: Array) -> tuple[Array, Array, Array] | None:
    """Mean, root and responsibilities (n,) of one normal over the prior as background."""
    d = z.shape[1]
    mean, root, share = np.empty(d), np.empty((d, d)), member.astype(np.float64)
    if not fit_normal(z, left, share, mean, root):
        return None
    return mean, _WIDER * root, share


def _lobes_of(code: int, unit: Array, used: Array, rng: np.random.Generator) -> tuple[Lobe, ...]:
    """Lobes of the objects (n, P) of one family."""
    least = _PER_PARAMETER * int(used.sum())
    if len(unit) < max(least, 1):
        return ()
    if len(unit) > _MOST_FITTED:
        unit = unit[rng.choice(len(unit), _MOST_FITTED, replace=False)]
    n = len(unit)
    left = np.ones(n)
    found: list[Lobe] = []
    for _ in range(_MOST_LOBES):
        if int((left > 0.5).sum()) < least:
            break
        at = rng.choice(n, size=min(_CANDIDATES, n), replace=False, p=left / left.sum())
        turns = 0.5 - unit[at, 0] if _HEADED[code] else np.zeros(len(at))
        best, member = _gather(_gaps(unit, at, turns, left), left, least)
        seen = turned(np.full(n, code, np.int8), unit, turns[best])
        fit = _fitted(_probit(_columns(seen, used)), member, left)
        if fit is None:
            break
        mean, root, share = fit
        found.append(Lobe(float(turns[best]), mean, root, float(share.sum()) / n))
        left = np.clip(left - share, 0.0, 1.0)
    return tuple(found)


def find_lobes(prior: Prior, unit: Sequence[Array], rng: np.random.Generator) -> Lobes:
    """Fit lobes to objects.

    Parameters
    ----------
    prior : Prior
        Says which parameters each family reads.
    unit : sequence of (k, P) numpy.ndarray
        Objects by family code, as quantiles.
    rng : numpy.random.Generator
        Chooses where fits begin.

    Returns
    -------
    Lobes
    """
    used = used_parameters(prior)
    return Lobes(tuple(_lobes_of(c, u, used[c], rng) for c, u in enumerate(unit)), used)


def log_density(lobes: Lobes, code: int, unit: Array) -> Array:
    """Log density (lobes, n) of each lobe of a family over the unit cube."""
    family = np.full(len(unit), code, np.int8)
    used = lobes.used[code]
    out = np.empty((len(lobes.of[code]), len(unit)))
    for k, lobe in enumerate(lobes.of[code]):
        z = _probit(_columns(turned(family, unit, lobe.turn), used))
        log_over_prior(z, lobe.mean, lobe.root, out[k])
    return out


def _taken_for(density: Array, weight: Array) -> Array:
    """Log probability (lobes, n) that an object is taken for each lobe, the prior the last."""
    rest = max(1.0 - float(weight.sum()), 0.01)
    own = density + np.log(weight)[:, None]
    return own - np.logaddexp(np.logaddexp.reduce(own, axis=0), np.log(rest))


def stride(
    lobes: Lobes, family: Array, unit: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Propose a long step of each object.

    Parameters
    ----------
    lobes : Lobes
        Learnt from other objects than these.
    family : (n,) numpy.ndarray of int8
        Codes.
    unit : (n, P) numpy.ndarray
        Quantiles; parameters that the family does not read stay as they are.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    unit : (n, P) numpy.ndarray
        Proposals.
    log_ratio : (n,) numpy.ndarray
        Log of prior times proposal ratio; −inf where there is no lobe to step to.
    """
    moved, log_ratio = unit.copy(), np.full(len(family), -np.inf)
    for code, own in enumerate(lobes.of):
        rows = np.flatnonzero(family == code)
        if own and len(rows):
            moved[rows], log_ratio[rows] = _strides(lobes, code, unit[rows], rng)
    return moved, log_ratio


def _strides(lobes: Lobes, code: int, unit: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    own, used, n = lobes.of[code], lobes.used[code], len(unit)
    family = np.full(n, code, np.int8)
    weight = np.array([lobe.weight for lobe in own])
    correlation = rng.choice(_CORRELATIONS, size=n)
    before = log_density(lobes, code, unit)
    taken = _taken_for(before, weight)
    anew = rng.choice(len(own), size=n, p=weight / weight.sum())
    # Past the last lobe an object is taken for background, and stays.
    kept = np.sum(rng.random(n) > np.cumsum(np.exp(taken), axis=0), axis=0)
    to = np.where(correlation > 0.0, kept, anew)
    moved, noise = unit.copy(), rng.standard_normal((n, int(used.sum())))
    for k, lobe in enumerate(own):
        rows = np.flatnonzero(to == k)
        part = turned(family[rows], unit[rows], lobe.turn)
        rho = correlation[rows, None]
        z = lobe.mean + rho * (_probit(_columns(part, used)) - lobe.mean)
        part[:, used] = ndtr(z + np.sqrt(1.0 - rho * rho) * (noise[rows] @ lobe.root.T))
        moved[rows] = turned(family[rows], part, -lobe.turn)
    after = log_density(lobes, code, moved)
    able = np.flatnonzero(to < len(own))
    log_ratio = np.full(n, -np.inf)
    log_ratio[able] = (before - after)[to[able], able]
    again = _taken_for(after, weight) - taken
    close = able[correlation[able] > 0.0]
    log_ratio[close] += again[to[close], close]
    return moved, log_ratio
