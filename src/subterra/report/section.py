"""Vertical sections: where a plane cuts what the scenes say, and who stands near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.belief import Belief
from subterra.kernel import kernel
from subterra.report.content import DrilledHole, TruthObject, hole_trace
from subterra.report.style import (
    GREY,
    INK,
    WARN,
    casing,
    literal,
    nice_step,
    probability_map,
    shorten,
)
from subterra.scene import Plane, Prior, round_ends, segments, target_mask
from subterra.search.holes import Hole
from subterra.search.plan import PlannedHole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Section",
    "SectionImage",
    "across_object",
    "along_object",
    "draw_section",
    "exaggeration",
    "hole_offset",
    "scale_end",
    "section_height",
    "section_image",
]

Array = npt.NDArray[Any]

_LABEL_GAP: Final = 0.032
"""Least distance of the names of holes above a section, as a share of its length."""


@dataclass(frozen=True)
class Section:
    """A vertical plane from (x_m, y_m) along the unit vector (east, north) for ``length_m``.

    Its ends carry the letters ``label`` and ``label``′ on the map.
    """

    x_m: float
    y_m: float
    east: float
    north: float
    length_m: float
    label: str = ""

    def place(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Distance along the section and offset to its right, metres, of plan points."""
        dx, dy = np.asarray(x, float) - self.x_m, np.asarray(y, float) - self.y_m
        return dx * self.east + dy * self.north, dx * self.north - dy * self.east

    def points(self, along_m: Array) -> tuple[Array, Array]:
        """Plan coordinates of distances along the section."""
        along = np.asarray(along_m, float)
        return self.x_m + along * self.east, self.y_m + along * self.north

    @property
    def azimuth_deg(self) -> float:
        """Direction of the section, clockwise from north."""
        return float(np.degrees(np.arctan2(self.east, self.north)) % 360.0)


@dataclass(frozen=True)
class SectionImage:
    """P(point inside a target) ``p`` (nz, ns) at cell centres ``along_m`` and heights ``z_m``."""

    along_m: Array
    z_m: Array
    p: Array


def _through(prior: Prior, x: float, y: float, east: float, north: float, label: str) -> Section:
    """Section through a point, cut at the bounds of the site."""
    x0, y0, x1, y1 = prior.bounds
    leave, enter = np.inf, -np.inf
    for at, low, high, slope in ((x, x0, x1, east), (y, y0, y1, north)):
        if abs(slope) > 1e-9:
            ends = sorted(((low - at) / slope, (high - at) / slope))
            enter, leave = max(enter, ends[0]), min(leave, ends[1])
    enter, leave = min(enter, -1.0), max(leave, 1.0)
    return Section(x + enter * east, y + enter * north, east, north, leave - enter, label)


def along_object(prior: Prior, axis: Array) -> Section:
    """Section along an object's axis (k, 3), west to east; a chamber or shaft is cut so."""
    middle = 0.5 * (axis[0] + axis[-1])
    direction = axis[-1, :2] - axis[0, :2]
    length = float(np.hypot(*direction))
    level = length > max(1.0, abs(float(axis[-1, 2] - axis[0, 2])))
    east, north = (direction / length) if level else (1.0, 0.0)
    if (east, north) < (0.0, 0.0):
        east, north = -east, -north
    return _through(prior, float(middle[0]), float(middle[1]), float(east), float(north), "A")


def across_object(prior: Prior, axis: Array, at_x: float, at_y: float, half_m: float) -> Section:
    """Section perpendicular to an object's axis where it passes the plan place (at_x, at_y).

    It reaches ``half_m`` to each side; its right is the right-hand side of `along_object`.
    """
    along = along_object(prior, axis)
    s, _ = along.place(np.array([at_x]), np.array([at_y]))
    on_axis, _ = along.place(axis[:, 0], axis[:, 1])
    order = np.argsort(on_axis)
    s = np.clip(s, on_axis.min(), on_axis.max())
    x = float(np.interp(s, on_axis[order], axis[order, 0])[0])
    y = float(np.interp(s, on_axis[order], axis[order, 1])[0])
    east, north = along.north, -along.east
    return Section(x - half_m * east, y - half_m * north, east, north, 2.0 * half_m, "B")


