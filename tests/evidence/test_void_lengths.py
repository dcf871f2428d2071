"""Length of a logged void: its laws against slow twins, draws against the laws, what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from length_laws import length_gain, true_density, true_survival
from samples import drilled, nothing, tunnel
from scipy.integrate import cumulative_trapezoid
from scipy.stats import ks_1samp

from subterra.evidence import DrillLogTerms
from subterra.evidence.drill_words import EVENT_WORDS, PLAIN, word_table
from subterra.evidence.void_lengths import draw_length, length_ratio
from subterra.scene import concatenate

TABLE = word_table(DrillLogTerms())
CAUSE = TABLE.cause[PLAIN, EVENT_WORDS.index("void")]
EXACT = DrillLogTerms(deviation_sd_per_m=0.0)


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.05, 12.0), st.floats(0.2, 6.0), st.floats(1.0, 4.0), st.booleans()
)  # fmt: skip
def test_the_ratio_is_that_of_the_slow_laws(length, inside, stretch, unended):
    longest = inside * stretch
    fast = length_ratio(length, unended, inside, longest, 0.3, CAUSE, TABLE.cause_length)
    slow = length_gain(length, inside, longest, unended=unended)
    assert fast == pytest.approx(slow, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(("inside", "longest"), [(0.4, 0.4), (2.0, 2.0), (0.8, 3.0), (9.0, 9.0)])
def test_the_law_over_an_object_is_a_density(inside, longest):
    assert true_survival(0.0, inside, longest) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("inside", "longest"), [(0.4, 0.8), (2.0, 2.0), (0.8, 3.0)])
def test_draws_follow_the_law(inside, longest):
    rng = np.random.default_rng(5)
    drawn = [draw_length(inside, longest, 0.3, rng) for _ in range(1500)]
    at = np.linspace(0.0, 20.0 * longest, 8001)
    below = cumulative_trapezoid(true_density(at, inside, longest), at, initial=0.0)
    assert ks_1samp(drawn, lambda v: np.interp(v, at, below)).pvalue > 0.001


def log_ratio(evidence):
    scene = concatenate([tunnel(20.0, 5.0), nothing()])
    logs = evidence.log_likelihood(scene)
    assert logs[1] == 0.0
    return logs[0]


def void(base, *, word="void", end=12.0, then="intact"):
    """A hole over the tunnel (roof 4 m, floor 6 m) that meets a void from 4 m on."""
    rows = [("h", 0.0, 4.0, "intact"), ("h", 4.0, base, word)]
    if base < end:
        rows.append(("h", base, end, then))
    return drilled(("h", 20.0, 20.0, 0.0, 90.0, end), intervals=rows, terms=EXACT)


def test_a_tunnel_is_metres_high_and_a_joint_decimetres():
    """At the roof's depth, 0.2 m of void say far less for the tunnel than 2 m."""
    assert log_ratio(void(6.0)) - log_ratio(void(4.2)) > np.log(10.0)
    # A void of 6 m is hardly this tunnel of 2 m.
    assert log_ratio(void(10.0)) < log_ratio(void(6.0)) - np.log(20.0)


def test_a_hole_that_stops_in_the_void_says_at_least_so_long():
    """0.4 m of void at the end of the log is less against a tunnel than 0.4 m with rock below."""
    stopped, through = void(4.4, end=4.4), void(4.4)
    assert stopped.holes.unended.tolist() == [True]
    assert through.holes.unended.tolist() == [False]
    assert log_ratio(stopped) > log_ratio(through) + np.log(3.0)
    silent = void(4.4, then="unknown")
    assert silent.holes.unended.tolist() == [True]
    assert log_ratio(silent) == log_ratio(stopped)


def test_length_of_other_words_says_nothing():
    assert log_ratio(void(4.4, word="goaf")) == log_ratio(void(6.0, word="goaf"))


def test_simulated_voids_are_cut_where_the_log_ends():
    rng = np.random.default_rng(2)
    hole = drilled(("h", 20.0, 20.0, 0.0, 90.0, 5.5), terms=EXACT)
    drawn = [hole.simulate(tunnel(20.0, 5.0), rng).holes for _ in range(200)]
    base = np.concatenate([d.event[:, 1] for d in drawn])
    unended = np.concatenate([d.unended for d in drawn])
    assert base.max() <= 5.5 + 1e-3
    assert np.all((base >= 5.5 - 1e-3) == unended)
    assert 0.3 < unended.mean() < 0.95
