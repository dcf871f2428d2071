"""From ranks and scores to a verdict: is a site calibrated, and if not, why not.

Each criterion is held at 99 %, so that a calibrated site fails about one in twenty times. It is
not calibrated where

* the ranks of some quantity leave their simultaneous band (99 % for all quantities together);
* the exact 99 % interval of the coverage of a 50 or 90 % interval does not contain 0.5 or 0.9;
* the calibration line of P(any target) differs from a = 0, b = 1 at p < 0.01;
* cells of the map hold more or fewer targets than their probabilities sum to, beyond a 99 %
  interval bootstrapped by world.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.binomial import clopper_pearson
from subterra.inference.calibration import Calibration, brier_score, log_score, uniformity
from subterra.inference.quantities import GIVEN_A_TARGET, QUANTITY_WORDS
from subterra.inference.reliability import (
    CalibrationLine,
    CellTable,
    calibration_line,
    cell_table,
)

__all__ = ["FEWEST_WORLDS", "Assessment", "Coverage", "assess", "coverage"]

Array = npt.NDArray[Any]

FEWEST_WORLDS: Final = 20
"""With fewer nothing is said of a site."""
_ALPHA: Final = 0.01
_INTERVALS: Final = (0.5, 0.9)


@dataclass(frozen=True)
class Coverage:
    """How often the central interval of a belief held the truth.

    Parameters
    ----------
    share : float
        Share of the worlds; NaN without any.
    low, high : float
        Exact 99 % interval of it; see ``subterra.inference.binomial``.
    worlds : int
        Worlds that have the quantity.
    """

    share: float
    low: float
    high: float
    worlds: int


def coverage(rank: Array, width: float) -> Coverage:
    """Coverage of central intervals from ranks: those within ``width`` about one half.

    Parameters
    ----------
    rank : (n,) numpy.ndarray
        Ranks in [0, 1]; NaN where there is none.
    width : float
        Probability of the interval.
    """
    known = rank[~np.isnan(rank)]
    n, k = len(known), int(np.sum(np.abs(known - 0.5) <= 0.5 * width))
    low, high = clopper_pearson(k, n, 0.5 * _ALPHA)
    return Coverage(k / n if n else float("nan"), float(low), float(high), n)


@dataclass(frozen=True)
class Assessment:
    """What the worlds say of a site's beliefs.

    Parameters
    ----------
    worlds, with_target : int
        Worlds, and those with a target.
    scenes, seed : int
        Scenes of each belief; seed of the worlds.
    uniform : mapping of str to float
        Probability, by quantity, that calibrated ranks stray as far.
    coverage : mapping of str to mapping of str to Coverage
        By quantity and by the interval's probability in percent.
    line : CalibrationLine
        Of P(any target).
    brier, log_score : float
        Of P(any target).
    base_brier : float
        Brier score of saying the share of worlds with a target every time.
    cells : CellTable or None
        Reliability of the map.
    converged : float
        Share of the beliefs that passed their own checks.
    reasons : tuple of str
        Why the site is not calibrated; empty if nothing speaks against it.
    """

    worlds: int
    with_target: int
    scenes: int
    seed: int
    uniform: Mapping[str, float]
    coverage: Mapping[str, Mapping[str, Coverage]]
    line: CalibrationLine
    brier: float
    log_score: float
    base_brier: float
    cells: CellTable | None
    converged: float
    reasons: tuple[str, ...]

    @property
    def judged(self) -> bool:
        """Whether there are enough worlds to say anything."""
        return self.worlds >= FEWEST_WORLDS

    @property
    def calibrated(self) -> bool:
        """Whether there are enough worlds and nothing speaks against the beliefs."""
        return self.judged and not self.reasons

    def words(self) -> str:
        """Say the verdict in a phrase."""
        if not self.judged:
            return f"not yet calibrated: {self.worlds} worlds of at least {FEWEST_WORLDS}"
        if self.calibrated:
            low, high = (
                f"{v:.1f}" if math.isfinite(v) else "unbounded" for v in self.line.slope_interval
            )
            return (
                f"calibrated on {self.worlds} worlds: slope of P(any target) "
                f"{self.line.slope:.1f} ({low} to {high})"
            )
        return f"not calibrated on {self.worlds} worlds: {'; '.join(self.reasons)}"

    def document(self) -> dict[str, Any]:
        """Return everything as JSON values; what is not a finite number is null."""
        return _plain({**asdict(self), "calibrated": self.calibrated, "verdict": self.words()})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def assess(calibration: Calibration) -> Assessment:
    """Judge a site's beliefs by the worlds that were carried through the inference.

    Parameters
    ----------
    calibration : Calibration
        At least one world.

    Returns
    -------
    Assessment
    """
    uniform = uniformity(calibration)
    columns = dict(zip(calibration.names, calibration.rank.T, strict=True))
    covered = {
        name: {f"{100 * w:.0f}": coverage(columns[name], w) for w in _INTERVALS}
        for name in GIVEN_A_TARGET
    }
    line = calibration_line(calibration.p_any, calibration.any_target, calibration.n_scenes)
    cells = cell_table(calibration.cells, calibration.seed)
    base = float(np.mean(calibration.any_target))
    return Assessment(
        len(calibration.p_any),
        int(calibration.any_target.sum()),
        calibration.n_scenes,
        calibration.seed,
        uniform,
        covered,
        line,
        brier_score(calibration),
        log_score(calibration),
        base * (1.0 - base),
        cells,
        float(np.mean(calibration.converged)),
        _reasons(uniform, covered, line, cells),
    )


def _reasons(
    uniform: Mapping[str, float],
    covered: Mapping[str, Mapping[str, Coverage]],
    line: CalibrationLine,
    cells: CellTable | None,
) -> tuple[str, ...]:
    out: list[str] = []
    astray = [name for name, p in uniform.items() if p <= _ALPHA / len(uniform)]
    if astray:
        named = ", ".join(QUANTITY_WORDS.get(name, name) for name in astray)
        out.append(f"ranks outside their band: {named}")
    for name, by_width in covered.items():
        for width, found in by_width.items():
            if found.worlds and not found.low <= 0.01 * float(width) <= found.high:
                out.append(
                    f"{width} % intervals of the {QUANTITY_WORDS[name]} target hold the truth in "
                    f"{100 * found.share:.0f} %"
                )
    if line.p_value < _ALPHA:
        out.append(
            f"P(any target) is off: calibration intercept {line.intercept:.1f}, "
            f"slope {line.slope:.1f}"
        )
    if cells is not None and not cells.excess[0] <= 1.0 <= cells.excess[2]:
        out.append(f"cells hold {cells.excess[1]:.2f} times the targets that the map gives them")
    return tuple(out)
