"""Blunders, structure, reciprocal pairs and electrode positions through the survey evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import PRIOR, nothing, prior_scenes, resistivity_table, tunnel

from subterra.evidence import (
    combine_reciprocals,
    gravity_evidence,
    reciprocal_words,
    resistivity_evidence,
)
from subterra.evidence.protocol import responses_of
from subterra.ground import (
    NuisanceGrid,
    electrode_columns,
    factorise,
    neighbours_of,
    residual_structure,
    with_data,
)
from subterra.physics import geometric_sum
from subterra.scene import concatenate, make_scene
from subterra.tables import GravityTable, ResistivityTable


def field(seed=0, side=10, pitch=4.0, sd=4.0, extra=0.0):
    """Gravity stations over a tunnel or nothing, with noise only."""
    x, y = (v.ravel() + 2.0 for v in np.meshgrid(*2 * (pitch * np.arange(side),)))
    g = np.random.default_rng(seed).normal(0.0, sd, len(x)) + extra
    names = tuple(f"s{i}" for i in range(len(x)))
    return GravityTable(names, x, y, None, g, np.full(len(x), sd))


def spoiled(table, rows, size):
    g = np.array(table.g_ugal)
    g[rows] += size
    return replace(table, g_ugal=g)


def test_a_blunder_is_set_aside_and_a_tunnel_is_not():
    plain = field()
    survey = gravity_evidence([plain], PRIOR)
    over = survey.predict(tunnel(20.0, 4.0, 1.2))[0]
    assert gravity_evidence([replace(plain, g_ugal=plain.g_ugal + over)], PRIOR).outliers == ()
    bad = gravity_evidence([spoiled(plain, [37, 61], [70.0, -60.0])], PRIOR)
    assert bad.outliers == (37, 61)
    assert bad.sd == pytest.approx(4.0)
    assert bad.fingerprint != survey.fingerprint
    scenes = prior_scenes(12)
    # Set aside, two wild readings hardly matter; believed, they do.
    believed = with_data(survey.models, bad.observed)
    away = bad.log_likelihood(scenes) - survey.log_likelihood(scenes)
    naive = survey.with_models(believed).log_likelihood(scenes) - survey.log_likelihood(scenes)
    assert np.ptp(away) < 0.5 * np.ptp(naive)


def test_refine_frees_what_a_scene_explains_and_is_quiet_otherwise():
    plain = field(3)
    survey = gravity_evidence([plain], PRIOR)
    empty, rng = concatenate([nothing(), nothing()]), np.random.default_rng(0)
    assert survey.refine(empty, np.ones(2), rng) is None
    # A shallow chamber straight under one station is felt by no other.
    item = {"family": "chamber", "fill": "air", "axis": [[18.0, 18.0, -1.2]], "radius": 0.7}
    chamber = make_scene([{**item, "density_contrast": -2.0e4}])
    response = survey.predict(chamber)[0].astype(float)
    alone = int(np.argmin(response))
    assert response[alone] < -40.0
    assert np.sort(response)[1] > -4.0
    held = gravity_evidence([replace(plain, g_ugal=plain.g_ugal + response)], PRIOR)
    assert held.outliers == (alone,)
    assert held.refine(empty, np.ones(2), rng) is None
    freed = held.refine(concatenate([chamber, chamber]), np.ones(2), rng)
    assert freed is not None
    assert freed.outliers == ()
    assert freed.models.sd == pytest.approx(survey.sd)
    scenes = concatenate([nothing(), chamber, tunnel()])
    stated = survey.with_models(with_data(survey.models, held.observed))
    assert freed.log_likelihood(scenes) == pytest.approx(stated.log_likelihood(scenes), abs=2e-3)
    believed = held.with_outliers((), stated.models).refine(empty, np.ones(2), rng)
    assert believed is not None
    assert believed.outliers == (alone,)


def test_structure_widens_the_noise():
    """Smooth ground that the models at hand know nothing of."""
    plain = field(5)
    smooth = 25.0 * np.sin(plain.x_m / 3.0) * np.cos(plain.y_m / 4.0)
    quiet, loud = (
        regridded(gravity_evidence([replace(plain, g_ugal=plain.g_ugal + more)], PRIOR))
        for more in (0.0, smooth)
    )
    around, none = neighbours_of(quiet.place, 8), np.zeros(100)
    assert not residual_structure(quiet.models, none, around).structured
    found = residual_structure(loud.models, none, around)
    assert found.structured
    assert found.p_local == pytest.approx(1.0 / 200.0)
    assert found.local > 2.0
    empty = concatenate([nothing(), nothing()])
    assert quiet.refine(empty, np.ones(2), np.random.default_rng(0)) is None
    wide = loud.refine(empty, np.ones(2), np.random.default_rng(0))
    assert wide is not None
    assert wide.models.grid.noise == pytest.approx(found.widening * loud.models.grid.noise, rel=0.1)
    assert wide.matched_snr(tunnel(20.0, 4.0))[0] < loud.matched_snr(tunnel(20.0, 4.0))[0]
    assert "structured" in loud.fit(empty, np.ones(2) / 2.0).words
    assert "no more structure" in quiet.fit(empty, np.ones(2) / 2.0).words


def regridded(survey):
    """The same survey with hardly any ground in its models, and no noise beyond that stated."""
    models = survey.models
    bases = [models.trend]
    for parts in zip(models.basis, models.eigen, models.rest, strict=True):
        bases.extend(parts)
    grid = NuisanceGrid(np.array([1.0]), np.array([1.0]), 0.05)
    return survey.with_models(factorise(survey.observed, models.noise, bases, models.labels, grid))


def reciprocal_table(seed=0, alpha=0.002, beta=0.03, blunders=0, host=100.0):
    """A line measured both ways with known errors of the resistance."""
    rng = np.random.default_rng(seed)
    x = np.arange(30.0) * 2.0
    quads = np.array([(i, i + 1, i + k, i + k + 1) for k in range(2, 9) for i in range(29 - k)])
    both = np.vstack([quads, quads[:, [3, 2, 0, 1]]])
    factor = np.abs(geometric_sum(x, 0 * x, 0 * x, both)) / (2.0 * np.pi)
    resistance = host * factor
    noisy = resistance + (alpha + beta * resistance) * rng.normal(size=len(both))
    noisy[rng.choice(len(both), blunders, replace=False)] *= 3.0
    rhoa = np.abs(noisy) / factor
    return ResistivityTable(x + 5.0, 0 * x + 20.0, None, both, rhoa), len(quads)


def test_reciprocal_pairs_give_the_error_model():
    found = []
    for seed in range(8):
        table, n = reciprocal_table(seed)
        kept, errors = combine_reciprocals(table)
        assert errors is not None
        assert (len(kept), errors.pairs) == (n, n)
        found.append((errors.alpha_ohm, errors.beta))
    assert np.mean(found, axis=0) == pytest.approx([0.002, 0.03], rel=0.25)
    assert kept.rhoa_ohmm == pytest.approx(0.5 * (table.rhoa_ohmm[:n] + table.rhoa_ohmm[n:]))
    assert "reciprocal pairs" in reciprocal_words(errors)
    # The mean of two: the error falls by the root of two.
    size = (
        kept.rhoa_ohmm
        * np.abs(
            geometric_sum(
                kept.electrode_x_m, 0 * kept.electrode_x_m, 0 * kept.electrode_x_m, kept.abmn
            )
        )
        / (2 * np.pi)
    )
    expected = (errors.alpha_ohm / size + errors.beta) / np.sqrt(2.0)
    assert kept.err_relative == pytest.approx(expected, rel=1e-9)
    survey = resistivity_evidence([table], PRIOR)
    assert len(survey.observed) == n
    assert survey.sd == pytest.approx(np.hypot(expected, 0.05))


def test_blunders_hardly_move_the_error_model():
    clean, spoiled_ = (combine_reciprocals(reciprocal_table(3, blunders=b)[0])[1] for b in (0, 12))
    assert clean is not None
    assert spoiled_ is not None
    assert spoiled_.beta < 1.6 * clean.beta


def test_few_pairs_are_left_as_they_are():
    table = resistivity_table()
    assert combine_reciprocals(table) == (table, None)


def test_stated_errors_count_where_they_are_larger():
    table, n = reciprocal_table(1)
    stated = replace(table, err_relative=np.full(2 * n, 0.5))
    kept, _ = combine_reciprocals(stated)
    assert kept.err_relative == pytest.approx(0.5 / np.sqrt(2.0))


def test_electrode_columns_are_the_change_of_the_geometric_factor():
    rng = np.random.default_rng(2)
    survey = resistivity_evidence([resistivity_table()], PRIOR)
    layout, sd = survey.layout, survey.sd
    columns = electrode_columns(layout, sd, 0.02)
    place = np.column_stack([layout.x, layout.y, layout.z]).astype(float)
    moves = np.zeros((4000, len(place), 3))
    moves[:, :, :2] = 0.02 * rng.normal(size=(4000, len(place), 2))
    base = np.log(np.abs(geometric_sum(*place.T, layout.abmn)))
    drawn = np.array(
        [np.log(np.abs(geometric_sum(*(place + m).T, layout.abmn))) - base for m in moves]
    )
    expected = np.cov(drawn.T)
    found = columns @ columns.T
    assert np.abs(found - expected).max() < 0.08 * np.diag(expected).max()
    assert electrode_columns(layout, sd, 0.0).shape == (len(sd), 0)


def test_position_errors_weaken_a_survey():
    table = resistivity_table()
    plain, shaky = (resistivity_evidence([table], PRIOR, position_sd_m=p) for p in (0.0, 0.1))
    scenes = concatenate([tunnel(19.0, 2.0), tunnel(22.0, 3.0)])
    assert np.all(shaky.matched_snr(scenes) < plain.matched_snr(scenes))
    assert shaky.fingerprint != plain.fingerprint
    total = responses_of(shaky, scenes)
    assert np.isfinite(shaky.score(total)).all()
