"""What a plan is to be best at: finding targets, learning the scene, or clearing the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from subterra.errors import InputError

__all__ = ["Objective", "parse_objective"]

_NAMES: Final = ("find", "learn", "clear")


@dataclass(frozen=True)
class Objective:
    """Worths that a plan adds up and divides by cost.

    Parameters
    ----------
    find : float
        Of a target that was not met before.
    learn : float
        Of one bit about the scene: place, course, size and fill of every object, met ones too.
    clear : float
        Of one bit about whether any target is there that was not met yet.

    Raises
    ------
    InputError
        Unless all are finite, none is negative and one is positive.
    """

    find: float = 0.0
    learn: float = 0.0
    clear: float = 0.0

    def __post_init__(self) -> None:
        worths = (self.find, self.learn, self.clear)
        if not all(0.0 <= v < math.inf for v in worths) or sum(worths) == 0.0:
            problem = f"worths of an objective must not be negative, and one positive: {worths}"
            raise InputError(problem)

    @property
    def words(self) -> str:
        """What it is, in words."""
        parts = [f"{n} {v:g}" for n, v in zip(_NAMES, vars(self).values(), strict=True) if v > 0.0]
        return " + ".join(parts)


def parse_objective(text: str) -> Objective:
    """Read an objective: one of its names, or a mix such as ``find=1,learn=0.05``.

    Raises
    ------
    InputError
        For another name or a worth that is no number.
    """
    worths: dict[str, float] = {}
    for part in text.split(","):
        name, given, number = part.strip().partition("=")
        try:
            worth = float(number) if given else 1.0
        except ValueError as error:
            problem = f"objective {text!r}: {number!r} is not a number"
            raise InputError(problem) from error
        if name not in _NAMES or name in worths:
            problem = (
                f"objective {text!r}: expected find, learn or clear, each once, or a mix such as "
                "find=1,learn=0.05"
            )
            raise InputError(problem)
        worths[name] = worth
    return Objective(**worths)
