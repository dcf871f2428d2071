"""From readings to anomalies: drift is found, heights are taken out, a real shaft comes out."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.evidence import reduce_gravity
from subterra.formats import read_cg5
from subterra.tables import GravityReadingTable, StationTable

STATIONS = StationTable(
    ("A", "B", "C"), [0.0, 10.0, 20.0], [0.0, 0.0, 5.0], [100.0, 101.0, 103.0]
)  # fmt: skip


def readings(order, g, drift=0.0, noise=0.0, seed=0, **changes):
    """Readings every ten minutes of stations whose gravity is known."""
    rng = np.random.default_rng(seed)
    hours = np.arange(len(order)) / 6.0
    value = np.array([g[name] for name in order]) + drift * hours
    table = GravityReadingTable(
        station=tuple(order),
        x_m=None,
        y_m=None,
        g_ugal=value + noise * rng.standard_normal(len(order)),
        sd_ugal=np.full(len(order), 2.0),
        tide_ugal=np.zeros(len(order)),
        loop=("day",) * len(order),
        time=tuple(f"2026-02-18T{8 + k // 6:02d}:{k % 6 * 10:02d}" for k in range(len(order))),
        density_kg_m3=0.0,
    )
    return replace(table, **changes)


@settings(deadline=None, max_examples=30)
@given(
    drift=st.floats(-500.0, 500.0),
    b=st.floats(-1e4, 1e4),
    c=st.floats(-1e4, 1e4),
)
def test_linear_drift_is_taken_out_exactly(drift, b, c):
    g = {"A": 0.0, "B": b, "C": c}
    found = reduce_gravity(readings("ABCABCA", g, drift), [STATIONS])
    assert found.drift_ugal_per_h["day"] == pytest.approx(drift, abs=1e-5)
    plain = found.table.g_ugal - 308.6 * found.table.z_m
    by_name = {name: plain[k] for k, name in enumerate("ABC")}
    assert by_name["B"] - by_name["A"] == pytest.approx(b, abs=1e-5)
    assert by_name["C"] - by_name["A"] == pytest.approx(c, abs=1e-5)


def test_a_shift_between_days_is_no_drift():
    g = {"A": 0.0, "B": 50.0, "C": -20.0}
    first = readings("ABCA", g, drift=30.0)
    later = [t.replace("-18T", "-19T") for t in first.time]
    both = replace(
        first,
        station=first.station * 2,
        g_ugal=np.concatenate([first.g_ugal, first.g_ugal + 5000.0]),
        sd_ugal=np.tile(first.sd_ugal, 2),
        tide_ugal=np.zeros(8),
        loop=("one",) * 4 + ("two",) * 4,
        time=(*first.time, *later),
    )
    found = reduce_gravity(both, [STATIONS])
    assert found.drift_ugal_per_h == pytest.approx({"one": 30.0, "two": 30.0}, abs=1e-6)


def test_without_a_repeat_there_is_no_drift_to_take_out():
    found = reduce_gravity(readings("ABC", {"A": 0.0, "B": 1.0, "C": 2.0}, 100.0), [STATIONS])
    assert not found.drift_ugal_per_h
    assert found.repeat_sd_ugal == 5.0
    assert "no drift" in found.words


def test_the_scatter_is_that_of_the_repeats():
    order = "ABC" * 30
    found = reduce_gravity(
        readings(order, {"A": 0.0, "B": 9.0, "C": 4.0}, 20.0, noise=7.0), [STATIONS]
    )
    assert found.n_free == len(order) - 4
    assert found.repeat_sd_ugal == pytest.approx(7.0, rel=0.15)
    np.testing.assert_allclose(found.table.sd_ugal, np.hypot(2.0, found.repeat_sd_ugal))


def test_height_density_and_latitude_enter_as_the_formulas_say():
    g = {"A": 0.0, "B": 0.0, "C": 0.0}
    free = reduce_gravity(readings("ABCA", g), [STATIONS]).table.g_ugal
    assert free[1] - free[0] == pytest.approx(308.6)
    slab = reduce_gravity(readings("ABCA", g, density_kg_m3=2000.0), [STATIONS]).table.g_ugal
    # 2 pi G rho is 0.04193 mGal/m per g/cm3.
    assert slab[1] - slab[0] == pytest.approx(308.6 - 83.87, abs=0.01)
    north = reduce_gravity(readings("ABCA", g, latitude_deg=45.0), [STATIONS]).table.g_ugal
    assert (north - free)[2] - (north - free)[0] == pytest.approx(-0.8122 * 5.0)


def test_stations_must_be_known():
    table = readings("ABCA", {"A": 0.0, "B": 0.0, "C": 0.0})
    with pytest.raises(InputError, match=r"no coordinates for the stations C"):
        reduce_gravity(table, [StationTable(("A", "B"), [0, 1], [0, 1])])
    with pytest.raises(InputError, match="two places"):
        reduce_gravity(table, [STATIONS, replace(STATIONS, x_m=[0.0, 11.0, 20.0])])
    with pytest.raises(InputError, match="latitude and longitude"):
        reduce_gravity(replace(table, tide="longman"), [STATIONS])
    with pytest.raises(InputError, match="has no z"):
        reduce_gravity(table, [StationTable(("A", "B"), [0, 1], [0, 1]), take(STATIONS, "C")])


def take(table, name):
    k = table.station.index(name)
    return StationTable((name,), table.x_m[[k]], table.y_m[[k]], table.z_m[[k]])


def test_a_void_stays_negative():
    g = {"A": 0.0, "B": -60.0, "C": 0.0}
    level = replace(STATIONS, z_m=[100.0, 100.0, 100.0])
    found = reduce_gravity(readings("ABCABC", g, 40.0), [level]).table.g_ugal
    assert found[1] - found[0] == pytest.approx(-60.0)


@pytest.mark.field
@pytest.mark.parametrize("tide", ["instrument", "longman"])
def test_the_shaft_of_reiche_zeche(tide):
    """Raw dumps of two days give the published differences between the levels of the shaft."""
    folder = Path(os.environ.get("SUBTERRA_DATA", "")) / "grav_mine_reiche_zeche"
    if not os.environ.get("SUBTERRA_DATA") or not folder.is_dir():
        pytest.skip("the shaft survey is found through SUBTERRA_DATA, which is not set")
    point = {
        row["time"]: row["point"]
        for file in sorted(folder.glob("group*.csv"))
        for row in csv.DictReader(file.read_text().splitlines())
    }
    places = StationTable(
        ("P0", "P1", "P2", "P3"), np.zeros(4), np.zeros(4), [281.24, 327.82, 362.23, 428.75]
    )
    published = {"P1": -4336.3, "P2": -7722.2, "P3": -15262.9}
    for name in ("1516Feb182026.txt", "1603Feb172026.txt"):
        rows = [r.split() for r in (folder / name).read_text().splitlines() if r[:1] == " "]
        names = [point[row[11]] for row in rows]
        dump = read_cg5(folder / name, names=names, tide=tide, density=0.0)
        found = reduce_gravity(dump, [places])
        assert found.tide_difference_ugal < 1.5
        assert found.repeat_sd_ugal < 15.0
        plain = found.table.g_ugal - 308.6 * found.table.z_m
        mean = {
            n: np.mean([v for v, m in zip(plain, names, strict=True) if m == n])
            for n in point.values()
        }
        for level, value in published.items():
            assert mean[level] - mean["P0"] == pytest.approx(value, abs=12.0)
