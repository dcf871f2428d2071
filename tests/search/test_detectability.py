"""What a survey would see: algebra against dense matrices, rules of thumb, order, simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from subterra.errors import InputError
from subterra.evidence import gravity_evidence, resistivity_evidence
from subterra.ground import (
    GroundKernel,
    NuisanceGrid,
    eigenbases,
    factorise,
    gravity_covariance,
    gravity_trend,
    posterior_nodes,
    prior_nodes,
    snr_by_node,
    white_responses,
    with_data,
)
from subterra.physics import make_quadripoles, resistivity_response
from subterra.scene import Prior
from subterra.search.detectability import (
    Threshold,
    depth_ladder,
    depth_limit,
    detectability,
    drive_snr,
    interpolated_quantile,
    search_threshold,
)
from subterra.search.drives import Placements, cross_drives, drive_objects, lay_placements
from subterra.search.smallest import smallest_diameters
from subterra.simulate.layouts import electrode_line, gravity_stations

# A host of 1.8 g/cc without spread, as in the published tables.
LIGHT = Prior((0.0, 0.0, 40.0, 40.0), 12.0, host_density=(1800.0 - 1e-6, 1800.0 + 1e-6))
PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 12.0)
NORTH = Placements(np.array([0.0]), np.array([20.0]), np.array([20.0]))


def points_of(table):
    return np.column_stack([table.x_m, table.y_m])


@pytest.fixture(scope="module")
def table():
    return gravity_stations((0.0, 0.0, 40.0, 40.0), 5.0, 5.0)


@pytest.fixture(scope="module")
def survey(table):
    return gravity_evidence([table], PRIOR)


@pytest.fixture(scope="module")
def line():
    prior = replace(PRIOR, bounds=(0.0, 0.0, 40.0, 20.0))
    return prior, resistivity_evidence(
        [electrode_line((0.0, 10.0), (40.0, 10.0), 2.0, "dipole-dipole", 0.02)], prior
    )


def one(fill, diameter, depth, place=NORTH):
    return cross_drives([fill], np.array([diameter]), np.array([depth]), place)


def response_of(evidence, prior, drives):
    return evidence.combine(evidence.object_response(drive_objects(drives, prior)))


def dense_snr(response, covariance, trend):
    """√(f'Pf) with P = C⁻¹ − C⁻¹B(B'C⁻¹B)⁻¹B'C⁻¹: generalised least squares, no eigenbasis."""
    inverse = np.linalg.inv(covariance)
    middle = np.linalg.inv(trend.T @ inverse @ trend)
    project = inverse - inverse @ trend @ middle @ trend.T @ inverse
    return float(np.sqrt(response @ project @ response))


def test_the_ratio_is_that_of_generalised_least_squares(table, survey):
    kernel = GroundKernel(4.0, 2.0, 0.5)
    covariance = gravity_covariance(table.x_m, table.y_m, 0.3, kernel)
    trend = gravity_trend(table.x_m, table.y_m)
    sd = np.full(len(table), 5.0)
    grid = NuisanceGrid(np.array([30.0, 70.0]), np.array([1.0, 2.0]), 0.05)
    bases = eigenbases(sd, trend, [covariance])
    models = factorise(np.zeros(len(table)), sd, bases, ["one"], grid)
    response = response_of(survey, PRIOR, one("air", 2.0, 4.0))
    found = snr_by_node(models, prior_nodes(models), response)[0]
    for (s, e), snr in zip(zip(*grid.nodes(), strict=True), found, strict=True):
        whole = s * s * covariance + np.diag((e * sd) ** 2)
        assert snr == pytest.approx(dense_snr(response[0].astype(float), whole, trend), rel=1e-4)


def test_white_responses_are_as_long_as_the_ratio(survey):
    nodes = prior_nodes(survey.models)
    response = response_of(survey, PRIOR, one("water", 3.0, 5.0))
    expected = snr_by_node(survey.models, nodes, response)[0]
    for node in (0, 17, len(nodes) - 1):
        white = white_responses(survey.models, nodes, node, response)[0]
        assert np.linalg.norm(white) == pytest.approx(expected[node], rel=1e-4)


