"""The tunnel under a road that a gravity gradiometer found (Stray et al. 2022, Nature 602:590).

A 2 m × 2 m tunnel 1.89 m down, a line of 8.5 m at 0.5 m with the sensor 0.5 m up, 20 E of noise.
Their SNR is the anomaly's peak over the noise. Their centre is ±0.19 m, which a sd cannot be with
18 readings of 20 E: the Cramér–Rao bound for the place alone, everything else known, is 0.08 m.
It fits the half-width of a 90 % interval. The linearised information of the survey says what would
bring the sd there: not an unknown depth, size, strike or dip, for the profile is even about the
tunnel and the place odd; but a trend of the third order, half as many readings with clutter, or
clutter as large as the noise; and an oblique tunnel whose end is near the line.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.evidence import gravity_evidence
from subterra.ground import matched_snr, with_data
from subterra.physics import gradient_response
from subterra.scene import Objects, Prior, family_code
from subterra.tables import GradientTable

DEPTH, AREA, CONTRAST, NOISE = 1.89, 4.0, -1800.0, 20.0
X = np.arange(-4.25, 4.3, 0.5)
SEEDS = range(50)


def tunnels(x, depth, area):
    n, vertices = len(x), 5
    one = np.ones(n, np.float32)
    return Objects(
        family=np.full(n, family_code("driven"), np.int8),
        fill=np.zeros(n, np.int8),
        x=np.repeat(x[:, None], vertices, axis=1),
        y=np.broadcast_to(np.linspace(-40.0, 40.0, vertices), (n, vertices)).copy(),
        z=-np.repeat(depth[:, None], vertices, axis=1),
        radius=np.sqrt(area / np.pi).astype(np.float32),
        density_contrast=CONTRAST * one,
        conductivity_ratio=0.0 * one,
        halo_gravity=one,
        halo_resistivity=one,
        rectangular=np.ones(n, np.bool_),
    )


def gradient(objects):
    return gradient_response(objects, X, 0.0 * X, np.full(len(X), 0.5))


def profile(x=0.0, depth=DEPTH, area=AREA, strike=0.0, dip=0.0, near=-40.0, far=40.0):
    """Gradient of a tunnel whose axis passes (x, 0); strike in radians off the line's normal."""
    along = np.linspace(near, far, 5)
    one = tunnels(np.array([x]), np.array([depth]), np.array([area]))
    placed = replace(
        one,
        x=(x + along * np.sin(strike))[None],
        y=(along * np.cos(strike))[None],
        z=(-depth - along * np.sin(dip))[None],
    )
    return gradient(placed)[0].astype(float)


STEP = {"x": 0.02, "depth": 0.02, "area": 0.1, "strike": 0.02, "dip": 0.02, "near": 0.1, "far": 0.1}
KNOWN = {"strike": 0.5, "dip": 0.2, "near": 20.0, "far": 20.0}
"""Standard deviations of what a survey takes for granted, radians and metres."""


def place_sd(unknown=(), trend=0, readings=slice(None), covariance=None, **truth):
    """Cramér–Rao bound of the place, metres, beside other unknowns and a polynomial trend."""
    base = {"x": 0.0, "depth": DEPTH, "area": AREA, "strike": 0.0, "dip": 0.0}
    base |= {"near": -40.0, "far": 40.0} | truth
    columns = [
        (profile(**base | {k: base[k] + STEP[k]}) - profile(**base | {k: base[k] - STEP[k]}))
        / (2.0 * STEP[k])
        for k in ("x", *unknown)
    ]
    columns += [(X / X.max()) ** order for order in range(trend + 1)]
    design = np.column_stack(columns)[readings]
    covariance = NOISE**2 * np.eye(len(X)) if covariance is None else covariance
    information = design.T @ np.linalg.solve(covariance[readings][:, readings], design)
    for number, name in enumerate(("x", *unknown)):
        information[number, number] += KNOWN.get(name, np.inf) ** -2
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))


def white_density(contrast, lump=1.0, height=0.5):
    """Covariance in E² of ground of white density (Ridley 2019), with the noise."""
    b2, apart2 = 4.0 * height**2, (X[:, None] - X[None, :]) ** 2
    strength = np.pi * (6.674e-11 * contrast) ** 2 * lump**3
    clutter = 1e18 * strength * (2.0 * b2 - apart2) / (b2 + apart2) ** 2.5
    return clutter + NOISE**2 * np.eye(len(X))


def quantiles(values, weight, at):
    return np.interp(at, np.cumsum(weight) - 0.5 * weight, values)


