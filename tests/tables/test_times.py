"""Times of readings in hours."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.tables import GradientTable, GravityTable, RowError, reading_hours


@pytest.mark.parametrize(
    ("times", "hours"),
    [
        (("08:00", "9:30", "", "23:59:30"), [0.0, 1.5, np.nan, 16.0 - 0.5 / 60.0]),
        (("7.5", "8", "1000.25"), [0.0, 0.5, 992.75]),
        (("2026-02-18T23:00", "2026-02-19 01:30:00"), [0.0, 2.5]),
        (("2026-02-18T09:00+01:00", "2026-02-18T09:00+00:00"), [0.0, 1.0]),
        (("2026-02-18T09:00Z", "2026-02-18T09:06:00+00:00"), [0.0, 0.1]),
        (("", ""), [np.nan, np.nan]),
    ],
)
def test_hours(times, hours):
    found = reading_hours(times)
    np.testing.assert_allclose(found - (found[0] if times[0] else 0.0), hours, atol=1e-6)


@pytest.mark.parametrize(
    ("times", "row"),
    [
        (("9 o'clock",), 0),
        (("09:00", "25:00"), 1),
        (("09:00", "9.5"), 1),
        (("2026-02-18T09:00", "09:00"), 1),
        (("2026-02-18T09:00", "2026-02-18T09:00Z"), 1),
        (("2026-02-18",), 0),
        (("2026-02-30T09:00",), 0),
        (("-3",), 0),
        (("nan",), 0),
    ],
)
def test_what_is_no_time(times, row):
    with pytest.raises(RowError) as caught:
        reading_hours(times)
    assert caught.value.row == row
    assert caught.value.field == "time"


def test_tables_check_their_times():
    place = {"station": ("a",), "x_m": [0.0], "y_m": [0.0], "z_m": None, "time": ("noon",)}
    with pytest.raises(RowError, match="clock time"):
        GravityTable(**place, g_ugal=[0.0])
    with pytest.raises(RowError, match="clock time"):
        GradientTable(**place, gzz_eotvos=[0.0])
    with pytest.raises(RowError, match="-300000 to 300000"):
        GradientTable(**{**place, "time": None}, gzz_eotvos=[4e5])
