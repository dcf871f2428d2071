"""The same object as another family, or of another radius, would state it: quantiles anew.

Families differ in their priors, not in what lies in the ground. A move between them, or between
fills, that leaves the axis where it is needs the quantiles of the same axis under the other prior,
and by how much volumes in the unit cube are stretched on the way.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from subterra.scene.courses import Table, depth_range, family_table
from subterra.scene.decode import decode_objects, fill_values
from subterra.scene.families import FAMILIES
from subterra.scene.prior import Prior
from subterra.scene.quantiles import log_uniform
from subterra.scene.scenes import PARAMETERS

__all__ = ["ALIKE", "fill_contrasts", "restate"]

Array = npt.NDArray[Any]

ALIKE: Final = ("driven", "working")
"""Families with the same parameters and other priors."""
_TINY: Final = 1e-12
_LENGTH, _DEPTH, _GRADE, _CURVATURE, _RADIUS = (
    PARAMETERS.index(name) for name in ("length", "depth", "grade", "curvature", "radius")
)


def fill_contrasts(
    prior: Prior, fill: Array, strength: Array, host_density: Array
) -> tuple[Array, Array]:
    """What a fill does to gravity and to resistivity, per area of section.

    Parameters
    ----------
    prior : Prior
        Site prior.
    fill : (n,) numpy.ndarray of int8
        Codes.
    strength : (n,) numpy.ndarray
        Quantiles of the fill's contrast.
    host_density : (n,) numpy.ndarray
        kg/m³.

    Returns
    -------
    density : (n,) numpy.ndarray
        Contrast in kg/m³, negative for a void.
    across : (n,) numpy.ndarray
        Polarisation factor (1 − ρ)/(1 + ρ) across the axis, ρ the ratio of conductivities;
        negative for a conductor.
    """
    if prior.rubble_chimney:
        return _caved_contrasts(prior, fill, strength, host_density)
    deficit, ratio = (
        v.astype(np.float32).astype(np.float64)
        for v in fill_values(prior, fill, strength, host_density)
    )
    return -deficit, (1.0 - ratio) / (1.0 + ratio)


def _caved_contrasts(
    prior: Prior, fill: Array, strength: Array, host_density: Array
) -> tuple[Array, Array]:
    """As ``fill_contrasts``; rubble spreads over the caved zone of a drive of middling size."""
    n = len(fill)
    family = np.full(n, FAMILIES.index("driven"), np.int8)
    unit = np.full((n, len(PARAMETERS)), 0.5)
    unit[:, PARAMETERS.index("strength")] = strength
    made = decode_objects(prior, family, fill, unit, host_density)
    ratio = made.conductivity_ratio.astype(np.float64)
    return made.density_contrast.astype(np.float64), (1.0 - ratio) / (1.0 + ratio)


def _log_uniform(
    table: Table, name: str, was: Array, now: Array, u: Array, stretch: Array | float = 1.0
) -> tuple[Array, Array]:
    """Quantile of the value times ``stretch`` under other bounds, and log of du'/du."""
    low, high = table[f"{name}_0"], table[f"{name}_1"]
    width = np.log(high / low)
    width = np.where(width > 0.0, width, 1.0)
    log_value = np.log(low[was]) + u * width[was] + np.log(stretch)
    return (log_value - np.log(low[now])) / width[now], np.log(width[was] / width[now])


def _normal(table: Table, name: str, was: Array, now: Array, u: Array) -> tuple[Array, Array]:
    """Quantile of a normal value under another standard deviation, and log of du'/du."""
    before, after = table[name][was], table[name][now]
    ratio = np.where(before == after, 1.0, before / np.maximum(after, _TINY))
    z = ndtri(np.clip(u, _TINY, 1.0 - _TINY))
    return ndtr(ratio * z), np.log(np.maximum(ratio, _TINY)) - 0.5 * (ratio**2 - 1.0) * z**2


def restate(
    prior: Prior, family: Array, unit: Array, to: Array, stretch: Array
) -> tuple[Array, Array]:
    """Quantiles of the same axes under other families and with other radii.

    Parameters
    ----------
    prior : Prior
        Site prior.
    family, to : (n,) numpy.ndarray of int8
        Families, before and after; both of ``ALIKE``, or equal lines.
    unit : (n, P) numpy.ndarray
        Quantiles before.
    stretch : (n,) numpy.ndarray
        Factor on the radius.

    Returns
    -------
    unit : (n, P) numpy.ndarray
        Quantiles after.
    log_volume : (n,) numpy.ndarray
        Log of the Jacobian; −inf where the other family has no such object.
    """
    out, table = unit.copy(), family_table(prior)
    parts = [_log_uniform(table, "length", family, to, unit[:, _LENGTH])]
    parts.append(_log_uniform(table, "radius", family, to, unit[:, _RADIUS], stretch))
    parts.append(_normal(table, "grade", family, to, unit[:, _GRADE]))
    parts.append(_normal(table, "bend", family, to, unit[:, _CURVATURE]))
    for column, (value, _) in zip((_LENGTH, _RADIUS, _GRADE, _CURVATURE), parts, strict=True):
        out[:, column] = value

    low, high = _depths(table, family, unit)
    to_low, to_high = _depths(table, to, out)
    out[:, _DEPTH] = (low + unit[:, _DEPTH] * (high - low) - to_low) / (to_high - to_low)
    log_volume = np.log((high - low) / (to_high - to_low)) + sum(log for _, log in parts)
    inside = np.all((out >= 0.0) & (out <= 1.0), axis=1)
    return np.where(inside[:, None], out, unit), np.where(inside, log_volume, -np.inf)


def _depths(table: Table, family: Array, unit: Array) -> tuple[Array, Array]:
    """Bounds (n,) of the depths of objects, in metres."""
    radius = log_uniform(table["radius_0"][family], table["radius_1"][family], unit[:, _RADIUS])
    return depth_range(table, family, radius)
