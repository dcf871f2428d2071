"""Resistivity data whose electrodes are given by place, datum by datum: telling them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from subterra.formats.electrodes import place, rhoa_from_resistance
from subterra.formats.text import Place, located
from subterra.tables import REMOTE, FloatArray, IntArray, ResistivityTable

__all__ = ["SMALLEST_ERROR", "remote_beyond", "table_of_spreads", "tell_apart"]

SMALLEST_ERROR = 1e-3
"""No stacking tells a resistivity to better than this share; a deviation printed as 0 means it."""

_SAME_M = 1e-3  # electrodes that print alike to the millimetre are one


def remote_beyond(spread_m: FloatArray, limit_m: float) -> FloatArray:
    """Mark electrodes whose x, y or z is at least `limit_m` in size as remote (NaN)."""
    far = (np.abs(spread_m) >= limit_m).any(axis=-1, keepdims=True)
    return np.where(far, np.nan, spread_m)


def tell_apart(spread_m: FloatArray) -> tuple[FloatArray, IntArray]:
    """Tell the electrodes of all data apart by their places, to the millimetre.

    Parameters
    ----------
    spread_m : ndarray, shape (n, 4, d)
        Coordinates of A, B, M, N, m; NaN for a remote electrode.

    Returns
    -------
    electrode_m : ndarray, shape (k, d)
        Each place once.
    abmn : ndarray of int32, shape (n, 4)
        Electrodes of each datum, counted from 0; `REMOTE` for a remote one.
    """
    flat = spread_m.reshape(-1, spread_m.shape[-1])
    remote = np.isnan(flat).any(axis=1)
    _, first, index = np.unique(
        np.round(flat[~remote] / _SAME_M), axis=0, return_index=True, return_inverse=True
    )
    abmn = np.full(len(flat), REMOTE, dtype=np.int32)
    abmn[~remote] = index.reshape(-1)
    return flat[~remote][first], abmn.reshape(-1, 4)


def table_of_spreads(
    path: Path | str,
    lines: Sequence[int],
    spread_m: FloatArray,
    value: FloatArray,
    *,
    resistance: bool,
    frame: tuple[tuple[float, float], float],
    err_relative: FloatArray | None = None,
    extra: Mapping[str, tuple[str, ...]] | None = None,
    columns: Mapping[str, tuple[str, int | None]] | None = None,
) -> ResistivityTable:
    """Make a table from the places of A, B, M and N of every datum.

    Parameters
    ----------
    path : Path or str
        The file, for messages.
    lines : sequence of int
        Line of each datum.
    spread_m : ndarray, shape (n, 4, 3)
        x, y and z of A, B, M, N in the survey's own frame, m; NaN for a remote electrode.
    value : ndarray, shape (n,)
        Apparent resistivity in Ω·m, or resistance in Ω.
    resistance : bool
        Which of the two.
    frame : ((float, float), float)
        Origin and rotation that place the survey on the site.
    err_relative : ndarray, shape (n,), optional
        Relative standard error.
    extra : mapping of str to tuple of str, optional
        Further columns.
    columns : mapping, optional
        Name and number of the file's columns, for messages.

    Returns
    -------
    ResistivityTable
        Without z when all electrodes have the z 0.

    Raises
    ------
    InputError
        All electrodes remote, or a value that cannot be used.
    """
    if np.isnan(spread_m).any(axis=-1).all():
        Place(path).refuse("every electrode of this file is remote")
    electrode, abmn = tell_apart(spread_m)
    rhoa = value
    names = {"rhoa_ohmm": ("apparent resistivity", None), "err_relative": ("error", None)}
    with located(path, {"": lines}, {**names, **(columns or {})}):
        if resistance:
            # Checks the electrodes first: a factor of coincident ones would be infinite.
            _table(electrode, abmn, np.ones(len(value)), None, {}, frame)
            rhoa = rhoa_from_resistance(path, lines, electrode, abmn, value)
        return _table(electrode, abmn, rhoa, err_relative, extra or {}, frame)


def _table(
    electrode: FloatArray,
    abmn: np.ndarray,
    rhoa: FloatArray,
    err: FloatArray | None,
    extra: Mapping[str, tuple[str, ...]],
    frame: tuple[tuple[float, float], float],
) -> ResistivityTable:
    x_m, y_m = place(electrode[:, 0], electrode[:, 1], *frame)
    z_m = electrode[:, 2]
    return ResistivityTable(
        electrode_x_m=x_m,
        electrode_y_m=y_m,
        electrode_z_m=z_m if z_m.any() else None,
        abmn=abmn,
        rhoa_ohmm=rhoa,
        err_relative=err,
        extra=extra,
    )
