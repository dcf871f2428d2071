"""Readings of a gravimeter as the instrument dumps them, and the stations that it stood on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from subterra.tables.columns import (
    FloatArray,
    RowError,
    coordinates,
    extra_columns,
    first_repeat,
    numbers,
    optional_coordinates,
    texts,
)
from subterra.tables.times import reading_hours

__all__ = ["TIDES", "GravityReadingTable", "StationTable"]

TIDES = ("instrument", "longman")
"""Whose earth tide a reading is corrected by: the one in the dump, or the one computed here."""

_MAX_UGAL = 1e10
_MAX_TIDE_UGAL = 1e3  # the largest earth tide is a quarter of a milligal
_MAX_DENSITY = 1e4


@dataclass(frozen=True, eq=False)
class GravityReadingTable:
    """Readings of one instrument in the order of time, not yet reduced to anomalies.

    Parameters
    ----------
    station : tuple of str
        Name of the station of each reading; repeats are what the drift is found from.
    x_m, y_m : ndarray, shape (n,), or None
        Place in the site's CRS where the dump says one, m; otherwise a station list does.
    g_ugal : ndarray, shape (n,)
        Relative gravity, µGal, positive down, with ``tide_ugal`` already added.
    sd_ugal : ndarray, shape (n,)
        Standard error of the mean of a reading's samples, µGal, not negative.
    tide_ugal : ndarray, shape (n,)
        Earth tide correction that the instrument has added, µGal; 0 where it was switched off.
    loop : tuple of str
        Readings of one loop share one linear drift.
    time : tuple of str
        Date and time, UTC, ISO 8601.
    z_m, z_sd_m : ndarray, shape (n,), or None
        Height of the sensor and its standard error, m, where they are known beside the place.
    latitude_deg, longitude_deg : float or None
        Of the survey as the operator has set it, degrees, north and east positive.
    tide : str
        Which of `TIDES` the reduction takes.
    density_kg_m3 : float
        Density of the Bouguer slab; 0 leaves free-air anomalies.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    station: tuple[str, ...]
    x_m: FloatArray | None
    y_m: FloatArray | None
    g_ugal: FloatArray
    sd_ugal: FloatArray
    tide_ugal: FloatArray
    loop: tuple[str, ...]
    time: tuple[str, ...]
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    tide: str = "instrument"
    density_kg_m3: float = 2000.0
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    z_m: FloatArray | None = None
    z_sd_m: FloatArray | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "station", texts(self.station, "station"))
        n = len(self.station)
        if n == 0:
            problem = "expected at least one reading"
            raise RowError(problem, field="station")
        for name in ("x_m", "y_m", "z_m", "z_sd_m"):
            put(self, name, optional_coordinates(getattr(self, name), name, n))
        put(self, "g_ugal", numbers(self.g_ugal, "g_ugal", n, low=-_MAX_UGAL, high=_MAX_UGAL))
        put(self, "sd_ugal", numbers(self.sd_ugal, "sd_ugal", n, low=0.0, high=_MAX_UGAL))
        tide = numbers(self.tide_ugal, "tide_ugal", n, low=-_MAX_TIDE_UGAL, high=_MAX_TIDE_UGAL)
        put(self, "tide_ugal", tide)
        put(self, "loop", texts(self.loop, "loop", n))
        put(self, "time", texts(self.time, "time", n))
        reading_hours(self.time)
        for name, most in (("latitude_deg", 90.0), ("longitude_deg", 360.0)):
            value = getattr(self, name)
            if value is not None and not -most <= value <= most:
                problem = f"expected degrees from {-most:g} to {most:g}, found {value:g}"
                raise RowError(problem, field=name)
        if self.tide not in TIDES:
            problem = f"expected {' or '.join(TIDES)}, found {self.tide!r}"
            raise RowError(problem, field="tide")
        if not 0.0 <= self.density_kg_m3 <= _MAX_DENSITY:
            problem = f"expected 0 to {_MAX_DENSITY:g} kg/m3, found {self.density_kg_m3:g}"
            raise RowError(problem, field="density_kg_m3")
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.station)


@dataclass(frozen=True, eq=False)
class StationTable:
    """Where the stations of a survey are.

    Parameters
    ----------
    station : tuple of str
        Names, all different.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing in the site's CRS, m.
    z_m : ndarray, shape (n,), or None
        Elevation of the sensor, m, positive up; None when all stand on the site's surface.
    z_sd_m : ndarray, shape (n,), or None
        Standard error of z, m; None where it is not known and taken for none.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a station is repeated.
    """

    station: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    z_m: FloatArray | None = None
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    z_sd_m: FloatArray | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "station", texts(self.station, "station"))
        n = len(self.station)
        row = first_repeat(self.station)
        if row is not None:
            problem = f"station {self.station[row]!r} is given twice"
            raise RowError(problem, field="station", row=row)
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "z_m", optional_coordinates(self.z_m, "z_m", n))
        put(self, "z_sd_m", optional_coordinates(self.z_sd_m, "z_sd_m", n))
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.station)
