"""Heights of the ground from GeoTIFF (OGC GeoTIFF 1.1, 19-008r4).

The grid must lie along the axes of its system: pixel scale and one tie point, or a transformation
without rotation. Cells without a height are those of GDAL's tag 42113, of ``--option nodata=``,
NaN, and tiles that were left out; GDAL's scale and offset (tag 42112) are applied.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.formats.terrain_frame import TerrainDefaults, frame_of_keys
from subterra.formats.text import MAX_BYTES, Place, read_bytes
from subterra.formats.tiff import Tiff, parse_tiff, tiff_band
from subterra.tables import HEIGHT_RANGE_M, RowError, TerrainGrid

__all__ = ["read_geotiff", "sniff_geotiff"]

Array = npt.NDArray[Any]

_SCALE, _TIE, _TRANSFORMATION = 33550, 33922, 34264
_KEYS, _KEY_TEXT = 34735, 34737
_GDAL_METADATA, _GDAL_NODATA = 42112, 42113
_RASTER_TYPE: Final = 1025
_POINT: Final = 2
_ITEM: Final = r'<Item[^>]*role="{}"[^>]*>\s*([-+.\deE]{{1,40}})\s*</Item>'


def read_geotiff(
    path: Path | str, defaults: TerrainDefaults | None = None, *, max_bytes: int = 4 * MAX_BYTES
) -> TerrainGrid:
    """Read the first image of a GeoTIFF as heights.

    Parameters
    ----------
    path : Path or str
        The file.
    defaults : TerrainDefaults, optional
        What is known of it beyond what it says.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    TerrainGrid
        Rows from south to north, heights in metres.

    Raises
    ------
    InputError
        Not such a file, damaged, a picture, rotated, without a place, or heights that cannot be.
    """
    said = defaults or TerrainDefaults()
    at = Place(path)
    tiff = parse_tiff(at, read_bytes(path, max_bytes=max_bytes))
    directory = tuple(v for v in tiff.numbers(_KEYS) if isinstance(v, int))
    frame = frame_of_keys(at, directory, tiff.text(_KEY_TEXT), said)
    centred = _raster_type(directory) == _POINT
    left, top, dx, dy = _placed(at, tiff)
    values, there = tiff_band(at, tiff)
    z = _heights(at, tiff, values, there, said.nodata) * frame.metres
    low, high = HEIGHT_RANGE_M
    with np.errstate(invalid="ignore"):
        wrong = (z < low) | (z > high)
    if wrong.any():
        found = z[wrong][0] / frame.metres
        at.refuse(
            f"expected heights of {low:,.0f} to {high:,.0f} m, found {found:g}; if that stands for "
            f"no height, say --option nodata={found:g}"
        )
    half = 0.0 if centred else 0.5
    try:
        return TerrainGrid(
            left + half * dx,
            top - half * dy - (len(z) - 1) * dy,
            dx,
            dy,
            z[::-1].astype(np.float32),
            frame.crs,
            frame.vertical,
            said.sd_m,
        )
    except RowError as error:
        at.refuse(str(error), cause=error)


def sniff_geotiff(head: bytes) -> bool:
    """Whether the first bytes of a file are a TIFF file's."""
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _raster_type(directory: tuple[int, ...]) -> int:
    """Whether the tie point is a corner (1, the default) or a centre (2)."""
    found = 1
    for k in range(4, len(directory) - 3, 4):
        if directory[k] == _RASTER_TYPE and directory[k + 1] == 0:
            found = directory[k + 3]
    return found


def _placed(at: Place, tiff: Tiff) -> tuple[float, float, float, float]:
    """Left and top edge (or first centre) and the steps, all in the file's frame."""
    scale, tie = tiff.numbers(_SCALE), tiff.numbers(_TIE)
    matrix = tiff.numbers(_TRANSFORMATION)
    if len(scale) >= 2 and len(tie) == 6:
        dx, dy = float(scale[0]), float(scale[1])
        left, top = float(tie[3]) - float(tie[0]) * dx, float(tie[4]) + float(tie[1]) * dy
    elif len(matrix) == 16:
        if matrix[1] != 0.0 or matrix[4] != 0.0:
            at.refuse("the grid is rotated; write it again along the axes, with gdalwarp")
        dx, dy = float(matrix[0]), -float(matrix[5])
        left, top = float(matrix[3]), float(matrix[7])
    else:
        at.refuse("it does not say where it lies: it has no pixel scale with one tie point")
    if not (dx > 0.0 and dy > 0.0) or not all(math.isfinite(v) for v in (left, top, dx, dy)):
        at.refuse(f"cells of {dx:g} x {dy:g} cannot be; expected a grid with north up")
    return left, top, dx, dy


def _heights(
    at: Place, tiff: Tiff, values: Array, there: Array, nodata: float | None
) -> npt.NDArray[np.float64]:
    """Heights in the file's unit, NaN where there is none."""
    missing = ~there
    word = tiff.text(_GDAL_NODATA).strip()
    for mark in (word, "" if nodata is None else repr(nodata)):
        if mark and mark.lower() not in ("nan", "-nan"):
            with np.errstate(invalid="ignore"):
                missing |= values == _as_stored(at, mark, values.dtype)
    scale, shift = (_role(tiff, role, usual) for role, usual in (("scale", 1.0), ("offset", 0.0)))
    if not (math.isfinite(scale) and math.isfinite(shift) and 0.0 < abs(scale) < 1e6):
        at.refuse(f"its scale {scale:g} and offset {shift:g} cannot be used")
    with np.errstate(all="ignore"):
        z = values.astype(np.float64) * scale + shift
        z[missing] = np.nan
    if np.isinf(z).any():
        at.refuse("it holds infinite heights")
    return z


def _as_stored(at: Place, mark: str, dtype: np.dtype[Any]) -> float:
    """The mark of missing heights, rounded as the file's numbers are."""
    try:
        value = float(mark)
    except ValueError as error:
        at.refuse(f"its mark for no height is {mark[:40]!r}, no number", cause=error)
    with np.errstate(over="ignore"):
        return float(np.float32(value)) if dtype == np.float32 else value


def _role(tiff: Tiff, role: str, usual: float) -> float:
    found = re.search(_ITEM.format(role), tiff.text(_GDAL_METADATA))
    try:
        return usual if found is None else float(found[1])
    except ValueError:
        return math.nan
