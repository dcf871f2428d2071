"""Radar profiles and picks as CSV.

Profiles: ``line,x0,y0,x1,y1,range_m``. Picks: ``pick,line,x,y,sd_m`` with ``depth_m,depth_sd_m``,
or with ``time_ns,velocity_m_per_ns,velocity_sd_m_per_ns[,time_sd_ns]`` in place of them: the depth
is velocity times half of the two-way time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from subterra.formats.csv_table import CsvTable, header_names, read_csv, write_csv
from subterra.formats.text import MAX_BYTES, Place
from subterra.tables import FloatArray, RadarLineTable, RadarPickTable

__all__ = [
    "read_radar_lines",
    "read_radar_picks",
    "sniff_radar_lines",
    "sniff_radar_picks",
    "write_radar_lines",
    "write_radar_picks",
]

_LINES: Final[tuple[str, ...]] = ("line", "x0", "y0", "x1", "y1", "range_m")
_PICKS: Final = ("pick", "line", "x", "y", "sd_m")
_DEPTHS: Final = ("depth_m", "depth_sd_m")
_TIMES: Final = ("time_ns", "velocity_m_per_ns", "velocity_sd_m_per_ns")
_TIME_SD: Final = "time_sd_ns"
_TIME_SD_NS: Final = 1.0
"""How well an apex is picked in time where the file does not say."""
_FASTEST_M_PER_NS: Final = 0.3  # light in air


def read_radar_lines(
    path: Path | str,
    *,
    p_detect: float = 0.5,
    false_per_100_m: float = 3.0,
    max_bytes: int = MAX_BYTES,
) -> RadarLineTable:
    """Read radar profiles.

    Parameters
    ----------
    path : Path or str
        The file.
    p_detect, false_per_100_m : float
        See `RadarLineTable`.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    RadarLineTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, _LINES, max_bytes=max_bytes)
    with table.locating():
        return RadarLineTable(
            table.text("line"),
            *(table.numbers(name) for name in _LINES[1:]),
            p_detect=p_detect,
            false_per_100_m=false_per_100_m,
            extra=table.extra(),
        )


def read_radar_picks(path: Path | str, *, max_bytes: int = MAX_BYTES) -> RadarPickTable:
    """Read picked apexes; raise `InputError` with line and column for what cannot be used."""
    table = read_csv(path, _PICKS, (*_DEPTHS, *_TIMES, _TIME_SD), max_bytes=max_bytes)
    depth_m, depth_sd_m = _depths(table)
    with table.locating():
        return RadarPickTable(
            pick=table.text("pick"),
            line=table.text("line"),
            x_m=table.numbers("x"),
            y_m=table.numbers("y"),
            sd_m=table.numbers("sd_m"),
            depth_m=depth_m,
            depth_sd_m=depth_sd_m,
            extra=table.extra(),
        )


def _depths(table: CsvTable) -> tuple[FloatArray, FloatArray]:
    at = Place(table.path, 1)
    by_depth = all(name in table.names for name in _DEPTHS)
    by_time = all(name in table.names for name in _TIMES)
    if by_depth == by_time:
        at.refuse(f"expected either {' and '.join(_DEPTHS)}, or {', '.join(_TIMES)}")
    if by_depth:
        return table.numbers("depth_m"), table.numbers("depth_sd_m")
    time, speed, speed_sd = (table.numbers(name) for name in _TIMES)
    time_sd = np.full_like(time, _TIME_SD_NS)
    if _TIME_SD in table.names:
        time_sd = table.numbers(_TIME_SD)
    for name, column, most in (
        ("time_ns", time, 1e5),
        ("velocity_m_per_ns", speed, _FASTEST_M_PER_NS),
        ("velocity_sd_m_per_ns", speed_sd, _FASTEST_M_PER_NS),
        (_TIME_SD, time_sd, 1e5),
    ):
        bad = ~((column > 0.0) & (column <= most))
        if bad.any():
            row = int(np.argmax(bad))
            Place(table.path, table.lines[row]).refuse(
                f"{name}: expected above 0 and at most {most:g}, found {column[row]:g}",
                column=table.names.index(name) + 1 if name in table.names else None,
            )
    return 0.5 * speed * time, 0.5 * np.hypot(speed * time_sd, time * speed_sd)


def write_radar_lines(table: RadarLineTable, path: Path | str) -> None:
    """Write profiles so that `read_radar_lines` gives back the same table."""
    values = (table.line, table.x0_m, table.y0_m, table.x1_m, table.y1_m, table.range_m)
    columns: dict[str, tuple[str, ...] | FloatArray] = dict(zip(_LINES, values, strict=True))
    write_csv(path, columns, table.extra, required=_LINES, optional=())


def write_radar_picks(table: RadarPickTable, path: Path | str) -> None:
    """Write picks with their depths so that `read_radar_picks` gives back the same table."""
    columns = {
        "pick": table.pick,
        "line": table.line,
        "x": table.x_m,
        "y": table.y_m,
        "sd_m": table.sd_m,
        "depth_m": table.depth_m,
        "depth_sd_m": table.depth_sd_m,
    }
    write_csv(path, columns, table.extra, required=_PICKS, optional=_DEPTHS)


def sniff_radar_lines(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of radar profiles."""
    return {"line", "x0", "y0", "x1", "y1"} <= header_names(head)


def sniff_radar_picks(head: bytes) -> bool:
    """Whether the first bytes of a file are the header of radar picks."""
    return {"pick", "line", "x", "y"} <= header_names(head)
