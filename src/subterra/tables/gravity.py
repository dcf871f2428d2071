"""Gravity stations and readings."""

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

__all__ = ["GravityTable"]

# Absolute gravity is 9.8e8 µGal; anything larger is another unit.
_MAX_UGAL = 1e10


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
        Loop of the instrument and time of the reading, as given.
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
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.station)
