"""Gravity and resistivity surveys: files, datum, fit, level of the host, pseudo-depth."""

from __future__ import annotations

import numpy as np
import pytest
from samples import (
    PRIOR,
    dipole_dipole,
    gravity_table,
    nothing,
    prior_scenes,
    resistivity_table,
    tunnel,
)

from subterra.errors import InputError
from subterra.evidence import focus_survey, gravity_evidence, resistivity_evidence
from subterra.evidence.protocol import responses_of
from subterra.ground import focus, whitened
from subterra.scene import Plane, Prior, concatenate, make_scene
from subterra.tables import GravityTable, ResistivityTable


def over(observed_scene, table, noise, seed=0):
    """The table's stations with the gravity of a scene, made by the evidence itself."""
    survey = gravity_evidence([table], PRIOR)
    g = survey.predict(observed_scene)[0] + np.random.default_rng(seed).normal(0, noise, len(table))
    sd = np.full(len(table), noise)
    return GravityTable(table.station, table.x_m, table.y_m, None, g, sd)


def gain(survey, scene):
    logs = survey.log_likelihood(concatenate([scene, nothing()]))
    return logs[0] - logs[1]


def test_gravity_finds_the_tunnel_that_is_there():
    survey = gravity_evidence([over(tunnel(20.0, 4.0), gravity_table(8, pitch=5.0), 2.0)], PRIOR)
    places = np.linspace(6.0, 34.0, 29)
    logs = survey.log_likelihood(concatenate([tunnel(x, 4.0) for x in places]))
    assert places[np.argmax(logs)] == pytest.approx(20.0, abs=1.0)
    assert gain(survey, tunnel(20.0, 4.0)) > 5.0
    # A flooded tunnel is a weaker one, never one of the other sign.
    assert gain(survey, tunnel(20.0, 4.0)) > gain(survey, tunnel(20.0, 4.0, fill="water")) > 0.0


@pytest.mark.parametrize("datum", [0.0, -4.2e4, 9.8e8])
def test_each_file_has_its_own_datum_and_gradient(datum):
    one, other = gravity_table(4, pitch=9.0), gravity_table(4, seed=5, pitch=8.0)
    ramp = datum + 3.0 * other.x_m - 2.0 * other.y_m
    tilted = GravityTable(
        other.station, other.x_m, other.y_m, None, other.g_ugal + ramp, other.sd_ugal
    )
    scenes = concatenate([prior_scenes(12), nothing()])
    plain = gravity_evidence([one, other], PRIOR).log_likelihood(scenes)
    moved = gravity_evidence([one, tilted], PRIOR).log_likelihood(scenes)
    assert moved == pytest.approx(plain, abs=2e-3)
    # The two files are one survey group, not two surveys.
    split = [gravity_evidence([t], PRIOR).log_likelihood(scenes) for t in (one, other)]
    assert not np.allclose(np.diff(plain), np.diff(split[0] + split[1]), atol=0.02)


def test_stations_without_height_lie_on_the_surface():
    table, slope = gravity_table(5), Plane(100.0, 0.05, -0.02)
    prior = Prior(PRIOR.bounds, PRIOR.depth_m, surface=slope)
    survey = gravity_evidence([table], prior)
    assert survey.z_m == pytest.approx(slope.at(table.x_m, table.y_m) + 0.3)
    assert survey.fingerprint != gravity_evidence([table], PRIOR).fingerprint


def test_stations_without_error_get_the_practical_floor():
    table = gravity_table(4)
    bare = GravityTable(table.station, table.x_m, table.y_m, None, table.g_ugal)
    assert np.all(gravity_evidence([bare], PRIOR).sd == 10.0)


def test_too_few_data_are_refused():
    table = gravity_table(2)
    with pytest.raises(InputError, match="at least 5 readings"):
        gravity_evidence([table], PRIOR)
    with pytest.raises(InputError, match="at least 8 data"):
        resistivity_evidence([resistivity_table(5, levels=2)], PRIOR)


