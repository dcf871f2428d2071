"""Density of reports given a scene, and draws from it.

One row of ``items`` is one report; its columns are named here. A genuine item is of one of the
targets, each with equal chance. Its place follows the kind: evenly along the axis (``tunnel``,
``course``, ``depth``, ``noise``, ``time``: digging is heard at the face, which was everywhere
along the axis once), or at one end (``entrance``). ``nothing`` is the word of someone who looked
around a place; its datum is whether something was noticed, its place is part of the layout.
A branch counts for places along the axis; shafts and chambers are known by their mouth and have no
course (`subterra.evidence.axes`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.axes import axes_of, mouths
from subterra.evidence.place import (
    BLUR,
    along_density,
    course_density,
    decoy_ratio,
    draw_decoy,
    draw_flat_top,
    ends_density,
    flat_top,
    near_axis,
    place_along,
)
from subterra.evidence.report_terms import DEPTH_BLUNDERS, ReportTerms
from subterra.kernel import kernel, part
from subterra.scene import Prior, Scenes, target_mask

__all__ = [
    "COLUMNS",
    "DEPTH",
    "DEPTH_SD",
    "HEADING",
    "HEADING_SD",
    "KIND",
    "LOG_ODDS",
    "NOTHING",
    "NOTICED",
    "SD",
    "ItemDensity",
    "X",
    "Y",
    "clutter_log_density",
    "draw_item",
    "kind_code",
]

Array = npt.NDArray[Any]

X, Y, SD, KIND, HEADING, HEADING_SD, DEPTH, DEPTH_SD, NOTICED, LOG_ODDS = range(10)
"""Columns: place and its sd per axis, kind, heading and depth with their sds (0: not said),
whether a look noticed something, log of the factor on the odds of being genuine."""
COLUMNS: Final = 10

_ALONG, _ENTRANCE, NOTHING = 0, 1, 2
_CODES: Final = {"entrance": _ENTRANCE, "nothing": NOTHING}


def kind_code(kind: str) -> int:
    """Return how the place of a kind of report is distributed."""
    return _CODES.get(kind, _ALONG)


@part
def _depth_density(stated: float, true: float, sd: float, blunders: Array) -> float:
    """Mixture over blunders of unit of the normal density of a stated depth, 1/m."""
    total = 0.0
    for b in range(blunders.shape[0]):
        away = (stated - blunders[b, 0] * true) / sd
        total += blunders[b, 1] * math.exp(-0.5 * away * away)
    return total / (sd * 2.5066282746310002)


@kernel
def _object_density(
    x: Array, y: Array, z: Array, trunk: int, item: Array, box: Array, plane: Array,
    blunders: Array,
) -> float:  # fmt: skip
    """Density of one report given one target: place × heading × depth."""
    if item[KIND] == _ENTRANCE:
        density = ends_density(x, y, trunk, item[X], item[Y], item[SD])
    else:
        density = along_density(x, y, trunk, item[X], item[Y], item[SD], box)
    if item[HEADING_SD] > 0.0:
        density *= course_density(x, y, trunk, item[HEADING], item[HEADING_SD])
    if item[DEPTH_SD] > 0.0:
        k = near_axis(x, y, trunk, item[X], item[Y])
        depth = plane[0] + plane[1] * x[k] + plane[2] * y[k] - z[k]
        density *= _depth_density(item[DEPTH], depth, item[DEPTH_SD], blunders)
    return density


@part
def _shifted_density(
    x: Array, y: Array, z: Array, trunk: int, item: Array, box: Array, plane: Array,
    blunders: Array, shift: Array,
) -> float:  # fmt: skip
    """Mixture over a place told on the site's datum and on the old one."""
    density = _object_density(x, y, z, trunk, item, box, plane, blunders)
    if shift[2] > 0.0:
        moved = item.copy()
        moved[X] -= shift[0]
        moved[Y] -= shift[1]
        old = _object_density(x, y, z, trunk, moved, box, plane, blunders)
        density = (1.0 - shift[2]) * density + shift[2] * old
    return density


