"""Mine maps on the page: lines as they are drawn, and where they are believed to lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from subterra.report.style import GREY, INK, casing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from subterra.evidence import Evidence
    from subterra.inference import Belief

__all__ = ["MappedLine", "draw_mapped", "map_notes", "mapped_lines"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class MappedLine:
    """A drawn line of a mine map.

    Parameters
    ----------
    drawn : (k, 2) numpy.ndarray
        Course in plan as the sheet has it.
    believed : (k, 2) numpy.ndarray
        The same where the belief puts it; NaN where it matches no working.
    sd_m : float
        Spread of that place, m.
    p : float
        P(the line draws a working of the scene).
    """

    drawn: Array
    believed: Array
    sd_m: float
    p: float


def mapped_lines(evidence: Sequence[Evidence], belief: Belief) -> tuple[MappedLine, ...]:
    """Lines of all mine maps among the evidence, as drawn and as believed."""
    return tuple(
        MappedLine(drawn, believed, float(sd), float(p))
        for found in _registrations(evidence, belief)
        for drawn, believed, sd, p in zip(
            found.drawn, found.believed, found.shift_sd_m, found.p_working, strict=True
        )
    )


def map_notes(evidence: Sequence[Evidence], belief: Belief) -> tuple[str, ...]:
    """Say of each sheet how far it is believed to be shifted, and which gross error it may have."""
    said: list[str] = []
    for found in _registrations(evidence, belief):
        named = found.sheet if found.sheet.startswith("sheet") else f"sheet {found.sheet}"
        words = f"Mine map, {named}: "
        best = int(np.argmax(found.p_working)) if len(found.p_working) else -1
        if best >= 0 and found.p_working[best] >= 0.1 and np.isfinite(found.shift_m[best]).all():
            east, north = found.shift_m[best]
            words += (
                f"believed to be drawn {abs(east):.0f} m too far {'east' if east > 0 else 'west'} "
                f"and {abs(north):.0f} m too far {'north' if north > 0 else 'south'} "
                f"(± {found.shift_sd_m[best]:.0f} m)"
            )
        else:
            words += "no line of it is matched with a working"
        errors = [f"{k} {p:.2f}" for k, p in found.p_blunder.items() if k != "none" and p >= 0.05]
        said.append(f"{words}; gross errors: {', '.join(errors) or 'none above 0.05'}.")
    return tuple(said)


def _registrations(evidence: Sequence[Evidence], belief: Belief) -> list[Any]:
    methods = (getattr(item, "registrations", None) for item in evidence)
    return [
        found
        for method in methods
        if method is not None
        for found in method(belief.scenes, belief.weight)
    ]


def draw_mapped(ax: Axes, lines: Sequence[MappedLine], least_p: float = 0.1) -> None:
    """Draw each line dotted as drawn, and dashed with its shift where it is believed."""
    for k, line in enumerate(lines):
        ax.plot(
            line.drawn[:, 0], line.drawn[:, 1], color=GREY, lw=1.5, ls=(0, (1, 1)), zorder=3,
            label="mine map, as drawn" if k == 0 else None,
        )  # fmt: skip
    label: str | None = "mine map, as believed"
    for line in lines:
        if line.p < least_p or not np.isfinite(line.believed).all():
            continue
        ax.plot(
            line.believed[:, 0], line.believed[:, 1], color=INK, lw=1.2, ls=(0, (6, 2)), zorder=4,
            path_effects=casing(2.4), label=label,
        )  # fmt: skip
        middle = len(line.drawn) // 2
        ax.annotate(
            "", line.believed[middle], line.drawn[middle], zorder=3, annotation_clip=True,
            arrowprops={"arrowstyle": "->", "color": GREY, "lw": 0.8},
        )  # fmt: skip
        label = None