def test_stations_of_five_in_one_place_are_a_survey_still():
    x, y = np.repeat([2.0, 9.0, 30.0], 3), np.repeat([5.0, 20.0, 31.0], 3)
    table = GravityTable(tuple("abcdefghi"), x, y, None, np.arange(9.0), np.full(9, 5.0))
    assert np.isfinite(gravity_evidence([table], PRIOR).log_likelihood(prior_scenes())).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: gravity_evidence([gravity_table(), gravity_table(3, seed=9, pitch=11.0)], PRIOR),
        lambda: resistivity_evidence([resistivity_table()], PRIOR),
    ],
)
def test_fit_explains_the_data(make):
    survey = make()
    scenes = concatenate([tunnel(18.0), tunnel(22.0, 6.0), nothing()])
    weight = np.array([0.5, 0.3, 0.2])
    fit = survey.fit(scenes, weight)
    n = len(survey.observed)
    shown = (fit.x_m, fit.y_m, fit.observed, fit.predicted, fit.ground, fit.residual, fit.sd)
    assert all(v.shape == (n,) and np.isfinite(v).all() for v in shown)
    assert (fit.kind, fit.label) == (survey.kind, survey.id)
    if survey.kind == "gravity":
        observed, predicted, scale = fit.observed, fit.predicted, 1.0
        mean = weight @ survey.predict(scenes)
    else:
        observed, predicted, scale = np.log(fit.observed), np.log(fit.predicted), 100.0
        mean = weight @ (survey.predict(scenes) - np.log(scenes.host_resistivity)[:, None])
    assert observed == pytest.approx(survey.observed)
    assert predicted + (fit.ground + fit.residual) / scale == pytest.approx(observed)
    # Predicted is the objects' mean response and a trend, and nothing else.
    trend = survey.sd[:, None] * survey.models.trend
    rest = predicted - mean
    assert trend @ np.linalg.lstsq(trend, rest, rcond=None)[0] == pytest.approx(rest, abs=1e-3)
    assert fit.sd == pytest.approx(scale * survey.sd)
    assert fit.snr > 0.0


def test_snr_is_for_the_signal_and_grows_with_it():
    survey = gravity_evidence([gravity_table(8, pitch=5.0)], PRIOR)
    snr = survey.matched_snr(concatenate([nothing(), tunnel(20, 9), tunnel(20, 5), tunnel(20, 3)]))
    assert snr[0] == 0.0
    assert np.all(np.diff(snr) > 0.0)


def test_focus_drops_only_what_no_scene_supports():
    survey = gravity_evidence([over(tunnel(20.0, 4.0), gravity_table(8, pitch=5.0), 2.0)], PRIOR)
    scenes = prior_scenes(30)
    total = responses_of(survey, scenes)
    for threshold in (1e-4, 0.2):
        focused = focus_survey(survey, total, threshold)
        kept = len(focused.models.labels)
        assert 1 <= kept <= len(survey.models.labels)
        lost = survey.score(total) - focused.score(total)
        # Shares of the prior are unchanged: what is dropped can only be missed, and by little.
        assert np.all(lost > -1e-6)
        assert np.all(
            lost < -np.log1p(-min(0.99, threshold * (len(survey.models.labels) - kept))) + 1e-6
        )


def test_the_cache_gives_the_same_survey(tmp_path):
    scenes = prior_scenes()
    for make, table in (
        (gravity_evidence, gravity_table()),
        (resistivity_evidence, resistivity_table()),
    ):
        fresh, kept, again = (make([table], PRIOR, cache_dir=d) for d in (None, tmp_path, tmp_path))
        assert np.array_equal(kept.log_likelihood(scenes), fresh.log_likelihood(scenes))
        assert np.array_equal(again.log_likelihood(scenes), fresh.log_likelihood(scenes))
        assert fresh.fingerprint == again.fingerprint
    assert len(list(tmp_path.iterdir())) == 2


def test_the_level_of_a_survey_speaks_for_the_host_and_only_that():
    survey = resistivity_evidence([resistivity_table(host=150.0)], PRIOR)
    hosts = (20.0, 150.0, 800.0)
    scenes = concatenate([make_scene([], host_resistivity=h) for h in hosts])
    level = survey.observed.mean()
    expected = -0.5 * ((level - np.log(hosts)) / 0.5) ** 2
    assert np.diff(survey.log_likelihood(scenes)) == pytest.approx(np.diff(expected))
    # Data ten times as high move the level and nothing else.
    high = resistivity_evidence([resistivity_table(host=1500.0)], PRIOR)
    total = responses_of(survey, prior_scenes())
    assert high.score(total) == pytest.approx(survey.score(total), abs=1e-3)


