"""Boreholes: what the driller said along a trace that was surveyed or may deviate.

Every object that the trace crosses, by either of its chains, is logged by one word w with
probability ``P(cross)·P(w | fill, family)``, or not at all; words that come from no object (joints,
caves, old wells, fractured rock) are Poisson processes along the hole, one for each word. The
likelihood sums over every way in which logged events can belong to objects or be false:

    L ∝ Σ_assignments Π_objects [1 − q, or P(cross) P(w | fill) N(from; t_in, sd)/φ_w · f/f_w],

with q = P(cross) Σ_w P(w | fill) and φ_w the rate of false words per metre; the numbers stand in
`subterra.evidence.drill_words`. Of voids the logged length counts, by its density f over an object
and f_w elsewhere (`subterra.evidence.void_lengths`); that of other words says nothing. P(cross)
integrates the hole's lateral deviation in closed form; it grows with depth only beyond what was
surveyed. Only the logged part of a hole speaks; an event's depth counts with sd 0.3 m + 1 %. The
words say what was met: pillars, in a ``working`` whose extraction ratio is below 1, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence.borehole_kernel import HoleArrays, crossing, hole_log_likelihood
from subterra.evidence.desurvey import hole_directions, hole_traces, stations_of
from subterra.evidence.drill_words import (
    DRILLER,
    EVENT_WORDS,
    PLAIN,
    DrillLogTerms,
    WordTable,
    strongest,
    word_table,
)
from subterra.evidence.items import check_known_items
from subterra.evidence.void_lengths import draw_length
from subterra.ground import layout_hash
from subterra.scene import FAMILIES, N_SLOTS, Objects, Prior, Scenes, round_ends
from subterra.tables import VOID_WORDS, BoreholeTable, IntervalTable, SurveyTable

__all__ = ["BoreholeEvidence", "DrillLogTerms", "borehole_evidence"]

Array = npt.NDArray[Any]

_CHAMBER: Final = FAMILIES.index("chamber")
_MAX_VOIDS: Final = 12
_MAX_EVENTS: Final = 60
_SIGN_LENGTH_M: Final = 0.3
_ROUNDING_M: Final = 1e-6

_Event = tuple[float, float, int, bool]
"""From and to in metres along the hole, number of the word, and whether the log ends within it."""


@dataclass(frozen=True)
class BoreholeEvidence:
    """All boreholes of a site.

    Parameters
    ----------
    id, kind, fingerprint : str
        See ``Evidence``.
    names : tuple of str
        Holes.
    holes : HoleArrays
        Their traces and logs.
    terms : DrillLogTerms
        How well the drill finds voids, and what its words mean.
    """

    id: str
    kind: str
    fingerprint: str
    names: tuple[str, ...]
    holes: HoleArrays
    terms: DrillLogTerms

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Names of the holes: each can be left out."""
        return self.names

    @property
    def origins(self) -> Mapping[str, str]:
        """Each hole stands alone: the ground is the same, but no log was copied from another."""
        return {name: name for name in self.names}

    def without(self, items: Collection[str]) -> BoreholeEvidence:
        """Return the same evidence without some holes."""
        check_known_items(items, self.names)
        keep = [i for i, name in enumerate(self.names) if name not in items]
        holes = _taken(self.holes, keep)
        names = tuple(self.names[i] for i in keep)
        return replace(self, names=names, holes=holes, fingerprint=_hash(holes, self.terms))

    def log_likelihood(self, scenes: Scenes) -> Array:
        """Log-likelihood (n,) relative to all events being false."""
        return self.log_likelihood_by_hole(scenes).sum(axis=0)

    def log_likelihood_by_hole(self, scenes: Scenes) -> Array:
        """Log-likelihood (h, n) of each hole's log; holes are independent given the scene."""
        objects, t = round_ends(scenes.objects), self.terms
        out = np.zeros((len(self.names), len(scenes)))
        table = word_table(t)
        terms = np.array(
            [t.deviation_sd_per_m, t.survey_sd_per_m, t.depth_sd_m, t.depth_sd_relative]
        )
        hole_log_likelihood(
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
            table.chance,
            table.rate,
            table.cause,
            table.cause_length,
            terms,
            out,
        )
        return out

    def predict(self, scenes: Scenes) -> Array:
        """Expected number of logged events in each hole, (n, n_holes)."""
        false = word_table(self.terms).rate[self.holes.driller].sum(axis=1)
        found = np.zeros((len(scenes), len(self.names)))
        for i in range(len(scenes)):
            found[i] = self._crossings(scenes, i)[1].sum(axis=(1, 2))
        return found + false * self._logged_m()

    def _logged_m(self) -> Array:
        """Logged metres (h,) of each hole."""
        ends = pairwise(self.holes.span_start)
        return np.array([np.diff(self.holes.span[a:b], axis=1).sum() for a, b in ends])

    def _crossings(self, scenes: Scenes, index: int) -> tuple[Array, Array]:
        """Entry and length (holes, S, 2), and P(word) (holes, S, W), of one scene."""
        objects, holes = round_ends(scenes.objects), self.holes
        table = word_table(self.terms)
        place = np.zeros((len(self.names), N_SLOTS, 2))
        chance = np.zeros((len(self.names), N_SLOTS, len(EVENT_WORDS)))
        for h in range(len(self.names)):
            spans = holes.span[holes.span_start[h] : holes.span_start[h + 1]]
            for k in range(N_SLOTS):
                family = int(objects.family[index, k])
                if family == 0:
                    continue
                p, enter, inside = self._meets(objects, index, k, h)
                points = np.array([enter, enter + 0.5 * inside])
                logged = np.any((spans[:, :1] <= points) & (points <= spans[:, 1:]))
                place[h, k] = enter, inside
                said = table.chance[holes.driller[h], family, objects.fill[index, k]]
                chance[h, k] = p * said * logged
        return place, chance

    def _meets(self, objects: Objects, index: int, k: int, h: int) -> tuple[float, float, float]:
        """P(cross), entry and length inside of one object: of the chain more probably met."""
        at, t = (index, k), self.terms
        radius, rates = objects.radius[at], (t.deviation_sd_per_m, t.survey_sd_per_m)
        ball = bool(objects.family[at] == _CHAMBER)
        chain = objects.x[at], objects.y[at], objects.z[at]
        met = crossing(ball, *chain, radius, self.holes, h, *rates)
        if objects.branch[at] > 0:
            chain = objects.branch_x[at], objects.branch_y[at], objects.branch_z[at]
            other = crossing(False, *chain, radius, self.holes, h, *rates)
            return other if other[0] > met[0] else met
        return met

    def simulate(self, scenes: Scenes, rng: np.random.Generator) -> BoreholeEvidence:
        """Draw what the same holes would log in the first scene, each in its own vocabulary."""
        place, chance = self._crossings(scenes, 0)
        table = word_table(self.terms)
        events: list[list[_Event]] = []
        for h in range(len(self.names)):
            ends, causes = self._ends(h), table.cause[self.holes.driller[h]]
            found: list[_Event] = []
            for k in range(N_SLOTS):
                said = int(np.searchsorted(np.cumsum(chance[h, k]), rng.random(), side="right"))
                if said < len(EVENT_WORDS):
                    enter, inside = place[h, k]
                    sd = self.terms.depth_sd_m + self.terms.depth_sd_relative * enter
                    top, length = enter + sd * rng.standard_normal(), inside
                    if causes[said].any():
                        longest = max(inside, 2.0 * float(scenes.objects.radius[0, k]))
                        length = draw_length(inside, longest, self.terms.depth_sd_m, rng)
                    found.append(_cut(top, length, said, ends))
            events.append((found + self._false_events(h, table, rng))[:_MAX_EVENTS])
        start, flat, word, unended = _flat_events(events)
        holes = self.holes._replace(event_start=start, event=flat, word=word, unended=unended)
        return replace(
            self,
            holes=holes,
            fingerprint=layout_hash(self.fingerprint, start, flat, word, unended),
        )

    def _ends(self, h: int) -> Array:
        return _stretch_ends(
            self.holes.span[self.holes.span_start[h] : self.holes.span_start[h + 1]]
        )

    def _false_events(self, h: int, table: WordTable, rng: np.random.Generator) -> list[_Event]:
        holes, ends, found = self.holes, self._ends(h), list[_Event]()
        causes = table.cause[holes.driller[h]]
        for low, high in holes.span[holes.span_start[h] : holes.span_start[h + 1]]:
            for word, rate in enumerate(table.rate[holes.driller[h]]):
                for _ in range(rng.poisson(rate * (high - low))):
                    top, length = rng.uniform(low, high), _SIGN_LENGTH_M
                    if causes[word].any():
                        cause = rng.choice(len(causes[word]), p=causes[word])
                        length = rng.exponential(table.cause_length[cause])
                    found.append(_cut(top, length, word, ends))
        return found


