"""What each blind site is, fixed by its number alone: evidence, target, decoy, difficulty.

Sites come in pairs of one design, one with a target and one without; each is drawn from a stream
of its own. `blind` is what is scored; `tuning` is ten other sites, on which peers are tuned, and
`study` sixty more, on which choices of Subterra's model are tried (`blind/rumour.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from random_ground import KERNELS

PAIRS = {"blind": 60, "tuning": 5, "study": 30}
STREAM = {"blind": 20261201, "tuning": 20261202, "study": 20261203}
CLASSES = {"faint": (2.5, 5.0), "clear": (5.0, 8.0), "loud": (8.0, 13.0)}


@dataclass(frozen=True)
class Design:
    """One site before anything random is drawn.

    Attributes
    ----------
    set_name : str
        ``blind``, ``tuning`` or ``study``.
    number : int
        From 1; odd sites hold a target.
    kind : str
        ``drive`` (straight), ``mine`` (a course of the surveyed mine) or ``karst`` (straight
        drive, and a natural conduit beside it or alone).
    aim : (low, high)
        Matched signal-to-noise of the target, or of what a null site has in its place, in gravity.
    resistivity, panel, reports, mine_map : bool
        Which evidence there is besides gravity.
    dry_holes : int
    kernel : str
        Of the ground.
    student : bool
        Whether noise is Student's t with 5 degrees of freedom.
    """

    set_name: str
    number: int
    kind: str
    aim: tuple[float, float]
    resistivity: bool
    panel: bool
    reports: bool
    mine_map: bool
    dry_holes: int
    kernel: str
    student: bool

    @property
    def void(self) -> bool:
        """Whether there is a target."""
        return self.number % 2 == 1

    @property
    def name(self) -> str:
        """Short and unique: t07, b113."""
        return f"{self.set_name[0]}{self.number:03d}"

    @property
    def stream(self) -> tuple[int, int]:
        """Seed of the site's random numbers."""
        return STREAM[self.set_name], self.number


def designs(set_name: str) -> list[Design]:
    """All sites of a set, in the order in which they are worked: any first part is a mixture.

    Every property is dealt out evenly over the pairs by a shuffle of its own. Resistivity stands
    over straight drives only (the mesh follows one straight drive), a radar panel where there is
    neither resistivity nor a cave, a mine map over mines.
    """
    n = PAIRS[set_name]
    rng = np.random.default_rng(STREAM[set_name])

    def dealt(labels: list[Any], count: int) -> list[Any]:
        cards = [labels[k % len(labels)] for k in range(count)]
        return [cards[k] for k in rng.permutation(count)]

    third = dealt([True, False, False], n)
    kinds = iter(dealt(["mine", "karst", "drive"], third.count(False)))
    aims = {flag: iter(dealt(list(CLASSES.values()), third.count(flag))) for flag in (True, False)}
    kernels = dealt(list(KERNELS), n)
    reports, holes = dealt([True, False], n), dealt([True, True, False], n)
    maps, student = dealt([True, False], n), dealt([True, False, False, False], n)
    panels = dealt([True, False, False, False], n)
    out = []
    for pair in range(n):
        kind = "drive" if third[pair] else next(kinds)
        panel = panels[pair] and not third[pair] and kind != "karst"
        common = {
            "kind": kind,
            "aim": next(aims[third[pair]]),
            "resistivity": third[pair],
            "panel": panel,
            "reports": reports[pair],
            "mine_map": kind == "mine" and maps[pair],
            "dry_holes": 2 if holes[pair] and not panel else 0,
            "kernel": kernels[pair],
            "student": student[pair],
        }
        out += [Design(set_name, 2 * pair + k, **common) for k in (1, 2)]
    return [out[k] for k in rng.permutation(2 * n)]
