"""Stand-ins in the place of data that a planned survey does not have yet.

A forecast asks where a survey measures and how well; these numbers enter none of its answers.
"""

from typing import Final

__all__ = ["STAND_IN_ERROR", "STAND_IN_OHMM", "STAND_IN_UGAL"]

STAND_IN_UGAL: Final = 0.0
"""Gravity reading of a planned station, µGal."""
STAND_IN_OHMM: Final = 100.0
"""Apparent resistivity of a planned datum, Ω·m."""
STAND_IN_ERROR: Final = 0.02
"""Relative error of a planned resistivity datum where none is stated, as for a measured one.

It is written out because reciprocal pairs of stand-ins would otherwise seem to agree exactly.
"""