def test_ground_weights(survey):
    """Before data all models weigh the same; data drawn from loud ground say so."""
    nodes = prior_nodes(survey.models)
    assert nodes.weight.sum() == pytest.approx(1.0)
    assert np.ptp(nodes.weight) == 0.0
    assert len(prior_nodes(survey.models, amplitude=25.0, noise=1.0)) == len(survey.models.labels)
    rng = np.random.default_rng(1)
    loud = posterior_nodes(with_data(survey.models, 60.0 * rng.standard_normal(81)))
    calm = posterior_nodes(with_data(survey.models, 4.0 * rng.standard_normal(81)))
    assert loud.noise @ loud.weight > 2.0 > 1.2 > calm.noise @ calm.weight
    assert loud.weight.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("amplitude", "noise"), [(-1.0, None), (np.nan, None), (None, 0.0)])
def test_impossible_ground_is_refused(survey, amplitude, noise):
    with pytest.raises(InputError, match="must be"):
        prior_nodes(survey.models, amplitude=amplitude, noise=noise)


@settings(max_examples=25, deadline=None)
@given(
    amplitude=st.floats(0.0, 100.0),
    noise=st.floats(0.5, 3.0),
    more=st.floats(1.01, 4.0),
    depth=st.floats(2.0, 11.0),
    azimuth=st.floats(0.0, 180.0),
)
def test_more_noise_or_more_ground_lowers_every_ratio(
    survey, amplitude, noise, more, depth, azimuth
):
    place = Placements(np.array([azimuth]), np.array([18.0]), np.array([21.0]))
    drive = one("air", 2.0, depth, place)

    def snr(s, e):
        return drive_snr(survey, PRIOR, drive, prior_nodes(survey.models, amplitude=s, noise=e))

    here = snr(amplitude, noise)
    assert np.all(snr(amplitude, noise * more) <= here * 1.0001)
    assert np.all(snr(amplitude * more + 1.0, noise) <= here * 1.0001)
    # Ground and noise scaled together scale the ratio.
    assert snr(amplitude * more, noise * more) == pytest.approx(here / more, rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(
    diameter=st.floats(0.8, 2.0),
    depth=st.floats(4.0, 11.0),
    wider=st.floats(1.05, 2.0),
    azimuth=st.floats(0.0, 180.0),
)
def test_gravity_grows_with_the_area_of_the_section(survey, diameter, depth, wider, azimuth):
    place = Placements(np.array([azimuth]), np.array([18.0]), np.array([21.0]))
    nodes = prior_nodes(survey.models)
    small = drive_snr(survey, PRIOR, one("air", diameter, depth, place), nodes)
    large = drive_snr(survey, PRIOR, one("air", diameter * wider, depth, place), nodes)
    assert large == pytest.approx(wider**2 * small, rel=1e-3)


def test_wider_and_shallower_drives_are_seen_better(survey, line, table):
    """In the median over places; near the surface a drive may fall between two stations."""
    prior, lines = line
    for evidence, own in ((survey, PRIOR), (lines, prior)):
        points = points_of(table) if own is PRIOR else np.array([[0.0, 10.0], [40.0, 10.0]])
        found = detectability(evidence, own, points, prior_nodes(evidence.models))
        middle = found.over_ground(0.5)
        valid = np.isfinite(middle)
        for d in range(len(found.diameter_m) - 1):
            both = valid[:, d] & valid[:, d + 1]
            assert np.all(middle[:, d + 1][both] > middle[:, d][both])
        deeper = np.diff(middle, axis=2)
        assert np.all(deeper[np.isfinite(deeper)] < 0.0)
        quiet, restless = found.over_ground(0.9), found.over_ground(0.1)
        assert np.all((quiet >= middle)[valid])
        assert np.all((middle >= restless)[valid])
        worst = found.over_ground(0.5, worst_place=True)
        assert np.all((worst <= middle)[valid])
        # The sign of the anomaly does not matter, its size does: air beats water beats rubble.
        if own is PRIOR:
            assert np.all((middle[0] > middle[1])[valid[0]])
            assert np.all((middle[1] > middle[2])[valid[0]])


def test_two_drives_together_are_at_most_as_loud_as_the_sum(survey):
    nodes = prior_nodes(survey.models)
    place = Placements(np.array([10.0, 80.0]), np.array([12.0, 25.0]), np.array([20.0, 9.0]))
    drives = cross_drives(["air"], np.array([2.0]), np.array([4.0]), place)
    responses = response_of(survey, PRIOR, drives)
    alone = snr_by_node(survey.models, nodes, responses)
    both = snr_by_node(survey.models, nodes, responses.sum(axis=0, keepdims=True))[0]
    assert np.all(both <= alone.sum(axis=0) * 1.0001)
    assert np.all(both >= np.abs(alone[0] - alone[1]) * 0.9999)


def test_more_stations_never_hurt_while_the_ground_stays(survey):
    """The same ground and trend, stations left out: information can only be lost."""
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0.0, 40.0, (2, 60))
    kernel = GroundKernel(6.0, 2.0, 0.5)
    trend = np.column_stack([np.ones(60), x - 20.0, y - 20.0])
    covariance = gravity_covariance(x, y, 0.3, kernel)
    grid = NuisanceGrid(np.array([20.0, 60.0]), np.array([1.0]), 0.05)
    drives = cross_drives(["air"], np.array([2.0]), np.array([3.0, 8.0]), NORTH)
    gravity_only = np.zeros(60, np.bool_)
    full = replace(survey, x_m=x, y_m=y, z_m=np.full(60, 0.3), gradient=gravity_only)
    response = response_of(full, PRIOR, drives)
    last = np.zeros((2, 2))
    for n in (12, 20, 35, 60):
        sd = np.full(n, 5.0)
        bases = eigenbases(sd, trend[:n], [covariance[:n, :n]])
        models = factorise(np.zeros(n), sd, bases, ["one"], grid)
        now = snr_by_node(models, prior_nodes(models), response[:, :n])
        assert np.all(now >= last * 0.9999)
        last = now