@kernel
def _cover(
    s: Array, t: Array, z: Array, radius: Array, wanted: Array, weight: Array,
    s0: float, ds: float, z0: float, dz: float, seen: Array, p: Array,
) -> None:  # fmt: skip
    """Add each scene's weight once to every cell of ``p`` whose centre lies in a wanted object.

    ``s``, ``t``, ``z`` (n, S, 2 M): starts and ends of M segments by turns.
    """
    n_z, n_s = p.shape
    for i in range(s.shape[0]):
        for k in range(s.shape[1]):
            if not wanted[i, k]:
                continue
            r = radius[i, k]
            for v in range(s.shape[2] // 2):
                a_s, a_t, a_z = s[i, k, 2 * v], t[i, k, 2 * v], z[i, k, 2 * v]
                e_s, e_t = s[i, k, 2 * v + 1] - a_s, t[i, k, 2 * v + 1] - a_t
                e_z = z[i, k, 2 * v + 1] - a_z
                if min(a_t, a_t + e_t) > r or max(a_t, a_t + e_t) < -r:
                    continue
                first_s = max(0, int(np.ceil((min(a_s, a_s + e_s) - r - s0) / ds)))
                last_s = min(n_s - 1, int(np.floor((max(a_s, a_s + e_s) + r - s0) / ds)))
                first_z = max(0, int(np.ceil((min(a_z, a_z + e_z) - r - z0) / dz)))
                last_z = min(n_z - 1, int(np.floor((max(a_z, a_z + e_z) + r - z0) / dz)))
                square = e_s * e_s + e_t * e_t + e_z * e_z
                for col in range(first_s, last_s + 1):
                    d_s = s0 + col * ds - a_s
                    for row in range(first_z, last_z + 1):
                        if seen[row, col] == i + 1:
                            continue
                        d_z = z0 + row * dz - a_z
                        u = 0.0
                        if square > 0.0:
                            u = min(1.0, max(0.0, (d_s * e_s - a_t * e_t + d_z * e_z) / square))
                        off_s, off_t, off_z = d_s - u * e_s, -a_t - u * e_t, d_z - u * e_z
                        if off_s * off_s + off_t * off_t + off_z * off_z <= r * r:
                            seen[row, col] = i + 1
                            p[row, col] += weight[i]


def section_image(
    belief: Belief, section: Section, depth_m: float, cells: int = 260
) -> SectionImage:
    """Probability that a point of a section lies inside a target.

    Parameters
    ----------
    belief : Belief
        Weighted scenes.
    section : Section
        Plane to cut.
    depth_m : float
        Depth below the lowest point of the surface down to which it is drawn.
    cells : int
        Least number of square cells along the section. They shrink to half the smallest radius
        of a target where that needs no more than 1,500 by 400 of them.

    Returns
    -------
    SectionImage
        Exact at the cell centres for the scenes at hand: capsules, overlaps counted once.
    """
    prior = belief.prior
    smallest = min(prior.families[name].radius_m[0] for name in prior.targets)
    finest = max(section.length_m / 1500.0, depth_m / 400.0)
    step = max(finest, min(section.length_m / cells, 0.5 * smallest))
    along = np.arange(0.5 * step, section.length_m, step)
    ground = prior.surface.at(*section.points(along))
    z = np.arange(float(ground.min()) - depth_m + 0.5 * step, float(ground.max()), step)
    objects = round_ends(belief.scenes.objects)
    x, y, height = np.stack(segments(objects), axis=-1).reshape(3, *objects.family.shape, -1)
    s, t = section.place(x, y)
    p = np.zeros((len(z), len(along)))
    _cover(
        s, t, height.astype(float), objects.radius.astype(float),
        target_mask(prior)[objects.family], belief.weight,
        float(along[0]), step, float(z[0]), step, np.zeros(p.shape, np.int64), p,
    )  # fmt: skip
    return SectionImage(along, z, np.where(z[:, None] <= ground, p, np.nan))


def scale_end(images: Sequence[SectionImage]) -> float:
    """Round number at which the colours of several sections can end."""
    top = max((float(np.nanmax(i.p)) for i in images if np.isfinite(i.p).any()), default=0.0)
    return next(v for v in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if top <= v or v == 1.0)


def exaggeration(length_m: float, height_m: float, flattest: float = 0.16) -> int:
    """Vertical exaggeration: 1 wherever the picture is not flatter than ``flattest``."""
    return next((v for v in (1, 2, 3, 5, 10, 20) if v * height_m >= flattest * length_m), 20)


def section_height(section: Section, image: SectionImage) -> float:
    """Height in inches of a figure 8.4 inches wide."""
    tall = float(image.z_m[-1] - image.z_m[0])
    picture = 7.2 * exaggeration(section.length_m, tall) * 1.06 * tall / section.length_m
    return float(np.clip(picture, 1.0, 6.0)) + 2.3


def hole_offset(section: Section, hole: Hole | PlannedHole | DrilledHole, length_m: float) -> float:
    """Distance of a hole from a section's plane, positive to its right; 0 where it crosses it."""
    _, t = section.place(*hole_trace(hole, np.linspace(0.0, length_m, 33)).T[:2])
    return 0.0 if t.min() * t.max() <= 0.0 else float(t[np.argmin(np.abs(t))])


@dataclass(frozen=True)
class _Mark:
    """Name of a hole and where its collar stands in a section, m."""

    along_m: float
    z_m: float
    label: str


def _draw_hole(
    ax: Axes,
    section: Section,
    hole: Hole | PlannedHole,
    name: str,
    reach_m: float,
    log: DrilledHole | None = None,
) -> _Mark | None:
    """Draw a hole that is near the section; returns where its name belongs."""
    length = hole.length_m if log is None else log.logged_m
    trace = hole_trace(log or hole, np.linspace(0.0, length, 33))
    s, _ = section.place(trace[:, 0], trace[:, 1])
    offset = hole_offset(section, log or hole, length)
    if abs(offset) > reach_m or s.max() < 0.0 or s.min() > section.length_m:
        return None
    ax.plot(
        s, trace[:, 2], color=WARN if log is None else INK, lw=1.5, zorder=6,
        ls=(0, (5, 1.5)) if log is None else "-", path_effects=casing(3.0),
    )  # fmt: skip
    for ends in () if log is None else log.voids:
        void = hole_trace(log or hole, np.array(ends))
        along, _ = section.place(void[:, 0], void[:, 1])
        ax.plot(along, void[:, 2], color=INK, lw=6.0, solid_capstyle="butt", zorder=7)
    where = "behind" if offset < 0.0 else "in front"
    side = "" if abs(offset) < 0.05 else f", {abs(offset):.1f} m {where}"
    at = float(np.clip(s[0], 0.0, section.length_m))
    return _Mark(at, float(trace[0, 2]), literal(f"{shorten(name, 12)}{side}"))


def _label_holes(ax: Axes, marks: Sequence[_Mark], length_m: float) -> None:
    """Write the names of holes above the section, moved apart where they would meet."""
    gap = _LABEL_GAP * length_m
    ordered = sorted(marks, key=lambda mark: mark.along_m)
    places: list[float] = []
    for mark in ordered:
        places.append(max(mark.along_m, places[-1] + gap) if places else mark.along_m)
    # What was pushed over the right end goes back, and pushes the others.
    for k in reversed(range(len(places))):
        places[k] = min(places[k], length_m - gap * (len(places) - 1 - k))
    top = ax.get_ylim()[1]
    for mark, place in zip(ordered, places, strict=True):
        ax.annotate(
            mark.label, (place, 1.0), (1, 3), xycoords=ax.get_xaxis_transform(),
            textcoords="offset points", ha="left", va="bottom", fontsize=7.5,
            rotation=30 if len(mark.label) > 4 else 0, rotation_mode="anchor",
        )  # fmt: skip
        ax.plot([mark.along_m, place], [mark.z_m, top], color=GREY, lw=0.5, zorder=3)


def draw_section(
    figure: Figure,
    section: Section,
    image: SectionImage,
    surface: Plane,
    drilled: Sequence[DrilledHole],
    planned: Sequence[PlannedHole],
    *,
    title: str,
    high: float = 1.0,
    axis: Array | None = None,
    truth: Sequence[TruthObject] = (),
    reach_m: float = 5.0,
) -> None:
    """Draw one section with its ground surface and the holes within ``reach_m`` of its plane.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty, with constrained layout.
    section, image : Section, SectionImage
        The plane and what it cuts.
    surface : Plane
        Ground surface.
    drilled, planned : sequences of holes
        All of the site; the far ones are left out, the others carry their offset.
    title : str
        Heading.
    high : float
        Probability at the end of the colour scale.
    axis : (k, 3) numpy.ndarray, optional
        Medoid axis, drawn where it runs along the section.
    truth : sequence of TruthObject
        As ``axis``.
    reach_m : float
        Largest offset of a hole that is still projected.
    """
    ax = figure.add_subplot()
    step = image.along_m[1] - image.along_m[0]
    extent = (
        0.0,
        section.length_m,
        float(image.z_m[0] - step / 2),
        float(image.z_m[-1] + step / 2),
    )
    picture = ax.imshow(
        image.p, origin="lower", extent=extent, cmap=probability_map(), vmin=0.0, vmax=high,
        interpolation="nearest", zorder=0,
    )  # fmt: skip
    height = extent[3] - extent[2]
    factor = exaggeration(section.length_m, height)
    ends = np.array([0.0, section.length_m])
    ax.set_aspect(factor)
    ax.set_xlim(*ends)
    ax.set_ylim(extent[2], extent[3] + 0.06 * height)
    ax.plot(ends, surface.at(*section.points(ends)), color=INK, lw=1.6, zorder=5)
    _draw_axis(ax, section, axis, "-", 1.2)
    for known in truth:
        _draw_axis(ax, section, known.axis, (0, (1, 1.6)), 1.3)
    marks = [_draw_hole(ax, section, h.hole, h.hole.name, reach_m, h) for h in drilled]
    marks += [_draw_hole(ax, section, h, h.hole, reach_m) for h in planned]
    _label_holes(ax, [mark for mark in marks if mark is not None], section.length_m)

    ax.set_xlabel(f"Distance along the section (m), towards azimuth {section.azimuth_deg:.0f}°")
    ax.set_ylabel("Elevation z (m)")
    ax.ticklabel_format(style="plain", useOffset=False)
    _depth_axis(ax, float(surface.at(*section.points(ends.mean(keepdims=True)))[0]))
    scale = "1:1" if factor == 1 else f"vertical ×{factor}"
    mark = section.label
    # The slanted labels of the holes stand between the picture and its title.
    longest = max((len(t.get_text()) for t in ax.texts if t.get_rotation()), default=0)
    ax.set_title(f"{mark}–{mark}′  {title}  ({scale})", pad=16.0 + 2.1 * longest)
    bar = figure.colorbar(
        picture, ax=ax, orientation="horizontal", aspect=40, shrink=0.6, pad=0.03, fraction=0.06
    )
    bar.set_label(f"P(point inside a target); the scale ends at {high:g}")


def _draw_axis(ax: Axes, section: Section, axis: Array | None, style: Any, width: float) -> None:
    """Draw an axis where it runs along the section or down it, or a cross where it crosses it."""
    if axis is None or not len(axis):
        return
    s, t = section.place(axis[:, 0], axis[:, 1])
    if np.ptp(s) > np.ptp(t) or np.ptp(axis[:, 2]) > np.ptp(t):
        ax.plot(s, axis[:, 2], color=INK, lw=width, ls=style, zorder=4, path_effects=casing())
        return
    crossing = np.nonzero(t[:-1] * t[1:] <= 0.0)[0]
    for k in crossing[:1]:
        f = t[k] / (t[k] - t[k + 1]) if t[k] != t[k + 1] else 0.0
        at = s[k] + f * (s[k + 1] - s[k]), axis[k, 2] + f * (axis[k + 1, 2] - axis[k, 2])
        ax.plot(*at, "+" if style == "-" else "x", ms=9, mew=1.6, color=INK, zorder=7,
                path_effects=casing())  # fmt: skip


def _depth_axis(ax: Axes, ground_z: float) -> None:
    """Add depth below the surface at the middle of the section as a second vertical axis."""

    def flip(z: Any) -> Any:
        return ground_z - z

    right = ax.secondary_yaxis("right", functions=(flip, flip))
    right.set_ylabel("Depth (m)")
    low, high = ax.get_ylim()
    step = nice_step((high - low) / 4.0)
    right.set_yticks(np.arange(0.0, ground_z - low + 1e-9, step))
