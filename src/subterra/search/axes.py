"""Axes of all objects of a population, gathered and seen along the direction of a hole."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from subterra.kernel import kernel
from subterra.scene import Prior, Scenes, family_code, round_ends, target_mask
from subterra.search.holes import direction

__all__ = ["Axes", "View", "gather_axes", "view_axes"]

Array = npt.NDArray[Any]

_LONGEST_STRETCH: Final = 1e6


class Axes(NamedTuple):
    """Chains of the objects of a population, in the order of the scenes.

    ``k`` chains, ``V`` vertices; coordinates are float32 and relative to ``origin``, so that
    large projected coordinates cost no precision.
    """

    scene: Array
    """(k,) int32, index of the scene."""
    target: Array
    """(k,) bool, whether the search is for it and no logged void has met it yet."""
    aim: Array
    """(k,) bool, whether the search is for it, met or not: holes are long enough for these."""
    p_detect: Array
    """(k,) float64, P(void is logged | the drill meets the object)."""
    radius: Array
    """(k,) float32, m."""
    x: Array
    """(k, V) float32, m."""
    y: Array
    """(k, V) float32, m."""
    z: Array
    """(k, V) float32, m."""
    origin: Array
    """(3,) float64, m, site frame."""


class View(NamedTuple):
    """Axes projected along one direction: (p, q) across it and t along it, m, all float32.

    Rows are objects; ``V - 1`` segments lie between the ``V`` vertices.
    """

    p: Array
    """(k, V)."""
    q: Array
    """(k, V)."""
    t: Array
    """(k, V)."""
    step_p: Array
    """(k, V - 1), unit vector of a segment in the plane; that of the chord for a point."""
    step_q: Array
    """(k, V - 1)."""
    flat: Array
    """(k, V - 1), length of a segment in the plane."""
    rise: Array
    """(k, V - 1), t gained per metre of ``flat``; 0 where that is 0."""
    stretch: Array
    """(k, V - 1), 1 / sine of the angle between segment and hole; 1 for a chamber."""
    centre_p: Array
    """(k,), middle of the chord between the first and the last vertex."""
    centre_q: Array
    """(k,)."""
    along_p: Array
    """(k,), unit vector of that chord; (1, 0) for a point."""
    along_q: Array
    """(k,)."""
    half: Array
    """(k,), reach of the vertices from the centre along the chord."""
    bulge: Array
    """(k,), largest distance of a vertex from the chord's line, plus the radius."""
    t_first: Array
    """(k,), smallest t of a vertex, less the radius."""
    t_last: Array
    """(k,), largest t of a vertex, plus the radius."""
    basis: Array
    """(3, 3) float64, rows: directions of p, q and t in the site frame."""


def gather_axes(
    scenes: Scenes,
    prior: Prior,
    p_detect: tuple[float, float, float] = (1.0, 1.0, 1.0),
    extraction: float = 1.0,
    met: Array | None = None,
) -> Axes:
    """Gather the axes of all objects that exist; a branch is an axis of its own.

    Parameters
    ----------
    scenes : Scenes
        ``n`` scenes.
    prior : Prior
        Says which families are targets, and the bounds whose centre becomes the origin.
    p_detect : (3,) tuple of float
        P(void is logged | met) by fill.
    extraction : float
        P(the void is met and not a pillar) in a ``working``.
    met : (n, S) numpy.ndarray of bool, optional
        Targets that were met already; see ``subterra.search.met``. None by default.

    Returns
    -------
    Axes
    """
    objects = round_ends(scenes.objects)
    scene, slot = np.nonzero(objects.family > 0)
    second = objects.branch[scene, slot] > 0
    # A second chain is an axis of its own, behind the first one of its object.
    chain = np.concatenate([np.zeros(len(scene), np.int8), np.ones(second.sum(), np.int8)])
    scene, slot = (np.concatenate([v, v[second]]) for v in (scene, slot))
    order = np.argsort(scene, kind="stable")
    scene, slot, second = scene[order], slot[order], chain[order] > 0
    x0, y0, x1, y1 = prior.bounds
    centre = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    origin = np.array([*centre, float(prior.surface.at(centre[0], centre[1]))])

    def relative(values: Array, branch: Array, about: float) -> Array:
        shifted = values[scene, slot].astype(np.float64) - about
        shifted[second] = branch[scene[second], slot[second]] - about
        return np.ascontiguousarray(shifted, np.float32)

    aim = target_mask(prior)[objects.family[scene, slot]]
    return Axes(
        scene.astype(np.int32),
        aim if met is None else aim & ~met[scene, slot],
        aim,
        np.asarray(p_detect, np.float64)[objects.fill[scene, slot]]
        * np.where(objects.family[scene, slot] == family_code("working"), extraction, 1.0),
        np.ascontiguousarray(objects.radius[scene, slot], np.float32),
        relative(objects.x, objects.branch_x, origin[0]),
        relative(objects.y, objects.branch_y, origin[1]),
        relative(objects.z, objects.branch_z, origin[2]),
        origin,
    )


