"""Bringing mine maps into the site's frame: units, frames and control points of scanned sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.formats import DEFAULT_SHEET
from subterra.site.crs import to_site_frame
from subterra.site.similarity import Similarity, fit_similarity
from subterra.tables import FOOT_M, ControlPointTable, MineMapTable

__all__ = ["SheetFit", "control_words", "fit_sheet", "in_site_frame", "join_maps"]

Array = npt.NDArray[Any]

_CONTROL_SD_M: Final = 1.0
"""Error per axis of a control point that states none; the residuals say whether it is larger."""


@dataclass(frozen=True)
class SheetFit:
    """Similarity transform of a scan, by weighted least squares.

    Parameters
    ----------
    sheet : str
        Its name.
    similarity : Similarity
        From pixels, columns + i · rows counted upwards, to metres, east + i · north.
    excess : float
        Observed over stated variance of the control points; 1 where they scatter less than stated.
    residual_m : (n, 2) numpy.ndarray
        Stated less fitted place of each control point.
    """

    sheet: str
    similarity: Similarity
    excess: float
    residual_m: Array

    @property
    def rms_m(self) -> float:
        """Root of the mean squared distance between stated and fitted places, m."""
        return float(np.sqrt(np.mean(np.sum(self.residual_m**2, axis=1))))

    def place(self, column: Array, row: Array) -> tuple[Array, Array, Array]:
        """Ground coordinates of pixels, and the standard deviation per axis, all (n,), m."""
        pixels = column - 1j * row
        there = self.similarity.place(pixels)
        return (
            np.real(there),
            np.imag(there),
            np.sqrt(self.excess * self.similarity.variance(pixels)),
        )


def fit_sheet(table: ControlPointTable, sheet: str) -> SheetFit:
    """Fit a sheet's control points.

    Parameters
    ----------
    table : ControlPointTable
        Control points of one or more sheets.
    sheet : str
        Which one.

    Returns
    -------
    SheetFit

    Raises
    ------
    InputError
        With fewer than two different control points.
    """
    rows = np.array([name == sheet for name in table.sheet])
    pixels = table.column_px[rows] - 1j * table.row_px[rows]
    n = len(pixels)
    if n < 2 or np.all(pixels == pixels[0]):
        problem = f"sheet {sheet!r} needs at least two control points at different pixels"
        raise InputError(problem)
    sd = np.where(np.isfinite(table.sd_m[rows]), table.sd_m[rows], _CONTROL_SD_M)
    there = table.x_m[rows] + 1j * table.y_m[rows]
    similarity = fit_similarity(pixels, there, sd**-2.0)
    residual = there - similarity.place(pixels)
    free = 2 * n - 4
    excess = float(np.sum(np.abs(residual / sd) ** 2)) / free if free > 0 else 1.0
    away = np.column_stack([residual.real, residual.imag])
    return SheetFit(sheet, similarity, max(excess, 1.0), away)


def control_words(table: ControlPointTable) -> str:
    """Say how well the control points of each sheet fit one another."""
    said: list[str] = []
    for sheet in dict.fromkeys(table.sheet):
        fit = fit_sheet(table, sheet)
        away = np.hypot(*fit.residual_m.T)
        n = len(away)
        scale = abs(fit.similarity.factor)
        words = f"sheet {sheet}: {n} control points, {scale:.3g} m per pixel"
        if n > 2:
            worst = int(np.argmax(away))
            words += (
                f", residuals {fit.rms_m:.1f} m (rms), {away[worst]:.1f} m at point {worst + 1}"
            )
        else:
            words += ", no residuals to check them by"
        said.append(words)
    return "; ".join(said)


def in_site_frame(
    table: MineMapTable, controls: Sequence[ControlPointTable], site_crs: str | None
) -> MineMapTable:
    """Bring a map into metres of the site's frame; what that costs in accuracy goes into ``sd_m``.

    Parameters
    ----------
    table : MineMapTable
        As read.
    controls : sequence of ControlPointTable
        Control points, in the site's frame.
    site_crs : str or None
        The site's frame; None for a local one.

    Returns
    -------
    MineMapTable
        In metres, with a blank ``crs``.

    Raises
    ------
    InputError
        If a sheet in pixels lacks control points, or the frames are not known to each other.
    """
    if table.units == "px":
        return _from_pixels(table, controls)
    if table.crs:
        if site_crs is None:
            problem = (
                f"the map is in {table.crs[:60]}, but the site has a local frame: give the site "
                "a crs, or the map in the site's frame"
            )
            raise InputError(problem)
        x, y, accuracy = to_site_frame(table.crs, site_crs, table.x, table.y)
        sd = np.hypot(table.sd_m, accuracy)
        return replace(table, x=x, y=y, sd_m=sd, units="m", crs="")
    factor = FOOT_M if table.units == "ft" else 1.0
    return replace(table, x=factor * table.x, y=factor * table.y, units="m")


def _from_pixels(table: MineMapTable, controls: Sequence[ControlPointTable]) -> MineMapTable:
    x, y, sd = np.array(table.x), np.array(table.y), np.array(table.sd_m)
    owner = np.repeat(np.arange(len(table)), np.diff(table.start))
    for sheet in dict.fromkeys(table.sheet):
        known = [c for c in controls if sheet in c.sheet]
        if len(known) != 1:
            found = "in no file" if not known else f"in {len(known)} files"
            problem = (
                f"sheet {sheet!r} is in pixels; its control points are given {found}, expected one "
                "CSV file with sheet,px,py,x,y"
            )
            raise InputError(problem)
        fit = fit_sheet(known[0], sheet)
        mine = np.array([name == sheet for name in table.sheet])
        at = mine[owner]
        x[at], y[at], spread = fit.place(table.x[at], table.y[at])
        # One sd serves the sheet: that of its worst placed vertex.
        sd[mine] = np.hypot(sd[mine], float(spread.max()))
    return replace(table, x=x, y=y, sd_m=sd, units="m")


def join_maps(tables: Sequence[MineMapTable]) -> MineMapTable:
    """Join maps in one frame; a sheet without a name is one of its own in each file.

    Raises
    ------
    InputError
        If sheets of one name are tied differently.
    """
    sheets: list[str] = []
    lines: list[str] = []
    start = [0]
    for k, table in enumerate(tables, start=1):
        several = len(tables) > 1
        for sheet, line in zip(table.sheet, table.line, strict=True):
            sheets.append(f"{sheet} {k}" if sheet == DEFAULT_SHEET and several else sheet)
            lines.append(f"{k}: {line}" if several else line)
        start += (table.start[1:] + start[-1]).tolist()

    def joined(name: str) -> Array:
        return np.concatenate([getattr(table, name) for table in tables])

    def words(name: str) -> tuple[str, ...]:
        return tuple(word for table in tables for word in getattr(table, name))

    return MineMapTable(
        tuple(lines),
        tuple(sheets),
        words("tie"),
        words("level"),
        words("date"),
        np.array(start, np.int32),
        joined("x"),
        joined("y"),
        joined("z_m"),
        joined("level_sd_m"),
        joined("sd_m"),
    )
