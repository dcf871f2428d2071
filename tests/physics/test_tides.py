"""The earth tide: a published value, the tide of an instrument, and its symmetries."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from subterra.physics.tides import tide_ugal


def hours(when: datetime) -> np.ndarray:
    return np.array([(when - datetime(2000, 1, 1)).total_seconds() / 3600.0])


def test_a_published_value():
    """State College, as the test of the package LongmanTide (MIT licence) has it, in µGal.

    That code writes the T² and T³ terms of the perigee with the other sign than Bartels (1957)
    does, which Longman cites: they differ by some thousandths of a µGal.
    """
    amplified = 1.0 + 0.612 - 1.5 * 0.303
    found = tide_ugal(hours(datetime(2015, 4, 23)), 40.7914, 282.1414, 370.0,
                      amplification=amplified)  # fmt: skip
    assert found[0] == pytest.approx(3.535, abs=0.01)


# Scintrex CG-5 in Freiberg, 50.6 N 13.2 E: UTC and the tide that it added, in µGal as printed.
CG5 = (
    (datetime(2026, 2, 18, 6, 46, 56), -94.0),
    (datetime(2026, 2, 18, 7, 42, 41), -86.0),
    (datetime(2026, 2, 18, 8, 59, 35), -62.0),
    (datetime(2026, 2, 18, 10, 48, 26), -29.0),
    (datetime(2026, 2, 17, 8, 8, 34), -77.0),
    (datetime(2026, 2, 17, 9, 58, 0), -48.0),
)


@pytest.mark.parametrize(("when", "printed"), CG5)
def test_the_instrument_in_the_field_has_the_same_tide(when, printed):
    assert tide_ugal(hours(when), 50.6, 13.2)[0] == pytest.approx(printed, abs=1.2)


def test_it_is_a_tide():
    year = np.arange(0.0, 8766.0, 0.5) + 2.0e5
    tide = tide_ugal(year, 45.0, 10.0)
    assert -120.0 < tide.min() < -50.0
    assert 80.0 < tide.max() < 200.0
    # Two high waters a lunar day: the strongest lines are at about 12.4 and 12 hours.
    power = np.abs(np.fft.rfft(tide - tide.mean())) ** 2
    period = len(year) * 0.5 / np.arange(1, len(power))
    strongest = period[np.argmax(power[1:])]
    assert strongest == pytest.approx(12.42, abs=0.05) or strongest == pytest.approx(24.0, abs=2.0)


def test_turning_the_globe_is_waiting_but_for_the_moon():
    """Fifteen degrees are an hour, in which Moon and Sun move on by half a degree at most."""
    when = np.linspace(0.0, 24.0, 49) + 230000.0
    here, there = tide_ugal(when, 30.0, 0.0), tide_ugal(when - 1.0, 30.0, 15.0)
    assert np.abs(here - there).max() < 3.0
    np.testing.assert_allclose(tide_ugal(when, 30.0, 370.0), tide_ugal(when, 30.0, 10.0))
