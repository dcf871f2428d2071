"""Pages being filled from top to bottom, and the file that they become."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from subterra.report.pdf.figures import Form
from subterra.report.pdf.fonts import Face
from subterra.report.pdf.objects import PdfObjects, dictionary, text_string
from subterra.report.pdf.structure import Element, Mark, put_structure
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

_METADATA: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
    "<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>"
    "<pdf:Producer>{producer}</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>\n"
    '<?xpacket end="r"?>'
)


@dataclass
class _Sheet:
    """One page: what is drawn on it and where it can be clicked."""

    marks: list[Mark] = field(default_factory=list[Mark])
    forms: set[int] = field(default_factory=set[int])
    links: list[_Link] = field(default_factory=list["_Link"])


@dataclass(frozen=True)
class _Link:
    """Where a page can be clicked, the anchor to which that leads, and the words of it."""

    box: tuple[float, float, float, float]
    to: str
    words: str
    element: Element


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
        self._document = Element("Document")
        self._open: list[Element | None] = [self._document]
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

    def element(self, kind: str, *, alt: str = "", attributes: str = "") -> Element:
        """Begin an element of the structure within the current one."""
        made = Element(kind, alt, attributes)
        within = self._open[-1]
        if within is not None:
            within.kids.append(made)
        return made

    @contextmanager
    def showing(self, what: Element | None) -> Generator[None]:
        """Take what is drawn meanwhile for a part of an element; of None, for an artifact."""
        self._open.append(what)
        try:
            yield
        finally:
            self._open.pop()

    def _drawn(self, command: str, *, sheet: int = -1, artifact: bool = False) -> None:
        """Append a command to the marked content of the current element."""
        k = sheet % len(self._sheets)
        page = self._sheets[k]
        owner = None if artifact else self._open[-1]
        if not page.marks or page.marks[-1].owner is not owner:
            number = sum(mark.owner is not None for mark in page.marks)
            page.marks.append(Mark(k, owner, number))
            if owner is not None:
                owner.kids.append(page.marks[-1])
        page.marks[-1].commands.append(command)

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
        k = -1 if sheet is None else sheet
        face = self.bold if bold else self.regular
        for run in runs:
            width = face.width(run.text, size)
            shade = _colour(ACCENT if run.to else colour, "rg")
            command = (
                f"BT {shade} /{'B' if bold else 'R'} {size:g} Tf {x:.2f} {y:.2f} Td "
                f"<{face.codes(run.text)}> Tj ET"
            )
            if run.to:
                link = self.element("Link")
                with self.showing(link):
                    self._drawn(command, sheet=k)
                box = (x, y - 0.25 * size, x + width, y + 0.8 * size)
                self._sheets[k].links.append(_Link(box, run.to, run.text, link))
            else:
                self._drawn(command, sheet=k)
            x += width

    def rule(
        self, x0: float, x1: float, y: float, width: float, colour: Colour = INK, up: float = 0.0
    ) -> None:
        """Draw a level line, or an upright one of length ``up`` from (x0, y)."""
        end = f"{x1:.2f} {y:.2f}" if up == 0.0 else f"{x0:.2f} {y + up:.2f}"
        self._drawn(
            f"{_colour(colour, 'RG')} {width:g} w {x0:.2f} {y:.2f} m {end} l S", artifact=True
        )

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Draw the outline of a box from its lower left corner."""
        self._drawn(
            f"{_colour(colour, 'RG')} 0.7 w {x:.2f} {y:.2f} {width:.2f} {height:.2f} re S",
            artifact=True,
        )

    def form(self, item: Form, x: float, y: float, scale: float) -> None:
        """Draw a figure with its lower left corner at (x, y)."""
        self._sheets[-1].forms.add(item.number)
        self._drawn(f"q {scale:.5f} 0 0 {scale:.5f} {x:.2f} {y:.2f} cm /X{item.number} Do Q")

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
        links: list[Element] = []
        for k in range(len(self._sheets)):
            links += self._put_sheet(k, tree, fonts, first, len(links))
        self.regular.embed(objects, fonts["R"])
        self.bold.embed(objects, fonts["B"])
        kids = " ".join(f"{first + k} 0 R" for k in range(len(self._sheets)))
        objects.put(
            dictionary({"Type": "/Pages", "Kids": f"[{kids}]", "Count": str(len(self._sheets))}),
            tree,
        )
        structure = put_structure(objects, self._document, first, len(self._sheets), links)
        catalog = objects.put(
            dictionary(
                {
                    "Type": "/Catalog",
                    "Pages": f"{tree} 0 R",
                    "Outlines": f"{self._put_outline(first)} 0 R",
                    "PageMode": "/UseOutlines",
                    "Lang": "(en)",
                    "MarkInfo": "<< /Marked true >>",
                    "StructTreeRoot": f"{structure} 0 R",
                    "Metadata": f"{self._put_metadata(title, producer)} 0 R",
                    "ViewerPreferences": "<< /DisplayDocTitle true >>",
                }
            )
        )
        info = objects.put(
            dictionary({"Title": text_string(title), "Producer": text_string(producer)})
        )
        return objects.finished(catalog, info)

    def _put_sheet(
        self, k: int, tree: int, fonts: dict[str, int], first: int, n_links: int
    ) -> list[Element]:
        """Put a page; returns the elements of its links, before which there were ``n_links``."""
        objects, sheet = self._objects, self._sheets[k]
        content = objects.stream("\n".join(m.written() for m in sheet.marks).encode("ascii"))
        annotations: list[str] = []
        for j, link in enumerate(sheet.links):
            if link.to not in self._places:
                problem = f"a link of the PDF leads to {link.to!r}, which no page has"
                raise ValueError(problem)
            page, y = self._places[link.to]
            corners = " ".join(f"{v:.2f}" for v in link.box)
            number = objects.put(
                f"<< /Type /Annot /Subtype /Link /Rect [{corners}] /Border [0 0 0] "
                f"/Dest {_destination(first + page, y)} /Contents {text_string(link.words)} "
                f"/StructParent {len(self._sheets) + n_links + j} >>"
            )
            link.element.kids.append(number)
            annotations.append(f"{number} 0 R")
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
                    "StructParents": str(k),
                    "Tabs": "/S",
                }
            ),
            first + k,
        )
        return [link.element for link in sheet.links]

    def _put_metadata(self, title: str, producer: str) -> int:
        """Put title and language where programs that know nothing of PDF find them."""
        packet = _METADATA.format(title=escape(title), producer=escape(producer)).encode()
        head = dictionary({"Type": "/Metadata", "Subtype": "/XML", "Length": str(len(packet))})
        return self._objects.put(head.encode("ascii") + b"\nstream\n" + packet + b"\nendstream")

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