@part
def _cover(x: Array, y: Array, trunk: int, item: Array) -> float:
    """Share of a look around a place that falls on a target near it: exp(−d²/2sd²)."""
    best = 1e300
    for k in range(x.size - 1):
        if k == trunk - 1:
            continue
        dx, dy = x[k + 1] - x[k], y[k + 1] - y[k]
        square = dx * dx + dy * dy
        t = 0.0
        if square > 0.0:
            t = ((item[X] - x[k]) * dx + (item[Y] - y[k]) * dy) / square
            t = min(1.0, max(0.0, t))
        r2 = (item[X] - x[k] - t * dx) ** 2 + (item[Y] - y[k] - t * dy) ** 2
        best = min(best, r2)
    return math.exp(-0.5 * best / (item[SD] * item[SD]))


@part
def _even_density(px: float, py: float, item: Array, box: Array, around: float) -> float:
    """Density of the place of clutter that is no decoy, 1/m²."""
    reach = around if item[KIND] == _ENTRANCE else 0.0
    density = 1.0
    for at, low, high in ((px, box[0], box[2]), (py, box[1], box[3])):
        tail = 0.5 * BLUR * item[SD] + reach * (high - low)
        density *= flat_top(at, low, high, tail) / (high - low + 2.0 * tail)
    return density


@kernel
def _fill_clutter(
    items: Array, box: Array, around: float, shift: Array, depth_m: float, blunders: Array,
    out: Array,
) -> None:  # fmt: skip
    """Fill the density of clutter without decoys: place × heading × depth."""
    for i in range(items.shape[0]):
        item = items[i]
        old = _even_density(item[X] - shift[0], item[Y] - shift[1], item, box, around)
        density = (1.0 - shift[2]) * _even_density(item[X], item[Y], item, box, around)
        density += shift[2] * old
        if item[HEADING_SD] > 0.0:
            density /= 180.0
        if item[DEPTH_SD] > 0.0:
            tail, deep = 0.5 * BLUR * item[DEPTH_SD], 0.0
            for b in range(blunders.shape[0]):
                span = blunders[b, 0] * depth_m
                height = flat_top(item[DEPTH], 0.0, span, tail)
                deep += blunders[b, 1] * height / (span + 2.0 * tail)
            density *= deep
        out[i] = density


@part
def _decoy_density(
    px: float, py: float, item: Array, target: Array, x: Array, y: Array, trunk: Array, box: Array,
    radius: float, around: float,
) -> float:  # fmt: skip
    """Density of the place of a false entrance that keeps away from true ends, 1/m²."""
    total, count, sd = 0.0, 0, item[SD]
    for k in range(target.shape[0]):
        if target[k]:
            count += 1
            for end in (0, trunk[k] - 1):
                total += 0.5 * decoy_ratio(px, py, x[k, end], y[k, end], sd, radius, box, around)
    wide, ring = BLUR * sd, 1.0 + 2.0 * around
    area = ((box[2] - box[0]) * ring + wide) * ((box[3] - box[1]) * ring + wide)
    return total / (count * area)


@part
def _clutter_ratio(
    item: Array, target: Array, x: Array, y: Array, trunk: Array, box: Array, shift: Array,
    chances: Array,
) -> float:  # fmt: skip
    """Density of the place of clutter, decoys among it, over that without decoys."""
    clutter, even = 0.0, 0.0
    for share, dx, dy in ((1.0 - shift[2], 0.0, 0.0), (shift[2], shift[0], shift[1])):
        if share > 0.0:
            px, py = item[X] - dx, item[Y] - dy
            plain = _even_density(px, py, item, box, chances[4])
            decoy = _decoy_density(px, py, item, target, x, y, trunk, box, chances[1], chances[4])
            clutter += share * ((1.0 - chances[0]) * plain + chances[0] * decoy)
            even += share * plain
    return clutter / even


