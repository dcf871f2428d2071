"""Gravity and gradient as one survey group, loops, stations under ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import PRIOR, gravity_table, nothing, prior_scenes, scenes_of_all_sorts, tunnel

from subterra.errors import InputError
from subterra.evidence import LoopErrors, gravity_evidence
from subterra.ground import (
    NuisanceGrid,
    WhiteKernel,
    gravity_covariance,
    loop_columns,
)
from subterra.scene import concatenate
from subterra.tables import GradientTable, GravityTable
from subterra.testing import check_evidence, check_normalised


def gradient_table(n=9, sd=20.0, seed=2, y=18.0, loop=None):
    x = np.linspace(12.0, 28.0, n)
    e = np.random.default_rng(seed).normal(0.0, sd, n)
    names = tuple(f"e{i}" for i in range(n))
    return GradientTable(names, x, np.full(n, y), None, e, np.full(n, sd), loop)


def looped(table, n_loops=3, tie=0.0, seed=0):
    """The same readings in loops, with a shift of each."""
    n = len(table)
    which = np.arange(n) % n_loops
    shift = np.random.default_rng(seed).normal(0.0, tie, n_loops) if tie else np.zeros(n_loops)
    loop = tuple(f"L{i}" for i in which)
    time = tuple(f"{8 + 0.1 * i:.2f}" for i in range(n))
    return replace(table, g_ugal=table.g_ugal + shift[which], loop=loop, time=time)


def joint():
    return gravity_evidence([gradient_table(), looped(gravity_table(4))], PRIOR)


def test_the_joint_group_keeps_the_protocol():
    for seed in (0, 1):
        check_evidence(joint(), scenes_of_all_sorts(), seed=seed)
    check_evidence(gravity_evidence([gradient_table()], PRIOR), scenes_of_all_sorts())


def test_the_joint_group_is_normalised():
    small = gravity_evidence(
        [gradient_table(5, sd=60.0), looped(gravity_table(3, 8.0, pitch=9.0))], PRIOR
    )
    check_normalised(small, tunnel(12.0, 5.0), nothing())
    check_normalised(small, nothing(), tunnel(12.0, 5.0))


def test_gravity_comes_first_and_has_its_own_unit():
    survey = joint()
    np.testing.assert_array_equal(survey.gradient, [False] * 16 + [True] * 9)
    over = survey.predict(tunnel(20.0, 3.0))[0]
    assert over[:16].min() < -10.0
    # The sign of the gradient turns at a distance of one depth.
    line = over[16:]
    assert line.argmin() == 4
    assert line[4] < 0.0 < line[0]
    with pytest.raises(InputError, match="before gradient"):
        gravity_evidence(
            [gradient_table(), gravity_table()],
            PRIOR,
            trends=[np.ones((9, 1)), np.ones((25, 1))],
        )


def dense(survey, shared, scene, amplitude, kernel, height):
    """REML of one ground model with the full noise covariance, by plain linear algebra."""
    noise = np.diag(survey.sd**2) + shared @ shared.T
    c = gravity_covariance(survey.x_m, survey.y_m, height, kernel, survey.gradient)
    f = survey.predict(scene)[0].astype(float)
    v = amplitude**2 * c + noise
    gravity = ~survey.gradient
    trend = np.column_stack([gravity, gravity * survey.x_m, gravity * survey.y_m, survey.gradient])
    inverse = np.linalg.inv(v)
    inner = trend.T @ inverse @ trend
    project = inverse - inverse @ trend @ np.linalg.solve(inner, trend.T @ inverse)
    r = survey.observed - f
    return -0.5 * (r @ project @ r), r, project, noise


def test_loops_and_joint_ground_against_dense_algebra():
    grid = NuisanceGrid(np.array([60.0]), np.array([1.0]), kappa=0.0)
    table = looped(gravity_table(5), tie=30.0)
    survey = gravity_evidence(
        [table, gradient_table()], PRIOR, kernels=[WhiteKernel(2.0)], grid=grid
    )
    hours = np.array([float(t) for t in table.time])
    shared = np.zeros((34, 6))
    shared[:25] = loop_columns(table.loop, hours)
    height = np.where(survey.gradient, 0.5, 0.3)
    scenes = [nothing(), tunnel(20.0, 4.0), tunnel(14.0, 3.0, fill="water")]
    plain = [dense(survey, shared, s, 60.0, WhiteKernel(2.0), height)[0] for s in scenes]
    found = survey.log_likelihood(concatenate(scenes))
    assert np.diff(found) == pytest.approx(np.diff(plain), abs=5e-3)

    _, r, project, noise = dense(survey, shared, scenes[1], 60.0, WhiteKernel(2.0), height)
    ground = noise  # what is left is split by covariance: N P r is noise, the rest ground
    fit = survey.fit(scenes[1], np.ones(1))
    np.testing.assert_allclose(fit.residual, (ground @ project @ r)[:25], atol=2e-3)
    assert fit.unit == "µGal"
    assert len(fit.observed) == 25
    restored = fit.predicted + fit.ground + fit.residual
    np.testing.assert_allclose(restored, fit.observed, rtol=1e-9)


def test_a_shift_of_a_loop_costs_little_when_the_loop_is_named():
    """Shifts of tens of µGal: unnamed they are read as ground or tunnels, named they are taken."""
    table = looped(gravity_table(6, sd=3.0, pitch=6.0), n_loops=4, tie=25.0, seed=5)
    named = gravity_evidence([table], PRIOR, loops=LoopErrors(30.0, 5.0))
    bare = gravity_evidence([replace(table, loop=None)], PRIOR)

    def chi(survey):
        fit = survey.fit(nothing(), np.ones(1))
        return np.std(fit.ground)

    assert chi(named) < 0.5 * chi(bare)
    with pytest.raises(InputError, match=">= 0"):
        LoopErrors(-1.0)


def test_loops_leave_the_likelihood_of_files_without_them_alone():
    table, scenes = gravity_table(), prior_scenes(8)
    one_each = replace(table, loop=tuple(f"L{i}" for i in range(len(table))))
    np.testing.assert_array_equal(
        gravity_evidence([one_each], PRIOR).log_likelihood(scenes),
        gravity_evidence([table], PRIOR).log_likelihood(scenes),
    )


def test_a_gradient_survey_finds_the_tunnel_and_is_drawn_in_its_unit():
    empty = gravity_evidence([gradient_table(17, 5.0)], PRIOR)
    g = empty.predict(tunnel(20.0, 2.5))[0].astype(float)
    table = replace(gradient_table(17, 5.0), gzz_eotvos=g + gradient_table(17, 5.0).gzz_eotvos)
    survey = gravity_evidence([table], PRIOR)
    places = np.linspace(14.0, 26.0, 25)
    logs = survey.log_likelihood(concatenate([tunnel(x, 2.5) for x in places]))
    assert places[logs.argmax()] == pytest.approx(20.0, abs=0.6)
    fit = survey.fit(tunnel(20.0, 2.5), np.ones(1))
    assert fit.unit == "E"
    assert fit.snr > 5.0


def test_a_gravimeter_in_a_shaft_sees_the_void_from_below():
    """Over the drive it is pulled less, under it more."""
    z = np.array([0.3, -4.0, -8.0, -12.0, -16.0, -20.0])
    names = tuple(f"s{i}" for i in range(6))
    table = GravityTable(names, np.full(6, 23.0), np.full(6, 20.0), z, np.zeros(6), np.full(6, 5.0))
    survey = gravity_evidence([table], PRIOR)
    g = survey.predict(tunnel(20.0, 10.0))[0]
    assert np.all(g[:3] < 0.0)
    assert np.all(g[3:] > 0.0)
    assert np.isfinite(survey.log_likelihood(prior_scenes(8))).all()
    deep = GradientTable(("d",), [23.0], [20.0], [-30.0], [4.0])
    both = gravity_evidence([table, deep], PRIOR)
    assert not any("fractal" in label for label in both.models.labels)
    assert np.isfinite(both.log_likelihood(prior_scenes(8))).all()
