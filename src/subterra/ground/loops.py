"""Errors that the readings of one gravity loop share: the tie to the base and the drift left over.

A loop is one round of the instrument from the base and back. A transport that tilts or jolts it
shifts all readings of the loop together, and what the drift correction leaves grows with time.
Both are Gaussian with known standard deviation: noise columns for ``make_whitening``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["DRIFT_SD_UGAL_PER_H", "TIE_SD_UGAL", "loop_columns"]

Array = npt.NDArray[Any]

TIE_SD_UGAL: Final = 10.0
"""Datum shift of a loop: tilt in transport offsets single readings by tens of µGal and degrades
surveys by about 10 µGal (Reudink et al. 2014)."""
DRIFT_SD_UGAL_PER_H: Final = 5.0
"""Drift left over after the usual correction: such an offset takes hours to go."""


def loop_columns(
    loop: Sequence[str],
    hours: Array | None,
    *,
    tie_sd: float = TIE_SD_UGAL,
    drift_sd_per_h: float = DRIFT_SD_UGAL_PER_H,
) -> Array:
    """Columns of the errors shared within loops.

    Parameters
    ----------
    loop : sequence of str, length n
        Loop of each reading; a blank is a reading of its own, which shares nothing.
    hours : (n,) numpy.ndarray or None
        Time of each reading in hours, NaN where unknown. A loop with any unknown time, or with
        all its readings at one time, gets no drift.
    tie_sd, drift_sd_per_h : float
        Standard deviations of a loop's shift, and of its drift per hour, in the unit of the data.

    Returns
    -------
    (n, q) numpy.ndarray
        One or two columns for each loop of at least two readings, in the unit of the data.
    """
    names = np.asarray(loop, dtype=np.str_)
    columns: list[Array] = []
    for name in dict.fromkeys(loop):
        member = names == name
        if not name or member.sum() < 2:
            continue
        if tie_sd > 0.0:
            columns.append(tie_sd * member)
        if hours is None or drift_sd_per_h <= 0.0:
            continue
        time = hours[member]
        if np.isnan(time).any() or np.ptp(time) == 0.0:
            continue
        drift = np.zeros(len(names))
        drift[member] = drift_sd_per_h * (time - time.mean())
        columns.append(drift)
    return np.column_stack(columns) if columns else np.empty((len(names), 0))
