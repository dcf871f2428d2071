"""Bins of the scanned columns."""

from __future__ import annotations

import numpy as np

from subterra.inference.bins import COLUMNS, cells_of, n_cells, sizes, within_bins


def test_quantiles_are_squeezed_into_their_bins_and_found_there() -> None:
    rng = np.random.default_rng(1)
    inner = [np.sort(rng.random(k)) for k in (3, 1, 0, 4)]
    edges = tuple(np.concatenate([[0.0], e, [1.0]]) for e in inner)
    shape = tuple(len(e) - 1 for e in edges)
    assert n_cells(edges) == np.prod(shape)
    cell = np.arange(n_cells(edges))
    unit = rng.random((len(cell), 15))
    out = within_bins(edges, cell, unit)
    expected = unit.copy()
    for column, e, i in zip(COLUMNS, edges, np.unravel_index(cell, shape), strict=True):
        expected[:, column] = e[i] + unit[:, column] * np.diff(e)[i]
    np.testing.assert_allclose(out, expected, rtol=1e-14)
    found, volume = cells_of(edges, out)
    assert np.array_equal(found, cell)
    np.testing.assert_allclose(volume, sizes(edges).ravel(), rtol=1e-14)
