"""Prior over scenes: how many objects, of which families, and the unit cube of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from subterra.errors import InputError
from subterra.scene.families import DEFAULT_FAMILIES, FAMILIES, FamilyPrior, family_code
from subterra.scene.scenes import N_SLOTS

__all__ = [
    "Plane",
    "Prior",
    "draw_fill",
    "family_weights",
    "log_count_table",
    "log_fill_table",
    "object_counts",
    "prior_any",
    "target_mask",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Plane:
    """Ground surface ``z = z0_m + slope_x·x + slope_y·y``, metres, site frame."""

    z0_m: float = 0.0
    slope_x: float = 0.0
    slope_y: float = 0.0

    def at(self, x: Array, y: Array) -> Array:
        """Height of the surface in metres at plan coordinates of any shape."""
        return self.z0_m + self.slope_x * np.asarray(x) + self.slope_y * np.asarray(y)


@dataclass(frozen=True)
class Prior:
    """Everything that is believed before the evidence.

    Parameters
    ----------
    bounds : (x0, y0, x1, y1)
        Search area in metres. Every object's axis touches it.
    depth_m : float
        Depth under the surface down to which the site is searched.
    targets : tuple of str
        Families that the search is for.
    p_none : float
        Probability that there is no target in the bounds. It is the user's and does not scale
        with the area.
    more_targets : (3,) tuple of float
        Probabilities of one, two and three targets, given at least one.
    families : mapping of str to FamilyPrior
        Prior of each family. A family that is no target is a competing explanation, with its
        ``expected`` number per site.
    surface : Plane
        Ground surface.
    host_density : (2,) tuple of float
        Bounds in kg/m³ of the uniform host density.
    host_resistivity : (2,) tuple of float
        Bounds in Ω·m of the log-uniform host resistivity.
    water_ratio, rubble_ratio : (2,) tuple of float
        Bounds of the log-uniform σ_fill/σ_host of a flooded and of a collapsed object.
    rubble_deficit : (2,) tuple of float
        Bounds of the uniform density deficit of rubble as a fraction of the host density.
    halo_sd : float
        Standard deviation of the natural logarithm of each halo factor.
    rubble_chimney : bool
        Whether rubble means that a line of the given radius has caved in. Its deficit
        ``d = 1 − 1/k`` (bulking factor k) then spreads over a chimney of the void's width and of
        its height over d, cut where it would break through the ground; mass is conserved.
        Otherwise rubble fills the radius itself, whose roof still stands.
    """

    bounds: tuple[float, float, float, float]
    depth_m: float
    targets: tuple[str, ...] = ("driven",)
    p_none: float = 0.5
    more_targets: tuple[float, float, float] = (0.8, 0.16, 0.04)
    families: Mapping[str, FamilyPrior] = field(default_factory=lambda: dict(DEFAULT_FAMILIES))
    surface: Plane = field(default_factory=Plane)
    host_density: tuple[float, float] = (1800.0, 2700.0)
    host_resistivity: tuple[float, float] = (10.0, 10000.0)
    water_ratio: tuple[float, float] = (1.0, 10.0)
    rubble_ratio: tuple[float, float] = (0.1, 3.0)
    rubble_deficit: tuple[float, float] = (0.15, 0.35)
    halo_sd: float = 0.3
    rubble_chimney: bool = False

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.bounds
        if not (x0 < x1 and y0 < y1):
            problem = f"bounds must be x0 y0 x1 y1 with x0 < x1 and y0 < y1, found {self.bounds}"
            raise InputError(problem)
        if not self.depth_m > 0.0:
            problem = f"depth must be positive metres below the surface, found {self.depth_m}"
            raise InputError(problem)
        if not 0.0 < self.p_none < 1.0:
            problem = f"p0, the probability of no target, must be between 0 and 1: {self.p_none}"
            raise InputError(problem)
        if not self.targets:
            problem = "name at least one family to look for"
            raise InputError(problem)
        for name in self.targets:
            family_code(name)
            if name not in self.families:
                problem = f"no prior is given for the target family {name!r}"
                raise InputError(problem)


def target_mask(prior: Prior) -> Array:
    """Boolean array over family codes: which ones the search is for."""
    return np.array([name in prior.targets for name in FAMILIES])


def _natural_weights(prior: Prior) -> Array:
    """Expected number of objects by family code, zero for targets and the empty slot."""
    weights = np.zeros(len(FAMILIES))
    for name, family in prior.families.items():
        if name not in prior.targets:
            weights[family_code(name)] = family.expected
    return weights


def log_count_table(prior: Prior) -> Array:
    """Log prior probability of (number of targets, number of other objects).

    Parameters
    ----------
    prior : Prior
        Site prior.

    Returns
    -------
    (S + 1, S + 1) numpy.ndarray
        Natural logarithm, ``-inf`` where the total exceeds the slots. Row sums are exactly
        ``p_none`` and ``(1 - p_none)·more_targets``; other objects are Poisson, cut at the free
        slots and renormalised in each row.
    """
    rows = np.array([prior.p_none, *(1.0 - prior.p_none) * np.array(prior.more_targets)])
    rows[1:] *= (1.0 - prior.p_none) / rows[1:].sum()
    rate = float(_natural_weights(prior).sum())
    table = np.full((N_SLOTS + 1, N_SLOTS + 1), -np.inf)
    for n_target in range(N_SLOTS + 1):
        k = np.arange(N_SLOTS - n_target + 1)
        with np.errstate(divide="ignore"):
            log_pmf = np.where(k == 0, 0.0, k * np.log(rate) if rate > 0.0 else -np.inf)
            log_pmf = log_pmf - gammaln(k + 1.0)
            table[n_target, : len(k)] = np.log(rows[n_target]) + log_pmf
        table[n_target] -= np.log(np.exp(log_pmf).sum())
    return table


def prior_any(prior: Prior) -> float:
    """Prior probability of at least one target in the bounds."""
    return 1.0 - prior.p_none


def object_counts(family: Array, prior: Prior) -> tuple[Array, Array]:
    """Count targets and other objects.

    Parameters
    ----------
    family : (n, S) numpy.ndarray of int8
        Family codes.
    prior : Prior
        Says which families are targets.

    Returns
    -------
    n_target, n_other : (n,) numpy.ndarray of int
        Number of occupied slots of each sort.
    """
    is_target = target_mask(prior)[family]
    return is_target.sum(axis=1), ((family > 0) & ~is_target).sum(axis=1)


def family_weights(prior: Prior) -> tuple[Array, Array]:
    """Probabilities over family codes of a target and of another object (zeros if none)."""
    target = target_mask(prior) / len(prior.targets)
    other = _natural_weights(prior)
    total = other.sum()
    return target, other / total if total > 0.0 else other


def draw_fill(prior: Prior, family: Array, u: Array) -> Array:
    """Turn uniforms into fills by the family's fill probabilities; shapes equal, any."""
    edges = np.ones((len(FAMILIES), 3))
    for name, item in prior.families.items():
        edges[family_code(name)] = np.cumsum(item.fill)
    return (u[..., None] >= edges[family, :2]).sum(axis=-1).astype(np.int8)


def log_fill_table(prior: Prior) -> Array:
    """Log probability of each fill, shape (families, 3)."""
    table = np.zeros((len(FAMILIES), 3))
    with np.errstate(divide="ignore"):
        for name, item in prior.families.items():
            table[family_code(name)] = np.log(np.asarray(item.fill))
    return table
