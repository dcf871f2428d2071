"""Apparent resistivity over objects in a half-space, any four electrodes on or in the ground.

An electrode with unit current gives the potential ``φ/(2πσ)`` with ``φ = ½(1/r + 1/r')``, ``r'``
from its mirror image in the surface; at the surface ``φ = 1/r``. An object of polarisation ``α``
changes the apparent resistivity of the quadripole ABMN by the fraction

    F = 1/(2π K) · ∫ ∇φ_AB · α ∇φ_MN dV,     K = φ_AM − φ_AN − φ_BM + φ_BN,

the reciprocal (Lorentz) integral with the body's effective dipole instead of Born's ``1 − ρ``. The
datum is ``ln ρa`` and its response ``ln(1 + F)``. For a line object the integral runs on the axis:

* across, the dipole factor 2(1−ρ)/(1+ρ) times its images in the surface, at their centre;
* from radius/depth 0.15 on the second order of the section as well: of the potential
  ``r²(p cos 2θ + q sin 2θ)`` around the axis a cylinder answers with ``4πKa⁴(p p' + q q')`` per
  metre, ``K = (1−ρ)/(1+ρ)``;
* along, (1−ρ)/(1 + ½(ρ−1)(a/z)²K0(a/z)), and for ρ ≥ 1.5 the current that the drive channels;
* a shaft, whose image in the surface continues it, has no further images across and 1−ρ along.

Against finite elements (drive 2.5 m deep under 126 electrodes; air, ρ = 5, ρ = 20; radius/depth up
to 1/2) the rms error on lines across and oblique is 1–7 % of the signal, along the drive 2–14 %.
From radius/depth 0.7 on it exceeds 5 % even in a uniform field and grows fast; such drives answer
with |ln(1 + F)| above 0.6, where the discrepancy must be wider.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.kernel import single
from subterra.physics.background import Background
from subterra.physics.lining import Fillings, filled_ratio, lined_radius
from subterra.physics.quadripoles import Quadripoles
from subterra.physics.resistivity_kernel import resistivity_fill
from subterra.scene import FAMILIES, FILLS, Objects, Plane, add_parts

__all__ = ["log_response", "resistivity_response"]

Array = npt.NDArray[Any]

_CHAMBER: Final = FAMILIES.index("chamber")
_RUBBLE: Final = FILLS.index("rubble")
_HOST_POINTS: Final = 25
"""Places along an axis at which the ground's resistivity is taken."""
_FLOOR: Final = 0.1
"""Smallest 1 + F that is believed; only bodies far outside the closed form's domain reach it."""


def resistivity_response(
    objects: Objects,
    layout: Quadripoles,
    surface: Plane | None = None,
    background: Background | None = None,
    fillings: Fillings | None = None,
) -> Array:
    """Fractional change F of apparent resistivity by each object alone.

    Parameters
    ----------
    objects : Objects
        Leading shape (n,).
    layout : Quadripoles
        Electrodes and data.
    surface : Plane, optional
        Ground surface, by default z = 0.
    background : Background, optional
        Ground between the objects, by default uniform. The conductivity ratio of a fill counts
        from the background's mean apparent resistivity; what polarises is its contrast to the
        ground at the object's own depth (mean of ln ρ along the part under the survey).
    fillings : Fillings, optional
        What is known of linings and of the water table, by default nothing.

    Returns
    -------
    (n, n_data) numpy.ndarray of float32
        F; the responses of several objects add before the logarithm (first order in their
        interaction).
    """
    if objects.branch.any():
        return add_parts(
            objects, lambda some: resistivity_response(some, layout, surface, background, fillings)
        )
    plane = surface or Plane()
    k_sum = layout.k_sum if background is None else background.k_sum
    out = np.empty((len(objects), len(layout.abmn)), np.float32)
    x0, y0 = layout.origin
    level = plane.z0_m + plane.slope_x * x0 + plane.slope_y * y0
    resistivity_fill(
        objects.family == _CHAMBER,
        objects.family > 0,
        single(objects.x - x0),
        single(objects.y - y0),
        single(objects.z),
        single(_radius(objects, fillings)),
        single(_contrast(objects, layout, plane, background, fillings)),
        single(objects.halo_resistivity),
        (level, plane.slope_x, plane.slope_y),
        layout.x,
        layout.y,
        layout.z,
        layout.window,
        layout.current,
        layout.potential,
        layout.current_of,
        layout.potential_of,
        (1.0 / (2.0 * np.pi * k_sum)).astype(np.float32),
        None if background is None else background.tables,
        out,
    )
    return out


def _radius(objects: Objects, fillings: Fillings | None) -> Array:
    """Radius (n,) of the even cylinder or sphere that acts like each object, metres."""
    if fillings is None:
        return objects.radius
    line = objects.family != _CHAMBER
    rubble = objects.fill == _RUBBLE
    return lined_radius(objects.radius, rubble, line, objects.lining_m, fillings)


def _contrast(
    objects: Objects,
    layout: Quadripoles,
    plane: Plane,
    background: Background | None,
    fillings: Fillings | None,
) -> Array:
    """Conductivity of each object's fill over that of the ground in which it lies, (n,)."""
    ratio = objects.conductivity_ratio
    if background is None and fillings is None:
        return ratio
    depth, inside = _depths_inside(objects, layout, plane)
    if fillings is not None:
        mean = (depth * inside).sum(axis=1) / inside.sum(axis=1)
        line = objects.family != _CHAMBER
        rubble, thick = objects.fill == _RUBBLE, objects.lining_m
        ratio = filled_ratio(ratio, rubble, line, objects.radius, thick, mean, fillings)
    if background is not None:
        log_host = np.log(background.host_factor(depth))
        ratio = ratio * np.exp((log_host * inside).sum(axis=1) / inside.sum(axis=1))
    return ratio


def _depths_inside(objects: Objects, layout: Quadripoles, plane: Plane) -> tuple[Array, Array]:
    """Depths (n, points) along the axes in metres, and which points lie under the survey."""
    t = np.linspace(0.0, objects.x.shape[1] - 1.0, _HOST_POINTS)
    k = np.minimum(t.astype(int), objects.x.shape[1] - 2)
    x, y, z = (
        v[:, k] + (t - k) * (v[:, k + 1] - v[:, k]) for v in (objects.x, objects.y, objects.z)
    )
    depth = plane.at(x, y) - z
    x0, y0, x1, y1 = layout.window
    x, y = x - layout.origin[0], y - layout.origin[1]
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    # An axis that slips between the points of the window is weighed whole.
    return depth, inside | ~inside.any(axis=1, keepdims=True)


def log_response(fraction: Array) -> Array:
    """Response of the datum ln ρa, ln(1 + F), with 1 + F held above 0.1."""
    return np.log1p(np.maximum(fraction, _FLOOR - 1.0))