def _hash(holes: HoleArrays, terms: DrillLogTerms) -> str:
    return layout_hash("boreholes", *holes, terms)


def _starts(counts: list[int]) -> Array:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _stretch_ends(spans: Array) -> Array:
    """Ends of the stretches of a hole that were logged without a gap, in order of depth."""
    ends: list[float] = []
    for low, high in spans:
        if ends and low <= ends[-1] + _ROUNDING_M:
            ends[-1] = max(ends[-1], high)
        else:
            ends.append(high)
    return np.array(ends)


def _cut(top: float, length: float, word: int, ends: Array) -> _Event:
    """Return an event that ends where the log does, if not before."""
    below = ends[ends > top]
    end = float(below[0]) if len(below) else top + _ROUNDING_M
    return top, min(top + length, end), word, top + length >= end - _ROUNDING_M


def _flat_events(events: list[list[_Event]]) -> tuple[Array, Array, Array, Array]:
    flat = [item for hole in events for item in hole]
    places = np.array([item[:2] for item in flat], float).reshape(-1, 2)
    words = np.array([item[2] for item in flat], np.int64)
    unended = np.array([item[3] for item in flat], np.bool_)
    return _starts([len(hole) for hole in events]), places, words, unended


def _taken(holes: HoleArrays, keep: list[int]) -> HoleArrays:
    """Select holes."""

    def ragged(start: Array, *columns: Array) -> list[Array]:
        rows = [np.arange(start[i], start[i + 1]) for i in keep]
        index = np.concatenate([np.zeros(0, np.int64), *rows])
        return [_starts([len(r) for r in rows]), *(column[index] for column in columns)]

    trace_start, trace = ragged(holes.trace_start, holes.trace)
    span_start, span = ragged(holes.span_start, holes.span)
    event_start, event, word, unended = ragged(
        holes.event_start, holes.event, holes.word, holes.unended
    )
    return HoleArrays(
        trace_start,
        trace,
        holes.length[keep],
        holes.surveyed[keep],
        holes.driller[keep],
        span_start,
        span,
        event_start,
        event,
        word,
        unended,
    )


