"""Laws of a logged void's length, readable and slow: oracle of `subterra.evidence.void_lengths`."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.integrate import quad
from scipy.stats import expon, norm, truncnorm

JOINT, CAVE_OR_WELL = 0.2, 1.5
"""Mean lengths of false voids, m."""
CAUSES = {"plain": (0.6, 0.4), "void": (0.6 * 0.9, 0.4 * 0.5), "rod drop": (0.6 * 0.1, 0.4 * 0.5)}


@cache
def room(longest, sd):
    """What makes the law of shorter voids a density."""
    return quad(lambda v: norm.sf(v, longest, sd), 0.0, longest + 10.0 * sd)[0]


def true_density(length, inside, longest, depth_sd=0.3):
    """Half the chord as it is, nearly half anything shorter, both blurred; the rest goes on."""
    sd = np.hypot(depth_sd, 0.2 * inside)
    whole = truncnorm.pdf(length, -inside / sd, np.inf, inside, sd)
    shorter = norm.sf(length, longest, sd) / room(longest, sd)
    return 0.5 * whole + 0.45 * shorter + 0.05 * expon.pdf(length, scale=longest)


def true_survival(length, inside, longest, depth_sd=0.3):
    at = np.linspace(length, length + 20.0 * max(inside, longest, 1.0), 40001)
    return np.trapezoid(true_density(at, inside, longest, depth_sd), at)


def false_law(word="plain"):
    """Density and survival of a void that is no object."""
    joint, other = np.array(CAUSES[word]) / sum(CAUSES[word])
    laws = [(joint, expon(scale=JOINT)), (other, expon(scale=CAVE_OR_WELL))]
    return (
        lambda v: sum(share * law.pdf(v) for share, law in laws),
        lambda v: sum(share * law.sf(v) for share, law in laws),
    )


def length_gain(length, inside, longest=None, *, word="plain", unended=False):
    """What the length of a void multiplies the odds of its being the object's by."""
    longest = inside if longest is None else longest
    density, survival = false_law(word)
    if unended:
        return true_survival(length, inside, longest) / survival(length)
    return true_density(length, inside, longest) / density(length)
