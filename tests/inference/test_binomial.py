"""Bounds of a share are where the binomial tails are what was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from subterra.errors import InputError
from subterra.inference.binomial import clopper_pearson


@pytest.mark.parametrize("tail", [0.05, 0.005])
def test_beyond_each_bound_what_was_seen_has_the_probability_of_the_tail(tail):
    found, n = np.arange(41), 40
    low, high = clopper_pearson(found, np.full(41, n), tail)
    assert (low[0], high[-1]) == (0.0, 1.0)
    np.testing.assert_allclose(binom.sf(found[1:] - 1, n, low[1:]), tail, rtol=1e-9)
    np.testing.assert_allclose(binom.cdf(found[:-1], n, high[:-1]), tail, rtol=1e-9)


def test_effective_counts_lie_between_whole_ones():
    bounds = [float(clopper_pearson(k, 20.5)[1]) for k in (0.0, 0.7, 1.0, 20.5)]
    assert bounds == sorted(bounds)
    assert bounds[-1] == 1.0


@pytest.mark.parametrize("slip", [(4, 3, 0.05), (-1, 3, 0.05), (1, 3, 0.0), (1, 3, 1.0)])
def test_slips_are_named(slip):
    with pytest.raises(InputError):
        clopper_pearson(*slip)
