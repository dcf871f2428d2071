"""Fixed-capacity structures of arrays that hold objects and scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.scene.families import family_code, fill_code
from subterra.scene.rows import joined_rows, taken_rows

__all__ = [
    "CONTINUED",
    "FORKED",
    "N_PARAMETERS",
    "N_SLOTS",
    "N_VERTICES",
    "PARAMETERS",
    "Objects",
    "Scenes",
    "concatenate",
    "make_scene",
    "slot",
    "take",
]

Array = npt.NDArray[Any]

N_SLOTS: Final = 3
N_VERTICES: Final = 5
PARAMETERS: Final = (
    "heading",
    "offset",
    "along",
    "length",
    "depth",
    "grade",
    "curvature",
    "radius",
    "halo_gravity",
    "halo_resistivity",
    "branch",
    "branch_place",
    "branch_angle",
    "branch_length",
    "strength",
)
N_PARAMETERS: Final = len(PARAMETERS)
CONTINUED: Final = 1
"""``branch`` of an object whose second chain starts where the first one ends."""
FORKED: Final = 2
"""``branch`` of an object whose second chain leaves the first one on its way."""


_NOT_GIVEN: Final = np.empty(0, np.float32)
"""Stands for a field that is not given."""


def _not_given() -> Array:
    return _NOT_GIVEN


@dataclass(frozen=True)
class Objects:
    """Objects of any leading shape; the table of fields stands in ``subterra.scene``.

    The fields after ``halo_resistivity`` may be left out: a round section or a sphere, without
    lining, not caved in, and an axis of one chain.
    """

    family: Array
    fill: Array
    x: Array
    y: Array
    z: Array
    radius: Array
    density_contrast: Array
    conductivity_ratio: Array
    halo_gravity: Array
    halo_resistivity: Array
    rectangular: Array = field(default_factory=_not_given)
    aspect: Array = field(default_factory=_not_given)
    lining_m: Array = field(default_factory=_not_given)
    lining_contrast: Array = field(default_factory=_not_given)
    chimney_m: Array = field(default_factory=_not_given)
    branch: Array = field(default_factory=_not_given)
    branch_x: Array = field(default_factory=_not_given)
    branch_y: Array = field(default_factory=_not_given)
    branch_z: Array = field(default_factory=_not_given)

    def __post_init__(self) -> None:
        shape = self.family.shape
        if self.rectangular is _NOT_GIVEN:
            object.__setattr__(self, "rectangular", np.zeros(shape, np.bool_))
        for name, value in _PLAIN:
            if getattr(self, name) is _NOT_GIVEN:
                object.__setattr__(self, name, np.full(shape, value, np.float32))
        if self.branch is _NOT_GIVEN:
            object.__setattr__(self, "branch", np.zeros(shape, np.int8))
        for name in ("branch_x", "branch_y", "branch_z"):
            if getattr(self, name) is _NOT_GIVEN:
                object.__setattr__(self, name, np.zeros((*shape, N_VERTICES)))

    def __len__(self) -> int:
        return len(self.family)


_PLAIN: Final = (("aspect", 1.0), ("lining_m", 0.0), ("lining_contrast", 0.0), ("chimney_m", 0.0))


@dataclass(frozen=True)
class Scenes:
    """A population of scenes; the table of fields stands in ``subterra.scene``."""

    objects: Objects
    host_density: Array
    host_resistivity: Array
    unit: Array
    site_unit: Array

    def __len__(self) -> int:
        return len(self.host_density)


def take(scenes: Scenes, index: Array | slice) -> Scenes:
    """Select scenes by an integer array, a boolean mask or a slice."""
    return Scenes(
        taken_rows(scenes.objects, index),
        scenes.host_density[index],
        scenes.host_resistivity[index],
        scenes.unit[index],
        scenes.site_unit[index],
    )


def slot(scenes: Scenes, index: int | Array) -> Objects:
    """Return one object per scene: slot ``index``, an integer or one integer per scene."""
    if isinstance(index, int):
        return taken_rows(scenes.objects, (slice(None), index))
    return taken_rows(scenes.objects, (np.arange(len(scenes)), index))


def concatenate(parts: Sequence[Scenes]) -> Scenes:
    """Join populations one after the other."""
    return Scenes(
        joined_rows([p.objects for p in parts]),
        np.concatenate([p.host_density for p in parts]),
        np.concatenate([p.host_resistivity for p in parts]),
        np.concatenate([p.unit for p in parts]),
        np.concatenate([p.site_unit for p in parts]),
    )


def _resample_axis(axis: Array, n: int = N_VERTICES) -> Array:
    """Place ``n`` vertices at equal arc length along a polyline of shape (k, 3)."""
    if len(axis) == 1:
        return np.repeat(axis, n, axis=0)
    steps = np.linalg.norm(np.diff(axis, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, arc[-1], n)
    return np.column_stack([np.interp(at, arc, axis[:, i]) for i in range(3)])


def _put_branch(made: Objects, k: int, sort: int, axis: Array) -> None:
    made.branch[0, k] = sort
    made.branch_x[0, k], made.branch_y[0, k], made.branch_z[0, k] = axis.T


def make_scene(
    objects: Sequence[dict[str, Any]],
    *,
    host_density: float = 2300.0,
    host_resistivity: float = 200.0,
) -> Scenes:
    """Build one scene from objects described by hand.

    Parameters
    ----------
    objects : sequence of dict
        At most ``N_SLOTS`` mappings with keys ``family``, ``fill``, ``axis`` (k, 3) in metres,
        ``radius`` and optionally ``density_contrast`` (kg/m³; by default that of the fill),
        ``conductivity_ratio`` (default 0 air, 5 water, 1 rubble), ``halo_gravity`` and
        ``halo_resistivity`` (default 1), ``rectangular`` (default False), ``aspect`` (default 1),
        ``lining_m``, ``lining_contrast`` and ``chimney_m`` (default 0) and ``branch``, the axis
        (k, 3) of a branch. A conduit of more than two points keeps twice as many of them.
    host_density : float
        kg/m³.
    host_resistivity : float
        Ω·m.

    Returns
    -------
    Scenes
        A population of one scene whose ``unit`` is NaN: it has geometry but no prior.

    Raises
    ------
    InputError
        For more objects than slots or an unknown family or fill.
    """
    if len(objects) > N_SLOTS:
        problem = f"a scene holds at most {N_SLOTS} objects, found {len(objects)}"
        raise InputError(problem)
    shape = (1, N_SLOTS)
    vertices = (*shape, N_VERTICES)
    made = Objects(
        family=np.zeros(shape, np.int8),
        fill=np.zeros(shape, np.int8),
        x=np.zeros(vertices),
        y=np.zeros(vertices),
        z=np.zeros(vertices),
        radius=np.ones(shape, np.float32),
        density_contrast=np.zeros(shape, np.float32),
        conductivity_ratio=np.ones(shape, np.float32),
        halo_gravity=np.ones(shape, np.float32),
        halo_resistivity=np.ones(shape, np.float32),
    )
    deficit = (host_density, host_density - 1000.0, 0.23 * host_density)
    for k, item in enumerate(objects):
        fill = fill_code(item["fill"])
        made.family[0, k] = family_code(item["family"])
        made.fill[0, k] = fill
        axis = np.atleast_2d(np.asarray(item["axis"], np.float64))
        if item["family"] == "conduit" and len(axis) > 2:
            whole = _resample_axis(axis, 2 * N_VERTICES - 1)
            axis = whole[:N_VERTICES]
            _put_branch(made, k, CONTINUED, whole[N_VERTICES - 1 :])
        elif "branch" in item:
            _put_branch(made, k, FORKED, _resample_axis(np.asarray(item["branch"], np.float64)))
        made.x[0, k], made.y[0, k], made.z[0, k] = _resample_axis(axis).T
        made.radius[0, k] = item["radius"]
        made.density_contrast[0, k] = item.get("density_contrast", -deficit[fill])
        made.conductivity_ratio[0, k] = item.get("conductivity_ratio", (0.0, 5.0, 1.0)[fill])
        made.halo_gravity[0, k] = item.get("halo_gravity", 1.0)
        made.halo_resistivity[0, k] = item.get("halo_resistivity", 1.0)
        made.rectangular[0, k] = item.get("rectangular", False)
        for name, value in _PLAIN:
            getattr(made, name)[0, k] = item.get(name, value)
    return Scenes(
        made,
        np.array([host_density]),
        np.array([host_resistivity]),
        np.full((1, N_SLOTS, N_PARAMETERS), np.nan),
        np.full((1, 2), np.nan),
    )
