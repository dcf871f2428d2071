"""Resistivity: electrodes and four-point data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from subterra.tables.columns import (
    FloatArray,
    IntArray,
    RowError,
    coordinates,
    extra_columns,
    numbers,
    optional_coordinates,
)

__all__ = ["REMOTE", "ResistivityTable"]

REMOTE = -1
"""Index that stands for an electrode so far away that its distance does not matter."""

# Electrodes closer than this are one electrode: no potential can be taken between them.
_COINCIDENT_M = 1e-3


@dataclass(frozen=True, eq=False)
class ResistivityTable:
    """Apparent resistivities of four-electrode arrays.

    Parameters
    ----------
    electrode_x_m, electrode_y_m : ndarray, shape (n_electrodes,)
        Easting and northing in the site's CRS, m.
    electrode_z_m : ndarray, shape (n_electrodes,), or None
        Elevation, m, positive up; None when the electrodes lie on the site's surface.
    abmn : ndarray of int32, shape (n, 4)
        Current electrodes A, B and potential electrodes M, N of each datum, counted from 0;
        `REMOTE` (-1) for a remote electrode.
    rhoa_ohmm : ndarray, shape (n,)
        Apparent resistivity, Ω·m, positive.
    err_relative : ndarray, shape (n,), or None
        Relative standard error (0.03 is 3 %), positive.
    extra : mapping of str to tuple of str
        Further columns of the data, carried along.
    layers : (resistivities in Ω·m, thicknesses in m), or None
        Level layers from the top about which the data are to be understood, the last one without
        thickness; None where nothing is said.
    background : str or None
        ``even`` or ``mesh``: the ground about which the data are to be understood; None where
        nothing is said.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, an electrode that does
        not exist, an electrode used twice in one datum, or two electrodes in one place.
    """

    electrode_x_m: FloatArray
    electrode_y_m: FloatArray
    electrode_z_m: FloatArray | None
    abmn: IntArray
    rhoa_ohmm: FloatArray
    err_relative: FloatArray | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    layers: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    background: str | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "electrode_x_m", coordinates(self.electrode_x_m, "electrode_x_m"))
        n_electrodes = self.electrode_x_m.size
        for name in ("electrode_y_m", "electrode_z_m"):
            put(self, name, optional_coordinates(getattr(self, name), name, n_electrodes))
        put(self, "rhoa_ohmm", numbers(self.rhoa_ohmm, "rhoa_ohmm", above=0.0, high=1e15))
        n = self.rhoa_ohmm.size
        if self.err_relative is not None:
            err = numbers(self.err_relative, "err_relative", n, above=0.0, high=1e6)
            put(self, "err_relative", err)
        put(self, "abmn", _checked_abmn(self.abmn, n, n_electrodes))
        put(self, "extra", extra_columns(self.extra, n))
        self._refuse_coincident()

    def __len__(self) -> int:
        return self.rhoa_ohmm.size

    @property
    def n_electrodes(self) -> int:
        """Number of electrodes, remote ones not counted."""
        return self.electrode_x_m.size

    def _refuse_coincident(self) -> None:
        position = np.zeros((self.n_electrodes, 3))
        position[:, 0] = self.electrode_x_m
        position[:, 1] = self.electrode_y_m
        if self.electrode_z_m is not None:
            position[:, 2] = self.electrode_z_m
        for i, j in combinations(range(4), 2):
            first, second = self.abmn[:, i], self.abmn[:, j]
            near = (first != REMOTE) & (second != REMOTE)
            near[near] = (
                np.linalg.norm(position[first[near]] - position[second[near]], axis=1)
                < _COINCIDENT_M
            )
            if near.any():
                row = int(np.argmax(near))
                problem = (
                    f"electrodes {first[row] + 1} ({'abmn'[i]}) and {second[row] + 1} "
                    f"({'abmn'[j]}), counted from 1, are in the same place"
                )
                raise RowError(problem, field="abmn", row=row)


def _checked_abmn(values: npt.ArrayLike, n: int, n_electrodes: int) -> IntArray:
    given = np.asarray(values)
    if given.shape != (n, 4) or (given.size and given.dtype.kind not in "iu"):
        problem = f"expected integers of shape ({n}, 4), found {given.dtype} {given.shape}"
        raise RowError(problem, field="abmn")
    outside = (given < REMOTE) | (given >= n_electrodes)
    if outside.any():
        row, column = divmod(int(np.argmax(outside)), 4)
        problem = (
            f"electrode {int(given[row, column]) + 1} ({'abmn'[column]}), counted from 1, "
            f"does not exist; there are {n_electrodes}"
        )
        raise RowError(problem, field="abmn", row=row)
    abmn = given.astype(np.int32)
    for pair, name in ((abmn[:, :2], "current"), (abmn[:, 2:], "potential")):
        remote = (pair == REMOTE).all(axis=1)
        if remote.any():
            problem = f"both {name} electrodes are remote"
            raise RowError(problem, field="abmn", row=int(np.argmax(remote)))
    abmn.flags.writeable = False
    return abmn
