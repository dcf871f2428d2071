"""Numbers in print."""

from __future__ import annotations

__all__ = ["coordinate", "signed"]


def coordinate(value: float) -> str:
    """Write a coordinate in metres, to the centimetre where it has any: 5600030, 12.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def signed(value: float, digits: int = 1) -> str:
    """Write a number with its sign, a true minus; what rounds to nothing has none."""
    words = f"{value:+.{digits}f}"
    return words[1:] if float(words) == 0.0 else words.replace("-", "−")
