"""Tables of the blind sites: scores with intervals, and Subterra less each peer, paired by site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scores import (
    Interval,
    brier,
    calibration_shift,
    calibration_slope,
    interval,
    log_score,
    resamples,
    roc_area,
)
from verdicts import METHODS, Verdict

Float = NDArray[np.float64]
Columns = dict[str, Float]


@dataclass(frozen=True)
class Measure:
    """One column of the table.

    Attributes
    ----------
    label : str
    more_is_better : bool
    of : callable
        Columns of one method, restricted to a sample of sites, to one number.
    digits : int
    """

    label: str
    more_is_better: bool
    of: Callable[[Columns], float]
    digits: int = 2


def _mean(name: str) -> Callable[[Columns], float]:
    def of(c: Columns) -> float:
        values = c[name][np.isfinite(c[name])]
        return float(values.mean()) if len(values) else float("nan")

    return of


MEASURES = {
    "area": Measure("ROC area", True, lambda c: roc_area(c["score"], c["there"]), 3),
    "log": Measure("log score, nats", False, lambda c: float(log_score(c["p"], c["there"]).mean())),
    "brier": Measure("Brier", False, lambda c: float(brier(c["p"], c["there"]).mean()), 3),
    "axis": Measure("axis off, m", False, _mean("axis_m"), 1),
    "depth": Measure("depth off, m", False, _mean("depth_m"), 1),
    "gospa": Measure("GOSPA, m", False, _mean("gospa_m")),
    "false": Measure("false holes on null sites", False, _mean("false_holes"), 1),
    "holes": Measure("holes to the first hit (cap 40)", False, _mean("holes"), 1),
    "soon": Measure("P(found by hole 5)", True, _mean("soon")),
}
LEAST_SITES = 10
"""With fewer sites of either kind no interval is given and nobody is ahead."""
SCORED = ("p", "score", "axis_m", "depth_m", "gospa_m", "holes", "soon", "false_holes")


def columns(verdicts: list[Verdict], there: Float) -> Columns:
    """Arrays over sites, by name."""
    out = {name: np.array([getattr(v, name) for v in verdicts]) for name in SCORED}
    return {**out, "there": there}


def _at(c: Columns, index: NDArray[np.int64]) -> Columns:
    return {name: values[index] for name, values in c.items()}


@dataclass(frozen=True)
class Comparison:
    """Scores of all methods on one set of sites.

    Attributes
    ----------
    n_void, n_null : int
    value : dict
        (method, measure) to `Interval`.
    difference : dict
        (peer, measure) to the `Interval` of Subterra less the peer.
    slope : dict
        Method to the `Interval` of its calibration slope.
    shift : dict
        Method to the `Interval` of the shift that its log odds would need.
    """

    n_void: int
    n_null: int
    value: dict[tuple[str, str], Interval]
    difference: dict[tuple[str, str], Interval]
    slope: dict[str, Interval]
    shift: dict[str, Interval]

    def standing(self, peer: str, measure: str) -> str:
        """`ahead`, `behind` or nothing: only where the interval excludes 0."""
        d = self.difference[peer, measure]
        if not d.excludes_zero:
            return ""
        better = (d.value > 0) == MEASURES[measure].more_is_better
        return "ahead" if better else "behind"


def _interval(value: float, drawn: Float, there: Float) -> Interval:
    """No interval from a handful of sites: their bootstrap knows no others."""
    few = min((there > 0).sum(), (there == 0).sum()) < LEAST_SITES
    return interval(value, drawn[:0] if few else drawn)


def compare(by_method: dict[str, Columns], n_resamples: int = 4000) -> Comparison:
    """Score every method on the same sites, with the same bootstrap samples of sites."""
    there = by_method["subterra"]["there"]
    samples = resamples(there.astype(np.int64), n_resamples)
    drawn: dict[tuple[str, str], Float] = {}
    value: dict[tuple[str, str], Interval] = {}
    for method, c in by_method.items():
        for name, measure in MEASURES.items():
            drawn[method, name] = np.array([measure.of(_at(c, i)) for i in samples])
            value[method, name] = _interval(measure.of(c), drawn[method, name], there)
    difference = {
        (peer, name): _interval(
            value["subterra", name].value - value[peer, name].value,
            drawn["subterra", name] - drawn[peer, name],
            there,
        )
        for peer in by_method
        if peer != "subterra"
        for name in MEASURES
    }
    told = {m: c for m, c in by_method.items() if np.ptp(c["p"]) > 0.0}
    slope, shift = (
        {m: _calibration(f, c, samples[:1000]) for m, c in told.items()}
        for f in (calibration_slope, calibration_shift)
    )
    return Comparison(int(there.sum()), int((there == 0).sum()), value, difference, slope, shift)


def _calibration(
    figure: Callable[[Float, Float], float],
    c: Columns,
    samples: NDArray[np.int64],
) -> Interval:
    drawn = [figure(c["p"][i], c["there"][i]) for i in samples]
    return _interval(figure(c["p"], c["there"]), np.array(drawn), c["there"])


def _shown(i: Interval, digits: int) -> str:
    if not np.isfinite(i.value):
        return "–"
    if not np.isfinite(i.low):
        return f"{i.value:.{digits}f}"
    return f"{i.value:.{digits}f} ({i.low:.{digits}f}–{i.high:.{digits}f})"


def score_table(result: Comparison, names: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: one method a row, 95 % intervals in brackets."""
    header = ["method", *(m.label for m in MEASURES.values())]
    rows = [
        [names[method]]
        + [_shown(result.value[method, name], m.digits) for name, m in MEASURES.items()]
        for method in METHODS
        if (method, "area") in result.value
    ]
    return header, rows


def difference_table(
    result: Comparison, names: dict[str, str]
) -> tuple[list[str], list[list[str]]]:
    """Header and rows of Subterra less each peer; bold says which way an interval excludes 0."""
    header = ["Subterra less", *(m.label for m in MEASURES.values())]
    rows = []
    for peer in METHODS[1:]:
        if (peer, "area") not in result.difference:
            continue
        row = [names[peer]]
        for name, m in MEASURES.items():
            d = result.difference[peer, name]
            if not np.isfinite(d.value):
                row.append("–")
                continue
            text = f"{d.value:+.{m.digits}f}"
            if np.isfinite(d.low):
                text += f" ({d.low:+.{m.digits}f} to {d.high:+.{m.digits}f})"
            standing = result.standing(peer, name)
            row.append(f"{text} **{standing}**" if standing else text)
        rows.append(row)
    return header, rows


def spoken(result: Comparison, names: dict[str, str]) -> list[str]:
    """In words, where a peer is ahead and where nothing can be told apart."""
    peers = [m for m in METHODS[1:] if (m, "area") in result.difference]
    behind = {
        p: [MEASURES[n].label for n in MEASURES if result.standing(p, n) == "behind"] for p in peers
    }
    ahead = sum(result.standing(p, n) == "ahead" for p in peers for n in MEASURES)
    lost = sum(map(len, behind.values()))
    told = sum(np.isfinite(result.difference[p, n].value) for p in peers for n in MEASURES)
    first = (
        f"Of {told} differences Subterra is ahead in {ahead} and behind in {lost}; "
        f"{told - ahead - lost} cannot be told from 0."
    )
    words = [f"{names[p]} is ahead of Subterra in: {', '.join(v)}." for p, v in behind.items() if v]
    return [first, *(words or ["No peer is ahead in anything that can be told apart."])]
