"""Boreholes: voids and sound ground logged along a trace that may deviate.

Every object that the trace crosses, by either of its chains, is logged as a void with probability
``P(cross)·P_d(fill)``; voids that are no object (joints, washed-out seams) are a Poisson process
along the hole. The likelihood sums over every way in which logged voids can belong to objects or be
false:

    L ∝ Σ_assignments Π_objects [1 − q, or q N(from; t_in, sd)/φ],    q = P(cross)·P_d,

with φ the rate of false voids per metre. P(cross) integrates the hole's lateral deviation in closed
form. Only the logged part of a hole speaks; a void's depth counts with sd 0.3 m + 1 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.ground import layout_hash
from subterra.kernel import kernel
from subterra.scene import FAMILIES, N_SLOTS, Objects, Prior, Scenes, round_ends
from subterra.scene.geometry import segment_segment
from subterra.tables import BoreholeTable, IntervalTable

__all__ = ["BoreholeEvidence", "DrillLogTerms", "borehole_evidence"]

Array = npt.NDArray[Any]

_CHAMBER: Final = FAMILIES.index("chamber")
_MAX_VOIDS: Final = 12
_MAX_CHORD: Final = 10.0
"""Longest half-chord through a tunnel in radii: that of a hole that nearly follows it."""


@dataclass(frozen=True)
class DrillLogTerms:
    """How well a drill and its log find voids.

    Parameters
    ----------
    p_detect : (3,) tuple of float
        P(void logged | trace crosses the object) for air, water and rubble.
    false_void_per_m : float
        Rate of logged voids that are no object, per metre of hole.
    deviation_sd_per_m : float
        Lateral deviation of an unsurveyed hole per metre drilled.
    depth_sd_m, depth_sd_relative : float
        Error of a logged void's top: absolute and per metre.
    """

    p_detect: tuple[float, float, float] = (0.95, 0.95, 0.6)
    false_void_per_m: float = 0.002
    deviation_sd_per_m: float = 0.01
    depth_sd_m: float = 0.3
    depth_sd_relative: float = 0.01


@kernel
def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-0.7071067811865476 * x)


@kernel
def _disc_mass(miss: float, sd: float, radius: float) -> float:
    """Mass of a round 2-D normal centred ``miss`` from the centre of a disc, 12-point rule.

    Where the normal is much narrower than the disc the rim is straight and one normal will do.
    """
    if sd < 0.2 * radius:
        return _normal_cdf((radius - miss) / sd)
    total = 0.0
    for k in range(12):
        u = (k + 0.5) / 12.0 * 2.0 - 1.0
        across = radius * u
        half = radius * math.sqrt(1.0 - u * u)
        band = _normal_cdf((half - miss) / sd) - _normal_cdf((-half - miss) / sd)
        total += math.exp(-0.5 * (across / sd) ** 2) * band
    return min(total * radius * 2.0 / 12.0 / (sd * 2.5066282746310002), 1.0)


@kernel
def _seen_along(
    ax: float, ay: float, az: float, bx: float, by: float, bz: float, hole: Array
) -> tuple[float, float, float]:
    """Depths along a hole of the two ends of an axis, the nearer first, and its width across."""
    ux, uy, uz = ax - hole[0], ay - hole[1], az - hole[2]
    first = ux * hole[3] + uy * hole[4] + uz * hole[5]
    dx, dy, dz = bx - ax, by - ay, bz - az
    step = dx * hole[3] + dy * hole[4] + dz * hole[5]
    across = dx * dx + dy * dy + dz * dz - step * step
    return min(first, first + step), max(first, first + step), math.sqrt(max(across, 0.0))


@kernel
def _end_on(
    miss: float, top: float, bottom: float, radius: float, drilled: float, deviation: float
) -> tuple[float, float, float]:
    """Return P(cross), depth and length inside of a shaft that a hole comes down upon.

    ``top`` and ``bottom`` are where it begins and ends along the hole.
    """
    enter = max(top, 0.0)
    if bottom <= 0.0 or enter >= drilled:
        return 0.0, enter, 0.0
    sd = max(deviation * enter, 0.02)
    if miss > radius + 6.0 * sd:
        return 0.0, enter, 0.0
    return _disc_mass(miss, sd, radius), enter, bottom - enter


@kernel
def _crossing(
    sphere: bool,
    x: Array,
    y: Array,
    z: Array,
    radius: float,
    hole: Array,
    deviation: float,
) -> tuple[float, float, float]:
    """Return P(cross), depth along the hole where it enters, and length inside.

    The hole is followed beyond its end, so that what lies just below it is not taken for a near
    miss. If it ends before the axis, only deviations that enter the section sooner count. A hole
    down a shaft meets it end on, as a disc between its ends.
    """
    best, along, sine = 1e30, 0.0, 1.0
    last = x.size - 1
    top, bottom, spread = _seen_along(x[0], y[0], z[0], x[last], y[last], z[last], hole)
    end_on = spread < radius and bottom - top > 2.0 * radius and not sphere
    reach = hole[6] + _MAX_CHORD * radius
    ex, ey, ez = hole[0] + reach * hole[3], hole[1] + reach * hole[4], hole[2] + reach * hole[5]
    for k in range(1 if sphere else x.size - 1):
        distance, t, _ = segment_segment(
            hole[0], hole[1], hole[2], ex, ey, ez, x[k], y[k], z[k], x[k + 1], y[k + 1], z[k + 1]
        )
        if distance < best:
            best = distance
            along = t * reach
            dx, dy, dz = x[k + 1] - x[k], y[k + 1] - y[k], z[k + 1] - z[k]
            length = math.sqrt(dx * dx + dy * dy + dz * dz)
            cosine = 0.0
            if length > 1e-6:
                cosine = (dx * hole[3] + dy * hole[4] + dz * hole[5]) / length
            sine = math.sqrt(max(1.0 - cosine * cosine, _MAX_CHORD**-2))
    if end_on:
        return _end_on(best, top - radius, bottom + radius, radius, hole[6], deviation)
    sd = max(deviation * along, 0.02)
    short = max(along - hole[6], 0.0) * sine
    if best > radius + 6.0 * sd or short >= radius:
        return 0.0, along, 0.0
    width = math.sqrt(radius * radius - short * short)
    if sphere:
        p = _disc_mass(best, sd, width)
    else:
        p = _normal_cdf((width - best) / sd) - _normal_cdf((-width - best) / sd)
    half = math.sqrt(max(radius * radius - best * best, 0.04 * radius * radius)) / sine
    return p, max(along - half, 0.0), 2.0 * half


@kernel
def _assignments(q: Array, gain: Array, n_object: int, n_void: int) -> float:
    """Sum over assignments of voids to at most three objects, each void used once."""
    total = 0.0
    top = n_void if n_object > 0 else 0
    for i in range(-1, top):
        wi = 1.0 if n_object < 1 else (1.0 - q[0] if i < 0 else gain[0, i])
        top_j = n_void if n_object > 1 else 0
        for j in range(-1, top_j):
            if j >= 0 and j == i:
                continue
            wj = 1.0 if n_object < 2 else (1.0 - q[1] if j < 0 else gain[1, j])
            top_k = n_void if n_object > 2 else 0
            for k in range(-1, top_k):
                if k >= 0 and k in (i, j):
                    continue
                wk = 1.0 if n_object < 3 else (1.0 - q[2] if k < 0 else gain[2, k])
                total += wi * wj * wk
    return total


@kernel
def _log_likelihood(
    family: Array,
    fill: Array,
    x: Array,
    y: Array,
    z: Array,
    radius: Array,
    branch: Array,
    bx: Array,
    by: Array,
    bz: Array,
    holes: Array,
    span_start: Array,
    span: Array,
    void_start: Array,
    void: Array,
    terms: Array,
    out: Array,
) -> None:
    q = np.zeros(3)
    gain = np.zeros((3, _MAX_VOIDS))
    for i in range(family.shape[0]):
        total = 0.0
        for h in range(holes.shape[0]):
            n_object = 0
            first, last = void_start[h], void_start[h + 1]
            for k in range(family.shape[1]):
                if family[i, k] == 0:
                    continue
                p, enter, inside = _crossing(
                    family[i, k] == _CHAMBER,
                    x[i, k],
                    y[i, k],
                    z[i, k],
                    radius[i, k],
                    holes[h],
                    terms[4],
                )
                if branch[i, k] > 0:
                    other, there, through = _crossing(
                        False, bx[i, k], by[i, k], bz[i, k], radius[i, k], holes[h], terms[4]
                    )
                    if other > p:
                        p, enter, inside = other, there, through
                if p <= 0.0:
                    continue
                logged = False
                for s in range(span_start[h], span_start[h + 1]):
                    if span[s, 0] <= enter + 0.5 * inside <= span[s, 1] or (
                        span[s, 0] <= enter <= span[s, 1]
                    ):
                        logged = True
                if not logged:
                    continue
                q[n_object] = p * terms[fill[i, k]]
                sd = terms[5] + terms[6] * enter
                for v in range(first, last):
                    away = (void[v] - enter) / sd
                    gain[n_object, v - first] = (
                        q[n_object]
                        * math.exp(-0.5 * away * away)
                        / (sd * 2.5066282746310002 * terms[3])
                    )
                n_object += 1
            if n_object > 0:
                total += math.log(max(_assignments(q, gain, n_object, last - first), 1e-300))
        out[i] = total


@dataclass(frozen=True)
class BoreholeEvidence:
    """All boreholes of a site.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    names : tuple of str
        Holes.
    holes : (n, 7) numpy.ndarray
        Collar x, y, z, unit direction, drilled length, metres.
    span_start, span : (n + 1,) and (k, 2) numpy.ndarray
        Logged parts (void or intact) of each hole, metres along it.
    void_start, void : (n + 1,) and (m, 2) numpy.ndarray
        Logged voids of each hole, from and to in metres along it.
    terms : DrillLogTerms
        How well the drill finds voids.
    """

    id: str
    kind: str
    fingerprint: str
    names: tuple[str, ...]
    holes: Array
    span_start: Array
    span: Array
    void_start: Array
    void: Array
    terms: DrillLogTerms

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) relative to all voids being false."""
        objects = round_ends(scenes.objects)
        out = np.empty(len(scenes))
        t = self.terms
        terms = np.array(
            [
                *t.p_detect,
                t.false_void_per_m,
                t.deviation_sd_per_m,
                t.depth_sd_m,
                t.depth_sd_relative,
            ]
        )
        _log_likelihood(
            objects.family,
            objects.fill,
            objects.x,
            objects.y,
            objects.z,
            objects.radius,
            objects.branch,
            objects.branch_x,
            objects.branch_y,
            objects.branch_z,
            self.holes,
            self.span_start,
            self.span,
            self.void_start,
            np.ascontiguousarray(self.void[:, 0]),
            terms,
            out,
        )
        return out

    def predict(self, scenes: Scenes) -> Array:
        """Expected number of logged voids in each hole, (n, n_holes)."""
        drilled = np.diff(self.span, axis=1)[:, 0]
        metres = np.array(
            [drilled[a:b].sum() for a, b in zip(self.span_start, self.span_start[1:], strict=False)]
        )
        found = np.zeros((len(scenes), len(self.holes)))
        for i in range(len(scenes)):
            found[i] = self._crossings(scenes, i)[1].sum(axis=1)
        return found + self.terms.false_void_per_m * metres

    def _crossings(self, scenes: Scenes, index: int) -> tuple[Array, Array]:
        """Entry and length (holes, S, 2), and P(logged) (holes, S), of one scene."""
        objects = round_ends(scenes.objects)
        place = np.zeros((len(self.holes), N_SLOTS, 2))
        chance = np.zeros((len(self.holes), N_SLOTS))
        for h, hole in enumerate(self.holes):
            spans = self.span[self.span_start[h] : self.span_start[h + 1]]
            for k in range(N_SLOTS):
                if objects.family[index, k] == 0:
                    continue
                p, enter, inside = self._meets(objects, index, k, hole)
                points = np.array([enter, enter + 0.5 * inside])
                logged = np.any((spans[:, :1] <= points) & (points <= spans[:, 1:]))
                place[h, k] = enter, inside
                chance[h, k] = p * self.terms.p_detect[objects.fill[index, k]] * logged
        return place, chance

    def _meets(
        self, objects: Objects, index: int, k: int, hole: Array
    ) -> tuple[float, float, float]:
        """P(cross), entry and length inside of one object: of the chain more probably met."""
        at = index, k
        radius, deviation = float(objects.radius[at]), self.terms.deviation_sd_per_m
        ball = bool(objects.family[at] == _CHAMBER)
        met = _crossing(ball, objects.x[at], objects.y[at], objects.z[at], radius, hole, deviation)
        if objects.branch[at] > 0:
            chain = objects.branch_x[at], objects.branch_y[at], objects.branch_z[at]
            other = _crossing(False, *chain, radius, hole, deviation)
            return other if other[0] > met[0] else met
        return met

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> BoreholeEvidence:
        """Draw the voids that the same holes would log in the first scene."""
        place, chance = self._crossings(scenes, 0)
        voids: list[list[tuple[float, float]]] = []
        for h in range(len(self.holes)):
            found: list[tuple[float, float]] = []
            for k in range(N_SLOTS):
                if rng.random() < chance[h, k]:
                    enter, inside = place[h, k]
                    sd = self.terms.depth_sd_m + self.terms.depth_sd_relative * enter
                    top = enter + sd * rng.standard_normal()
                    found.append((top, top + inside))
            for low, high in self.span[self.span_start[h] : self.span_start[h + 1]]:
                for _ in range(rng.poisson(self.terms.false_void_per_m * (high - low))):
                    top = rng.uniform(low, high)
                    found.append((top, top + 0.3))
            voids.append(found[:_MAX_VOIDS])
        start = np.concatenate([[0], np.cumsum([len(v) for v in voids])]).astype(np.int64)
        flat = np.array([v for hole in voids for v in hole], float).reshape(-1, 2)
        return replace(
            self,
            void_start=start,
            void=flat,
            fingerprint=layout_hash(self.fingerprint, start, flat),
        )


