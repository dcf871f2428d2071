"""Layouts of surveys that are only planned: gravity grids and electrode lines.

A planned survey is a table like a measured one whose data are stand-ins (0 µGal, 100 Ω·m): a
forecast asks where it measures and how well, never what it read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError, check_known
from subterra.tables import REMOTE, GravityTable, ResistivityTable
from subterra.tables.stand_in import STAND_IN_ERROR, STAND_IN_OHMM, STAND_IN_UGAL

__all__ = [
    "ARRAYS",
    "electrode_line",
    "gravity_stations",
]

Array = npt.NDArray[Any]
Quad = tuple[int, int, int, int]

MAX_STATIONS: Final = 2000
"""A joint covariance of more data does not fit the time of a forecast."""

_DIPOLES: Final = (1, 2, 3)
_SEPARATIONS: Final = range(1, 7)


def gravity_stations(
    box: tuple[float, float, float, float], spacing_m: float, sd_ugal: float | None = None
) -> GravityTable:
    """Lay gravity stations out on a regular grid.

    Parameters
    ----------
    box : (x0, y0, x1, y1)
        Corners in metres; the first station stands at (x0, y0).
    spacing_m : float
        Distance between neighbours, metres.
    sd_ugal : float, optional
        Standard error of a reading, µGal; without it that of a survey whose crew states none.

    Returns
    -------
    GravityTable
        Stations on the surface with readings of zero.

    Raises
    ------
    InputError
        For a box without area, a spacing or error that is not positive, or too many stations.
    """
    x0, y0, x1, y1 = box
    _positive("the spacing", spacing_m)
    if sd_ugal is not None:
        _positive("the standard error", sd_ugal)
    if not (x0 < x1 and y0 < y1):
        problem = f"a grid needs x0 < x1 and y0 < y1, found {x0:.12g} {y0:.12g} {x1:.12g} {y1:.12g}"
        raise InputError(problem)
    n_x, n_y = (int((high - low) / spacing_m + 1e-6) + 1 for low, high in ((x0, x1), (y0, y1)))
    if n_x * n_y > MAX_STATIONS:
        problem = f"{n_x * n_y:,} stations are more than {MAX_STATIONS:,}; use a wider spacing"
        raise InputError(problem)
    x, y = np.meshgrid(
        x0 + spacing_m * np.arange(n_x, dtype=np.float64),
        y0 + spacing_m * np.arange(n_y, dtype=np.float64),
    )
    n = x.size
    return GravityTable(
        tuple(f"P{k + 1}" for k in range(n)),
        _float64(x),
        _float64(y),
        None,
        np.full(n, STAND_IN_UGAL),
        None if sd_ugal is None else np.full(n, sd_ugal),
    )


def _dipole_dipole(n: int) -> Iterator[Quad]:
    for a in _DIPOLES:
        for k in _SEPARATIONS:
            for i in range(n - (k + 2) * a):
                yield i + a, i, i + (k + 1) * a, i + (k + 2) * a


def _wenner(n: int) -> Iterator[Quad]:
    for a in range(1, (n - 1) // 3 + 1):
        for i in range(n - 3 * a):
            yield i, i + 3 * a, i + a, i + 2 * a


def _schlumberger(n: int) -> Iterator[Quad]:
    for m in _DIPOLES:
        for k in range(1, (n - 1 - m) // (2 * m) + 1):
            for i in range(n - (2 * k + 1) * m):
                yield i, i + (2 * k + 1) * m, i + k * m, i + (k + 1) * m


def _pole_dipole(n: int) -> Iterator[Quad]:
    for a in _DIPOLES:
        for k in _SEPARATIONS:
            for i in range(n - (k + 1) * a):
                yield i, REMOTE, i + k * a, i + (k + 1) * a
                j = n - 1 - i
                yield j, REMOTE, j - k * a, j - (k + 1) * a


ARRAYS: Final[Mapping[str, Callable[[int], Iterator[Quad]]]] = MappingProxyType(
    {
        "dipole-dipole": _dipole_dipole,
        "pole-dipole": _pole_dipole,
        "schlumberger": _schlumberger,
        "wenner": _wenner,
    }
)
"""Quadripoles A, B, M, N of a line of n electrodes. Dipoles are 1, 2 and 3 spacings long; those of
dipole-dipole and pole-dipole (measured both ways, B remote) stand 1 to 6 lengths apart."""


def electrode_line(
    start: tuple[float, float],
    end: tuple[float, float],
    spacing_m: float,
    array: str,
    err_relative: float = STAND_IN_ERROR,
) -> ResistivityTable:
    """Lay a straight line of electrodes out and measure it with a standard array.

    Parameters
    ----------
    start, end : (float, float)
        Plan places in metres of the first electrode and of the end of the line.
    spacing_m : float
        Distance between neighbouring electrodes, metres.
    array : str
        One of ``ARRAYS``.
    err_relative : float
        Relative standard error, by default that of a survey whose crew states none.

    Returns
    -------
    ResistivityTable
        Electrodes on the surface with apparent resistivities of 100 Ω·m.

    Raises
    ------
    InputError
        For an unknown array, a spacing or error that is not positive, or a line too short or too
        long for it.
    """
    check_known("array", array, ARRAYS)
    _positive("the spacing", spacing_m)
    _positive("the relative error", err_relative)
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    n = int(length / spacing_m + 1e-6) + 1
    abmn = np.array(list(ARRAYS[array](n)) if n <= MAX_STATIONS else [], np.int32).reshape(-1, 4)
    if not 8 <= len(abmn) <= MAX_STATIONS:
        found = f"{len(abmn):,} {array} data" if n <= MAX_STATIONS else f"{n:,} electrodes"
        problem = (
            f"a line of {length:g} m with {spacing_m:g} m between electrodes has {found}; a "
            f"forecast takes 8 to {MAX_STATIONS:,}"
        )
        raise InputError(problem)
    at = np.arange(n) * spacing_m / length
    return ResistivityTable(
        _float64(start[0] + at * (end[0] - start[0])),
        _float64(start[1] + at * (end[1] - start[1])),
        None,
        abmn,
        np.full(len(abmn), STAND_IN_OHMM),
        np.full(len(abmn), err_relative),
    )


def _float64(values: Array) -> npt.NDArray[np.float64]:
    return values.ravel().astype(np.float64)


def _positive(what: str, value: float) -> None:
    if not 0.0 < value < np.inf:
        problem = f"{what} must be positive, found {value:g}"
        raise InputError(problem)
