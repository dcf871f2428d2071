"""Hyperbolas picked on ground radar: where an object passes closest to a profile, or clutter.

The reflection of an object on a straight profile has its apex where profile and axis come closest;
its distance there, less the radius, is what the two-way time tells. Picks are a Poisson process
over place s along the profile and distance d: with crossings c of the scene's objects (all of them,
targets or not) whose apex lies on the profile and within its range,

    λ(s, d) = λ₀/D + p Σ_c N(s; s_c, sd_s) N(d; d_c, sd_d),    log L = Σ_picks log λ − ∫λ,

so that a crossing gives picks with mean p and silence speaks too. λ₀, the false picks per metre, is
summed over with a Gamma prior of shape 2 about its stated mean. Standard deviations belong to the
pick and tell nothing of the scene. A branch shows an apex of its own, unless it comes closest where
it forks off. Not for a profile that runs along an object (no hyperbola), and
p is one number: a chamber much smaller than the Fresnel zone is seen less often.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, gammaln, roots_genlaguerre, roots_legendre

from subterra.errors import InputError
from subterra.evidence.axes import axes_of
from subterra.evidence.radar_pick_kernel import pick_apexes, pick_densities
from subterra.ground import layout_hash
from subterra.scene import Prior, Scenes, take
from subterra.tables import RadarLineTable, RadarPickTable

__all__ = ["RadarPickEvidence", "RadarPickTerms", "radar_pick_evidence"]

Array = npt.NDArray[Any]

_MARGIN: Final = 4.0
"""Standard deviations by which the place of a pick may lie beyond its profile and range."""
_SHAPE: Final = 2.0
_N_RATE: Final = 12
_DEFAULT_SD: Final = (0.5, 0.5)


@dataclass(frozen=True)
class RadarPickTerms:
    """How well an interpreter sees and is fooled.

    Parameters
    ----------
    p_detect : float
        Mean number of picks from an object that passes within range, 0 to 1.
    false_per_100_m : float
        Picks that are no object of the scene (boulders, pipes, edges), per 100 m of profile.
    """

    p_detect: float = 0.5
    false_per_100_m: float = 3.0

    def __post_init__(self) -> None:
        if not 0.0 < self.p_detect <= 1.0 or not self.false_per_100_m > 0.0:
            problem = (
                "expected a mean number of picks per crossing above 0 and at most 1 and a positive "
                f"rate of false picks, found {self.p_detect:g} and {self.false_per_100_m:g}"
            )
            raise InputError(problem)


@dataclass(frozen=True)
class RadarPickEvidence:
    """All radar profiles of a site with their picks.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    lines : tuple of str
        Profiles.
    start, way : (L, 3) numpy.ndarray
        Beginning of each profile on the surface, m, and unit vector along it.
    length, reach : (L,) numpy.ndarray
        Length of the profile and range of the radar, m.
    line : (m,) numpy.ndarray of int
        Profile of each pick.
    s, d : (m,) numpy.ndarray
        Place along the profile and distance of each pick, m.
    sd : (m, 2) numpy.ndarray
        Their standard deviations, m.
    sd_known : (q, 2) numpy.ndarray
        Standard deviations that simulated picks take.
    terms : RadarPickTerms
        Detection and false picks.
    """

    id: str
    kind: str
    fingerprint: str
    lines: tuple[str, ...]
    start: Array
    way: Array
    length: Array
    reach: Array
    line: Array
    s: Array
    d: Array
    sd: Array
    sd_known: Array
    terms: RadarPickTerms

    def apexes(self, scenes: Scenes) -> tuple[Array, Array]:
        """Place along and distance from each profile of each apex, (n, S, L); NaN where none.

        Where any object has a branch the shape is (n, 2 S, L): trunks, then branches.
        """
        objects, axes = scenes.objects, axes_of(scenes.objects)
        n_scene, n_slot = objects.family.shape
        n_apex = n_slot if axes.x.shape[2] == objects.x.shape[2] else 2 * n_slot
        shape = (n_scene, n_apex, len(self.lines))
        place, distance = np.empty(shape), np.empty(shape)
        pick_apexes(
            objects.family, axes.x, axes.y, axes.z, axes.trunk, objects.radius, self.start,
            self.way, self.length, self.reach, place, distance,
        )  # fmt: skip
        return place, distance

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) of the picks and of the silence between them."""
        place, distance = self.apexes(scenes)
        density = np.empty((len(scenes), len(self.s)))
        pick_densities(place, distance, self.line, self.s, self.d, self.sd, density)
        expected = self.terms.p_detect * (~np.isnan(place)).sum(axis=(1, 2))
        clutter = 1.0 / self._extent()[self.line]
        logs = [
            log_weight + np.log(r * clutter + self.terms.p_detect * density).sum(axis=1)
            for r, log_weight in zip(*self._rates(), strict=True)
        ]
        return np.logaddexp.reduce(np.array(logs), axis=0) - expected

    def predict(self, scenes: Scenes) -> Array:
        """Expected number of picks on each profile, (n, L)."""
        place, _ = self.apexes(scenes)
        false = self.terms.false_per_100_m / 100.0 * self.length
        return false + self.terms.p_detect * (~np.isnan(place)).sum(axis=1)

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> RadarPickEvidence:
        """Picks drawn for the first scene on the same profiles."""
        place, distance = (values[0] for values in self.apexes(take(scenes, slice(0, 1))))
        false_per_m = rng.gamma(_SHAPE, self._scale())
        margin = self._margin()
        rows: list[tuple[int, float, float, float, float]] = []
        for line in range(len(self.lines)):
            for _ in range(rng.poisson(false_per_m * self.length[line])):
                s = rng.uniform(-margin[0], self.length[line] + margin[0])
                d = rng.uniform(-margin[1], self.reach[line] + margin[1])
                rows.append((line, s, d, *self._drawn_sd(rng)))
            for slot in np.flatnonzero(~np.isnan(place[:, line])):
                for _ in range(rng.poisson(self.terms.p_detect)):
                    sd = self._drawn_sd(rng)
                    s = place[slot, line] + _within(rng) * sd[0]
                    rows.append((line, s, distance[slot, line] + _within(rng) * sd[1], *sd))
        table = np.array(rows).reshape(-1, 5)
        return _with_picks(self, table[:, 0].astype(np.int64), table[:, 1:3], table[:, 3:5])

    def _drawn_sd(self, rng: np.random.Generator) -> tuple[float, float]:
        sd = self.sd_known[int(rng.integers(len(self.sd_known)))]
        return float(sd[0]), float(sd[1])

    def _margin(self) -> Array:
        return _MARGIN * self.sd_known.max(axis=0)

    def _extent(self) -> Array:
        """Area over which the false picks of each profile spread, per metre of it (L,)."""
        margin = self._margin()
        wide = self.length + 2.0 * margin[0]
        return wide * (self.reach + 2.0 * margin[1]) / self.length

    def _scale(self) -> float:
        return self.terms.false_per_100_m / 100.0 / _SHAPE

    def _rates(self) -> tuple[Array, Array]:
        """Nodes of the rate of false picks, 1/m, and log weights with prior and silence in them.

        Over T metres of profile m picks leave the prior times e^−rT times a polynomial of degree m
        in r, which Gauss-Laguerre nodes integrate exactly up to m = 2 n − 1. Of more picks the rate
        is so well known that quantiles of the Gamma distribution of shape 2 + m do.
        """
        m, scale = len(self.s), self._scale()
        inverse = 1.0 / scale + float(self.length.sum())
        log_norm = -_SHAPE * math.log(scale * inverse)
        if m < 2 * _N_RATE:
            node, weight = roots_genlaguerre(_N_RATE, _SHAPE - 1.0)
            return node / inverse, log_norm + np.log(weight / weight.sum())
        u, weight = roots_legendre(_N_RATE)
        node = gammaincinv(_SHAPE + m, 0.5 * (1.0 + u))
        log_power = gammaln(_SHAPE + m) - gammaln(_SHAPE) - m * np.log(node)
        return node / inverse, log_norm + np.log(0.5 * weight) + log_power


