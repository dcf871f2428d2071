"""From readings of a gravimeter to anomalies: tide, drift, free air, slab, latitude.

    g_anomaly = g_read − drift·t + 308.6 z − 2πGρ z − 0.8122 sin(2φ) y       (µGal; z, y in metres)

the free-air gradient, the Bouguer slab and the northward rise of normal gravity of W. M. Telford,
L. P. Geldart and R. E. Sheriff (1990), Applied Geophysics, section 2.3; the tide is the
instrument's own or that of Longman (1959). Drift is linear within a loop and found by least squares
from stations that were read more than once, with one unknown per station. The terrain is not
corrected for: steep ground beside a station leaves an error that the ground model must carry, and
the slab of a station under ground is not what lies above it (there take density 0 and say so).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.physics.gravity_line import G_UGAL
from subterra.physics.tides import tide_ugal
from subterra.tables import GravityReadingTable, GravityTable, StationTable, reading_hours

__all__ = ["FREE_AIR_UGAL_PER_M", "GravityReduction", "reduce_gravity"]

Array = npt.NDArray[Any]

FREE_AIR_UGAL_PER_M: Final = 308.6
_LATITUDE_UGAL_PER_M: Final = 0.8122
_REPEAT_SD_UGAL: Final = 5.0
"""Repeatability of a reading where too few repeats tell: what the makers give."""
_FEWEST_FREE: Final = 3
"""Repeats beyond the unknowns from which a scatter can be told."""


@dataclass(frozen=True)
class GravityReduction:
    """Anomalies and how they were come by.

    Parameters
    ----------
    table : GravityTable
        Anomalies on the datum of their mean, with loop, time and standard error.
    drift_ugal_per_h : mapping of str to float
        Drift taken out, by loop; loops without a repeated station have none taken out.
    repeat_sd_ugal : float
        Scatter of repeated readings about the drift, or the default where they are too few.
    n_free : int
        Readings beyond the unknowns of the drift adjustment.
    tide_difference_ugal : float or None
        Largest difference of the instrument's tide and Longman's, where both are at hand.
    """

    table: GravityTable
    drift_ugal_per_h: Mapping[str, float]
    repeat_sd_ugal: float
    n_free: int
    tide_difference_ugal: float | None

    @property
    def words(self) -> str:
        """What was taken out, in words."""
        rates = [f"{rate:+.0f}" for rate in self.drift_ugal_per_h.values()]
        drift = f"drift {', '.join(rates)} µGal/h" if rates else "no station repeated, no drift"
        return f"{drift}; repeats ±{self.repeat_sd_ugal:.0f} µGal"


def reduce_gravity(
    readings: GravityReadingTable, stations: Sequence[StationTable] = ()
) -> GravityReduction:
    """Turn readings into anomalies at their stations.

    Parameters
    ----------
    readings : GravityReadingTable
        One instrument's dump.
    stations : sequence of StationTable
        Where the stations are; not needed where the readings say it themselves. Stations without
        z lie on the site's plane: their free air and slab are then linear in x and y, as the trend
        of each file is, and are left to it. What the standard errors of heights make of an anomaly
        goes into its own.

    Returns
    -------
    GravityReduction

    Raises
    ------
    InputError
        A station that no list names, or Longman's tide without a latitude and longitude.
    """
    x_m, y_m, z_m, z_sd_m = _places(readings, stations)
    hours = reading_hours(readings.time)
    tide, difference = _tides(readings, hours, z_m)
    observed = readings.g_ugal - readings.tide_ugal + tide
    drift, repeat_sd, n_free = _drift(readings, observed, hours)
    anomaly = observed - _drifted(readings.loop, hours, drift)
    height_sd = np.zeros(len(anomaly))
    if z_m is not None:
        slab = 2.0 * np.pi * G_UGAL * readings.density_kg_m3
        anomaly = anomaly + (FREE_AIR_UGAL_PER_M - slab) * z_m
        height_sd = (FREE_AIR_UGAL_PER_M - slab) * z_sd_m
    if readings.latitude_deg is not None:
        rise = _LATITUDE_UGAL_PER_M * np.sin(np.radians(2.0 * readings.latitude_deg))
        anomaly = anomaly - rise * (y_m - y_m.mean())
    table = GravityTable(
        station=readings.station,
        x_m=x_m,
        y_m=y_m,
        z_m=z_m,
        g_ugal=anomaly - anomaly.mean(),
        sd_ugal=np.hypot(np.hypot(readings.sd_ugal, repeat_sd), height_sd),
        loop=readings.loop,
        time=readings.time,
        extra=readings.extra,
    )
    return GravityReduction(table, drift, repeat_sd, n_free, difference)


def _places(
    readings: GravityReadingTable, stations: Sequence[StationTable]
) -> tuple[Array, Array, Array | None, Array]:
    """x, y, z and the standard error of z of each reading."""
    where: dict[str, tuple[float, float, float, float]] = {}
    for table in stations:
        n = len(table)
        z = np.full(n, np.nan) if table.z_m is None else table.z_m
        sd = np.zeros(n) if table.z_sd_m is None else table.z_sd_m
        for name, *place in zip(table.station, table.x_m, table.y_m, z, sd, strict=True):
            if name in where and not np.allclose(where[name], place, equal_nan=True):
                problem = f"station {name!r} is in two lists at two places"
                raise InputError(problem)
            where[name] = tuple(float(v) for v in place)  # pyright: ignore[reportArgumentType]
    missing = sorted({name for name in readings.station if name not in where})
    unknown = np.zeros(len(readings))
    if readings.x_m is not None and readings.y_m is not None and missing:
        sd = unknown if readings.z_sd_m is None else readings.z_sd_m
        return readings.x_m, readings.y_m, readings.z_m, sd
    if missing:
        problem = (
            f"no coordinates for the stations {', '.join(missing[:8])}; add a table "
            "station,x,y[,z] with them"
        )
        raise InputError(problem)
    found = np.array([where[name] for name in readings.station])
    if np.isnan(found[:, 2]).all():
        return found[:, 0], found[:, 1], None, unknown
    if np.isnan(found[:, 2]).any():
        name = readings.station[int(np.argmax(np.isnan(found[:, 2])))]
        problem = f"station {name!r} has no z but others have; give z for all stations or for none"
        raise InputError(problem)
    return found[:, 0], found[:, 1], found[:, 2], found[:, 3]


def _tides(
    readings: GravityReadingTable, hours: Array, z_m: Array | None
) -> tuple[Array, float | None]:
    """Tide to add, and how far the instrument's is from Longman's."""
    if readings.latitude_deg is None or readings.longitude_deg is None:
        if readings.tide == "longman":
            problem = "Longman's tide needs the latitude and longitude of the survey's header"
            raise InputError(problem)
        return readings.tide_ugal, None
    height = 0.0 if z_m is None else float(z_m.mean())
    longman = tide_ugal(hours, readings.latitude_deg, readings.longitude_deg, height)
    applied = readings.tide_ugal.any()
    difference = float(np.abs(longman - readings.tide_ugal).max()) if applied else None
    return (longman if readings.tide == "longman" else readings.tide_ugal), difference


def _drift(
    readings: GravityReadingTable, observed: Array, hours: Array
) -> tuple[dict[str, float], float, int]:
    """Slopes of the loops, scatter about them and degrees of freedom.

    Each loop has its own level, so that a shift between days is not taken for drift.
    """
    _, station = np.unique(readings.station, return_inverse=True)
    names, loop = np.unique(readings.loop, return_inverse=True)
    n = len(observed)
    level = np.zeros((n, station.max() + 1))
    level[np.arange(n), station] = 1.0
    shift, slope = np.zeros((2, n, len(names)))
    shift[np.arange(n), loop] = 1.0
    for k in range(len(names)):
        mine = loop == k
        slope[mine, k] = hours[mine] - hours[mine].mean()
    known = np.column_stack([level, shift])
    # A slope is found only from what stations and levels leave of it.
    left = slope - known @ np.linalg.lstsq(known, slope, rcond=1e-10)[0]
    told = np.linalg.norm(left, axis=0) > 1e-6 * np.maximum(np.linalg.norm(slope, axis=0), 1e-12)
    design = np.column_stack([known, slope[:, told]])
    solution, _, rank, _ = np.linalg.lstsq(design, observed - observed.mean(), rcond=1e-10)
    rates = solution[known.shape[1] :]
    residual = observed - observed.mean() - design @ solution
    n_free = n - int(rank)
    scatter = _REPEAT_SD_UGAL
    if n_free >= _FEWEST_FREE:
        scatter = max(float(np.sqrt((residual**2).sum() / n_free)), 1.0)
    found = {str(name): float(rate) for name, rate in zip(names[told], rates, strict=True)}
    return found, scatter, n_free


def _drifted(loops: Sequence[str], hours: Array, drift: Mapping[str, float]) -> Array:
    """Drift since the middle of each reading's loop, µGal."""
    out = np.zeros(len(hours))
    for name, rate in drift.items():
        mine = np.array([loop == name for loop in loops])
        out[mine] = rate * (hours[mine] - hours[mine].mean())
    return out
