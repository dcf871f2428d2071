"""Reciprocal pairs of a resistivity file: AB↔MN measured both ways give the error of the survey.

By reciprocity both readings of the resistance R agree but for noise. Their difference has standard
deviation √2 (α + β|R|) (Slater et al. 2000; Koestel et al. 2008): α from the instrument, β from
contact and position. The median of its size is 0.6745 of that, so that a median regression of
|difference|/(√2 · 0.6745) on |R| with α, β ≥ 0 gives both, and blunders hardly move it. Systematic
errors that both ways share stay in the error floor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from subterra.counting import counted
from subterra.physics import geometric_sum
from subterra.tables import ResistivityTable

__all__ = ["ReciprocalErrors", "combine_reciprocals", "reciprocal_words"]

Array = npt.NDArray[Any]

_LEAST_PAIRS: Final = 10
_RELATIVE: Final = (1e-9, 10.0)
_MEDIAN: Final = 0.6744897501960817
"""Median size of a standard normal number."""


@dataclass(frozen=True)
class ReciprocalErrors:
    """Error model ``|e| = α + β|R|`` of a file, from its reciprocal pairs.

    Parameters
    ----------
    pairs : int
        Pairs that were combined.
    alpha_ohm : float
        Part that does not depend on the resistance, Ω.
    beta : float
        Part in proportion to it.
    """

    pairs: int
    alpha_ohm: float
    beta: float


def _find_pairs(abmn: Array) -> tuple[Array, Array]:
    """Rows of the first and of the second reading of each pair.

    A datum pairs with the next one that swaps its current and potential electrodes; swapped
    electrodes within a pair change the sign of the resistance, not its size.
    """
    waiting: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    first: list[int] = []
    second: list[int] = []
    for row, quad in enumerate(abmn.tolist()):
        current, potential = tuple(sorted(quad[:2])), tuple(sorted(quad[2:]))
        partners = waiting.get((potential, current))
        if partners:
            first.append(partners.pop(0))
            second.append(row)
        else:
            waiting.setdefault((current, potential), []).append(row)
    return np.array(first, int), np.array(second, int)


def _error_model(resistance: Array, difference: Array) -> tuple[float, float]:
    """α and β ≥ 0 by median regression, as a linear programme."""
    n = len(resistance)
    scale = float(np.median(resistance))
    design = np.column_stack([np.ones(n), resistance / scale])
    unit = float(np.median(difference)) or float(np.mean(difference)) or 1.0
    cost = np.concatenate([np.zeros(2), np.ones(2 * n)])
    balance = sparse.hstack([design, sparse.identity(n), -sparse.identity(n)], "csr")
    solved = linprog(cost, A_eq=balance, b_eq=difference / unit, bounds=(0.0, None))
    if not solved.success:
        problem = f"the regression of reciprocal differences failed: {solved.message}"
        raise ArithmeticError(problem)
    wide = unit / (_MEDIAN * np.sqrt(2.0))
    return float(solved.x[0] * wide), float(solved.x[1] * wide / scale)


def combine_reciprocals(
    table: ResistivityTable,
) -> tuple[ResistivityTable, ReciprocalErrors | None]:
    """Combine reciprocal pairs and give every datum the error that they show.

    Parameters
    ----------
    table : ResistivityTable
        A file.

    Returns
    -------
    table : ResistivityTable
        With one datum in place of each pair (the mean resistance, its error smaller by √2) and
        relative errors ``(α + β|R|)/|R|``, or the stated ones where these are larger; unchanged if
        there are fewer than ten pairs.
    errors : ReciprocalErrors or None
        The error model; None if there are fewer than ten pairs.
    """
    one, two = _find_pairs(table.abmn)
    if len(one) < _LEAST_PAIRS:
        return table, None
    z = np.zeros(table.n_electrodes) if table.electrode_z_m is None else table.electrode_z_m
    # Heights count from the highest electrode; they only weigh α against β.
    factor = geometric_sum(table.electrode_x_m, table.electrode_y_m, z - np.max(z), table.abmn)
    size = np.abs(table.rhoa_ohmm * factor) / (2.0 * np.pi)
    mean = 0.5 * (size[one] + size[two])
    alpha, beta = _error_model(mean, np.abs(size[one] - size[two]))
    relative = alpha / np.maximum(size, 1e-300) + beta
    relative[one] = (alpha / np.maximum(mean, 1e-300) + beta) / np.sqrt(2.0)
    if table.err_relative is not None:
        stated = np.array(table.err_relative)
        stated[one] = np.sqrt(0.5 * (stated[one] ** 2 + stated[two] ** 2)) / np.sqrt(2.0)
        relative = np.maximum(relative, stated)
    rhoa = np.array(table.rhoa_ohmm)
    rhoa[one] = 0.5 * (rhoa[one] + rhoa[two])
    keep = np.ones(len(table), bool)
    keep[two] = False
    kept = replace(
        table,
        abmn=table.abmn[keep],
        rhoa_ohmm=rhoa[keep],
        err_relative=np.clip(relative[keep], *_RELATIVE),
        extra={
            name: tuple(v for v, k in zip(values, keep, strict=True) if k)
            for name, values in table.extra.items()
        },
    )
    return kept, ReciprocalErrors(len(one), alpha, beta)


def reciprocal_words(errors: ReciprocalErrors) -> str:
    """Say what the reciprocal pairs of a file tell."""
    return (
        f"{counted(errors.pairs, 'reciprocal pair')}: errors {errors.alpha_ohm:.2g} Ω + "
        f"{100.0 * errors.beta:.2g} % of the resistance"
    )
