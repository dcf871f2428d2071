"""Numbers of things in words: one hole, two holes."""

from __future__ import annotations

__all__ = ["counted"]


def counted(n: int, one: str, many: str = "") -> str:
    """Write a number of things: 1 hole, 2 holes; 1 datum, 2 data.

    Parameters
    ----------
    n : int
        How many.
    one : str
        What one of them is called.
    many : str
        What several are called; by default ``one`` with an s.

    Returns
    -------
    str
        Thousands are set apart from 10,000 on.
    """
    number = f"{n:,}" if abs(n) >= 10_000 else str(n)
    return f"{number} {one if n == 1 else many or f'{one}s'}"
