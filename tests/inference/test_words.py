from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subterra.inference.words import (
    computed_words,
    likelihood_word,
    probability_words,
    support_limit,
)


@pytest.mark.parametrize(
    ("p", "n", "calibrated", "words"),
    [
        (0.374, 4096, False, "0.37"),
        (0.0, 4096, False, "< 0.01"),
        (1.0, 4096, False, "> 0.99"),
        (0.01, 4096, False, "0.01"),
        (0.99, 4096, False, "0.99"),
        (0.999, 4096, True, "0.999"),
        (0.0, 4096, True, "< 0.0003"),
        (1.0, 4096, True, "> 0.9997"),
        (0.0, 9, False, "< 0.1"),
        (1.0, 9, True, "> 0.9"),
        (0.05, 10, True, "< 0.1"),
        (1.0 + 1e-12, 4096, False, "> 0.99"),
        (None, 4096, False, "not supported"),
        (math.nan, 4096, True, "not supported"),
    ],
)
def test_prints_what_is_supported(p, n, calibrated, words):
    assert probability_words(p, n, calibrated) == words


@given(st.floats(0.0, 1.0), st.integers(1, 10**6), st.booleans())
def test_never_beyond_the_limit_and_true_to_rounding(p, n, calibrated):
    words = probability_words(p, n, calibrated)
    limit = support_limit(n, calibrated=calibrated)
    assert limit >= 1.0 / (n + 1.0) * (1.0 - 1e-9)
    if words[0] in "<>":
        bound = float(words[2:])
        assert p < bound + 1e-9 if words[0] == "<" else p > bound - 1e-9
        assert min(bound, 1.0 - bound) >= 1.0 / (n + 1.0) * (1.0 - 1e-6)
    else:
        assert 0.0 < float(words) < 1.0
        assert abs(float(words) - p) <= 0.5 * 10.0 ** -len(words.split(".")[1]) + 1e-12


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.booleans())
def test_keeps_the_order(p, q, calibrated):
    def value(words):
        return float(words.lstrip("<> "))

    low, high = sorted((p, q))
    assert value(probability_words(low, 4096, calibrated)) <= value(
        probability_words(high, 4096, calibrated)
    )


@pytest.mark.parametrize("p", [-0.1, 1.1, math.inf])
def test_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        probability_words(p, 100)


def test_refuses_no_scenes():
    with pytest.raises(ValueError, match="at least one scene"):
        probability_words(0.5, 0)


def test_scale_of_likelihood_words():
    assert likelihood_word(0.5) == "roughly even chance"
    assert likelihood_word(0.05) == "almost no chance"
    assert likelihood_word(0.7) == "likely"
    assert likelihood_word(0.97) == "almost certain"
    assert likelihood_word(0.001) is None
    assert likelihood_word(0.999) is None
    assert likelihood_word(math.nan) is None


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "below 0.01"), (0.0099, "below 0.01"), (0.01, "0.01"), (0.374, "0.37"),
     (0.99, "0.99"), (0.9951, "above 0.99"), (1.0, "above 0.99")],
)  # fmt: skip
def test_a_computed_probability_is_never_nought_or_one(p: float, words: str) -> None:
    assert computed_words(p) == words