@kernel
def _densities(
    target: Array, x: Array, y: Array, z: Array, trunk: Array, items: Array, box: Array,
    plane: Array, blunders: Array, shift: Array, chances: Array, genuine: Array, clutter: Array,
) -> None:  # fmt: skip
    """Fill, for each scene and item, the genuine density and clutter over clutter without decoys.

    ``chances`` are decoy share, decoy radius, chance of noticing and of imagining, and `around`.
    """
    for i in range(target.shape[0]):
        count = 0
        for k in range(target.shape[1]):
            count += target[i, k]
        for j in range(items.shape[0]):
            item = items[j]
            total, missed = 0.0, 1.0
            for k in range(target.shape[1]):
                if not target[i, k]:
                    continue
                if item[KIND] == NOTHING:
                    missed *= 1.0 - chances[2] * _cover(x[i, k], y[i, k], trunk[i, k], item)
                else:
                    total += _shifted_density(
                        x[i, k], y[i, k], z[i, k], trunk[i, k], item, box, plane, blunders, shift
                    )
            clutter[i, j] = 1.0
            if item[KIND] == NOTHING:
                quiet = (1.0 - chances[3]) * missed
                genuine[i, j] = 1.0 - quiet if item[NOTICED] > 0.0 else quiet
                clutter[i, j] = chances[3] if item[NOTICED] > 0.0 else 1.0 - chances[3]
            elif count == 0:
                genuine[i, j] = 0.0
            else:
                genuine[i, j] = total / count
                if item[KIND] == _ENTRANCE and chances[0] > 0.0:
                    clutter[i, j] = _clutter_ratio(
                        item, target[i], x[i], y[i], trunk[i], box, shift, chances
                    )


@dataclass(frozen=True)
class ItemDensity:
    """What the density of reports depends on beside the items.

    Parameters
    ----------
    prior : Prior
        Bounds, surface and targets.
    terms : ReportTerms
        Decoys, looks and blunders.
    """

    prior: Prior
    terms: ReportTerms

    def __call__(self, scenes: Scenes, items: Array) -> tuple[Array, Array]:
        """Return log densities (n, n_items) of each item as genuine and as clutter.

        Both are relative to clutter without decoys where the item is a place; a genuine place
        without a target has −inf.
        """
        surface, terms = self.prior.surface, self.terms
        axes = mouths(axes_of(scenes.objects))
        shape = (len(scenes), len(items))
        genuine, clutter = np.empty(shape), np.empty(shape)
        _densities(
            target_mask(self.prior)[scenes.objects.family].astype(np.int8),
            axes.x,
            axes.y,
            axes.z,
            axes.trunk,
            items,
            np.array(self.prior.bounds, np.float64),
            np.array([surface.z0_m, surface.slope_x, surface.slope_y]),
            np.array(DEPTH_BLUNDERS),
            _shift(terms),
            np.array(
                [
                    terms.decoy_share,
                    terms.decoy_radius_m,
                    terms.p_notice,
                    terms.p_imagine,
                    terms.around,
                ]
            ),
            genuine,
            clutter,
        )
        with np.errstate(divide="ignore"):
            log_genuine = np.log(genuine)
        placed = items[:, KIND] != NOTHING
        even = clutter_log_density(items, self.prior, terms)
        background = np.where(placed, even, 0.0)
        # A place without any hope to be genuine here stays finite; without a target it is not.
        floor = np.where(
            placed & (genuine == 0.0) & self._has_target(scenes)[:, None], -700.0, -np.inf
        )
        return np.maximum(log_genuine - background, floor), np.log(clutter)

    def _has_target(self, scenes: Scenes) -> Array:
        return np.asarray(target_mask(self.prior)[scenes.objects.family].any(axis=1))


def _shift(terms: ReportTerms) -> Array:
    """East and north of the shift of an old datum, and the share of items that have it."""
    if terms.datum_shift_m is None:
        return np.zeros(3)
    return np.array([*terms.datum_shift_m, terms.datum_share])


def clutter_log_density(items: Array, prior: Prior, terms: ReportTerms) -> Array:
    """Log density (n,) of clutter without decoys, over the plane, all headings and all depths.

    Places are even over the site and fade beyond (`flat_top`); those of entrances fade over
    ``terms.around`` of the site's side, because true entrances lie outside as well. Stated depths
    are even over the depths of the site. Clutter suffers the same blunders of datum and of unit as
    what is true.
    """
    out = np.empty(len(items))
    box, blunders = np.array(prior.bounds, np.float64), np.array(DEPTH_BLUNDERS)
    _fill_clutter(items, box, terms.around, _shift(terms), prior.depth_m, blunders, out)
    return np.log(out)


