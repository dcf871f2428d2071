"""Crosshole files in a site: recognised, placed, radar and seismics apart."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.site import ForecastTerms, Site, add_files, examine, forecast

HEAD = "sx,sy,sz,rx,ry,rz"


def picks(column, slowness, noise):
    rng = np.random.default_rng(3)
    rows = [
        f"5,10,{-a},20,10,{-b},{slowness * np.hypot(15.0, a - b) + noise * rng.normal():.4f}"
        for a in (1.0, 3.0, 5.0)
        for b in (1.0, 3.0, 5.0)
    ]
    return "\n".join([f"{HEAD},{column}", *rows]) + "\n"


LEVELS = "\n".join(
    [f"{HEAD},frequency_mhz,amplitude_db"]
    + [f"5,10,{-z},20,10,{-z},50,{-60 - (z % 3)}" for z in range(1, 9)]
)


def test_radar_seismics_and_levels_are_three_surveys(site, given):
    files = [
        given("radar.csv", picks("time_ns", 8.8, 0.5)),
        given("seismic.csv", picks("time_ms", 0.25, 0.01)),
        given("levels.csv", LEVELS),
    ]
    found = [examine(path) for path in files]
    assert [f.kind.name for f in found] == ["traveltime", "traveltime", "cw-radar"]
    assert found[0].what == "9 travel times"
    site, _ = add_files(site, files)
    evidence = Site.open(site.path).evidence()
    assert [e.id for e in evidence] == ["traveltime-radar", "traveltime-seismic", "cw-radar"]


def test_a_forecast_knows_the_files_of_radar_from_those_of_seismics(site, given):
    files = [
        given("radar.csv", picks("time_ns", 8.8, 0.5)),
        given("seismic.csv", picks("time_ms", 0.25, 0.01)),
    ]
    site, _ = add_files(site, files)
    made = forecast(site, terms=ForecastTerms(diameters_m=(2.0,), fills=("air",)))
    assert [survey.labels for survey in made.surveys] == [("radar.csv",), ("seismic.csv",)]
    for survey in made.surveys:
        assert (survey.points.min(axis=0).tolist(), survey.points.max(axis=0).tolist()) == (
            [5.0, 10.0],
            [20.0, 10.0],
        )


def test_the_wrong_unit_is_refused_with_the_right_one(site, given):
    with pytest.raises(InputError, match="would do as time_ns of radar"):
        add_files(site, [given("radar.csv", picks("time_ms", 8.8, 0.5))])


def test_the_medium_may_be_an_option(given):
    path = given("radar.csv", picks("time_us", 8.8e-3, 0.0005))
    with pytest.raises(InputError, match="no seismic wave"):
        examine(path)
    assert examine(path, options={"medium": "radar"}).table.medium == "radar"
    with pytest.raises(InputError, match="expected radar or seismic"):
        examine(path, options={"medium": "air"})