def test_errors_have_a_floor():
    table = resistivity_table()
    stated = ResistivityTable(
        table.electrode_x_m,
        table.electrode_y_m,
        None,
        table.abmn,
        table.rhoa_ohmm,
        np.full(len(table), 0.12),
    )
    assert resistivity_evidence([table], PRIOR).sd == pytest.approx(np.hypot(0.02, 0.05))
    assert resistivity_evidence([stated], PRIOR).sd == pytest.approx(0.13)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((0.0, 3.0, 1.0, 2.0), 0.519),  # Wenner: 0.519 a
        ((0.0, 1.0, 2.0, 3.0), 0.416),  # dipole-dipole n = 1: 0.139 L
        ((0.0, 1.0, 5.0, 6.0), 1.220),  # dipole-dipole n = 4: 0.203 L
        ((0.0, None, 1.0, 2.0), 0.519),  # pole-dipole n = 1
        ((0.0, None, 1.0, None), 0.867),  # pole-pole: 0.867 a
        ((0.0, 21.0, 10.0, 11.0), 2.0),  # Schlumberger: 0.19 L at most
    ],
)
def test_median_depths_of_edwards(places, expected):
    """Median depths of investigation of Edwards (1977), electrodes 1 m apart."""
    base = resistivity_table()
    x = np.array([0.0 if p is None else p for p in places]) + 60.0
    quad = [-1 if p is None else len(base.electrode_x_m) + i for i, p in enumerate(places)]
    table = ResistivityTable(
        np.concatenate([base.electrode_x_m, x]),
        np.concatenate([base.electrode_y_m, 0 * x + 35.0]) + 1e-3 * np.arange(len(x) + 12),
        None,
        np.vstack([base.abmn, quad]),
        np.append(base.rhoa_ohmm, 100.0),
    )
    depth = resistivity_evidence([table], PRIOR).pseudo_depth_m[-1]
    assert depth == pytest.approx(expected, rel=0.01 if expected < 2.0 else 2.0)


def test_lines_are_told_apart_wherever_the_survey_lies():
    """Numbers of lines are for drawing; far from the origin they must not split."""
    for origin in (0.0, 3.0e5):
        tables = []
        for angle, start in ((0.0, 0.0), (0.0, 6.0), (np.pi / 3.0, 2.0), (np.pi - 1e-4, 30.0)):
            s = 2.0 * np.arange(10)
            x, y = origin + s * np.cos(angle), origin + start + s * np.sin(angle)
            rhoa = np.full(len(dipole_dipole(10, 2)), 100.0)
            tables.append(ResistivityTable(x, y, None, dipole_dipole(10, 2), rhoa))
        survey = resistivity_evidence(tables, PRIOR)
        line = survey.line.reshape(4, -1)
        assert np.all(line == line[:, :1])
        assert len(set(line[:, 0])) == 4


def test_electrode_strings_in_boreholes():
    """Two strings 5 m apart: no plan distance between neighbours, no surface array anywhere."""
    z = -np.arange(1.0, 9.0)
    x = np.repeat([17.0, 22.0], 8)
    abmn = [[i, 8 + i, j, 8 + j] for i in range(8) for j in range(8) if abs(i - j) > 1]
    rhoa = np.full(len(abmn), 100.0)
    table = ResistivityTable(x, np.full(16, 20.0), np.tile(z, 2), np.array(abmn), rhoa)
    survey = resistivity_evidence([table], PRIOR)
    scenes = concatenate([tunnel(19.0, 4.6, 0.5), tunnel(17.0, 4.6, 0.5), nothing()])
    assert np.isfinite(survey.log_likelihood(scenes)).all()
    # Every datum has its reciprocal, which shares its error floor: half of them count.
    assert len(survey.observed) == len(abmn) // 2
    assert survey.matched_snr(scenes)[0] > 0.8 > survey.matched_snr(scenes)[2]
    assert np.all((survey.pseudo_depth_m > 1.0) & (survey.pseudo_depth_m < 8.0))


