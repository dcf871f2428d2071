"""Signs at the surface, and areas that were looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from subterra.tables.columns import (
    MAX_COORDINATE_M,
    FloatArray,
    RowError,
    coordinates,
    extra_columns,
    first_repeat,
    numbers,
    shown,
    texts,
    words,
)

__all__ = ["LOOKED", "SEASONS", "SIGN_KINDS", "WEATHERS", "SignTable"]

SIGN_KINDS = ("steam", "warm", "spoil", "subsidence", "vegetation", "vent", "entrance")
"""What can show at the surface."""

LOOKED = "looked"
"""Kind of a row that is no sign but an area which was searched for signs."""

SEASONS = ("winter", "spring", "summer", "autumn")
WEATHERS = ("dry", "rain", "fog", "frost", "snow")

_KINDS = (*SIGN_KINDS, LOOKED)


@dataclass(frozen=True, eq=False)
class SignTable:
    """Signs at the surface and areas searched for them.

    Parameters
    ----------
    id : tuple of str
        Names of the rows, all different.
    kind : tuple of str
        One of `SIGN_KINDS`, or `LOOKED`.
    x_m, y_m : ndarray, shape (n,)
        Easting and northing, m; of an area the centre.
    sd_m : ndarray, shape (n,)
        Standard deviation of the place per axis, m, positive; of an area its radius unless
        ``area`` says its corners.
    volume_m3 : ndarray, shape (n,)
        Loose volume of a spoil heap, m³, positive; NaN where it was not measured, and for all
        other kinds.
    p_notice : ndarray, shape (n,)
        Of an area: probability that a sign in it would have been noticed, above 0 and below 1;
        NaN elsewhere.
    origin : tuple of str
        Signs that one hand may have made share an origin and count once; blank stands alone.
    season, weather : tuple of str
        One of `SEASONS` and of `WEATHERS`, or blank.
    area : tuple of str
        Corners of an area as ``x y, x y, …``, or blank.
    date, text : tuple of str
        As given; may be blank.
    extra : mapping of str to tuple of str
        Further columns, carried along.

    Raises
    ------
    RowError
        A column has the wrong length or a value that cannot be used, a row is repeated, a volume
        is given for what is no heap, or an area does not say how well it was searched.
    """

    id: tuple[str, ...]
    kind: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    sd_m: FloatArray
    volume_m3: FloatArray
    p_notice: FloatArray
    origin: tuple[str, ...]
    season: tuple[str, ...]
    weather: tuple[str, ...]
    area: tuple[str, ...]
    date: tuple[str, ...]
    text: tuple[str, ...]
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "id", texts(self.id, "id"))
        n = len(self.id)
        row = first_repeat(self.id)
        if row is not None:
            problem = f"sign {shown(self.id[row])} is given twice"
            raise RowError(problem, field="id", row=row)
        put(self, "kind", words(self.kind, "kind", n, _KINDS))
        put(self, "x_m", coordinates(self.x_m, "x_m", n))
        put(self, "y_m", coordinates(self.y_m, "y_m", n))
        put(self, "sd_m", numbers(self.sd_m, "sd_m", n, above=0.0, high=MAX_COORDINATE_M))
        volume = numbers(self.volume_m3, "volume_m3", n, above=0.0, high=1e9, missing=True)
        put(self, "volume_m3", volume)
        notice = numbers(self.p_notice, "p_notice", n, above=0.0, high=0.999, missing=True)
        put(self, "p_notice", notice)
        put(self, "season", _word_or_blank(self.season, "season", n, SEASONS))
        put(self, "weather", _word_or_blank(self.weather, "weather", n, WEATHERS))
        for name in ("origin", "area", "date", "text"):
            put(self, name, texts(getattr(self, name), name, n, blank=True))
        put(self, "extra", extra_columns(self.extra, n))
        self._check_rows()

    def _check_rows(self) -> None:
        for row, kind in enumerate(self.kind):
            looked = kind == LOOKED
            if looked == bool(np.isnan(self.p_notice[row])):
                problem = "an area that was looked at needs it" if looked else "only areas have it"
                raise RowError(problem, field="p_notice", row=row)
            if kind != "spoil" and np.isfinite(self.volume_m3[row]):
                problem = "only a spoil heap has a volume"
                raise RowError(problem, field="volume_m3", row=row)
            if self.area[row] and not looked:
                problem = "only an area that was looked at has corners"
                raise RowError(problem, field="area", row=row)
            if looked and self.origin[row]:
                problem = "an area that was looked at has no origin"
                raise RowError(problem, field="origin", row=row)
            if self.area[row]:
                self.corners(row)

    def corners(self, row: int) -> FloatArray | None:
        """Return the corners (k, 2) of an area in metres, or None where it is a disc.

        Raises
        ------
        RowError
            If the text is not at least three places ``x y``, divided by commas.
        """
        text = self.area[row]
        if not text:
            return None
        try:
            places = [[float(v) for v in place.split()] for place in text.split(",")]
        except ValueError as error:
            problem = f"expected corners as 'x y, x y, x y', found {shown(text)}"
            raise RowError(problem, field="area", row=row) from error
        if len(places) < 3 or any(len(place) != 2 for place in places):
            problem = f"expected at least three corners 'x y', found {shown(text)}"
            raise RowError(problem, field="area", row=row)
        flat = coordinates([v for place in places for v in place], "area")
        return flat.reshape(-1, 2)

    def __len__(self) -> int:
        return len(self.id)


def _word_or_blank(
    values: tuple[str, ...], field: str, n: int, known: tuple[str, ...]
) -> tuple[str, ...]:
    column = texts(values, field, n, blank=True)
    for row, word in enumerate(column):
        if word and word not in known:
            problem = f"unknown {shown(word)}; expected one of {', '.join(known)}, or nothing"
            raise RowError(problem, field=field, row=row)
    return column