def _within(rng: np.random.Generator) -> float:
    """Standard normal within the margin."""
    while True:
        value = float(rng.standard_normal())
        if abs(value) < _MARGIN:
            return value


def _with_picks(
    evidence: RadarPickEvidence, line: Array, place: Array, sd: Array
) -> RadarPickEvidence:
    changed = replace(evidence, line=line, s=place[:, 0], d=place[:, 1], sd=sd)
    return replace(changed, fingerprint=_fingerprint(changed))


def _fingerprint(e: RadarPickEvidence) -> str:
    return layout_hash(
        e.kind, e.start, e.way, e.length, e.reach, e.line, e.s, e.d, e.sd, e.sd_known,
        (e.terms.p_detect, e.terms.false_per_100_m),
    )  # fmt: skip


def radar_pick_evidence(
    lines: Sequence[RadarLineTable],
    picks: Sequence[RadarPickTable],
    prior: Prior,
    *,
    id: str = "radar-picks",
    terms: RadarPickTerms | None = None,
) -> RadarPickEvidence:
    """Make evidence of all radar profiles of a site.

    Parameters
    ----------
    lines : sequence of RadarLineTable
        Profiles, also those without a pick: their silence counts.
    picks : sequence of RadarPickTable
        Apexes of hyperbolas.
    prior : Prior
        Gives the surface that the profiles lie on.
    id : str
        Name in the ledger.
    terms : RadarPickTerms, optional
        Detection and false picks; by default what the tables of profiles say.

    Returns
    -------
    RadarPickEvidence

    Raises
    ------
    InputError
        No profile, a profile or pick twice, a pick without its profile, or off it by more than
        four of its standard deviations.
    """
    names = tuple(name for table in lines for name in table.line)
    ends = [_joined(lines, name) for name in ("x0_m", "y0_m", "x1_m", "y1_m", "range_m")]
    _refuse_repeats(names, "radar line")
    if not names:
        problem = "radar picks need the profiles they were made on: add a table line,x0,y0,x1,y1"
        raise InputError(problem)
    start, stop = (
        np.column_stack([x, y, prior.surface.at(x, y)]) for x, y in (ends[0:2], ends[2:4])
    )
    length = np.linalg.norm(stop - start, axis=1)
    way = (stop - start) / length[:, None]
    which, s, off = _onto(names, start, way, picks)
    sd = np.column_stack([_joined(picks, "sd_m"), _joined(picks, "depth_sd_m")])
    d = _joined(picks, "depth_m")
    known = sd if len(sd) else np.array([_DEFAULT_SD])
    margin = _MARGIN * known.max(axis=0)
    reach = ends[4]
    pick_names = [name for table in picks for name in table.pick]
    _refuse_repeats(pick_names, "radar pick")
    for row in range(len(s)):
        line = which[row]
        beside = abs(off[row]) > _MARGIN * sd[row, 0] + 1.0
        beyond = not -margin[0] <= s[row] <= length[line] + margin[0]
        deeper = d[row] > reach[line] + margin[1]
        if beside or beyond or deeper:
            what = "beside" if beside else "beyond the end of" if beyond else "below the range of"
            problem = f"radar pick {pick_names[row]!r} lies {what} its line {names[line]!r}"
            raise InputError(problem)
    made = RadarPickEvidence(
        id, "radar-picks", "", names, start, way, length, reach, which, s, d, sd, known,
        terms or _terms(lines),
    )  # fmt: skip
    return replace(made, fingerprint=_fingerprint(made))


