"""Data between two holes: first-arrival times and continuous-wave levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from subterra.tables.columns import (
    FloatArray,
    RowError,
    coordinates,
    extra_columns,
    numbers,
    shown,
    texts,
)

__all__ = [
    "MEDIA",
    "SPEED_RANGE_M_S",
    "TIME_UNITS_S",
    "CwRadarTable",
    "TravelTimeTable",
]

MEDIA: Final = ("radar", "seismic")
TIME_UNITS_S: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Units of time that a file may have, in seconds."""
SPEED_RANGE_M_S: Final = {"radar": (0.03e9, 0.3e9), "seismic": (200.0, 8000.0)}
"""Radar from water (0.033 m/ns) to air; P waves from dry loose soil to the densest rock."""
# A single pick may be a blunder or carry a wrong zero time; its apparent speed may be this far out.
_LEEWAY: Final = 4.0
_MAX_DB: Final = 1000.0


@dataclass(frozen=True, eq=False)
class TravelTimeTable:
    """First arrivals between sources and receivers, of radar or of P waves.

    Parameters
    ----------
    medium : str
        ``radar`` or ``seismic``.
    unit : str
        Unit of ``time`` and ``sd``: ``s``, ``ms``, ``us`` or ``ns``.
    sx_m, sy_m, sz_m : ndarray, shape (n,)
        Source in the site's CRS, m, z up.
    rx_m, ry_m, rz_m : ndarray, shape (n,)
        Receiver, m.
    time : ndarray, shape (n,)
        First arrival, positive.
    sd : ndarray, shape (n,), or None
        Standard error, positive.
    frequency_hz : ndarray, shape (n,), or None
        Dominant frequency of the pulse, which sets the width of its Fresnel zone.
    panel, shot : tuple of str, or None
        Pair of holes and firing of each pick; each panel has a zero time of its own, and where
        shots are given, each shot.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or the times belong to no
        wave of this medium: their unit is another one.
    """

    medium: str
    unit: str
    sx_m: FloatArray
    sy_m: FloatArray
    sz_m: FloatArray
    rx_m: FloatArray
    ry_m: FloatArray
    rz_m: FloatArray
    time: FloatArray
    sd: FloatArray | None = None
    frequency_hz: FloatArray | None = None
    panel: tuple[str, ...] | None = None
    shot: tuple[str, ...] | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        if self.medium not in MEDIA:
            problem = f"unknown {shown(self.medium)}; expected one of {', '.join(MEDIA)}"
            raise RowError(problem, field="medium")
        if self.unit not in TIME_UNITS_S:
            problem = f"unknown {shown(self.unit)}; expected one of {', '.join(TIME_UNITS_S)}"
            raise RowError(problem, field="unit")
        put = object.__setattr__
        n = _check_ends(self)
        put(self, "time", numbers(self.time, f"time_{self.unit}", n, above=0.0))
        if self.sd is not None:
            put(self, "sd", numbers(self.sd, f"sd_{self.unit}", n, above=0.0))
        if self.frequency_hz is not None:
            put(self, "frequency_hz", numbers(self.frequency_hz, "frequency_hz", n, above=0.0))
        for name in ("panel", "shot"):
            if getattr(self, name) is not None:
                put(self, name, texts(getattr(self, name), name, n))
        put(self, "extra", extra_columns(self.extra, n))
        _check_speed(self)

    def __len__(self) -> int:
        return len(self.sx_m)

    @property
    def distance_m(self) -> FloatArray:
        """Distances (n,) between source and receiver, m."""
        return _distance(self)