@pytest.fixture(scope="module")
def posteriors():
    """Per draw: SNR, sd and 90 % half-width of the place, quantiles of depth."""
    truth = gradient(tunnels(np.zeros(1), np.array([DEPTH]), np.array([AREA])))[0]
    names = tuple(f"s{i}" for i in range(len(X)))
    table = GradientTable(names, X, 0.0 * X, None, truth.astype(float), np.full(len(X), NOISE))
    survey = gravity_evidence([table], Prior((-4.25, -20.0, 4.25, 20.0), 8.0))

    x, depth = np.linspace(-0.72, 0.72, 25), np.arange(0.6, 8.0, 0.125)
    axes = (x, depth, np.geomspace(0.5, 16.0, 24))
    places = [v.ravel() for v in np.meshgrid(*axes, indexing="ij")]
    possible = places[1] > 0.51 * np.sqrt(places[2])
    response = gradient(tunnels(*places))
    made = []
    for seed in SEEDS:
        data = truth + np.random.default_rng(seed).normal(0.0, NOISE, len(X))
        drawn = replace(survey, observed=data, models=with_data(survey.models, data))
        logs = np.where(possible, drawn.score(response), -np.inf)
        weight = np.exp(logs - logs.max())
        weight /= weight.sum()
        cube = weight.reshape([len(a) for a in axes])
        across, down = cube.sum(axis=(1, 2)), cube.sum(axis=(0, 2))
        sd = np.sqrt(across @ x**2 - (across @ x) ** 2)
        half = 0.5 * np.diff(quantiles(x, across, [0.05, 0.95]))[0]
        snr = -(weight @ response.min(axis=1)) / NOISE
        made.append([snr, sd, half, *quantiles(depth, down, [0.05, 0.16, 0.5, 0.84, 0.95])])
    return np.array(made), truth, survey


def test_the_anomaly(posteriors):
    """The exact rectangle has its peak of 162 E straight above; the readings straddle it."""
    top = gradient_response(
        tunnels(np.zeros(1), np.array([DEPTH]), np.array([AREA])), *np.array([[0.0], [0.0], [0.5]])
    )
    assert top[0, 0] == pytest.approx(-162.0, abs=1.0)
    _, truth, survey = posteriors
    assert truth.min() == pytest.approx(-158.0, abs=1.0)
    assert truth[0] > 0.0
    # The matched SNR, ground and datum taken out, is another number: never the two in one table.
    assert matched_snr(survey.models, truth[None, :])[0] > 10.0


def test_signal_to_noise(posteriors):
    snr = posteriors[0][:, 0]
    assert 7.0 < snr.mean() < 9.0
    assert np.mean(np.abs(snr - 8.0) < 1.0) > 0.8


def test_place(posteriors):
    found, truth, _ = posteriors
    bound = NOISE / np.sqrt(np.sum(np.gradient(truth, 0.5) ** 2))
    assert bound == pytest.approx(0.08, abs=0.015)
    assert bound < np.median(found[:, 1]) < 0.15
    assert 0.15 < np.median(found[:, 2]) < 0.25


def test_unknowns_of_an_even_profile_do_not_widen_the_place():
    alone = place_sd()
    assert alone == pytest.approx(0.088, abs=0.002)
    assert place_sd(("depth", "area", "strike", "dip", "near", "far")) == pytest.approx(
        alone, abs=0.002
    )
    assert place_sd(("depth", "area"), trend=1) == pytest.approx(0.096, abs=0.002)


def test_what_would_bring_the_place_to_the_published_width():
    shape = ("depth", "area")
    assert place_sd(shape, trend=3) == pytest.approx(0.139, abs=0.003)
    assert place_sd(shape, readings=slice(None, None, 2)) == pytest.approx(0.124, abs=0.003)
    # Lumps of a metre: clutter of 8, 17 and 33 E beside the 20 E.
    clutter = [place_sd(shape, covariance=white_density(rho)) for rho in (50.0, 100.0, 200.0)]
    assert clutter == pytest.approx([0.102, 0.135, 0.224], abs=0.004)
    ends = ("depth", "area", "strike", "dip", "near", "far")
    oblique = place_sd(ends, strike=np.radians(30.0), near=-4.0, far=4.0)
    assert oblique == pytest.approx(0.133, abs=0.004)


def test_the_upper_tail_of_depth_is_longer(posteriors):
    low, below, median, above, high = posteriors[0][:, 3:].T
    assert np.sum(above - median > median - below) >= 45
    assert np.sum(high - median > median - low) >= 45
    assert np.mean((low < DEPTH) & (high > DEPTH)) > 0.8