@kernel
def _fill_chords(view: View, radius: Array) -> None:
    """Fill the centre, direction and bounds of each projected axis."""
    last = view.p.shape[1] - 1
    for k in range(view.p.shape[0]):
        cp, cq = 0.5 * (view.p[k, 0] + view.p[k, last]), 0.5 * (view.q[k, 0] + view.q[k, last])
        ep, eq = view.p[k, last] - view.p[k, 0], view.q[k, last] - view.q[k, 0]
        size = math.sqrt(ep * ep + eq * eq)
        if size > 0.0:
            ep, eq = ep / size, eq / size
        else:
            ep, eq = 1.0, 0.0
        reach, bend, highest, deepest = 0.0, 0.0, view.t[k, 0], view.t[k, 0]
        for i in range(last + 1):
            dp, dq = view.p[k, i] - cp, view.q[k, i] - cq
            reach = max(reach, abs(dp * ep + dq * eq))
            bend = max(bend, abs(dp * eq - dq * ep))
            highest = min(highest, view.t[k, i])
            deepest = max(deepest, view.t[k, i])
        view.centre_p[k], view.centre_q[k] = cp, cq
        view.along_p[k], view.along_q[k] = ep, eq
        view.half[k], view.bulge[k] = reach, bend + radius[k]
        view.t_first[k], view.t_last[k] = highest - radius[k], deepest + radius[k]


@kernel
def _fill_segments(view: View) -> None:
    """Fill the directions and slopes of the segments, once for all holes of a direction."""
    for k in range(view.flat.shape[0]):
        for i in range(view.flat.shape[1]):
            ep, eq = view.p[k, i + 1] - view.p[k, i], view.q[k, i + 1] - view.q[k, i]
            et = view.t[k, i + 1] - view.t[k, i]
            flat = math.sqrt(ep * ep + eq * eq)
            view.flat[k, i] = flat
            if flat > 0.0:
                view.step_p[k, i], view.step_q[k, i] = ep / flat, eq / flat
                view.rise[k, i] = et / flat
                view.stretch[k, i] = min(math.sqrt(1.0 + (et / flat) ** 2), _LONGEST_STRETCH)
            else:
                view.step_p[k, i], view.step_q[k, i] = view.along_p[k], view.along_q[k]
                view.rise[k, i] = 0.0
                view.stretch[k, i] = _LONGEST_STRETCH if et != 0.0 else 1.0


def view_axes(axes: Axes, azimuth_deg: float, inclination_deg: float) -> View:
    """Project axes along the direction of a hole.

    All holes of one direction share one view: in it a hole is a point, and the straight-line
    distance between a hole and an axis is the distance of a point from a polyline in the plane.

    Parameters
    ----------
    axes : Axes
        ``k`` objects.
    azimuth_deg, inclination_deg : float
        Direction of the holes.

    Returns
    -------
    View
    """
    forward = direction(azimuth_deg, inclination_deg)
    azimuth = math.radians(azimuth_deg)
    # Level and to the right of the azimuth; the second is their common normal.
    right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
    basis = np.stack([right, np.cross(forward, right), forward])
    b = basis.astype(np.float32)
    p, q, t = (b[i, 0] * axes.x + b[i, 1] * axes.y + b[i, 2] * axes.z for i in range(3))
    n, v = p.shape
    segments = [np.empty((n, v - 1), np.float32) for _ in range(5)]
    chords = [np.empty(n, np.float32) for _ in range(8)]
    view = View._make([p, q, t, *segments, *chords, basis])
    _fill_chords(view, axes.radius)
    _fill_segments(view)
    return view