@pytest.mark.parametrize(("diameter", "z_max"), [(1.0, 1.9), (2.0, 7.5), (3.0, 17.0), (5.0, 47.0)])
def test_depths_at_which_gravity_over_an_air_filled_drive_is_10_ugal(diameter, z_max):
    """The rule of thumb: 41.93 Δρ a²/z (g/cc, m, µGal) with Δρ 1.8 falls to 10 at these depths."""
    above = gravity_stations((19.0, 19.0, 21.0, 21.0), 1.0, 10.0)
    survey = gravity_evidence([replace(above, z_m=np.zeros(len(above)))], LIGHT)
    depth = np.linspace(0.9 * z_max, 1.1 * z_max, 81)
    drives = cross_drives(["air"], np.array([diameter]), depth, NORTH)
    peak = -response_of(survey, LIGHT, drives).min(axis=1)
    assert np.interp(-10.0, -peak, depth) == pytest.approx(z_max, rel=0.03)


@pytest.mark.parametrize(("share", "diameters"), [(0.03, 4.1), (0.05, 3.2), (0.10, 2.2)])
def test_detectable_depth_in_a_uniform_field(share, diameters):
    """Gradient array over an insulating cylinder: 2(a/z)² falls to 3, 5, 10 % at these depths."""
    x = np.array([-400.0, 400.0, -0.1, 0.1])
    layout = make_quadripoles(x, np.zeros(4), None, np.array([[0, 1, 2, 3]]))
    place = Placements(np.array([0.0]), np.array([0.0]), np.array([0.0]))
    depth = np.linspace(3.0, 10.0, 141)
    drives = cross_drives(["air"], np.array([2.0]), depth, place)
    drives = replace(drives, half_length_m=400.0)
    seen = resistivity_response(drive_objects(drives, PRIOR), layout)[:, 0]
    assert np.interp(-share, -seen, depth) / 2.0 == pytest.approx(diameters, rel=0.05)


