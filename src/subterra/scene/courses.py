"""Axes of objects from their quantiles: one function per shape of course.

All take the prior, the bounds and widths by family code (``family_table``), family codes (n,),
quantiles (n, P) and radii (n,), and return the vertices of the axes in metres, z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.scene.families import FAMILIES, FORKING, family_code
from subterra.scene.prior import Prior
from subterra.scene.quantiles import log_uniform, normal
from subterra.scene.scenes import N_VERTICES, PARAMETERS

__all__ = [
    "Axis",
    "Table",
    "branch_axes",
    "chamber_axes",
    "conduit_axes",
    "depth_range",
    "family_table",
    "line_axes",
    "shaft_axes",
]

Array = npt.NDArray[Any]
Axis = tuple[Array, Array, Array]
"""x, y, z of the vertices, (n, V) each, metres."""
Table = dict[str, Array]
"""Bounds and widths by family code."""

_TINY: Final = 1e-12
_LEAST_COVER: Final = 1.1
"""Depth of an axis in radii at which it ends, at its portal."""
_ROOF: Final = 1.15
"""Least depth of an axis in radii where its depth is drawn."""
_COLUMN: Final = {name: i for i, name in enumerate(PARAMETERS)}
_SHARE: Final = np.linspace(0.0, 1.0, N_VERTICES)


def family_table(prior: Prior) -> Table:
    """Bounds and widths by family code, so that decoding is one gather per quantity."""
    n = len(FAMILIES)
    pairs = ("length", "depth", "radius", "aspect", "branch_length", "wavelength", "tortuosity")
    table = {f"{name}_{k}": np.ones(n) for name in pairs for k in (0, 1)}
    for name in ("grade", "bend", "lining_density", "branch_angle", "vertical"):
        table[name] = np.ones(n)
    for name in ("rectangular", "lining", "branch"):
        table[name] = np.zeros(n)
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
        table["branch"][code] = item.branch if name in FORKING else 0.0
        table["branch_length_0"][code], table["branch_length_1"][code] = item.branch_length_m
        table["branch_angle"][code] = np.radians(item.branch_angle_deg)
        table["wavelength_0"][code], table["wavelength_1"][code] = item.wavelength_m
        table["tortuosity_0"][code], table["tortuosity_1"][code] = item.tortuosity
        table["vertical"][code] = item.vertical
    return table


@dataclass(frozen=True)
class _Line:
    """Straight, graded lines that cross the bounds: what a bend or waves are added to, (n,) each.

    ``p`` is the foot of the perpendicular from the middle of the bounds and ``e`` the heading; the
    line runs from ``first`` to ``last`` metres from the foot, inside the bounds from ``enter`` to
    ``leave``. Its depth is ``depth`` at ``at`` and grows by ``fall`` per metre.
    """

    px: Array
    py: Array
    ex: Array
    ey: Array
    first: Array
    last: Array
    enter: Array
    leave: Array
    at: Array
    depth: Array
    fall: Array

    def vertices(self, prior: Prior, s: Array, side: Array, deeper: Array | float = 0.0) -> Axis:
        """Vertices at s metres along, ``side`` metres to the right and ``deeper``, (n, V)."""
        ex, ey = self.ex[:, None], self.ey[:, None]
        x = self.px[:, None] + s * ex + side * ey
        y = self.py[:, None] + s * ey - side * ex
        deep = self.depth[:, None] + deeper
        return x, y, prior.surface.at(x, y) - deep - self.fall[:, None] * (s - self.at[:, None])


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


def _lines(prior: Prior, table: Table, family: Array, unit: Array, radius: Array) -> _Line:
    x0, y0, x1, y1 = prior.bounds
    width, height = x1 - x0, y1 - y0
    heading = np.pi * unit[:, 0]
    ex, ey = np.sin(heading), np.cos(heading)
    nx, ny = ey, -ex
    half = 0.5 * (width * np.abs(nx) + height * np.abs(ny))
    offset = (2.0 * unit[:, 1] - 1.0) * half
    px, py = 0.5 * (x0 + x1) + offset * nx, 0.5 * (y0 + y1) + offset * ny
    enter, leave = _chord(prior, px, py, ex, ey)
    length = log_uniform(table["length_0"][family], table["length_1"][family], unit[:, 3])
    middle = enter - 0.5 * length + unit[:, 2] * (leave - enter + length)
    start, end = middle - 0.5 * length, middle + 0.5 * length

    depth = _uniform_depth(table, family, unit, radius)
    surface = prior.surface
    fall = surface.slope_x * ex + surface.slope_y * ey - normal(table["grade"][family], unit[:, 5])
    at = np.clip(0.0, start, end)
    # An axis that rises to the surface ends there, at its portal.
    room = (depth - _LEAST_COVER * radius) / np.maximum(np.abs(fall), _TINY)
    reach = np.hypot(width, height) / 2.0 + 2.0 * prior.depth_m
    first = np.maximum(
        np.maximum(start, np.minimum(-reach, at)), np.where(fall > 0, at - room, -1e9)
    )
    last = np.minimum(np.minimum(end, np.maximum(reach, at)), np.where(fall < 0, at + room, 1e9))
    return _Line(px, py, ex, ey, first, last, enter, leave, at, depth, fall)


def depth_range(table: Table, family: Array, radius: Array) -> tuple[Array, Array]:
    """Least and greatest depth (n,) of axes: under the surface by more than the radius."""
    low = np.maximum(table["depth_0"][family], _ROOF * radius)
    return low, np.maximum(table["depth_1"][family], 1.01 * low)


def _uniform_depth(table: Table, family: Array, unit: Array, radius: Array) -> Array:
    low, high = depth_range(table, family, radius)
    return low + unit[:, 4] * (high - low)


def _bend(table: Table, family: Array, unit: Array, s: Array) -> Array:
    return 0.5 * normal(table["bend"][family], unit[:, 6])[:, None] * s * s


def line_axes(prior: Prior, table: Table, family: Array, unit: Array, radius: Array) -> Axis:
    """Axes (n, V) of drives: graded, gently curved, through the bounds."""
    line = _lines(prior, table, family, unit, radius)
    s = line.first[:, None] + (line.last - line.first)[:, None] * _SHARE
    return line.vertices(prior, s, _bend(table, family, unit, s))


def conduit_axes(prior: Prior, table: Table, family: Array, unit: Array, radius: Array) -> Axis:
    """Axes (n, 2 V − 1) of conduits: lines that swing in plan and in depth.

    To the side a wave ``A sin(ks + φ)``, in depth ``vA cos(ks + ψ)``. The mean of √(1 + m cos²)
    is 1 + q − ¾q² with q = m/4, so that a tortuosity of 1 + t wants m = (1 + v²)(kA)² of
    4(t + ¾t²); chords of length h flatten the slope by sin(½kh)/(½kh). A half turn of the heading
    takes φ to −φ and ψ to −ψ. The axis does not come out of the ground.
    """
    line = _lines(prior, table, family, unit, radius)
    share = np.linspace(0.0, 1.0, 2 * N_VERTICES - 1)
    s = line.first[:, None] + (line.last - line.first)[:, None] * share
    step = (line.last - line.first) * share[1]
    low, high = table["wavelength_0"][family], table["wavelength_1"][family]
    wave = np.maximum(log_uniform(low, high, unit[:, _COLUMN["branch"]]), 4.0 * step)
    vertical = table["vertical"][family]
    low, high = table["tortuosity_0"][family], table["tortuosity_1"][family]
    more = low + unit[:, _COLUMN["branch_length"]] * (high - low) - 1.0
    slope = 2.0 * np.sqrt((more + 0.75 * more * more) / (1.0 + vertical * vertical))
    slope = slope / np.sinc(step / wave)
    swing = (slope * wave / (2.0 * np.pi))[:, None]
    phase = 2.0 * np.pi * s / wave[:, None]
    aside = phase + 2.0 * np.pi * unit[:, _COLUMN["branch_place"], None]
    along = phase + 2.0 * np.pi * unit[:, _COLUMN["branch_angle"], None]
    side = _bend(table, family, unit, s) + swing * np.sin(aside)
    x, y, z = line.vertices(prior, s, side, vertical[:, None] * swing * np.cos(along))
    roof = prior.surface.at(x, y) - _LEAST_COVER * radius[:, None]
    return x, y, np.minimum(z, roof)


def chamber_axes(prior: Prior, table: Table, family: Array, unit: Array, radius: Array) -> Axis:
    """Centres (n, V), repeated, of chambers: uniform over the bounds."""
    x0, y0, x1, y1 = prior.bounds
    x = x0 + unit[:, 0] * (x1 - x0)
    y = y0 + unit[:, 1] * (y1 - y0)
    z = prior.surface.at(x, y) - _uniform_depth(table, family, unit, radius)
    x, y, z = (np.repeat(v[:, None], N_VERTICES, axis=1) for v in (x, y, z))
    return x, y, z


def shaft_axes(prior: Prior, table: Table, family: Array, unit: Array, radius: Array) -> Axis:
    """Axes (n, V) of shafts from mouth to bottom; mouths are uniform over the bounds.

    The mouth lies ``depth`` under the ground, at whatever radius: a shaft ends flat.
    """
    del radius
    x0, y0, x1, y1 = prior.bounds
    x = x0 + unit[:, 0] * (x1 - x0)
    y = y0 + unit[:, 1] * (y1 - y0)
    low = table["depth_0"][family]
    high = np.maximum(table["depth_1"][family], 1.01 * low)
    z = prior.surface.at(x, y) - log_uniform(low, high, unit[:, 4])
    down = log_uniform(table["length_0"][family], table["length_1"][family], unit[:, 3])
    east, north = (normal(table["grade"][family], unit[:, c]) for c in (5, 6))
    s = down[:, None] * _SHARE
    return x[:, None] + east[:, None] * s, y[:, None] + north[:, None] * s, z[:, None] - s


def branch_axes(
    prior: Prior, table: Table, family: Array, unit: Array, radius: Array, axis: Axis
) -> tuple[Array, Axis]:
    """Branches of drives that have one: straight and level from the wall of the main drive.

    Parameters
    ----------
    prior, table, family, unit, radius
        As everywhere here.
    axis : Axis
        The main drives (n, V).

    Returns
    -------
    exists : (n,) numpy.ndarray of bool
        Which drives fork.
    branch : Axis
        Vertices (n, V) of the branches; of no meaning where there is none.

    Notes
    -----
    The fork is uniform along the part of the drive inside the bounds. A half turn of the heading
    mirrors the place, and a mirrored angle turns the branch by 180° against the drive.
    """
    line = _lines(prior, table, family, unit, radius)
    start = np.clip(line.enter, line.first, line.last)
    stop = np.clip(line.leave, line.first, line.last)
    at = start + unit[:, _COLUMN["branch_place"]] * (stop - start)
    share = (at - line.first) / np.maximum(line.last - line.first, _TINY) * (N_VERTICES - 1)
    k = np.clip(share.astype(int), 0, N_VERTICES - 2)
    rows, f = np.arange(len(k)), share - k
    fork, run = [], []
    for v in axis:
        step = v[rows, k + 1] - v[rows, k]
        fork.append(v[rows, k] + f * step)
        run.append(step)
    plan = np.maximum(np.hypot(run[0], run[1]), _TINY)
    ex, ey = run[0] / plan, run[1] / plan

    u = unit[:, _COLUMN["branch_angle"]]
    least = table["branch_angle"][family]
    angle = least + 2.0 * np.minimum(u, 1.0 - u) * (np.pi - 2.0 * least)
    angle = np.where(u < 0.5, angle, angle + np.pi)
    dx = np.cos(angle) * ex + np.sin(angle) * ey
    dy = np.cos(angle) * ey - np.sin(angle) * ex
    wall = radius / np.abs(np.sin(angle))
    low, high = table["branch_length_0"][family], table["branch_length_1"][family]
    end = wall + log_uniform(low, high, unit[:, _COLUMN["branch_length"]])
    # A level branch under falling ground ends where it would come out.
    rise = -(prior.surface.slope_x * dx + prior.surface.slope_y * dy)
    cover = prior.surface.at(fork[0], fork[1]) - fork[2] - _LEAST_COVER * radius
    end = np.where(rise > 0.0, np.minimum(end, cover / np.maximum(rise, _TINY)), end)
    exists = (unit[:, _COLUMN["branch"]] < table["branch"][family]) & (end > wall + radius)
    s = wall[:, None] + (end - wall)[:, None] * _SHARE
    x, y = fork[0][:, None] + s * dx[:, None], fork[1][:, None] + s * dy[:, None]
    return exists, (x, y, np.broadcast_to(fork[2][:, None], x.shape))
