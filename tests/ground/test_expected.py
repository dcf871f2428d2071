"""Matched strength before data, with a truncated basis and shared noise, against dense matrices."""

from __future__ import annotations

import numpy as np
import pytest

from subterra.ground import (
    CovarianceRoot,
    NuisanceGrid,
    eigenbases,
    factorise,
    make_whitening,
    matched_snr,
    posterior_nodes,
    prior_nodes,
    snr_by_node,
    white_responses,
)

N = 24


@pytest.fixture(params=[(6, 0), (6, 3), (60, 0), (60, 3)], ids=str)
def case(request):
    """A line over few or many unknowns, with or without disturbances that data share."""
    rank, shared = request.param
    rng = np.random.default_rng(rank + shared)
    x, source = np.sort(rng.uniform(0.0, 30.0, N)), np.linspace(-5.0, 35.0, rank)
    root = 3.0 / (1.0 + (x[:, None] - source) ** 2 / 8.0)
    sd, trend = rng.uniform(0.5, 2.0, N), np.column_stack([np.ones(N), x / 30.0])
    columns = rng.normal(0.0, 1.5, (N, shared))
    noise = make_whitening(sd, columns)
    grid = NuisanceGrid(np.array([0.3, 1.5]), np.array([0.8, 1.3]), 0.0)
    bases = eigenbases(noise, trend, [CovarianceRoot(root)])
    models = factorise(rng.normal(0.0, 2.0, N), noise, bases, ["one"], grid)
    response = np.stack([-6.0 / (1.0 + (x - c) ** 2 / 9.0) for c in (8.0, 14.0, 27.0)])

    def dense(s, e):
        covariance = s * s * root @ root.T + e * e * (np.diag(sd**2) + columns @ columns.T)
        inverse = np.linalg.inv(covariance)
        middle = np.linalg.inv(trend.T @ inverse @ trend)
        project = inverse - inverse @ trend @ middle @ trend.T @ inverse
        return np.sqrt(np.einsum("ij,jk,ik->i", response, project, response))

    return models, grid, response, dense


def test_ratio_of_every_node(case):
    models, grid, response, dense = case
    found = snr_by_node(models, prior_nodes(models), response)
    for k, (s, e) in enumerate(zip(*grid.nodes(), strict=True)):
        assert found[:, k] == pytest.approx(dense(s, e), rel=2e-4)


def test_ground_that_is_not_in_the_grid(case):
    models, _, response, dense = case
    found = snr_by_node(models, prior_nodes(models, amplitude=0.7, noise=1.1), response)
    assert found[:, 0] == pytest.approx(dense(0.7, 1.1), rel=2e-4)


def test_white_rows_are_as_long_as_the_ratio_and_give_unit_noise(case):
    models, _, response, _ = case
    nodes = prior_nodes(models)
    expected = snr_by_node(models, nodes, response)
    for node in range(len(nodes)):
        white = white_responses(models, nodes, node, response)
        assert np.linalg.norm(white, axis=1) == pytest.approx(expected[:, node], rel=1e-3)


def test_posterior_mean_of_the_square_is_what_the_belief_prints(case):
    """With data, no object and no error of the response, both are the same average."""
    models, _, response, _ = case
    small = 1e-3 * response
    nodes = posterior_nodes(models)
    square = snr_by_node(models, nodes, small).astype(float) ** 2 @ nodes.weight
    assert np.sqrt(square) == pytest.approx(matched_snr(models, small), rel=1e-2)
