"""Gravity stations and readings, and readings of the vertical gravity gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from subterra.tables.columns import (
    FloatArray,
    coordinates,
    extra_columns,
    numbers,
    optional_coordinates,
    texts,
)
from subterra.tables.times import reading_hours

__all__ = ["GradientTable", "GravityTable"]

# Absolute gravity is 9.8e8 µGal; anything larger is another unit.
_MAX_UGAL = 1e10
# The whole free-air gradient is 3,086 E; no anomaly is a hundred times that.
_MAX_EOTVOS = 3e5


@dataclass(frozen=True, eq=False)
class GravityTable:
    """Bouguer anomaly at stations, on any datum.

    Parameters
    ----------
    station : tuple of str
        Names; a station may be read more than once.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing in the site's CRS, m.
    z_m : ndarray, shape (n,), or None
        Elevation, m, positive up; None when the stations lie on the site's surface.
    g_ugal : ndarray, shape (n,)
        Anomaly, µGal, positive down: a void makes it negative.
    sd_ugal : ndarray, shape (n,), or None
        Standard error, µGal, positive.
    loop, time : tuple of str, or None
        Loop of the instrument (readings between two visits of the base) and time of the reading
        as given, in a form of ``reading_hours``; blank where unknown.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    station: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray | None
    g_ugal: FloatArray
    sd_ugal: FloatArray | None = None
    loop: tuple[str, ...] | None = None
    time: tuple[str, ...] | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        _check(self, "g_ugal", "sd_ugal", _MAX_UGAL)

    def __len__(self) -> int:
        return len(self.station)


@dataclass(frozen=True, eq=False)
class GradientTable:
    """Vertical gravity gradient at stations, on any datum.

    Parameters
    ----------
    station : tuple of str
        Names; a station may be read more than once.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing in the site's CRS, m.
    z_m : ndarray, shape (n,), or None
        Elevation of the sensor's middle, m, positive up; None when the stations lie on the site's
        surface.
    gzz_eotvos : ndarray, shape (n,)
        Anomaly of the gradient of downward gravity downwards, E: a void makes it negative
        straight above. 1 E = 0.1 µGal/m.
    sd_eotvos : ndarray, shape (n,), or None
        Standard error, E, positive.
    loop, time : tuple of str, or None
        As in ``GravityTable``.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    station: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray | None
    gzz_eotvos: FloatArray
    sd_eotvos: FloatArray | None = None
    loop: tuple[str, ...] | None = None
    time: tuple[str, ...] | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        _check(self, "gzz_eotvos", "sd_eotvos", _MAX_EOTVOS)

    def __len__(self) -> int:
        return len(self.station)


def _check(table: GravityTable | GradientTable, reading: str, error: str, most: float) -> None:
    """Check the columns of a table of readings and put them in their final form.

    ``reading`` and ``error`` name the columns of readings and standard errors, ``most`` is the
    largest value that either may have.
    """

    def put(name: str, value: object) -> None:
        object.__setattr__(table, name, value)

    put("station", texts(table.station, "station"))
    n = len(table.station)
    put("x_m", coordinates(table.x_m, "x_m", n))
    put("y_m", coordinates(table.y_m, "y_m", n))
    put("z_m", optional_coordinates(table.z_m, "z_m", n))
    put(reading, numbers(getattr(table, reading), reading, n, low=-most, high=most))
    sd = getattr(table, error)
    if sd is not None:
        put(error, numbers(sd, error, n, above=0.0, high=most))
    if table.loop is not None:
        put("loop", texts(table.loop, "loop", n, blank=True))
    if table.time is not None:
        put("time", texts(table.time, "time", n, blank=True))
        reading_hours(table.time)
    put("extra", extra_columns(table.extra, n))