def test_electrodes_that_two_files_share_are_one():
    one, other = resistivity_table(), resistivity_table(seed=8)
    both = resistivity_evidence([one, other], PRIOR)
    assert len(both.layout.x) == 12
    assert len(both.observed) == len(one) + len(other)
    assert np.isfinite(both.log_likelihood(prior_scenes())).all()


def test_simulated_surveys_lie_around_their_scene():
    survey = resistivity_evidence([resistivity_table(9, 2.0, 3)], PRIOR)
    scene, rng = make_scene([], host_resistivity=300.0), np.random.default_rng(0)
    levels = [survey.simulate(scene, rng).observed.mean() for _ in range(400)]
    assert np.mean(levels) == pytest.approx(np.log(300.0), abs=0.1)
    assert np.std(levels) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kind", ["gravity", "resistivity"])
def test_simulated_noise_has_the_size_of_the_nuisance_grid(kind):
    """Squares in eigencoordinates: s²λ + e² averaged over the nodes; responses vary by kappa."""
    if kind == "gravity":
        survey = gravity_evidence([gravity_table(5)], PRIOR)
        scene = tunnel(20.0, 3.0, density_contrast=-2e6)
    else:
        survey = resistivity_evidence([resistivity_table()], PRIOR)
        scene = tunnel(20.0, 2.0, 1.9)
    models = focus(survey.models, [0])
    survey, rng = survey.with_models(models), np.random.default_rng(0)
    s, e = models.grid.nodes()
    expected = (np.outer(models.eigen[0], s**2) + e**2).mean(axis=1)
    made = [survey.simulate(nothing(), rng).models.data[0] for _ in range(1500)]
    assert np.mean(np.square(made) / expected) == pytest.approx(1.0, abs=0.15)

    response = survey.combine(responses_of(survey, scene))
    kappa = models.grid.response_error(response)[0]
    h = models.basis[0] @ whitened(models, response[0])
    weight = h / np.sum(h**2 / expected) / expected
    spread = np.sqrt(kappa**2 + 1.0 / np.sum(h**2 / expected))
    made = [survey.simulate(scene, rng).models.data[0] @ weight for _ in range(600)]
    assert np.mean(made) == pytest.approx(1.0, abs=4.0 * spread / np.sqrt(600.0))
    assert np.std(made) == pytest.approx(spread, rel=0.2)


def test_projected_coordinates_of_millions_of_metres_change_nothing():
    """The same survey and drive moved to a UTM zone's coordinates answer the same."""
    shift = np.array([443_210.0, 5_612_345.0])
    answers = []
    for x0, y0 in ((0.0, 0.0), shift):
        prior = Prior((x0, y0, x0 + 30.0, y0 + 30.0), 10.0)
        x, y = (
            v.ravel() for v in np.meshgrid(np.arange(0.0, 31.0, 5.0), np.arange(0.0, 31.0, 5.0))
        )
        rng = np.random.default_rng(3)
        names = tuple(f"s{i}" for i in range(len(x)))
        data, sd = rng.normal(0.0, 5.0, len(x)), np.full(len(x), 5.0)
        gravity = gravity_evidence([GravityTable(names, x + x0, y + y0, None, data, sd)], prior)
        line = np.arange(0.0, 30.0, 2.0)
        quads = np.array([(i, i + 1, i + 2, i + 3) for i in range(len(line) - 3)], np.int32)
        rhoa = np.exp(rng.normal(5.0, 0.1, len(quads)))
        table = ResistivityTable(line + x0, np.full(len(line), 15.0 + y0), None, quads, rhoa)
        axis = [(x0 + 3.0, y0 - 20.0, -3.0), (x0 + 21.0, y0 + 50.0, -4.0)]
        scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])
        for evidence in (gravity, resistivity_evidence([table], prior)):
            answers.append(float(evidence.log_likelihood(scene)[0]))
    np.testing.assert_allclose(answers[:2], answers[2:], atol=2e-3)
