"""Pages being filled from top to bottom, and the file that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from subterra.report.pdf.figures import Form
from subterra.report.pdf.fonts import Face
from subterra.report.pdf.objects import PdfObjects, dictionary, text_string
from subterra.report.pdf.wrap import Run

__all__ = ["BOTTOM", "FRAME", "LEFT", "RIGHT", "TOP", "Entry", "Sheets"]

_WIDTH, _HEIGHT = 595.28, 841.89
LEFT: Final = 51.0
RIGHT: Final = _WIDTH - 51.0
TOP: Final = _HEIGHT - 52.0
BOTTOM: Final = 54.0
FRAME: Final = RIGHT - LEFT

Colour = tuple[float, float, float]
INK: Final[Colour] = (0.10, 0.10, 0.10)
GREY: Final[Colour] = (0.36, 0.36, 0.36)
LINE: Final[Colour] = (0.75, 0.75, 0.75)
ACCENT: Final[Colour] = (0.0, 0.447, 0.698)
WARN: Final[Colour] = (0.70, 0.29, 0.0)


@dataclass
class _Sheet:
    """One page: what is drawn on it and where it can be clicked."""

    commands: list[str] = field(default_factory=list[str])
    forms: set[int] = field(default_factory=set[int])
    links: list[tuple[tuple[float, float, float, float], str]] = field(
        default_factory=list[tuple[tuple[float, float, float, float], str]]
    )


@dataclass(frozen=True)
class Entry:
    """A line of the outline: its level from 0, its words, and where it leads."""

    level: int
    words: str
    sheet: int
    y: float


class Sheets:
    """Pages of A4 in points, the origin at the lower left.

    Attributes
    ----------
    y : float
        Where the next thing's upper edge goes.
    """

    def __init__(self, objects: PdfObjects) -> None:
        self._objects = objects
        self._sheets: list[_Sheet] = []
        self._places: dict[str, tuple[int, float]] = {}
        self.regular = Face(bold=False)
        self.bold = Face(bold=True)
        self.outline: list[Entry] = []
        self.y = TOP
        self.turn()

    @property
    def count(self) -> int:
        """Number of pages."""
        return len(self._sheets)

    def turn(self) -> None:
        """Begin a new page."""
        self._sheets.append(_Sheet())
        self.y = TOP

    def room(self, height: float) -> bool:
        """Begin a new page if less than ``height`` is left on this one; says whether it did."""
        if self.y - height >= BOTTOM or self.y == TOP:
            return False
        self.turn()
        return True

    def anchor(self, name: str) -> None:
        """Name the place where the next thing goes."""
        if name:
            self._places[name] = (len(self._sheets) - 1, self.y + 4.0)

    def place(self, name: str) -> tuple[int, float]:
        """Page, from 0, and height of an anchor."""
        return self._places[name]

    def note(self, level: int, words: str) -> None:
        """Add the place where the next thing goes to the outline."""
        self.outline.append(Entry(level, words, len(self._sheets) - 1, self.y + 4.0))

    def text(
        self,
        x: float,
        y: float,
        runs: Sequence[Run],
        size: float,
        *,
        bold: bool = False,
        colour: Colour = INK,
        sheet: int | None = None,
    ) -> None:
        """Write one line from (x, y), its base line; runs that lead somewhere can be clicked."""
        page = self._sheets[-1 if sheet is None else sheet]
        face = self.bold if bold else self.regular
        for run in runs:
            width = face.width(run.text, size)
            shade = _colour(ACCENT if run.to else colour, "rg")
            page.commands.append(
                f"BT {shade} /{'B' if bold else 'R'} {size:g} Tf {x:.2f} {y:.2f} Td "
                f"<{face.codes(run.text)}> Tj ET"
            )
            if run.to:
                page.links.append(((x, y - 0.25 * size, x + width, y + 0.8 * size), run.to))
            x += width

    def rule(
        self, x0: float, x1: float, y: float, width: float, colour: Colour = INK, up: float = 0.0
    ) -> None:
        """Draw a level line, or an upright one of length ``up`` from (x0, y)."""
        end = f"{x1:.2f} {y:.2f}" if up == 0.0 else f"{x0:.2f} {y + up:.2f}"
        self._sheets[-1].commands.append(
            f"{_colour(colour, 'RG')} {width:g} w {x0:.2f} {y:.2f} m {end} l S"
        )

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Draw the outline of a box from its lower left corner."""
        self._sheets[-1].commands.append(
            f"{_colour(colour, 'RG')} 0.7 w {x:.2f} {y:.2f} {width:.2f} {height:.2f} re S"
        )

    def form(self, item: Form, x: float, y: float, scale: float) -> None:
        """Draw a figure with its lower left corner at (x, y)."""
        page = self._sheets[-1]
        page.forms.add(item.number)
        page.commands.append(
            f"q {scale:.5f} 0 0 {scale:.5f} {x:.2f} {y:.2f} cm /X{item.number} Do Q"
        )

    def finished(self, title: str, producer: str) -> bytes:
        """Write the file.

        Raises
        ------
        ValueError
            If a link leads to an anchor that no page has.
        """
        objects = self._objects
        first, tree = objects.reserve(len(self._sheets)), objects.reserve()
        fonts = {"R": objects.reserve(), "B": objects.reserve()}
        for k, sheet in enumerate(self._sheets):
            self._put_sheet(sheet, first + k, tree, fonts, first)
        self.regular.embed(objects, fonts["R"])
        self.bold.embed(objects, fonts["B"])
        kids = " ".join(f"{first + k} 0 R" for k in range(len(self._sheets)))
        objects.put(
            dictionary({"Type": "/Pages", "Kids": f"[{kids}]", "Count": str(len(self._sheets))}),
            tree,
        )
        catalog = objects.put(
            dictionary(
                {
                    "Type": "/Catalog",
                    "Pages": f"{tree} 0 R",
                    "Outlines": f"{self._put_outline(first)} 0 R",
                    "PageMode": "/UseOutlines",
                    "Lang": "(en)",
                    "ViewerPreferences": "<< /DisplayDocTitle true >>",
                }
            )
        )
        info = objects.put(
            dictionary({"Title": text_string(title), "Producer": text_string(producer)})
        )
        return objects.finished(catalog, info)

    def _put_sheet(
        self, sheet: _Sheet, number: int, tree: int, fonts: dict[str, int], first: int
    ) -> None:
        objects = self._objects
        content = objects.stream("\n".join(sheet.commands).encode("ascii"))
        annotations: list[str] = []
        for box, to in sheet.links:
            if to not in self._places:
                problem = f"a link of the PDF leads to {to!r}, which no page has"
                raise ValueError(problem)
            page, y = self._places[to]
            corners = " ".join(f"{v:.2f}" for v in box)
            annotations.append(
                f"<< /Type /Annot /Subtype /Link /Rect [{corners}] /Border [0 0 0] "
                f"/Dest {_destination(first + page, y)} >>"
            )
        resources = {
            "Font": dictionary({name: f"{n} 0 R" for name, n in fonts.items()}),
            "XObject": dictionary({f"X{n}": f"{n} 0 R" for n in sorted(sheet.forms)}),
        }
        objects.put(
            dictionary(
                {
                    "Type": "/Page",
                    "Parent": f"{tree} 0 R",
                    "MediaBox": f"[0 0 {_WIDTH} {_HEIGHT}]",
                    "Resources": dictionary(resources),
                    "Contents": f"{content} 0 R",
                    "Annots": f"[{' '.join(annotations)}]",
                }
            ),
            number,
        )

    def _put_outline(self, first: int) -> int:
        """Put the outline: two levels, the first closed."""
        root = self._objects.reserve()
        numbers = [self._objects.reserve() for _ in self.outline]
        parent = {k: self._parent(k) for k in range(len(numbers))}
        for k, entry in enumerate(self.outline):
            siblings = [j for j in parent if parent[j] == parent[k]]
            mine = [j for j in parent if parent[j] == k]
            at = siblings.index(k)
            up = parent[k]
            held = {
                "Title": text_string(entry.words),
                "Parent": f"{root if up is None else numbers[up]} 0 R",
                "Dest": _destination(first + entry.sheet, entry.y),
            }
            if at > 0:
                held["Prev"] = f"{numbers[siblings[at - 1]]} 0 R"
            if at + 1 < len(siblings):
                held["Next"] = f"{numbers[siblings[at + 1]]} 0 R"
            if mine:
                held["First"] = f"{numbers[mine[0]]} 0 R"
                held["Last"] = f"{numbers[mine[-1]]} 0 R"
                held["Count"] = str(-len(mine))
            self._objects.put(dictionary(held), numbers[k])
        top = [j for j in parent if parent[j] is None]
        held = {"Type": "/Outlines", "Count": str(len(top))}
        if top:
            held["First"], held["Last"] = (f"{numbers[j]} 0 R" for j in (top[0], top[-1]))
        self._objects.put(dictionary(held), root)
        return root

    def _parent(self, k: int) -> int | None:
        above = [j for j in range(k) if self.outline[j].level < self.outline[k].level]
        return above[-1] if above and self.outline[k].level > 0 else None


def _colour(colour: Colour, operator: str) -> str:
    return f"{' '.join(f'{v:g}' for v in colour)} {operator}"


def _destination(page: int, y: float) -> str:
    return f"[{page} 0 R /XYZ 0 {y:.2f} null]"