def _directions(collars: BoreholeTable) -> Array:
    azimuth, down = np.deg2rad(collars.azimuth_deg), np.deg2rad(collars.inclination_deg)
    return np.column_stack(
        [np.sin(azimuth) * np.cos(down), np.cos(azimuth) * np.cos(down), -np.sin(down)]
    )


def borehole_evidence(
    collars: BoreholeTable,
    intervals: IntervalTable,
    prior: Prior,
    *,
    id: str = "boreholes",
    terms: DrillLogTerms | None = None,
) -> BoreholeEvidence:
    """Make evidence of holes and their logs.

    Parameters
    ----------
    collars : BoreholeTable
        Holes.
    intervals : IntervalTable
        ``void``, ``intact`` or ``unknown`` along them; what is not covered is unknown.
    prior : Prior
        Gives the surface for collars without z.
    id : str
        Name in the ledger.
    terms : DrillLogTerms, optional
        How well the drill finds voids.

    Returns
    -------
    BoreholeEvidence

    Raises
    ------
    InputError
        If an interval has no collar or a hole has more than twelve voids.
    """
    x, y = np.asarray(collars.x_m, float), np.asarray(collars.y_m, float)
    z = prior.surface.at(x, y) if collars.z_m is None else np.asarray(collars.z_m, float)
    length = np.asarray(collars.length_m, float)
    holes = np.column_stack([x, y, z, _directions(collars), length])
    order = {name: i for i, name in enumerate(collars.hole)}
    spans: list[list[tuple[float, float]]] = [[] for _ in order]
    voids: list[list[tuple[float, float]]] = [[] for _ in order]
    rows = zip(intervals.hole, intervals.from_m, intervals.to_m, intervals.log, strict=True)
    for name, top, base, word in rows:
        if name not in order:
            problem = f"an interval names hole {name!r}, which has no collar"
            raise InputError(problem)
        if word in ("void", "intact"):
            spans[order[name]].append((float(top), float(base)))
        if word == "void":
            voids[order[name]].append((float(top), float(base)))
    for name, found in zip(collars.hole, voids, strict=True):
        if len(found) > _MAX_VOIDS:
            problem = f"hole {name!r} has {len(found)} voids; join them into at most {_MAX_VOIDS}"
            raise InputError(problem)

    def flatten(parts: list[list[tuple[float, float]]]) -> tuple[Array, Array]:
        start = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
        flat = np.array([item for p in parts for item in sorted(p)], float).reshape(-1, 2)
        return start, flat

    used = terms or DrillLogTerms()
    span_start, span = flatten(spans)
    void_start, void = flatten(voids)
    fingerprint = layout_hash("boreholes", holes, span_start, span, void_start, void, used)
    return BoreholeEvidence(
        id,
        "boreholes",
        fingerprint,
        tuple(collars.hole),
        holes,
        span_start,
        span,
        void_start,
        void,
        used,
    )
