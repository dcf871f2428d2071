"""Stand-ins in the place of data that a planned survey does not have yet.

A forecast asks where a survey measures and how well; these numbers enter none of its answers.
"""

from typing import Final

__all__ = ["STAND_IN_OHMM", "STAND_IN_UGAL"]

STAND_IN_UGAL: Final = 0.0
"""Gravity reading of a planned station, µGal."""
STAND_IN_OHMM: Final = 100.0
"""Apparent resistivity of a planned datum, Ω·m."""
