"""Probabilities in the sentences of the command line."""

from __future__ import annotations

from subterra.inference.words import likelihood_word, probability_words, support_limit

__all__ = ["beyond", "stated", "with_word"]


def beyond(p: float, n_scenes: int, calibrated: bool = False) -> float:
    """Turn a probability that is held at its bound into what it is: beyond the bound.

    Summaries hold probabilities at the bound; words say "< 0.01" there, not "0.01".
    """
    limit = support_limit(n_scenes, calibrated=calibrated)
    if p <= limit:
        return 0.0
    return 1.0 if p >= 1.0 - limit else p


def stated(p: float | None, n_scenes: int, calibrated: bool = False) -> str:
    """Write a probability with its sign: ``= 0.37``, ``< 0.01``, ``not supported``."""
    words = probability_words(p, n_scenes, calibrated)
    return f"= {words}" if words[0].isdigit() else words


def with_word(p: float, n_scenes: int, calibrated: bool = False) -> str:
    """Write a probability with its sign and, between the bounds, the word for it."""
    word = likelihood_word(p)
    words = stated(p, n_scenes, calibrated)
    return f"{words} ({word})" if word is not None and words.startswith("=") else words
