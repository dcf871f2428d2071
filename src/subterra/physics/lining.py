"""Linings and rubble: the conductivity of the even cylinder that a built or caved drive amounts to.

A core of conductivity σ_f inside a shell σ_l, both over the host's, acts on a field across it like
an even cylinder of the shell's outer radius with (two-phase coated cylinder, Hashin & Rosen 1964)

    σ⊥ = σ_l · [σ_f (1 + f) + σ_l (1 − f)] / [σ_f (1 − f) + σ_l (1 + f)],     f = (inner/outer)²,

exactly, for any thickness. Along it core and shell conduct side by side, σ∥ = f σ_f + (1 − f) σ_l,
once current is in the core; a resistive shell keeps it out over lengths below

    L = √(½ σ_f · inner · ln(outer/inner) · inner/σ_l),

the leakage length of a core behind a thin resistance, and then σ⊥ is nearer to the truth. Surface
arrays see lengths of the order of the depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "Fillings",
    "filled_ratio",
    "leakage_length",
    "lined_across",
    "lined_along",
    "lined_radius",
    "rubble_ratio",
]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Fillings:
    """What is known of linings and of the water table; the default knows nothing.

    Parameters
    ----------
    lining_ratio : float or None
        Conductivity of linings over the host's: 0.01–0.1 dry concrete or brick, 1–3 wet concrete
        in rock, above 10 steel sets and mesh. Their thickness is the objects' own
        (``lining_m``). None leaves linings out.
    water_table_m : float or None
        Depth of the water table under the ground, metres; None leaves rubble to its prior.
    rubble_above, rubble_below : (float, float)
        Bounds of the log-uniform conductivity ratio of rubble over and under the water table.
    rubble_prior : (float, float)
        Bounds from which scenes draw the ratio of rubble where nothing is known.

    Raises
    ------
    InputError
        If a number cannot be.
    """

    lining_ratio: float | None = None
    water_table_m: float | None = None
    rubble_above: tuple[float, float] = (0.01, 0.3)
    rubble_below: tuple[float, float] = (1.5, 3.0)
    rubble_prior: tuple[float, float] = (0.1, 3.0)

    def __post_init__(self) -> None:
        if self.lining_ratio is not None and not 0.0 < self.lining_ratio < 1e9:
            problem = f"a lining's conductivity ratio is positive, found {self.lining_ratio}"
            raise InputError(problem)
        for low, high in (self.rubble_above, self.rubble_below, self.rubble_prior):
            if not 0.0 < low < high:
                problem = f"bounds of rubble's ratio must rise from above 0: {low}, {high}"
                raise InputError(problem)


def lined_across(
    core: npt.ArrayLike, lining: npt.ArrayLike, inner_over_outer: npt.ArrayLike
) -> Array:
    """Conductivity of the even cylinder that acts like a lined one on a field across it.

    Parameters
    ----------
    core, lining : array_like
        Conductivities over the host's, not negative; not both zero.
    inner_over_outer : array_like
        Inner over outer radius of the lining, 0 to 1.

    Returns
    -------
    numpy.ndarray
        σ⊥ over the host's.
    """
    c, s = np.asarray(core, np.float64), np.asarray(lining, np.float64)
    f = np.asarray(inner_over_outer, np.float64) ** 2
    return s * (c * (1.0 + f) + s * (1.0 - f)) / (c * (1.0 - f) + s * (1.0 + f))


def lined_along(
    core: npt.ArrayLike, lining: npt.ArrayLike, inner_over_outer: npt.ArrayLike
) -> Array:
    """Conductivity along a lined cylinder once current is in its core, over the host's."""
    f = np.asarray(inner_over_outer, np.float64) ** 2
    return f * np.asarray(core, np.float64) + (1.0 - f) * np.asarray(lining, np.float64)


def leakage_length(core: float, lining: float, inner_m: float, outer_m: float) -> float:
    """Length in metres over which current enters a core through its lining."""
    return math.sqrt(0.5 * core / lining * inner_m**2 * math.log(outer_m / inner_m))


def rubble_ratio(ratio: Array, depth: Array, known: Fillings) -> Array:
    """Move a conductivity ratio drawn from the rubble prior to that over or under the water table.

    Parameters
    ----------
    ratio : (n,) numpy.ndarray
        Log-uniform between the bounds of ``known.rubble_prior``.
    depth : (n,) numpy.ndarray
        Depth of the axis under the ground, metres.
    known : Fillings
        Water table; None returns the ratio as it is.

    Returns
    -------
    (n,) numpy.ndarray
        The same quantile between the bounds that hold at that depth.
    """
    if known.water_table_m is None:
        return ratio
    low, high = known.rubble_prior
    u = np.clip(np.log(np.maximum(ratio, low) / low) / np.log(high / low), 0.0, 1.0)
    over = known.rubble_above[0] * (known.rubble_above[1] / known.rubble_above[0]) ** u
    under = known.rubble_below[0] * (known.rubble_below[1] / known.rubble_below[0]) ** u
    return np.where(depth < known.water_table_m, over, under)


def filled_ratio(
    ratio: Array,
    rubble: Array,
    line: Array,
    radius: Array,
    lining: Array,
    depth: Array,
    known: Fillings,
) -> Array:
    """Conductivity ratio of objects as their water table and lining make it.

    Parameters
    ----------
    ratio : (n,) numpy.ndarray
        σ_fill/σ_host as drawn.
    rubble, line : (n,) numpy.ndarray of bool
        Which objects are caved in, and which are drives: chambers have no lining here, and of
        caved drives it is broken.
    radius, lining, depth : (n,) numpy.ndarray
        Radius of the void, thickness of the lining around it and depth of the axis, metres.
    known : Fillings
        Water table and conductivity of linings.

    Returns
    -------
    (n,) numpy.ndarray
        The ratio of the even cylinder that acts alike across, whose radius is that of
        ``lined_radius``; ``ratio`` itself by default.
    """
    out = np.where(rubble, rubble_ratio(ratio, depth, known), ratio)
    if known.lining_ratio is None:
        return out
    inner = radius / (radius + lining)
    lined = line & ~rubble & (lining > 0.0)
    return np.where(lined, lined_across(out, known.lining_ratio, inner), out)


def lined_radius(
    radius: Array, rubble: Array, line: Array, lining: Array, known: Fillings
) -> Array:
    """Outer radius (n,) of objects with their lining, where its conductivity is known, metres."""
    if known.lining_ratio is None:
        return radius
    return np.where(line & ~rubble, radius + lining, radius)
