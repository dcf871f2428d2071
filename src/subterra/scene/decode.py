"""From quantiles in the unit cube to objects in the ground, and back inside the cube."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.scene.courses import (
    Axis,
    Table,
    branch_axes,
    chamber_axes,
    conduit_axes,
    family_table,
    line_axes,
    shaft_axes,
)
from subterra.scene.families import FAMILIES, HEADED
from subterra.scene.prior import Prior
from subterra.scene.quantiles import log_uniform, normal
from subterra.scene.scenes import (
    CONTINUED,
    FORKED,
    N_PARAMETERS,
    N_SLOTS,
    N_VERTICES,
    PARAMETERS,
    Objects,
    Scenes,
)

__all__ = ["decode_objects", "decode_scenes", "fill_values", "fold", "used_parameters"]

Array = npt.NDArray[Any]

_CHAMBER, _SHAFT, _CONDUIT = (FAMILIES.index(name) for name in ("chamber", "shaft", "conduit"))
_HEADED = np.array([name in HEADED for name in FAMILIES])
_LINE = np.array([name not in ("chamber", "shaft", "conduit") for name in FAMILIES])
_AIR, _WATER, _RUBBLE = 0, 1, 2
# Turning a line by 180° gives the same line with these parameters mirrored.
_MIRRORED = np.array(
    [
        PARAMETERS.index(name)
        for name in ("offset", "along", "grade", "curvature", "branch_place", "branch_angle")
    ]
)


def used_parameters(prior: Prior) -> Array:
    """Which parameters each family reads, (families, P) of bool: the others change nothing."""
    used = np.zeros((len(FAMILIES), N_PARAMETERS), np.bool_)
    line = PARAMETERS[: PARAMETERS.index("branch")]
    fork = tuple(name for name in PARAMETERS if name.startswith("branch"))
    point = ("heading", "offset", "depth", "radius", "halo_gravity", "halo_resistivity")
    for code, name in enumerate(FAMILIES[1:], start=1):
        item = prior.families.get(name)
        if item is None:
            continue
        if code == _CHAMBER:
            names = (*point, "length") if item.aspect[0] < item.aspect[1] else point
        elif code == _SHAFT:
            names = (*point, "length", "grade", "curvature")
        else:
            names = (*line, *fork) if code == _CONDUIT or item.branch > 0.0 else line
        used[code, [PARAMETERS.index(n) for n in (*names, "strength")]] = True
    return used


def _axes(
    prior: Prior, table: Table, family: Array, unit: Array, radius: Array
) -> tuple[Axis, Array, Axis]:
    """First chains (n, V), sort of the second chain (n,), and second chains (n, V)."""
    n = len(family)
    out = tuple(np.empty((n, N_VERTICES)) for _ in range(3))
    second = tuple(np.zeros((n, N_VERTICES)) for _ in range(3))
    branch = np.zeros(n, np.int8)
    makers = (
        (_LINE[family], line_axes),
        (family == _CHAMBER, chamber_axes),
        (family == _SHAFT, shaft_axes),
    )
    for mask, make in makers:
        rows = np.flatnonzero(mask)
        if len(rows):
            for v, w in zip(
                out, make(prior, table, family[rows], unit[rows], radius[rows]), strict=True
            ):
                v[rows] = w
    rows = np.flatnonzero(family == _CONDUIT)
    if len(rows):
        whole = conduit_axes(prior, table, family[rows], unit[rows], radius[rows])
        for v, b, w in zip(out, second, whole, strict=True):
            v[rows], b[rows] = w[:, :N_VERTICES], w[:, N_VERTICES - 1 :]
        branch[rows] = CONTINUED
    rows = np.flatnonzero(unit[:, PARAMETERS.index("branch")] < table["branch"][family])
    if len(rows):
        main = (out[0][rows], out[1][rows], out[2][rows])
        exists, axis = branch_axes(prior, table, family[rows], unit[rows], radius[rows], main)
        for b, w in zip(second, axis, strict=True):
            b[rows[exists]] = w[exists]
        branch[rows[exists]] = FORKED
    return (out[0], out[1], out[2]), branch, (second[0], second[1], second[2])


def _caved(
    prior: Prior, objects: Objects, level: Array, host_density: Array
) -> tuple[Array, Array]:
    """Height of the caved zone over the roof, and its density contrast.

    A void of height h whose roof falls in fills with rubble of deficit d = 1 − 1/k and grows
    upwards to the height h/d, or to the ground; what is missing below, h times the host's
    density, stays missing in all.
    """
    contrast = objects.density_contrast
    caved = (objects.family > 0) & (objects.fill == _RUBBLE) & level
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


def fill_values(
    prior: Prior, fill: Array, strength: Array, host_density: Array
) -> tuple[Array, Array]:
    """Density that fills lack of the host, and their conductivity over the host's.

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
    deficit : (n,) numpy.ndarray
        kg/m³, positive for a void.
    ratio : (n,) numpy.ndarray
        0 for air.
    """
    low, high = prior.rubble_deficit
    deficit = np.choose(
        fill,
        (host_density, host_density - 1000.0, host_density * (low + strength * (high - low))),
    )
    ratio = np.choose(
        fill,
        (
            np.zeros_like(strength),
            log_uniform(*prior.water_ratio, strength),
            log_uniform(*prior.rubble_ratio, strength),
        ),
    )
    return deficit, ratio


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
        ``offset`` as x and y and ``length`` as aspect. A shaft reads them as x and y of its
        mouth, ``length`` as its extent in depth, and ``grade`` and ``curvature`` as its lean to
        the east and to the north. ``branch``: a drive forks where it is below the probability;
        a conduit reads the four columns as wavelength, phase in plan, phase in depth, and
        tortuosity. ``used_parameters`` says who reads what.
    host_density : (n,) numpy.ndarray
        kg/m³.

    Returns
    -------
    Objects
        Leading shape (n,). A void has a negative ``density_contrast``.
    """
    table = family_table(prior)
    radius = log_uniform(table["radius_0"][family], table["radius_1"][family], unit[:, 7])
    sphere = family == _CHAMBER
    axis, branch, second = _axes(prior, table, family, unit, radius)
    deficit, ratio = fill_values(prior, fill, unit[:, -1], host_density)
    present = family > 0
    halo = np.exp(normal(prior.halo_sd, unit[:, 8:10]))
    lined = table["lining"][family]
    lining = np.where(present & (lined > 0.0), table["lining_density"][family] - host_density, 0.0)
    aspect = np.where(
        sphere,
        log_uniform(table["aspect_0"][family], table["aspect_1"][family], unit[:, 3]),
        table["aspect_0"][family],
    )
    objects = Objects(
        family.astype(np.int8),
        fill.astype(np.int8),
        *axis,
        radius.astype(np.float32),
        np.where(present, -deficit, 0.0).astype(np.float32),
        np.where(present, ratio, 1.0).astype(np.float32),
        halo[:, 0].astype(np.float32),
        halo[:, 1].astype(np.float32),
        table["rectangular"][family] > 0.0,
        aspect.astype(np.float32),
        lined.astype(np.float32),
        lining.astype(np.float32),
        np.zeros(len(family), np.float32),
        branch,
        *second,
    )
    if not prior.rubble_chimney:
        return objects
    level = ~sphere & (family != _SHAFT)
    chimney, spread = _caved(prior, objects, level, host_density)
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
    resistivity = log_uniform(*prior.host_resistivity, site_unit[:, 1])
    flat = decode_objects(
        prior,
        family.reshape(-1),
        fill.reshape(-1),
        unit.reshape(-1, N_PARAMETERS),
        np.repeat(density, N_SLOTS),
    )
    shaped = Objects(*(v.reshape(n, N_SLOTS, *v.shape[1:]) for v in vars(flat).values()))
    return Scenes(shaped, density, resistivity, unit, site_unit)