def test_moving_everything_changes_nothing(survey, table):
    away = np.array([412_345.0, 5_654_321.0])
    x0, y0, x1, y1 = PRIOR.bounds
    bounds = (x0 + away[0], y0 + away[1], x1 + away[0], y1 + away[1])
    moved = replace(table, x_m=table.x_m + away[0], y_m=table.y_m + away[1])
    far_prior = replace(PRIOR, bounds=bounds)
    far = gravity_evidence([moved], far_prior)
    here = detectability(survey, PRIOR, points_of(table), prior_nodes(survey.models))
    there = detectability(far, far_prior, points_of(moved), prior_nodes(far.models))
    assert np.allclose(here.snr, there.snr, rtol=2e-3, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e5, 1e5), n_azimuth=st.integers(1, 12))
def test_placements_lie_across_the_survey(seed, shift, n_azimuth):
    points = np.random.default_rng(seed).uniform(0.0, 50.0, (12, 2))
    place = lay_placements(points, n_azimuth, 4)
    moved = lay_placements(points + shift, n_azimuth, 4)
    assert np.allclose(moved.x_m - shift, place.x_m, atol=1e-6)
    assert np.allclose(moved.y_m - shift, place.y_m, atol=1e-6)
    for azimuth, x, y in zip(place.azimuth_deg, place.x_m, place.y_m, strict=True):
        normal = np.array([np.cos(np.radians(azimuth)), -np.sin(np.radians(azimuth))])
        across, at = points @ normal, np.array([x, y]) @ normal
        assert across.min() <= at <= across.max()


def test_a_survey_without_places_is_refused():
    with pytest.raises(InputError, match="without a place"):
        lay_placements(np.empty((0, 2)))


def test_false_alarms_happen_as_often_as_stated(survey, table):
    """Null surveys drawn from the models; the largest output of a bank exceeds τ as stated."""
    nodes = prior_nodes(survey.models)
    threshold = search_threshold(survey, PRIOR, points_of(table), nodes, false_alarm=0.1, seed=3)
    rng = np.random.default_rng(11)
    place = lay_placements(points_of(table), 12, 20)
    drives = cross_drives(["air", "water"], np.array([2.0]), np.geomspace(2.0, 12.0, 6), place)
    response = response_of(survey, PRIOR, drives)
    middle = int(np.argmin(np.abs(np.log(nodes.amplitude / 20.0)) + np.abs(nodes.noise - 1.4)))
    white = white_responses(survey.models, nodes, middle, response)
    template = white / np.linalg.norm(white, axis=1, keepdims=True)
    highest = (template @ rng.standard_normal((white.shape[1], 1500))).max(axis=0)
    alarms = int((highest > threshold.tau).sum())
    assert binomtest(alarms, 1500, 0.1).pvalue > 1e-4 or 0.07 < alarms / 1500 < 0.14


def test_rarer_false_alarms_cost_signal(survey, table):
    nodes = prior_nodes(survey.models)
    taus = [
        search_threshold(survey, PRIOR, points_of(table), nodes, false_alarm=a).tau
        for a in (0.3, 0.1, 0.01)
    ]
    # Between one look and as many independent looks as templates.
    assert norm.isf(0.3) < taus[0] < taus[1] < taus[2] < norm.isf(0.01 / (12 * 20 * 6 * 3))
    with pytest.raises(InputError, match="false-alarm rate"):
        search_threshold(survey, PRIOR, points_of(table), nodes, false_alarm=1e-6)


