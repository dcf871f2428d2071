"""From quantiles in the unit cube to objects in the ground, and back inside the cube."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from subterra.scene.families import FAMILIES, family_code
from subterra.scene.prior import Prior
from subterra.scene.scenes import N_PARAMETERS, N_SLOTS, N_VERTICES, Objects, Scenes

__all__ = ["decode_objects", "decode_scenes", "fold"]

Array = npt.NDArray[Any]

_CHAMBER = FAMILIES.index("chamber")
_AIR, _WATER, _RUBBLE = 0, 1, 2
# Turning a level line by 180° gives the same line with these parameters mirrored.
_MIRRORED = np.array([1, 2, 5, 6])
_TINY = 1e-12


def _log_uniform(low: Array | float, high: Array | float, u: Array) -> Array:
    return low * (high / low) ** u


def _normal(sd: Array | float, u: Array) -> Array:
    return sd * ndtri(np.clip(u, _TINY, 1.0 - _TINY))


def _family_table(prior: Prior) -> dict[str, Array]:
    """Bounds and widths by family code, so that decoding is one gather per quantity."""
    n = len(FAMILIES)
    names = ("length_0", "length_1", "depth_0", "depth_1", "radius_0", "radius_1", "grade", "bend")
    shape = ("aspect_0", "aspect_1", "rectangular", "lining", "lining_density")
    table = {name: np.ones(n) for name in (*names, *shape)}
    table["rectangular"][:] = table["lining"][:] = 0.0
    for name, item in prior.families.items():
        code = family_code(name)
        table["length_0"][code], table["length_1"][code] = item.length_m
        table["depth_0"][code] = min(item.depth_m[0], 0.999 * prior.depth_m)
        table["depth_1"][code] = min(item.depth_m[1], prior.depth_m)
        table["radius_0"][code], table["radius_1"][code] = item.radius_m
        table["grade"][code] = item.grade_sd
        table["bend"][code] = item.curvature_sd_per_m
        table["aspect_0"][code], table["aspect_1"][code] = item.aspect
        table["rectangular"][code] = item.section == "rectangular" and name != "chamber"
        table["lining"][code], table["lining_density"][code] = item.lining_m, item.lining_density
    return table


def _chord(prior: Prior, px: Array, py: Array, ex: Array, ey: Array) -> tuple[Array, Array]:
    """Distances along (ex, ey) from (px, py) at which a line enters and leaves the bounds."""
    x0, y0, x1, y1 = prior.bounds
    safe_x = np.where(np.abs(ex) < _TINY, _TINY, ex)
    safe_y = np.where(np.abs(ey) < _TINY, _TINY, ey)
    ax, bx = (x0 - px) / safe_x, (x1 - px) / safe_x
    ay, by = (y0 - py) / safe_y, (y1 - py) / safe_y
    enter = np.maximum(np.minimum(ax, bx), np.minimum(ay, by))
    leave = np.minimum(np.maximum(ax, bx), np.maximum(ay, by))
    return enter, np.maximum(leave, enter)


def _lines(prior: Prior, table: dict[str, Array], family: Array, unit: Array, radius: Array) -> Any:
    """Vertices (n, V) of line objects: a graded, gently curved axis that touches the bounds."""
    x0, y0, x1, y1 = prior.bounds
    width, height = x1 - x0, y1 - y0
    heading = np.pi * unit[:, 0]
    ex, ey = np.sin(heading), np.cos(heading)
    nx, ny = ey, -ex
    half = 0.5 * (width * np.abs(nx) + height * np.abs(ny))
    offset = (2.0 * unit[:, 1] - 1.0) * half
    px, py = 0.5 * (x0 + x1) + offset * nx, 0.5 * (y0 + y1) + offset * ny
    enter, leave = _chord(prior, px, py, ex, ey)
    length = _log_uniform(table["length_0"][family], table["length_1"][family], unit[:, 3])
    middle = enter - 0.5 * length + unit[:, 2] * (leave - enter + length)
    start, end = middle - 0.5 * length, middle + 0.5 * length

    low = np.maximum(table["depth_0"][family], 1.15 * radius)
    high = np.maximum(table["depth_1"][family], 1.01 * low)
    depth = low + unit[:, 4] * (high - low)
    surface = prior.surface
    fall = surface.slope_x * ex + surface.slope_y * ey - _normal(table["grade"][family], unit[:, 5])
    at = np.clip(0.0, start, end)
    # An axis that rises to the surface ends there, at its portal.
    room = (depth - 1.1 * radius) / np.maximum(np.abs(fall), _TINY)
    reach = np.hypot(width, height) / 2.0 + 2.0 * prior.depth_m
    first = np.maximum(
        np.maximum(start, np.minimum(-reach, at)), np.where(fall > 0, at - room, -1e9)
    )
    last = np.minimum(np.minimum(end, np.maximum(reach, at)), np.where(fall < 0, at + room, 1e9))
    s = first[:, None] + (last - first)[:, None] * np.linspace(0.0, 1.0, N_VERTICES)
    side = 0.5 * _normal(table["bend"][family], unit[:, 6])[:, None] * s * s
    x = px[:, None] + s * ex[:, None] + side * nx[:, None]
    y = py[:, None] + s * ey[:, None] + side * ny[:, None]
    z = surface.at(x, y) - depth[:, None] - fall[:, None] * (s - at[:, None])
    return x, y, z


def _points(
    prior: Prior, table: dict[str, Array], family: Array, unit: Array, radius: Array
) -> Any:
    """Centres (n, V), repeated, of chambers: uniform over the bounds."""
    x0, y0, x1, y1 = prior.bounds
    x = x0 + unit[:, 0] * (x1 - x0)
    y = y0 + unit[:, 1] * (y1 - y0)
    low = np.maximum(table["depth_0"][family], 1.15 * radius)
    high = np.maximum(table["depth_1"][family], 1.01 * low)
    z = prior.surface.at(x, y) - (low + unit[:, 4] * (high - low))
    return tuple(np.repeat(v[:, None], N_VERTICES, axis=1) for v in (x, y, z))


def _caved(
    prior: Prior, objects: Objects, sphere: Array, host_density: Array
) -> tuple[Array, Array]:
    """Height of the caved zone over the roof, and its density contrast.

    A void of height h whose roof falls in fills with rubble of deficit d = 1 − 1/k and grows
    upwards to the height h/d, or to the ground; what is missing below, h times the host's
    density, stays missing in all.
    """
    contrast = objects.density_contrast
    caved = (objects.family > 0) & (objects.fill == _RUBBLE) & ~sphere
    height = objects.radius * np.sqrt(np.pi * objects.aspect)
    under = prior.surface.at(objects.x, objects.y) - objects.z
    room = under.min(axis=1) + 0.5 * height
    deficit = np.maximum(-contrast / host_density, 1e-6)
    total = np.maximum(np.minimum(height / deficit, room), height)
    spread = -host_density * height / total
    return (
        np.where(caved, total - height, 0.0).astype(np.float32),
        np.where(caved, spread, contrast).astype(np.float32),
    )


def decode_objects(
    prior: Prior, family: Array, fill: Array, unit: Array, host_density: Array
) -> Objects:
    """Turn quantiles into objects.

    Parameters
    ----------
    prior : Prior
        Site prior.
    family, fill : (n,) numpy.ndarray of int8
        Codes; an empty slot gives a harmless object without contrast.
    unit : (n, P) numpy.ndarray
        Quantiles in [0, 1], columns as in ``PARAMETERS``. A chamber reads ``heading`` and
        ``offset`` as x and y and ``length`` as aspect, and ignores ``along``, ``grade`` and
        ``curvature``.
    host_density : (n,) numpy.ndarray
        kg/m³.

    Returns
    -------
    Objects
        Leading shape (n,). A void has a negative ``density_contrast``.
    """
    table = _family_table(prior)
    radius = _log_uniform(table["radius_0"][family], table["radius_1"][family], unit[:, 7])
    sphere = (family == _CHAMBER)[:, None]
    line = _lines(prior, table, family, unit, radius)
    point = _points(prior, table, family, unit, radius)
    x, y, z = (np.where(sphere, p, q) for p, q in zip(point, line, strict=True))
    strength = unit[:, 10]
    deficit = np.choose(
        fill,
        (
            host_density,
            host_density - 1000.0,
            host_density
            * (
                prior.rubble_deficit[0]
                + strength * (prior.rubble_deficit[1] - prior.rubble_deficit[0])
            ),
        ),
    )
    ratio = np.choose(
        fill,
        (
            np.zeros_like(strength),
            _log_uniform(*prior.water_ratio, strength),
            _log_uniform(*prior.rubble_ratio, strength),
        ),
    )
    present = family > 0
    halo = np.exp(_normal(prior.halo_sd, unit[:, 8:10]))
    lined = table["lining"][family]
    lining = np.where(present & (lined > 0.0), table["lining_density"][family] - host_density, 0.0)
    aspect = np.where(
        sphere[:, 0],
        _log_uniform(table["aspect_0"][family], table["aspect_1"][family], unit[:, 3]),
        table["aspect_0"][family],
    )
    objects = Objects(
        family.astype(np.int8),
        fill.astype(np.int8),
        x,
        y,
        z,
        radius.astype(np.float32),
        np.where(present, -deficit, 0.0).astype(np.float32),
        np.where(present, ratio, 1.0).astype(np.float32),
        halo[:, 0].astype(np.float32),
        halo[:, 1].astype(np.float32),
        table["rectangular"][family] > 0.0,
        aspect.astype(np.float32),
        lined.astype(np.float32),
        lining.astype(np.float32),
    )
    if not prior.rubble_chimney:
        return objects
    chimney, spread = _caved(prior, objects, sphere[:, 0], host_density)
    return replace(objects, chimney_m=chimney, density_contrast=spread)


def decode_scenes(
    prior: Prior, family: Array, fill: Array, unit: Array, site_unit: Array
) -> Scenes:
    """Turn quantiles of whole scenes into ``Scenes``.

    Parameters
    ----------
    prior : Prior
        Site prior.
    family, fill : (n, S) numpy.ndarray of int8
        Codes per slot.
    unit : (n, S, P) numpy.ndarray
        Quantiles of object parameters.
    site_unit : (n, 2) numpy.ndarray
        Quantiles of host density and host resistivity.

    Returns
    -------
    Scenes
    """
    n = len(family)
    density = prior.host_density[0] + site_unit[:, 0] * (
        prior.host_density[1] - prior.host_density[0]
    )
    resistivity = _log_uniform(*prior.host_resistivity, site_unit[:, 1])
    flat = decode_objects(
        prior,
        family.reshape(-1),
        fill.reshape(-1),
        unit.reshape(-1, N_PARAMETERS),
        np.repeat(density, N_SLOTS),
    )
    shaped = Objects(*(v.reshape(n, N_SLOTS, *v.shape[1:]) for v in vars(flat).values()))
    return Scenes(shaped, density, resistivity, unit, site_unit)


def fold(family: Array, unit: Array) -> Array:
    """Bring proposed quantiles back into the unit cube without favouring its walls.

    Walls reflect. The heading of a line wraps instead: a half turn is the same line with offset,
    place along, grade and curvature mirrored. Both maps keep a symmetric proposal symmetric.

    Parameters
    ----------
    family : (n,) numpy.ndarray of int8
        Codes.
    unit : (n, P) numpy.ndarray
        Proposed quantiles, any real numbers.

    Returns
    -------
    (n, P) numpy.ndarray
        Quantiles in [0, 1].
    """
    out = unit.copy()
    line = family != _CHAMBER
    turns = np.floor(out[:, 0])
    odd = line & (np.mod(turns, 2.0) == 1.0)
    mirrored = np.ix_(odd, _MIRRORED)
    out[mirrored] = 1.0 - out[mirrored]
    heading = np.where(line, out[:, 0] - turns, out[:, 0])
    out = np.abs(np.mod(out + 1.0, 2.0) - 1.0)
    out[:, 0] = np.where(line, heading, out[:, 0])
    return out