def borehole_evidence(
    collars: BoreholeTable,
    intervals: IntervalTable,
    prior: Prior,
    *,
    surveys: SurveyTable | None = None,
    id: str = "boreholes",
    terms: DrillLogTerms | None = None,
) -> BoreholeEvidence:
    """Make evidence of holes and their logs.

    Parameters
    ----------
    collars : BoreholeTable
        Holes.
    intervals : IntervalTable
        Words along them; what is not covered is unknown. In a driller's log, intervals that touch
        are one event, for which the strongest word speaks.
    prior : Prior
        Gives the surface for collars without z.
    surveys : SurveyTable, optional
        Measured directions; a hole without any is straight and deviates from its collar on.
    id : str
        Name in the ledger.
    terms : DrillLogTerms, optional
        How well the drill finds voids, and what its words mean.

    Returns
    -------
    BoreholeEvidence

    Raises
    ------
    InputError
        If an interval or a station has no collar, a hole has more than twelve voids or sixty
        events, or a survey turns round.
    """
    order = {name: i for i, name in enumerate(collars.hole)}
    logs: list[list[tuple[float, float, str]]] = [[] for _ in order]
    for name, top, base, word in zip(
        intervals.hole, intervals.from_m, intervals.to_m, intervals.log, strict=True
    ):
        if name not in order:
            problem = f"an interval names hole {name!r}, which has no collar"
            raise InputError(problem)
        logs[order[name]].append((float(top), float(base), word))
    spans = [sorted((a, b) for a, b, word in log if word != "unknown") for log in logs]
    driller = np.array([_vocabulary(log) for log in logs], np.int64)
    events = [
        _events(name, sorted(log), int(words), _stretch_ends(np.array(span)))
        for name, log, words, span in zip(collars.hole, logs, driller, spans, strict=True)
    ]
    event_start, event, word, unended = _flat_events(events)
    trace_start, trace, surveyed = _traces(collars, surveys, prior)
    holes = HoleArrays(
        trace_start,
        trace,
        np.asarray(collars.length_m, float).copy(),
        surveyed,
        driller,
        _starts([len(s) for s in spans]),
        np.array([item for s in spans for item in s], float).reshape(-1, 2),
        event_start,
        event,
        word,
        unended,
    )
    used = terms or DrillLogTerms()
    return BoreholeEvidence(id, "boreholes", _hash(holes, used), tuple(collars.hole), holes, used)