def test_probability_of_detection_is_the_share_of_outputs_over_the_threshold():
    threshold = Threshold(0.01, 4.0, 1.5)
    rng = np.random.default_rng(2)
    for snr in (4.0, 5.5, 7.0):
        share = np.mean(snr + rng.standard_normal(200_000) > 5.5)
        assert float(threshold.pod(np.array(snr))) == pytest.approx(share, abs=4e-3)
    assert float(threshold.pod(np.array(threshold.needed(0.9)))) == pytest.approx(0.9)


@settings(max_examples=60, deadline=None)
@given(loud=st.floats(1.0, 1e4), power=st.floats(0.5, 4.0), needed=st.floats(1.0, 10.0))
def test_depth_limit_of_a_power_law(loud, power, needed):
    depth = np.geomspace(1.0, 50.0, 12)
    limit = depth_limit(depth, loud * depth**-power, needed)
    exact = (loud / needed) ** (1.0 / power)
    if exact < 1.0:
        assert (limit.standing, limit.down_to_m) == ("never", None)
    elif exact > 50.0:
        assert (limit.standing, limit.down_to_m) == ("deeper", 50.0)
    elif 1.001 < exact < 49.99:
        assert limit.standing == "seen"
        assert limit.down_to_m == pytest.approx(exact, rel=1e-6)
        assert limit.from_m == 1.0


def test_depth_limit_with_a_gap_above_and_outside_the_domain():
    depth = np.array([1.0, 2.0, 4.0, 8.0])
    limit = depth_limit(depth, np.array([np.nan, 2.0, 8.0, 2.0]), 4.0)
    assert limit.standing == "seen"
    assert limit.from_m == pytest.approx(2.0 * 2.0**0.5)
    assert limit.down_to_m == pytest.approx(4.0 * 2.0**0.5)
    assert depth_limit(depth, np.full(4, np.nan), 4.0).standing == "beyond"


def test_interpolated_quantiles_follow_the_weights():
    values = np.array([[3.0, 1.0, 2.0]])
    even = np.full(3, 1.0 / 3.0)
    assert interpolated_quantile(values, even, 0.5)[0] == pytest.approx(2.0)
    assert interpolated_quantile(values, np.array([0.98, 0.01, 0.01]), 0.5)[0] == pytest.approx(
        3.0, abs=0.05
    )


def test_depths_start_anew_at_each_diameter():
    ladder = depth_ladder(np.array([0.8, 2.0, 5.0, 30.0]), 12.0)
    assert {0.8, 2.0, 5.0} <= set(ladder.tolist())
    assert ladder[-1] == 12.0
    assert np.all(np.diff(ladder) > 0.0)
    with pytest.raises(InputError, match="leave no room"):
        depth_ladder(np.array([2.0]), 1.5)


def test_diameters_must_be_positive(survey, table):
    for bad in ((), (0.0,), (-1.0,), (np.inf,)):
        with pytest.raises(InputError, match="diameters must be positive"):
            detectability(
                survey, PRIOR, points_of(table), prior_nodes(survey.models), diameter_m=bad
            )


def test_the_map_agrees_with_the_ratio_below_its_cell(survey):
    nodes = prior_nodes(survey.models)
    needed = 6.0
    found = smallest_diameters(survey, PRIOR, nodes, needed, 4.0)
    middle, corner = found.diameter_m[10, 10], found.diameter_m[0, 0]
    assert 0.8 < middle < corner
    place = Placements(45.0 * np.arange(4), np.full(4, found.x_m[10]), np.full(4, found.y_m[10]))
    drives = cross_drives(["air"], np.array([middle]), np.array([4.0]), place)
    ratio = np.median(
        interpolated_quantile(drive_snr(survey, PRIOR, drives, nodes), nodes.weight, 0.5)
    )
    assert ratio == pytest.approx(needed, rel=0.03)
    unseen = smallest_diameters(survey, PRIOR, nodes, 1e6, 4.0)
    assert np.all(np.isinf(unseen.diameter_m))
