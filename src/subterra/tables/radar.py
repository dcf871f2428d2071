"""Surface radar: profiles, what was picked on them, and radargrams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

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

__all__ = ["RadarLineTable", "RadarPickTable", "RadargramTable"]

_SHORTEST_M = 0.1
_DEEPEST_M = 1e4


@dataclass(frozen=True, eq=False)
class RadarLineTable:
    """Straight profiles walked with a ground radar.

    Parameters
    ----------
    line : tuple of str
        Names, all different.
    x0_m, y0_m, x1_m, y1_m : ndarray, shape (n,)
        Ends in the site's CRS, m.
    range_m : ndarray, shape (n,)
        Distance from the antenna down to which a reflector would be seen, m.
    p_detect : float
        Mean number of picks from an object that passes within range.
    false_per_100_m : float
        Picks that are no void, per 100 m.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, a line is repeated or
        shorter than 0.1 m.
    """

    line: tuple[str, ...]
    x0_m: FloatArray
    y0_m: FloatArray
    x1_m: FloatArray
    y1_m: FloatArray
    range_m: FloatArray
    p_detect: float = 0.5
    false_per_100_m: float = 3.0
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "line", texts(self.line, "line"))
        n = len(self.line)
        row = first_repeat(self.line)
        if row is not None:
            problem = f"line {self.line[row]!r} is given twice"
            raise RowError(problem, field="line", row=row)
        for name in ("x0_m", "y0_m", "x1_m", "y1_m"):
            put(self, name, coordinates(getattr(self, name), name, n))
        put(self, "range_m", numbers(self.range_m, "range_m", n, above=0.0, high=_DEEPEST_M))
        for name, most in (("p_detect", 1.0), ("false_per_100_m", 1e4)):
            value = getattr(self, name)
            if not 0.0 < value <= most:
                problem = f"expected above 0 and at most {most:g}, found {value:g}"
                raise RowError(problem, field=name)
        short = self.length_m < _SHORTEST_M
        if short.any():
            problem = f"a line of {self.length_m[short][0]:.3g} m is none"
            raise RowError(problem, field="x1_m", row=int(np.argmax(short)))
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.line)

    @property
    def length_m(self) -> FloatArray:
        """Length of each line, m."""
        return np.hypot(self.x1_m - self.x0_m, self.y1_m - self.y0_m)


@dataclass(frozen=True, eq=False)
class RadarPickTable:
    """Apexes of hyperbolas picked on profiles.

    Parameters
    ----------
    pick : tuple of str
        Names, all different.
    line : tuple of str
        Profile of each.
    x_m, y_m : ndarray, shape (n,)
        Place of the apex in the site's CRS, m.
    sd_m : ndarray, shape (n,)
        Standard deviation of its place along the line, m.
    depth_m, depth_sd_m : ndarray, shape (n,)
        Distance from the antenna to the reflector (velocity times half the time), and its
        standard deviation with that of the velocity, m.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, or a pick is repeated.
    """

    pick: tuple[str, ...]
    line: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    sd_m: FloatArray
    depth_m: FloatArray
    depth_sd_m: FloatArray
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "pick", texts(self.pick, "pick"))
        n = len(self.pick)
        row = first_repeat(self.pick)
        if row is not None:
            problem = f"pick {self.pick[row]!r} is given twice"
            raise RowError(problem, field="pick", row=row)
        put(self, "line", texts(self.line, "line", n))
        for name in ("x_m", "y_m"):
            put(self, name, coordinates(getattr(self, name), name, n))
        for name in ("sd_m", "depth_m", "depth_sd_m"):
            column = numbers(getattr(self, name), name, n, above=0.0, high=_DEEPEST_M)
            put(self, name, column)
        put(self, "extra", extra_columns(self.extra, n))

    def __len__(self) -> int:
        return len(self.pick)


@dataclass(frozen=True, eq=False)
class RadargramTable:
    """Traces of one channel of a ground radar along one profile.

    Parameters
    ----------
    along_m : ndarray, shape (n_traces,)
        Distance along the profile, m.
    time_ns : ndarray, shape (n_samples,)
        Two-way time of the samples, ns, from the time zero that the file says.
    amplitude : ndarray of float32, shape (n_traces, n_samples)
        As recorded, without gain, in the recorder's counts.
    x_m, y_m, z_m : ndarray, shape (n_traces,), or None
        Place of each trace where the file says it, in the file's own frame, m.
    frequency_mhz, separation_m : float or None
        Nominal frequency and antenna separation where the file says them.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used.
    """

    along_m: FloatArray
    time_ns: FloatArray
    amplitude: npt.NDArray[np.float32]
    x_m: FloatArray | None = None
    y_m: FloatArray | None = None
    z_m: FloatArray | None = None
    frequency_mhz: float | None = None
    separation_m: float | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "along_m", coordinates(self.along_m, "along_m"))
        put(self, "time_ns", numbers(self.time_ns, "time_ns", low=-1e6, high=1e6))
        n = self.along_m.size
        for name in ("x_m", "y_m", "z_m"):
            put(self, name, optional_coordinates(getattr(self, name), name, n))
        amplitude = np.array(self.amplitude, np.float32)
        if amplitude.shape != (n, self.time_ns.size) or not amplitude.size:
            problem = f"expected amplitudes of shape ({n}, {self.time_ns.size})"
            raise RowError(problem, field="amplitude")
        if not np.isfinite(amplitude).all():
            row = int(np.argmax(~np.isfinite(amplitude).all(axis=1)))
            problem = "expected finite amplitudes"
            raise RowError(problem, field="amplitude", row=row)
        amplitude.flags.writeable = False
        put(self, "amplitude", amplitude)

    def __len__(self) -> int:
        return self.along_m.size
