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

from subterra.scene.decode import decode_objects
from subterra.scene.families import FAMILIES
from subterra.scene.prior import Prior
from subterra.scene.scenes import PARAMETERS

__all__ = ["ALIKE", "fill_contrasts", "restate"]

Array = npt.NDArray[Any]

ALIKE: Final = ("driven", "working")
"""Families with the same parameters and other priors."""
_ROOF: Final = 1.15
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
    n = len(fill)
    family = np.full(n, FAMILIES.index("driven"), np.int8)
    unit = np.full((n, len(PARAMETERS)), 0.5)
    unit[:, PARAMETERS.index("strength")] = strength
    made = decode_objects(prior, family, fill, unit, host_density)
    ratio = made.conductivity_ratio.astype(np.float64)
    return made.density_contrast.astype(np.float64), (1.0 - ratio) / (1.0 + ratio)


def _bounds(prior: Prior, field: str) -> Array:
    """Lower and upper bound, or a standard deviation, by family code; ones where unused."""
    out = np.ones((len(FAMILIES), 2))
    for code, name in enumerate(FAMILIES):
        if name in ALIKE and name in prior.families:
            out[code] = getattr(prior.families[name], field)
    return out


def _log_uniform(bounds: Array, was: Array, now: Array, u: Array, stretch: Array | float) -> Any:
    """Quantile of the value times ``stretch`` under other bounds, and log of du'/du."""
    width = np.log(bounds[:, 1] / np.maximum(bounds[:, 0], _TINY))
    width = np.where(width > 0.0, width, 1.0)
    log_value = np.log(bounds[was, 0]) + u * width[was] + np.log(stretch)
    return (log_value - np.log(bounds[now, 0])) / width[now], np.log(width[was] / width[now])


def _normal(sd: Array, was: Array, now: Array, u: Array) -> Any:
    """Quantile of a normal value under another standard deviation, and log of du'/du."""
    ratio = sd[was] / np.maximum(sd[now], _TINY)
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
    out = unit.copy()
    length, depth = _bounds(prior, "length_m"), _bounds(prior, "depth_m")
    radius_m = _bounds(prior, "radius_m")
    out[:, _LENGTH], log_volume = _log_uniform(length, family, to, unit[:, _LENGTH], 1.0)
    out[:, _RADIUS], log_part = _log_uniform(radius_m, family, to, unit[:, _RADIUS], stretch)
    log_volume = log_volume + log_part
    for column, field in ((_GRADE, "grade_sd"), (_CURVATURE, "curvature_sd_per_m")):
        out[:, column], log_part = _normal(_bounds(prior, field)[:, 0], family, to, unit[:, column])
        log_volume = log_volume + log_part

    def span(code: Array, u: Array) -> tuple[Array, Array]:
        radius = radius_m[code, 0] * (radius_m[code, 1] / radius_m[code, 0]) ** u
        shallow = np.minimum(depth[code, 0], 0.999 * prior.depth_m)
        low = np.maximum(shallow, _ROOF * radius)
        return low, np.maximum(np.minimum(depth[code, 1], prior.depth_m), 1.01 * low)

    (low, high), (to_low, to_high) = span(family, unit[:, _RADIUS]), span(to, out[:, _RADIUS])
    value = low + unit[:, _DEPTH] * (high - low)
    out[:, _DEPTH] = (value - to_low) / (to_high - to_low)
    log_volume = log_volume + np.log((high - low) / (to_high - to_low))
    inside = np.all((out >= 0.0) & (out <= 1.0), axis=1)
    return np.where(inside[:, None], out, unit), np.where(inside, log_volume, -np.inf)
