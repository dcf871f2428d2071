"""Gravity at four levels of a real shaft, with a known wheel chamber under one station.

One number carries it: how far P2 lies below the straight line through P1 and P0, levels between
which the rock has one density. A void *over* P1 would do the same; that the chamber is within
20 m below P2 is given. The ground is crystalline: its density varies by up to 40 kg/m³ over
lumps of metres (with the default of up to 160 the 90 % interval reaches −2 µGal).
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from subterra.evidence import LoopErrors, gravity_evidence
from subterra.ground import NuisanceGrid, block_trend, loop_columns
from subterra.physics import G_UGAL
from subterra.scene import Plane, Prior, sample_prior, slot
from subterra.tables import GravityTable, reading_hours

pytestmark = pytest.mark.field

FREE_AIR_UGAL_PER_M = 308.6
P2, P0 = -66.52, -147.51
LOOPS = LoopErrors(tie_sd_ugal=1000.0, drift_sd_ugal_per_h=200.0)
"""Four crews on one instrument whose own drift of about 0.15 mGal/h is left in the readings."""
READING_SD_UGAL = 10.0
"""Repeatability of a reading, 8–12 µGal."""


@pytest.fixture(scope="module")
def readings():
    folder = os.environ.get("SUBTERRA_DATA")
    if not folder:
        pytest.skip("the shaft survey is found through SUBTERRA_DATA, which is not set")
    files = [Path(folder) / "grav_mine_reiche_zeche" / f"group{k}.csv" for k in range(1, 5)]
    if not all(f.exists() for f in files):
        pytest.skip(f"{files[0]} does not exist")
    return read_shaft(files)


def read_shaft(files):
    """Readings of the crews, free air taken out, in one table."""
    rows = [
        (row["point"], f.stem, row["time"], float(row["depth"]), float(row["grav"]))
        for f in files
        for row in csv.DictReader(f.read_text(encoding="utf-8").splitlines())
    ]
    point, loop, time, depth, milligal = zip(*rows, strict=True)
    z = -np.array(depth)
    g = 1e3 * np.array(milligal) + FREE_AIR_UGAL_PER_M * z
    nowhere = np.zeros(len(z))
    sd = np.full(len(z), READING_SD_UGAL)
    return GravityTable(point, nowhere, nowhere, z, g - g.mean(), sd, loop, time)


def test_the_plain_estimate(readings):
    """Least squares with loops as noise: deficit at P2 and densities of the two blocks."""
    z = readings.z_m
    shared = loop_columns(
        readings.loop, reading_hours(readings.time), tie_sd=1000.0, drift_sd_per_h=200.0
    )
    inverse = np.linalg.inv(np.diag(readings.sd_ugal**2) + shared @ shared.T)
    at_p2 = np.array([p == "P2" for p in readings.station], float)
    design = np.column_stack([block_trend(z, np.array([0.0, P2, P0])), at_p2])
    covariance = np.linalg.inv(design.T @ inverse @ design)
    found = covariance @ design.T @ inverse @ readings.g_ugal
    assert found[3] == pytest.approx(-183.0, abs=2.0)
    assert np.sqrt(covariance[3, 3]) < 10.0
    density = -found[2] / (4.0 * np.pi * G_UGAL)
    assert density == pytest.approx(2569.0, abs=5.0)


def quantiles(values, weight, at=(0.05, 0.5, 0.95)):
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return np.interp(at, total / total[-1], values[order])


def chamber_under_p2(readings, n_scenes=300_000, seed=0):
    """Anomaly at P2 and depth of the chamber's middle: 5, 50 and 95 %, before and after."""
    over = Prior((-10.0, -10.0, 10.0, 10.0), 150.0, targets=("chamber",))
    grid = NuisanceGrid(
        np.array([2.0, 10.0, 20.0, 40.0]), np.array([0.7, 1.0, 1.4, 2.0]), kappa=0.05
    )
    trend = block_trend(readings.z_m, np.array([0.0, P2, P0]))
    survey = gravity_evidence([readings], over, trends=[trend], loops=LOOPS, grid=grid)

    # Depths are counted from the floor at P2; the default chamber of 0.5 to 4 m radius.
    under = Prior(
        (-5.0, -5.0, 5.0, 5.0),
        20.0,
        targets=("chamber",),
        p_none=0.01,
        more_targets=(1.0, 0.0, 0.0),
        surface=Plane(P2),
        host_density=(2500.0, 2750.0),
    )
    scenes = sample_prior(under, n_scenes, np.random.default_rng(seed))
    response = survey.object_response(slot(scenes, 0))
    present = scenes.objects.family[:, 0] > 0
    logs = np.where(present, survey.score(response), -np.inf)
    weight = np.exp(logs - logs.max())
    depth = P2 - scenes.objects.z[:, 0, 0]
    return {
        "ess": float(weight.sum() ** 2 / (weight**2).sum()),
        "anomaly_ugal": quantiles(response[:, readings.station.index("P2")], weight),
        "depth_before_m": quantiles(depth, present.astype(float)),
        "depth_m": quantiles(depth, weight),
    }


def test_the_chamber_under_p2(readings):
    found = chamber_under_p2(readings)
    assert found["ess"] > 50.0
    low, _, high = found["anomaly_ugal"]
    assert -240.0 < low < high < -120.0
    before, after = found["depth_before_m"], found["depth_m"]
    assert after[2] - after[0] < 0.5 * (before[2] - before[0])
    assert after[0] < 4.65 < after[2]
