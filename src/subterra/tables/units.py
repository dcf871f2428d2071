"""Units that people of the field use beside the metre."""

from __future__ import annotations

from typing import Final

__all__ = ["FOOT_M"]

FOOT_M: Final = 0.3048
"""International foot, m."""
