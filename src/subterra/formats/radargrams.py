"""Radargrams: GSSI ``.DZT`` and Sensors & Software ``.DT1`` with its ``.HD``.

DZT: little-endian, one header of 1024 bytes or more per channel, then scans of all channels in
turn; 8 and 16 bit samples are unsigned, 32 bit ones signed (GSSI, DZT file format, 2016). DT1: each
trace has a header of 25 floats and 28 characters, then 16 bit samples; the ``.HD`` beside it is
text and gives the units (Sensors & Software, pulseEKKO user's guide).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from subterra.counting import counted
from subterra.formats.text import MAX_BYTES, Place, number, read_bytes, read_text, split_lines
from subterra.tables import FOOT_M, RadargramTable, RowError

__all__ = ["read_dt1", "read_dzt"]

_DZT_HEADER: Final = 1024
_DZT_TAGS: Final = (0xFF, 0x00)  # low byte of a header's tag as recorders write it
_DZT_TYPES: Final[Mapping[int, str]] = {8: "<u1", 16: "<u2", 32: "<i4"}
_MAX_SAMPLES: Final = 65536
_DT1_HEADER: Final = 128
_UNITS: Final[Mapping[str, float]] = {"m": 1.0, "metres": 1.0, "meters": 1.0, "ft": FOOT_M,
                                      "feet": FOOT_M}  # fmt: skip


def read_dzt(
    path: Path | str, *, channel: int = 1, max_bytes: int = 4 * MAX_BYTES
) -> RadargramTable:
    """Read one channel of a GSSI file.

    Parameters
    ----------
    path : Path or str
        The file.
    channel : int
        Which channel, from 1.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    RadargramTable
        Distances from the scans per metre of the header.

    Raises
    ------
    InputError
        Not such a file, cut off within a scan, collected by time alone, or without that channel.
    """
    at = Place(path)
    data = read_bytes(path, max_bytes=max_bytes)
    if len(data) < _DZT_HEADER:
        at.refuse(f"expected a header of {_DZT_HEADER} bytes, found {len(data)}")
    tag, offset, n_samples, bits = struct.unpack_from("<4H", data, 0)
    per_second, per_metre, _, start_ns, range_ns = struct.unpack_from("<5f", data, 10)
    (n_channels,) = struct.unpack_from("<H", data, 52)
    if tag & 0xFF not in _DZT_TAGS:
        at.refuse(f"byte 0: expected the tag of a DZT header, found 0x{tag:04x}")
    if bits not in _DZT_TYPES or not 2 <= n_samples <= _MAX_SAMPLES or not 1 <= n_channels <= 16:
        at.refuse(
            f"bytes 4 to 53: {n_samples} samples of {bits} bit in "
            f"{counted(n_channels, 'channel')} cannot be"
        )
    if not 1 <= channel <= n_channels:
        at.refuse(f"channel {channel} is not among its {n_channels}")
    if not (math.isfinite(range_ns) and 0.0 < range_ns < 1e5 and math.isfinite(start_ns)):
        at.refuse(f"byte 26: expected a time window in ns, found {range_ns:g}")
    if not (math.isfinite(per_metre) and 0.0 < per_metre < 1e5):
        rate = f" ({per_second:g} scans a second)" if math.isfinite(per_second) else ""
        at.refuse(f"byte 14: no scans per metre, it was collected by time{rate}: no distances")
    # A small offset counts blocks of 1024 bytes; a large one is not the truth for many files.
    begin = _DZT_HEADER * (offset if 0 < offset < _DZT_HEADER else n_channels)
    samples = _samples(at, data, begin, _DZT_TYPES[bits])
    per_scan = n_samples * n_channels
    if samples.size % per_scan or not samples.size:
        at.refuse(f"the data are no whole number of scans of {per_scan} samples; it may be cut off")
    scans = samples.reshape(-1, n_channels, n_samples)[:, channel - 1, :].astype(np.float32)
    if bits < 32:
        scans -= np.float32(2 ** (bits - 1))
    time_ns = start_ns + np.arange(n_samples) * (range_ns / (n_samples - 1))
    return _radargram(at, np.arange(len(scans)) / per_metre, time_ns, scans)


def read_dt1(
    path: Path | str,
    *,
    header: Path | str | None = None,
    max_bytes: int = 4 * MAX_BYTES,
) -> RadargramTable:
    """Read a Sensors & Software profile.

    Parameters
    ----------
    path : Path or str
        The ``.DT1`` file.
    header : Path or str, optional
        Its ``.HD`` file; by default the one beside it.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    RadargramTable
        Distances in metres whatever the unit of the file.

    Raises
    ------
    InputError
        No header file, not such a file, or cut off within a trace.
    """
    at = Place(path)
    data = read_bytes(path, max_bytes=max_bytes)
    facts, head = _hd(_beside(path) if header is None else Path(header))
    n_samples = int(_fact(facts, "NUMBER OF PTS/TRC", head, 2.0, _MAX_SAMPLES))
    window_ns = _fact(facts, "TOTAL TIME WINDOW", head, 1e-3, 1e5)
    zero = _fact(facts, "TIMEZERO AT POINT", head, -1e5, 1e5)
    unit = facts.get("POSITION UNITS", (1, "m"))[1].lower()
    if unit not in _UNITS:
        head.refuse(f"POSITION UNITS: expected m or ft, found {unit[:20]!r}")
    step = _DT1_HEADER + 2 * n_samples
    if len(data) % step or not data:
        at.refuse(f"{len(data):,} bytes are no whole number of traces of {step} bytes; cut off?")
    layout = np.dtype([("head", "<f4", 25), ("text", "V28"), ("trace", "<i2", n_samples)])
    traces = np.frombuffer(data, layout)
    heads = traces["head"].astype(np.float64)
    wrong = heads[:, 2] != n_samples
    if wrong.any():
        row = int(np.argmax(wrong))
        at.refuse(f"trace {row + 1}: expected {n_samples} samples, its header says otherwise")
    metres = _UNITS[unit]
    time_ns = (np.arange(n_samples) - (zero - 1.0)) * (window_ns / n_samples)
    return _radargram(
        at,
        heads[:, 1] * metres,
        time_ns,
        traces["trace"].astype(np.float32),
        frequency_mhz=_fact(facts, "NOMINAL FREQUENCY", head, 0.0, 1e5, 0.0) or None,
        separation_m=_fact(facts, "ANTENNA SEPARATION", head, 0.0, 1e3, 0.0) * metres or None,
    )


def _radargram(
    at: Place,
    along_m: np.ndarray,
    time_ns: np.ndarray,
    amplitude: np.ndarray,
    frequency_mhz: float | None = None,
    separation_m: float | None = None,
) -> RadargramTable:
    try:
        return RadargramTable(
            along_m,
            time_ns,
            amplitude,
            frequency_mhz=frequency_mhz,
            separation_m=separation_m,
        )
    except RowError as error:
        at.refuse(str(error), cause=error)


def _samples(at: Place, data: bytes, begin: int, kind: str) -> np.ndarray:
    size = np.dtype(kind).itemsize
    if (len(data) - begin) % size or len(data) <= begin:
        at.refuse(f"expected samples of {size} bytes from byte {begin}; the file may be cut off")
    return np.frombuffer(data, kind, offset=begin)


def _beside(path: Path | str) -> Path:
    there = Path(path)
    near = (there.with_suffix(suffix) for suffix in (".HD", ".hd", ".Hd"))
    found = next((header for header in near if header.is_file()), None)
    if found is None:
        Place(path).refuse("its header file (.HD) is not beside it")
    return found


def _hd(path: Path) -> tuple[dict[str, tuple[int, str]], Place]:
    facts: dict[str, tuple[int, str]] = {}
    for line, text in enumerate(split_lines(read_text(path)), start=1):
        name, mark, value = text.partition("=")
        if mark:
            facts[name.strip().upper()] = (line, value.strip())
    return facts, Place(path)


def _fact(
    facts: Mapping[str, tuple[int, str]],
    name: str,
    head: Place,
    low: float,
    high: float,
    default: float | None = None,
) -> float:
    if name not in facts:
        if default is None:
            head.refuse(f"missing {name!r}")
        return default
    line, text = facts[name]
    at = Place(head.path, line)
    value = number(text.split()[0] if text.split() else "", name, at)
    if not low <= value <= high:
        at.refuse(f"{name}: expected {low:g} to {high:g}, found {value:g}")
    return value