def _vocabulary(log: list[tuple[float, float, str]]) -> int:
    return DRILLER if {word for *_, word in log} - {"void", "intact", "unknown"} else PLAIN


def _events(
    name: str, log: list[tuple[float, float, str]], vocabulary: int, ends: Array
) -> list[_Event]:
    """Events of a hole, by the order of depth."""
    found = [row for row in log if row[2] in EVENT_WORDS]
    if vocabulary == DRILLER:
        found = _joined(found)
    voids = sum(word in VOID_WORDS for *_, word in found)
    if voids > _MAX_VOIDS:
        problem = f"hole {name!r} has {voids} voids; join them into at most {_MAX_VOIDS}"
        raise InputError(problem)
    if len(found) > _MAX_EVENTS:
        problem = f"hole {name!r} has {len(found)} events; join them into at most {_MAX_EVENTS}"
        raise InputError(problem)
    return [_cut(top, base - top, EVENT_WORDS.index(word), ends) for top, base, word in found]


def _joined(rows: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Let touching intervals be one event, at the top of the first with the strongest word."""
    runs: list[list[tuple[float, float, str]]] = []
    for row in rows:
        if runs and row[0] <= runs[-1][-1][1] + _ROUNDING_M:
            runs[-1].append(row)
        else:
            runs.append([row])
    out: list[tuple[float, float, str]] = []
    for run in runs:
        word = strongest(tuple(word for *_, word in run))
        same = [row for row in run if row[2] == word]
        out.append((same[0][0], same[-1][1], word))
    return out


def _traces(
    collars: BoreholeTable, surveys: SurveyTable | None, prior: Prior
) -> tuple[Array, Array, Array]:
    """Chords of every hole and the depths down to which they were surveyed."""
    straight = hole_directions(collars.azimuth_deg, collars.inclination_deg)
    stations = stations_of(collars, surveys)
    chords: list[Array] = []
    surveyed: list[float] = []
    for i, (name, trace) in enumerate(hole_traces(collars, surveys, prior).items()):
        if not len(stations[name]):
            chords.append(np.concatenate([trace[0, 1:], straight[i], [0.0]])[None, :])
            surveyed.append(0.0)
            continue
        step = np.diff(trace[:, 1:], axis=0)
        unit = step / np.linalg.norm(step, axis=1)[:, None]
        chords.append(np.column_stack([trace[:-1, 1:], unit, trace[:-1, 0]]))
        surveyed.append(float(stations[name][-1, 0]))
    return _starts([len(c) for c in chords]), np.concatenate(chords), np.array(surveyed)
