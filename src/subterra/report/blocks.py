"""A document as data: sections of paragraphs, tables and pictures, whatever they are shown on.

The page and the PDF are made from the same document, so that they say the same in the same order.
Numbers lead to their evidence by links; a link to an anchor that nothing in the document has is an
error of the program and raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "SHORT",
    "Block",
    "Bullets",
    "Document",
    "Heading",
    "Link",
    "Look",
    "Paragraph",
    "Picture",
    "Pictures",
    "Row",
    "Section",
    "Table",
    "Tile",
    "Tiles",
    "Words",
    "bullets",
    "check_links",
    "first_upper",
    "joined",
    "numbered",
    "paragraph",
    "plain",
    "section",
    "table",
]

SHORT: Final = 12
"""Characters up to which a link is a number with its sign and unit, which stay in one line."""

Look: TypeAlias = Literal["plain", "note", "warning", "empty"]


@dataclass(frozen=True)
class Link:
    """Words that lead to an anchor of the same document."""

    words: str
    to: str


Words: TypeAlias = str | Link | tuple[str | Link, ...]
"""Running text, with links in it."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    words: Words
    look: Look = "plain"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    words: str
    anchor: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of at least one item."""

    items: tuple[Words, ...]
    look: Look = "plain"
    numbered: bool = False


@dataclass(frozen=True)
class Tile:
    """A key number with its label and a remark; ``to`` is the anchor of what it rests on."""

    label: str
    number: str
    remark: str
    to: str = ""


@dataclass(frozen=True)
class Tiles:
    """Key numbers side by side."""

    items: tuple[Tile, ...]


@dataclass(frozen=True)
class Row:
    """A row of a table; ``anchor`` is what links to it name."""

    cells: tuple[Words, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """A table of at least one row.

    Parameters
    ----------
    caption : str
        Says what the table is.
    header : tuple of str
        Column heads with their units.
    rows : tuple of Row
        As many cells as the header has.
    left : frozenset of int
        Columns of text, set left; the others are numbers, set right.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    left: frozenset[int]


@dataclass(frozen=True)
class Picture:
    """A figure that is drawn when the document is.

    Parameters
    ----------
    draw : callable
        Takes the empty figure, with constrained layout; nothing of pyplot is touched.
    width_in, height_in : float
        Size at which its text has its own size, inches.
    alt : str
        Says in words what it shows, for those who cannot see it.
    caption : str
        Set below.
    look : str
        ``map``, ``wide`` or ``half``: how much of the page it may take.
    """

    draw: Callable[[Figure], None]
    width_in: float
    height_in: float
    alt: str
    caption: str = ""
    look: Literal["map", "wide", "half"] = "wide"


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side, at most ``columns`` in a row."""

    items: tuple[Picture, ...]
    columns: int


Block: TypeAlias = Paragraph | Heading | Bullets | Tiles | Table | Picture | Pictures
Part: TypeAlias = Block | Iterable[Block] | None


@dataclass(frozen=True)
class Section:
    """A numbered section of a document."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole document.

    Parameters
    ----------
    title : str
        Heading of the first page.
    facts : str
        One line below it: frame, area, date.
    badge : str
        Verdict that is repeated on every page of the PDF.
    good : bool
        Whether the badge is good news.
    opening : tuple of Block
        Before the first section: warnings and key numbers.
    sections : tuple of Section
        In order.
    footer : str
        Conventions of signs and units, at the end.
    """

    title: str
    facts: str
    badge: str
    good: bool
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    footer: str

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        yield from self.opening
        for part in self.sections:
            yield from part.blocks

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures in order."""
        out: list[Picture] = []
        for block in self.blocks:
            if isinstance(block, Picture):
                out.append(block)
            elif isinstance(block, Pictures):
                out += block.items
        return tuple(out)


def paragraph(words: Words, look: Look = "plain") -> Paragraph:
    """Return one paragraph."""
    return Paragraph(words, look)


def bullets(items: Iterable[Words], look: Look = "plain") -> tuple[Block, ...]:
    """Return a list, or nothing for no items."""
    held = tuple(items)
    return (Bullets(held, look),) if held else ()


def numbered(items: Iterable[Words]) -> tuple[Block, ...]:
    """Return a list with numbers, or nothing for no items."""
    held = tuple(items)
    return (Bullets(held, numbered=True),) if held else ()


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Row | Sequence[Words]],
    *,
    words: Iterable[int] = (),
    empty: str = "",
) -> tuple[Block, ...]:
    """Return a table, or what to say instead where there are no rows.

    Parameters
    ----------
    caption : str
        Says what the table is.
    header : sequence of str
        Column heads with their units.
    rows : iterable of Row or sequences of Words
        Cells.
    words : iterable of int
        Columns of text, set left.
    empty : str
        What to say where there are no rows; nothing at all by default.
    """
    held = tuple(row if isinstance(row, Row) else Row(tuple(row)) for row in rows)
    if not held:
        return (Paragraph(empty, "empty"),) if empty else ()
    if any(len(row.cells) != len(header) for row in held):
        problem = f"a row of the table {caption[:40]!r} does not fit its header"
        raise ValueError(problem)
    return (Table(caption, tuple(header), held, frozenset(words)),)


def joined(parts: Iterable[Part]) -> tuple[Block, ...]:
    """Put blocks and groups of blocks in a row; what is None is left out."""
    out: list[Block] = []
    for part in parts:
        if part is None:
            continue
        if isinstance(part, Paragraph | Heading | Bullets | Tiles | Table | Picture | Pictures):
            out.append(part)
        else:
            out += part
    return tuple(out)


def section(anchor: str, heading: str, *parts: Part) -> Section:
    """Return a section of blocks and groups of blocks."""
    return Section(anchor, heading, joined(parts))


def plain(words: Words) -> str:
    """Return running text without its links."""
    if isinstance(words, str):
        return words
    if isinstance(words, Link):
        return words.words
    return "".join(part if isinstance(part, str) else part.words for part in words)


def first_upper(words: str) -> str:
    """Begin a sentence with a phrase, the rest as it stands."""
    return words[:1].upper() + words[1:]


def _links(words: Words) -> Iterator[str]:
    for part in (words,) if isinstance(words, str | Link) else words:
        if isinstance(part, Link):
            yield part.to


def _named(block: Block) -> tuple[list[str], list[str]]:
    """Anchors that a block has, and those that it leads to."""
    if isinstance(block, Heading):
        return [block.anchor] if block.anchor else [], []
    if isinstance(block, Paragraph):
        return [], list(_links(block.words))
    if isinstance(block, Bullets):
        return [], [to for item in block.items for to in _links(item)]
    if isinstance(block, Tiles):
        return [], [item.to for item in block.items if item.to]
    if isinstance(block, Table):
        anchors = [row.anchor for row in block.rows if row.anchor]
        return anchors, [to for row in block.rows for cell in row.cells for to in _links(cell)]
    return [], []


def check_links(document: Document) -> None:
    """Check that every anchor is there once and every link leads to one.

    Raises
    ------
    ValueError
        Naming the anchors that are missing or doubled.
    """
    anchors = [part.anchor for part in document.sections]
    wanted: list[str] = []
    for block in document.blocks:
        here, there = _named(block)
        anchors += here
        wanted += there
    doubled = sorted({name for name in anchors if anchors.count(name) > 1})
    missing = sorted(set(wanted) - set(anchors))
    if doubled or missing:
        problem = f"anchors of the document: doubled {doubled}, missing {missing}"
        raise ValueError(problem)