@dataclass(frozen=True, eq=False)
class CwRadarTable:
    """Levels of a continuous wave between two holes, on any datum.

    Parameters
    ----------
    sx_m, sy_m, sz_m : ndarray, shape (n,)
        Transmitter in the site's CRS, m, z up.
    rx_m, ry_m, rz_m : ndarray, shape (n,)
        Receiver, m.
    frequency_mhz : ndarray, shape (n,)
        MHz.
    amplitude_db : ndarray, shape (n,)
        Level, dB; less is weaker.
    sd_db : ndarray, shape (n,), or None
        Standard error, dB, positive.
    panel : tuple of str, or None
        Pair of holes of each datum.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    sx_m: FloatArray
    sy_m: FloatArray
    sz_m: FloatArray
    rx_m: FloatArray
    ry_m: FloatArray
    rz_m: FloatArray
    frequency_mhz: FloatArray
    amplitude_db: FloatArray
    sd_db: FloatArray | None = None
    panel: tuple[str, ...] | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        n = _check_ends(self)
        frequency = numbers(self.frequency_mhz, "frequency_mhz", n, low=0.1, high=2000.0)
        level = numbers(self.amplitude_db, "amplitude_db", n, low=-_MAX_DB, high=_MAX_DB)
        put(self, "frequency_mhz", frequency)
        put(self, "amplitude_db", level)
        if self.sd_db is not None:
            put(self, "sd_db", numbers(self.sd_db, "sd_db", n, above=0.0, high=_MAX_DB))
        if self.panel is not None:
            put(self, "panel", texts(self.panel, "panel", n))
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.sx_m)

    @property
    def distance_m(self) -> FloatArray:
        """Distances (n,) between transmitter and receiver, m."""
        return _distance(self)


def _distance(table: TravelTimeTable | CwRadarTable) -> FloatArray:
    away = [getattr(table, f"r{c}_m") - getattr(table, f"s{c}_m") for c in "xyz"]
    return np.sqrt(sum(v * v for v in away))


def _check_ends(table: TravelTimeTable | CwRadarTable) -> int:
    """Check both ends of every ray and return their number."""
    n: int | None = None
    for end in "sr":
        for axis in "xyz":
            name = f"{end}{axis}_m"
            column = coordinates(getattr(table, name), name, n)
            n = len(column)
            object.__setattr__(table, name, column)
    short = _distance(table) < 0.01
    if short.any():
        problem = "expected two places, found source and receiver within a centimetre"
        raise RowError(problem, field="rx_m", row=int(np.argmax(short)))
    return len(table.sx_m)


def _check_speed(table: TravelTimeTable) -> None:
    """Refuse times that no wave of the medium takes, and say which unit would fit."""
    low, high = SPEED_RANGE_M_S[table.medium]
    name = f"time_{table.unit}"
    speed = table.distance_m / (table.time * TIME_UNITS_S[table.unit])
    middle = float(np.median(speed))
    if not low <= middle <= high:
        problem = (
            f"the median apparent speed is {_speed(table.medium, middle)}, no {table.medium} wave "
            f"({_speed(table.medium, low)} to {_speed(table.medium, high)}){_meant(table, middle)}"
        )
        raise RowError(problem, field=name)
    wrong = (speed < low / _LEEWAY) | (speed > high * _LEEWAY)
    if wrong.any():
        row = int(np.argmax(wrong))
        problem = (
            f"{table.time[row]:g} {table.unit} over {table.distance_m[row]:.4g} m is "
            f"{_speed(table.medium, float(speed[row]))}, no {table.medium} wave"
        )
        raise RowError(problem, field=name, row=row)


def _speed(medium: str, speed: float) -> str:
    if medium == "radar":
        return f"{speed * 1e-9:.3g} m/ns"
    return f"{speed * 1e-3:.3g} km/s"


def _meant(table: TravelTimeTable, speed: float) -> str:
    """Say which other units or medium would make sense of the times."""
    fits: list[str] = []
    for medium in MEDIA:
        low, high = SPEED_RANGE_M_S[medium]
        for unit, size in TIME_UNITS_S.items():
            if low <= speed * TIME_UNITS_S[table.unit] / size <= high:
                fits.append(f"time_{unit} of {medium}")
    return f"; the numbers would do as {' or '.join(fits)}" if fits else ""
