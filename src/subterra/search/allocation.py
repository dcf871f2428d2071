"""Search theory: how to spend effort, in which order to look, and what silence tells.

Sources: Koopman (1957), Stone (1975), Chew (1967), Kadane (1968).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "allocate",
    "allocation_success",
    "greedy_looks",
    "looks_needed",
    "normal_search",
    "silence",
]

Array = npt.NDArray[Any]


def _shares(p: Sequence[float]) -> Array:
    found = np.asarray(p, np.float64)
    if found.ndim != 1 or len(found) == 0 or not np.all((found >= 0.0) & np.isfinite(found)):
        problem = "probabilities of the cells must be a list of numbers that are not negative"
        raise InputError(problem)
    if found.sum() > 1.0 + 1e-9:
        problem = f"probabilities of the cells sum to {found.sum():g}, more than 1"
        raise InputError(problem)
    return found


def normal_search(effort: float) -> float:
    """P(found) by the best search for a circular normal target: 1 − (1 + H)e^{−H}.

    Parameters
    ----------
    effort : float
        H with H² = WvT/(πσ²): sweep width times speed times time over the area πσ². The best
        density of effort is [H − r²/2σ²]₊.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the effort is negative.
    """
    if not effort >= 0.0:
        problem = f"effort must not be negative, found {effort}"
        raise InputError(problem)
    return 1.0 - (1.0 + effort) * math.exp(-effort)


def allocate(p: Sequence[float], budget: float, *, area: Sequence[float] | None = None) -> Array:
    """Best effort in each cell where detection is exponential in effort per area.

    Maximises Σ p (1 − exp(−effort/area)) with Σ effort = budget: effort/area = [ln(p/area) − λ]₊,
    the level λ found by filling the densest cells first (Koopman).

    Parameters
    ----------
    p : sequence of float
        P(the target is in the cell); they may sum to less than 1.
    budget : float
        Total effort, in areas swept.
    area : sequence of float, optional
        Areas of the cells; 1 by default.

    Returns
    -------
    (n,) numpy.ndarray
        Effort by cell.

    Raises
    ------
    InputError
        For probabilities, areas or a budget that cannot be.
    """
    share = _shares(p)
    size = np.ones(len(share)) if area is None else np.asarray(area, np.float64)
    if size.shape != share.shape or not np.all(size > 0.0) or not 0.0 <= budget < math.inf:
        problem = "each cell needs a positive area, and the budget must not be negative"
        raise InputError(problem)
    effort = np.zeros(len(share))
    some = np.flatnonzero(share > 0.0)
    if len(some) == 0 or budget == 0.0:
        return effort
    log_density = np.log(share[some] / size[some])
    order = some[np.argsort(-log_density, kind="stable")]
    density = np.log(share[order] / size[order])
    total = np.cumsum(size[order])
    level = (np.cumsum(size[order] * density) - budget) / total
    # Cells are filled as long as each is denser than the level that its own filling would give.
    filled = int(np.flatnonzero(density > level)[-1]) + 1
    effort[order[:filled]] = size[order[:filled]] * (density[:filled] - level[filled - 1])
    return effort


def allocation_success(
    p: Sequence[float], effort: Sequence[float], *, area: Sequence[float] | None = None
) -> float:
    """P(found) with an effort in each cell, Σ p (1 − exp(−effort/area))."""
    size = np.ones(len(p)) if area is None else np.asarray(area, np.float64)
    return float(_shares(p) @ -np.expm1(-np.asarray(effort, np.float64) / size))


def greedy_looks(
    p: Sequence[float], q: Sequence[float], cost: Sequence[float], n: int
) -> tuple[int, ...]:
    """Order of looks that finds one target at the least expected cost.

    Greedy on p_i q_i (1 − q_i)^{k−1}/c_i is optimal for one target and independent looks (Chew
    1967; Kadane 1968).

    Parameters
    ----------
    p, q, cost : sequence of float
        P(target in cell), P(a look finds it there), cost of a look, by cell.
    n : int
        Looks wanted.

    Returns
    -------
    tuple of int
        Cells from 0; of equal ones the first.

    Raises
    ------
    InputError
        For probabilities or costs that cannot be.
    """
    share = _shares(p)
    if len(q) != len(share) or len(cost) != len(share):
        problem = "each cell needs a detection probability and a cost"
        raise InputError(problem)
    if not all(0.0 <= v <= 1.0 for v in q) or not all(0.0 < v < math.inf for v in cost):
        problem = "detection probabilities lie in [0, 1] and costs are positive"
        raise InputError(problem)
    heap = [(-float(s) * v / c, i) for i, (s, v, c) in enumerate(zip(share, q, cost, strict=True))]
    heapq.heapify(heap)
    looks: list[int] = []
    for _ in range(n):
        worth, cell = heapq.heappop(heap)
        looks.append(cell)
        heapq.heappush(heap, (worth * (1.0 - q[cell]), cell))
    return tuple(looks)


def silence(p0: float, q: float, looks: int) -> float:
    """P(target there | ``looks`` independent looks found nothing).

    p' = p0 (1 − q)ⁿ / (1 − p0 + p0 (1 − q)ⁿ).

    Parameters
    ----------
    p0 : float
        P(target there) before.
    q : float
        P(one look finds it).
    looks : int
        n.

    Returns
    -------
    float

    Raises
    ------
    InputError
        For a probability outside [0, 1] or a negative number of looks.
    """
    if not (0.0 <= p0 <= 1.0 and 0.0 <= q <= 1.0 and looks >= 0):
        problem = f"expected probabilities and a number of looks, found {p0}, {q} and {looks}"
        raise InputError(problem)
    left = p0 * (1.0 - q) ** looks
    return left / (1.0 - p0 + left) if left > 0.0 else 0.0


def looks_needed(p0: float, q: float, below: float) -> int:
    """Fewest silent looks after which P(target there) is below a bound.

    Raises
    ------
    InputError
        If no number of looks can do it.
    """
    if not 0.0 < below < 1.0 or not 0.0 < q <= 1.0 or not 0.0 <= p0 < 1.0:
        problem = f"looks cannot bring {p0} below {below} with a detection of {q}"
        raise InputError(problem)
    looks = 0
    while silence(p0, q, looks) >= below:
        looks += 1
    return looks
