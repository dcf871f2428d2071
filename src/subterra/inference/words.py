"""Probabilities in print: never more than the scenes at hand can support."""

from __future__ import annotations

import math
from typing import Final

__all__ = [
    "UNSUPPORTED",
    "computed_words",
    "likelihood_word",
    "probability_words",
    "support_limit",
]

UNSUPPORTED: Final = "not supported"

_UNCALIBRATED_LIMIT: Final = 0.01
_ROUNDING: Final = 1e-9

# US Intelligence Community Directive 203 (2015), analytic standards: one row of its two.
_SCALE: Final = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (0.99, "almost certain"),
)


def support_limit(n_scenes: int, *, calibrated: bool = False) -> float:
    """Smallest probability that may be printed as a number.

    Parameters
    ----------
    n_scenes : int
        Number of scenes ``N`` behind the estimate, at least 1.
    calibrated : bool
        Whether probabilities of this kind have passed their calibration.

    Returns
    -------
    float
        ``1 / (N + 1)`` rounded up to one significant figure, but at least 0.01 while not
        calibrated; the largest is one minus this.

    Raises
    ------
    ValueError
        If ``n_scenes`` is not positive.
    """
    if n_scenes < 1:
        problem = f"a probability needs at least one scene, found {n_scenes}"
        raise ValueError(problem)
    bare = 1.0 / (n_scenes + 1.0)
    step = 10.0 ** math.floor(math.log10(bare))
    rounded = math.ceil(bare / step - _ROUNDING) * step
    return rounded if calibrated else max(rounded, _UNCALIBRATED_LIMIT)


def computed_words(p: float) -> str:
    """Write a probability that follows from a formula and is not counted from scenes.

    Parameters
    ----------
    p : float
        In [0, 1].

    Returns
    -------
    str
        ``"0.37"``; ``"below 0.01"`` and ``"above 0.99"`` beyond what two digits can say.
    """
    if p < _UNCALIBRATED_LIMIT:
        return f"below {_UNCALIBRATED_LIMIT:g}"
    if p > 1.0 - _UNCALIBRATED_LIMIT:
        return f"above {1.0 - _UNCALIBRATED_LIMIT:g}"
    return f"{p:.2f}"


def probability_words(p: float | None, n_scenes: int, calibrated: bool = False) -> str:
    """Write a probability as far as it is supported.

    Parameters
    ----------
    p : float or None
        Probability in [0, 1]; ``None`` and NaN mean that it could not be supported at all.
    n_scenes : int
        Number of scenes behind it.
    calibrated : bool
        Whether probabilities of this kind have passed their calibration.

    Returns
    -------
    str
        ``"0.37"``; ``"< 0.01"`` and ``"> 0.99"`` beyond the limit of `support_limit`;
        ``"not supported"``.

    Raises
    ------
    ValueError
        If ``p`` lies outside [0, 1] by more than rounding.
    """
    limit = support_limit(n_scenes, calibrated=calibrated)
    if p is None or math.isnan(p):
        return UNSUPPORTED
    if not -_ROUNDING <= p <= 1.0 + _ROUNDING:
        problem = f"a probability lies between 0 and 1, found {p}"
        raise ValueError(problem)
    digits = max(2, -math.floor(math.log10(limit) + _ROUNDING))
    if p < limit - _ROUNDING:
        return f"< {limit:.{digits}f}".rstrip("0")
    if p > 1.0 - limit + _ROUNDING:
        return f"> {1.0 - limit:.{digits}f}".rstrip("0")
    # As many digits as tell it from 0 and from 1, two at least.
    nearest = max(min(p, 1.0 - p), limit)
    return f"{p:.{max(2, -math.floor(math.log10(nearest) + _ROUNDING))}f}"


def likelihood_word(p: float | None) -> str | None:
    """Name a probability on the scale of ICD 203.

    Parameters
    ----------
    p : float or None
        Probability in [0, 1], or ``None`` or NaN.

    Returns
    -------
    str or None
        One of seven words between 0.01 and 0.99; ``None`` outside, where the standard wants the
        number alone, and where there is no number.
    """
    if p is None or math.isnan(p) or not 0.01 <= p <= 0.99:
        return None
    return next(word for upper, word in _SCALE if p <= upper)