def draw_item(
    density: ItemDensity, scene: Scenes, item: Array, genuine: bool, rng: np.random.Generator
) -> Array:
    """Draw one item of the same layout for the first scene.

    Parameters
    ----------
    density : ItemDensity
        Its site.
    scene : Scenes
        The truth.
    item : (COLUMNS,) numpy.ndarray
        The item whose place, heading and depth, or outcome, are drawn anew.
    genuine : bool
        Whether it is of a target, or rests on a look; else it is clutter.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    (COLUMNS,) numpy.ndarray
    """
    targets = np.flatnonzero(target_mask(density.prior)[scene.objects.family[0]])
    drawn = item.copy()
    if item[KIND] == NOTHING:
        drawn[NOTICED] = float(rng.random() < _chance_of_noticing(density, scene, item, genuine))
    elif genuine:
        _draw_genuine(density, scene, int(rng.choice(targets)), drawn, rng)
    else:
        _draw_clutter(density, scene, targets, drawn, rng)
    return drawn


def _chance_of_noticing(density: ItemDensity, scene: Scenes, item: Array, genuine: bool) -> float:
    if not genuine:
        return density.terms.p_imagine
    asked = item[None].copy()
    asked[0, NOTICED] = 1.0
    log_noticed, _ = density(scene, asked)
    return float(np.exp(log_noticed[0, 0]))


def _draw_factor(rng: np.random.Generator) -> float:
    factors, shares = np.array(DEPTH_BLUNDERS).T
    return float(rng.choice(factors, p=shares / shares.sum()))


def _draw_genuine(
    density: ItemDensity, scene: Scenes, k: int, item: Array, rng: np.random.Generator
) -> None:
    axes, terms = mouths(axes_of(scene.objects)), density.terms
    x, y, z = (np.asarray(v[0, k], np.float64) for v in (axes.x, axes.y, axes.z))
    trunk = int(axes.trunk[0, k])
    end = trunk - 1
    if item[KIND] == _ENTRANCE:
        which = int(rng.integers(2)) * end
        at = np.array([x[which], y[which]])
    else:
        box = np.array(density.prior.bounds, np.float64)
        at = np.array(place_along(x, y, trunk, rng.random(), box))
    at = at + item[SD] * rng.standard_normal(2)
    nearest = near_axis(x, y, trunk, at[0], at[1])
    depth = float(density.prior.surface.at(x[nearest], y[nearest]) - z[nearest])
    heading = math.degrees(math.atan2(x[end] - x[0], y[end] - y[0]))
    if x[end] == x[0] and y[end] == y[0]:
        heading = rng.uniform(0.0, 180.0)
    item[HEADING] = heading + item[HEADING_SD] * rng.standard_normal()
    item[DEPTH] = _draw_factor(rng) * depth + item[DEPTH_SD] * rng.standard_normal()
    if terms.datum_shift_m is not None and rng.random() < terms.datum_share:
        at = at + np.array(terms.datum_shift_m)
    item[X], item[Y] = at


def _draw_clutter(
    density: ItemDensity, scene: Scenes, targets: Array, item: Array, rng: np.random.Generator
) -> None:
    terms = density.terms
    entrance = item[KIND] == _ENTRANCE
    if entrance and targets.size and rng.random() < terms.decoy_share:
        at = _draw_decoy(density, scene, targets, float(item[SD]), rng)
    else:
        x0, y0, x1, y1 = density.prior.bounds
        around, blur = terms.around if entrance else 0.0, 0.5 * BLUR * item[SD]
        sides = ((x0, x1), (y0, y1))
        at = np.array([draw_flat_top(a, b, blur + around * (b - a), rng) for a, b in sides])
    if rng.random() < _shift(terms)[2]:
        at = at + _shift(terms)[:2]
    item[X], item[Y] = at
    item[HEADING] = rng.uniform(0.0, 180.0)
    deepest = _draw_factor(rng) * density.prior.depth_m
    item[DEPTH] = draw_flat_top(0.0, deepest, max(0.5 * BLUR * item[DEPTH_SD], 1e-9), rng)


def _draw_decoy(
    density: ItemDensity, scene: Scenes, targets: Array, sd: float, rng: np.random.Generator
) -> Array:
    """Draw the place of a false entrance that keeps away from an end of a target."""
    axes, slot = mouths(axes_of(scene.objects)), int(rng.choice(targets))
    last = int(rng.integers(2)) * (int(axes.trunk[0, slot]) - 1)
    end = (float(axes.x[0, slot, last]), float(axes.y[0, slot, last]))
    terms = density.terms
    radius, around = terms.decoy_radius_m, terms.around
    return np.array(draw_decoy(end, sd, radius, density.prior.bounds, around, rng))