@kernel
def _fold(family: Array, turn: Array, out: Array) -> None:
    for i in range(out.shape[0]):
        line = _HEADED[family[i]] or family[i] == 0
        if line:
            heading = out[i, 0] + (turn[i] if _HEADED[family[i]] else 0.0)
            turns = np.floor(heading)
            out[i, 0] = heading - turns
            if turns % 2.0 == 1.0:
                for p in _MIRRORED:
                    out[i, p] = 1.0 - out[i, p]
        for p in range(1 if line else 0, out.shape[1]):
            if out[i, p] < 0.0 or out[i, p] > 1.0:
                out[i, p] = abs((out[i, p] + 1.0) % 2.0 - 1.0)


def fold(family: Array, unit: Array, turn: Array | float = 0.0) -> Array:
    """Bring proposed quantiles back into the unit cube without favouring its walls.

    Walls reflect. The heading of a line wraps instead: a half turn is the same line with offset,
    place along, grade, curvature, and place and angle of a branch (phases of a conduit) mirrored;
    chambers and shafts have no heading. Both maps keep a symmetric proposal symmetric.

    Parameters
    ----------
    family : (n,) numpy.ndarray of int8
        Codes.
    unit : (n, P) numpy.ndarray
        Proposed quantiles, any real numbers.
    turn : (n,) numpy.ndarray or float
        Half turns that are added to the headings first.

    Returns
    -------
    (n, P) numpy.ndarray
        Quantiles in [0, 1].
    """
    out = np.array(unit, np.float64, order="C")
    by = np.empty(len(out))
    by[:] = turn
    _fold(np.ascontiguousarray(family, np.int8), by, out)
    return out
