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
        put = object.__setattr__
        put(self, "station", texts(self.station, "station"))
        n = len(self.station)
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "z_m", optional_coordinates(self.z_m, "z_m", n))
        put(self, "g_ugal", numbers(self.g_ugal, "g_ugal", n, low=-_MAX_UGAL, high=_MAX_UGAL))
        if self.sd_ugal is not None:
            put(self, "sd_ugal", numbers(self.sd_ugal, "sd_ugal", n, above=0.0, high=_MAX_UGAL))
        if self.loop is not None:
            put(self, "loop", texts(self.loop, "loop", n, blank=True))
        if self.time is not None:
            put(self, "time", texts(self.time, "time", n, blank=True))
            reading_hours(self.time)
        put(self, "extra", extra_columns(self.extra, n))

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
        put = object.__setattr__
        put(self, "station", texts(self.station, "station"))
        n = len(self.station)
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "z_m", optional_coordinates(self.z_m, "z_m", n))
        most = _MAX_EOTVOS
        put(self, "gzz_eotvos", numbers(self.gzz_eotvos, "gzz_eotvos", n, low=-most, high=most))
        if self.sd_eotvos is not None:
            sd = numbers(self.sd_eotvos, "sd_eotvos", n, above=0.0, high=most)
            put(self, "sd_eotvos", sd)
        if self.loop is not None:
            put(self, "loop", texts(self.loop, "loop", n, blank=True))
        if self.time is not None:
            put(self, "time", texts(self.time, "time", n, blank=True))
            reading_hours(self.time)
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.station)