def _terms(lines: Sequence[RadarLineTable]) -> RadarPickTerms:
    said = {(table.p_detect, table.false_per_100_m) for table in lines}
    if len(said) > 1:
        problem = "the files of radar lines say different p_detect or false_per_100_m"
        raise InputError(problem)
    return RadarPickTerms(*said.pop())


def _joined(tables: Sequence[Any], name: str) -> Array:
    parts = [np.asarray(getattr(table, name), np.float64) for table in tables]
    return np.concatenate(parts) if parts else np.empty(0)


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        problem = f"{what} {twice!r} is given in two files"
        raise InputError(problem)


def _onto(
    names: Sequence[str], start: Array, way: Array, picks: Sequence[RadarPickTable]
) -> tuple[Array, Array, Array]:
    """Profile, place along it and distance beside it in plan, of each pick."""
    which: list[int] = []
    for table in picks:
        for pick, name in zip(table.pick, table.line, strict=True):
            if name not in names:
                problem = f"radar pick {pick!r}: there is no line {name!r}"
                raise InputError(problem)
            which.append(names.index(name))
    line = np.array(which, np.int64)
    x, y = _joined(picks, "x_m"), _joined(picks, "y_m")
    flat = np.hypot(way[line, 0], way[line, 1])
    east, north = way[line, 0] / flat, way[line, 1] / flat
    dx, dy = x - start[line, 0], y - start[line, 1]
    return line, (dx * east + dy * north) / flat, dy * east - dx * north
