"""A raster of one band of 32-bit floats as GeoTIFF, readable by QGIS and GDAL.

TIFF revision 6.0 with one deflated strip; OGC GeoTIFF 1.1 (19-008r4): ModelPixelScale,
ModelTiepoint and a GeoKeyDirectory with the EPSG code of a projected system; GDAL's tag for cells
without value.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = ["geotiff_bytes"]

_SHORT, _LONG, _DOUBLE, _ASCII = 3, 4, 12, 2
_CODE: Final = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}
_NO_DATA: Final = -9999.0


def geotiff_bytes(
    values: npt.ArrayLike, x0_m: float, y0_m: float, cell_m: float, epsg: int | None
) -> bytes:
    """Write a grid of square cells.

    Parameters
    ----------
    values : array_like, shape (ny, nx)
        Rows from south to north; NaN for cells without a value.
    x0_m, y0_m : float
        Lower left corner of the lower left cell, m.
    cell_m : float
        Side of a cell, m.
    epsg : int or None
        Code of the projected system; None for a local frame.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    InputError
        If it is no grid.
    """
    grid = np.asarray(values, np.float32)
    if grid.ndim != 2 or not grid.size or not cell_m > 0.0:
        problem = f"expected a grid of cells of positive size, found {grid.shape} and {cell_m}"
        raise InputError(problem)
    ny, nx = grid.shape
    rows = np.where(np.isnan(grid), np.float32(_NO_DATA), grid)[::-1].astype("<f4")
    strip = zlib.compress(rows.tobytes(), 9)
    keys = [1025, 0, 1, 1]  # cells are areas
    if epsg is not None:
        keys = [1024, 0, 1, 1, *keys, 3072, 0, 1, epsg]  # a projected system, and its code
    keys = [1, 1, 0, len(keys) // 4, *keys]
    entries: list[tuple[int, int, list[Any]]] = [
        (256, _LONG, [nx]),
        (257, _LONG, [ny]),
        (258, _SHORT, [32]),
        (259, _SHORT, [8]),
        (262, _SHORT, [1]),
        (273, _LONG, [0]),
        (277, _SHORT, [1]),
        (278, _LONG, [ny]),
        (279, _LONG, [len(strip)]),
        (284, _SHORT, [1]),
        (339, _SHORT, [3]),
        (33550, _DOUBLE, [cell_m, cell_m, 0.0]),
        (33922, _DOUBLE, [0.0, 0.0, 0.0, x0_m, y0_m + ny * cell_m, 0.0]),
        (34735, _SHORT, keys),
        (42113, _ASCII, list(f"{_NO_DATA:g}\0".encode("ascii"))),
    ]
    return _file(entries, strip)


def _file(entries: list[tuple[int, int, list[Any]]], strip: bytes) -> bytes:
    """Header, strip, directory and what does not fit into it."""
    strip_at = 8
    directory_at = strip_at + len(strip) + len(strip) % 2
    spill_at = directory_at + 2 + 12 * len(entries) + 4
    directory, spill = [struct.pack("<H", len(entries))], b""
    for tag, kind, content in entries:
        values = [strip_at] if tag == 273 else content
        packed = (
            bytes(values)
            if kind == _ASCII
            else struct.pack(f"<{len(values)}{_CODE[kind]}", *values)
        )
        if len(packed) <= 4:
            field = packed.ljust(4, b"\0")
        else:
            field = struct.pack("<I", spill_at + len(spill))
            spill += packed + b"\0" * (len(packed) % 2)
        directory.append(struct.pack("<HHI", tag, kind, len(values)) + field)
    head = struct.pack("<2sHI", b"II", 42, directory_at)
    return b"".join(
        [head, strip, b"\0" * (len(strip) % 2), *directory, struct.pack("<I", 0), spill]
    )
