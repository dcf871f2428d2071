"""Numbers in print."""

from __future__ import annotations

__all__ = ["signed"]


def signed(value: float, digits: int = 1) -> str:
    """Write a number with its sign, a true minus; what rounds to nothing has none."""
    words = f"{value:+.{digits}f}"
    return words[1:] if float(words) == 0.0 else words.replace("-", "−")
