"""Trends that are projected out of a survey: one per file, with flat prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["block_trend", "by_file", "gravity_trend", "resistivity_trend"]

Array = npt.NDArray[Any]


def _standard(v: Array) -> Array:
    """Centre and scale a column; rounding of a constant is no spread."""
    spread = float(np.ptp(v))
    if spread <= 1e-9 * max(float(np.abs(v).max()), 1.0):
        return np.zeros_like(v)
    return (v - v.mean()) / spread


def _independent(columns: list[Array]) -> Array:
    """Keep the columns that add a dimension, at most a quarter of the data."""
    kept: list[Array] = []
    for column in columns:
        if len(kept) + 1 > max(1, len(column) // 4):
            break
        trial = np.column_stack([*kept, column])
        if np.linalg.matrix_rank(trial, tol=1e-6 * np.sqrt(len(column))) == trial.shape[1]:
            kept.append(column)
    return np.column_stack(kept)


def gravity_trend(x: Array, y: Array) -> Array:
    """Datum and regional gradient, (n, ≤ 3), dimensionless columns."""
    return _independent([np.ones(len(x)), _standard(x), _standard(y)])


def block_trend(z: Array, edges_m: Array) -> Array:
    """Datum and unknown densities of level blocks between stations of one shaft.

    A station inside an endless slab is pulled down by what is below it and up by what is above:
    going down a block of density ρ and thickness t changes gravity by −4πGρt. Columns are the
    thickness of each block above the station; their factors are the blocks' densities.

    Parameters
    ----------
    z : (n,) numpy.ndarray
        Height of the stations, metres.
    edges_m : (k + 1,) numpy.ndarray
        Heights of the blocks' boundaries, falling, metres.

    Returns
    -------
    (n, k + 1) numpy.ndarray
        A column of ones, then metres.
    """
    top, bottom = edges_m[:-1], edges_m[1:]
    above = np.clip(top - z[:, None], 0.0, top - bottom)
    return np.column_stack([np.ones(len(z)), above])


def resistivity_trend(x: Array, y: Array, depth: Array) -> Array:
    """Level, lateral gradient and change with depth of ln ρa, (n, ≤ 4).

    Parameters
    ----------
    x, y : (n,) numpy.ndarray
        Middle of each quadripole in metres.
    depth : (n,) numpy.ndarray
        Median depth of investigation in metres; its logarithm is the column that lets a layered
        ground pass without an anomaly.
    """
    columns = [np.ones(len(x)), _standard(np.log(depth)), _standard(x), _standard(y)]
    return _independent(columns)


def by_file(file: Array, parts: Sequence[Array]) -> Array:
    """Put the trends of several files side by side, each zero outside its own file.

    Parameters
    ----------
    file : (n,) numpy.ndarray of int
        File of each datum, 0 to k − 1.
    parts : sequence of (n_i, q_i) numpy.ndarray
        Trend of each file.

    Returns
    -------
    (n, Σ q_i) numpy.ndarray
    """
    out = np.zeros((len(file), sum(part.shape[1] for part in parts)))
    column = 0
    for i, part in enumerate(parts):
        out[file == i, column : column + part.shape[1]] = part
        column += part.shape[1]
    return out
