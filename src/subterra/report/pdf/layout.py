"""Blocks of a document set on pages: the order of the HTML page, the look of a printed report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from subterra.report.blocks import (
    Block,
    Bullets,
    Document,
    Heading,
    Look,
    Paragraph,
    Picture,
    Pictures,
    Table,
    Tile,
    Tiles,
    Words,
    check_links,
)
from subterra.report.pdf.figures import Form, embed_figures
from subterra.report.pdf.objects import PdfObjects
from subterra.report.pdf.sheets import (
    ACCENT,
    BOTTOM,
    FRAME,
    GREY,
    INK,
    LEFT,
    LINE,
    RIGHT,
    TOP,
    WARN,
    Sheets,
)
from subterra.report.pdf.structure import Element
from subterra.report.pdf.tables import draw_table
from subterra.report.pdf.wrap import Run, wrapped

__all__ = ["pdf_of"]

_SIZE: Final[dict[Look, float]] = {"plain": 8.8, "note": 7.6, "warning": 8.8, "empty": 8.8}
_LEADING: Final = 1.38
_GAP: Final = 12.0
_GUTTER: Final = 12.0
_LARGEST: Final = 1.1
_TALLEST: Final = TOP - BOTTOM - 120.0
_SHORT: Final = 3
_SHARE: Final = {"map": 0.92, "wide": 1.0, "half": 0.66}


Forms = Mapping[int, Form]
"""Forms by the identity of their pictures."""


def pdf_of(document: Document, producer: str) -> bytes:
    """Make a PDF of a document.

    Parameters
    ----------
    document : Document
        What to show.
    producer : str
        Program and version, for the metadata.

    Returns
    -------
    bytes
        A4 pages with outline, contents, links and page numbers; text can be selected, and is
        tagged in reading order. The same document gives the same bytes.

    Raises
    ------
    ValueError
        If a link of the document leads nowhere.
    """
    check_links(document)
    objects = PdfObjects()
    drawn = embed_figures(objects, document.pictures)
    forms = dict(zip(map(id, document.pictures), drawn, strict=True))
    sheets = Sheets(objects)
    _draw_title(sheets, document)
    _draw_all(sheets, document.opening, forms)
    contents, listing = _hold_contents(sheets, document)
    for number, part in enumerate(document.sections, start=1):
        heading = f"{number}  {part.heading}"
        sheets.room(40.0 + _least(sheets, part.blocks, forms))
        sheets.y -= 12.0
        sheets.anchor(part.anchor)
        sheets.note(0, heading)
        with sheets.showing(sheets.element("H2")):
            _draw_lines(sheets, heading, 12.5, bold=True)
        sheets.rule(LEFT, RIGHT, sheets.y + 1.5, 0.7, LINE)
        sheets.y -= 4.0
        _draw_all(sheets, part.blocks, forms)
    sheets.y -= 8.0
    with sheets.showing(sheets.element("P")):
        _draw_lines(sheets, document.footer, 7.6, colour=GREY)
    with sheets.showing(listing):
        _fill_contents(sheets, document, contents)
    with sheets.showing(None):
        _draw_margins(sheets, document)
    return sheets.finished(document.title, producer)


def _draw_title(sheets: Sheets, document: Document) -> None:
    with sheets.showing(sheets.element("H1")):
        _draw_lines(sheets, document.title, 17.0, bold=True)
    sheets.y -= 2.0
    with sheets.showing(sheets.element("P")):
        _draw_lines(sheets, document.facts, 8.0, colour=GREY)
    colour = ACCENT if document.good else WARN
    width = sheets.bold.width(document.badge, 8.0)
    sheets.y -= 17.0
    sheets.box(LEFT, sheets.y, width + 12.0, 14.0, colour)
    badge = [Run(document.badge)]
    with sheets.showing(sheets.element("P")):
        sheets.text(LEFT + 6.0, sheets.y + 4.2, badge, 8.0, bold=True, colour=colour)
    sheets.y -= 6.0
    sheets.rule(LEFT, RIGHT, sheets.y, 1.6, INK)
    sheets.y -= 4.0


def _hold_contents(sheets: Sheets, document: Document) -> tuple[tuple[int, float], Element]:
    """Keep room for the contents in two columns; their pages are known at the end.

    Returns the place, page and height, and the element that the lines will belong to.
    """
    rows = -(-len(document.sections) // 2)
    sheets.room(rows * _GAP + 26.0)
    sheets.y -= 6.0
    with sheets.showing(sheets.element("H2")):
        _draw_lines(sheets, "Contents", 10.0, bold=True)
    held = sheets.count - 1, sheets.y
    sheets.y -= rows * _GAP + 4.0
    return held, sheets.element("TOC")


def _fill_contents(sheets: Sheets, document: Document, held: tuple[int, float]) -> None:
    sheet, top = held
    rows = -(-len(document.sections) // 2)
    column = 0.5 * FRAME
    for k, part in enumerate(document.sections):
        x = LEFT + (k // rows) * column
        y = top - (k % rows + 1) * _GAP + 3.0
        page = str(sheets.place(part.anchor)[0] + 1)
        words = Run(f"{k + 1}  {part.heading}", part.anchor)
        end = x + column - 20.0 - sheets.regular.width(page, 8.2)
        with sheets.showing(sheets.element("TOCI")):
            sheets.text(x, y, [words], 8.2, sheet=sheet)
            sheets.text(end, y, [Run(page, part.anchor)], 8.2, sheet=sheet)


def _draw_margins(sheets: Sheets, document: Document) -> None:
    """Head and foot of every page: title, verdict, number."""
    title = wrapped(document.title, 0.7 * FRAME, 7.0, sheets.regular)[0]
    badge = wrapped(document.badge, 0.7 * FRAME, 7.0, sheets.regular)[0]
    for k in range(sheets.count):
        number = f"page {k + 1} of {sheets.count}"
        end = RIGHT - sheets.regular.width(number, 7.0)
        sheets.text(end, BOTTOM - 24.0, [Run(number)], 7.0, colour=GREY, sheet=k)
        sheets.text(LEFT, BOTTOM - 24.0, badge, 7.0, colour=GREY, sheet=k)
        if k > 0:
            sheets.text(LEFT, TOP + 18.0, title, 7.0, colour=GREY, sheet=k)


def _draw_all(sheets: Sheets, blocks: Sequence[Block], forms: Forms) -> None:
    for k, block in enumerate(blocks):
        if isinstance(block, Heading | Paragraph):
            # A heading, and the words above a picture, stay with what they lead to.
            sheets.room(_least(sheets, blocks[k:], forms))
        _draw(sheets, block, forms)


def _least(sheets: Sheets, blocks: Sequence[Block], forms: Forms) -> float:
    """Height of the first blocks that are not to be parted."""
    total, said = 0.0, False
    for block in blocks:
        if isinstance(block, Heading):
            if said:
                return total
            total += 22.0
        elif isinstance(block, Paragraph):
            leading = _LEADING * _SIZE[block.look]
            lines = len(wrapped(block.words, FRAME, _SIZE[block.look], sheets.regular))
            if lines > _SHORT:
                return total + 2.0 * leading
            total += lines * leading + 4.0
            said = True
        elif isinstance(block, Picture):
            width = _SHARE[block.look] * FRAME
            return total + _picture_height(sheets, [_scaled(block, forms, width)], width)
        elif isinstance(block, Pictures):
            width = _column_width(block)
            row = [_scaled(item, forms, width) for item in block.items[: block.columns]]
            return total + _picture_height(sheets, row, width)
        else:
            return total + 70.0
    return total


def _draw(sheets: Sheets, block: Block, forms: Forms) -> None:
    if isinstance(block, Paragraph):
        _draw_paragraph(sheets, block)
    elif isinstance(block, Heading):
        sheets.y -= 6.0
        sheets.anchor(block.anchor)
        sheets.note(1, block.words)
        with sheets.showing(sheets.element("H3")):
            _draw_lines(sheets, block.words, 10.0, bold=True)
        sheets.y -= 1.0
    elif isinstance(block, Bullets):
        with sheets.showing(sheets.element("L")):
            _draw_bullets(sheets, block)
    elif isinstance(block, Tiles):
        _draw_tiles(sheets, block.items)
    elif isinstance(block, Table):
        with sheets.showing(sheets.element("Table")):
            draw_table(sheets, block)
    elif isinstance(block, Picture):
        width = _SHARE[block.look] * FRAME
        _draw_pictures(sheets, [_scaled(block, forms, width)], width)
    else:
        width = _column_width(block)
        items = [_scaled(item, forms, width) for item in block.items]
        for start in range(0, len(items), block.columns):
            _draw_pictures(sheets, items[start : start + block.columns], width)


def _column_width(block: Pictures) -> float:
    return (FRAME - _GUTTER * (block.columns - 1)) / block.columns


def _scaled(picture: Picture, forms: Forms, width: float) -> tuple[Picture, Form, float]:
    """Return a picture with its form and the scale at which it fills a width."""
    form = forms[id(picture)]
    return picture, form, min(width / form.width, _LARGEST, _TALLEST / form.height)


def _draw_lines(
    sheets: Sheets,
    words: Words,
    size: float,
    *,
    bold: bool = False,
    colour: tuple[float, float, float] = INK,
    indent: float = 0.0,
) -> None:
    """Draw running text; a line moves to the next page if it does not fit."""
    face = sheets.bold if bold else sheets.regular
    leading = _LEADING * size
    for line in wrapped(words, FRAME - indent, size, face):
        sheets.room(leading)
        sheets.y -= leading
        sheets.text(LEFT + indent, sheets.y + 0.28 * size, line, size, bold=bold, colour=colour)


def _draw_paragraph(sheets: Sheets, block: Paragraph) -> None:
    warning = block.look == "warning"
    colour = GREY if block.look in ("note", "empty") else INK
    # No single line is left at the foot of a page.
    sheets.room(2.0 * _LEADING * _SIZE[block.look])
    top, page = sheets.y, sheets.count
    size, indent = _SIZE[block.look], 10.0 * warning
    with sheets.showing(sheets.element("P")):
        _draw_lines(sheets, block.words, size, bold=warning, colour=colour, indent=indent)
    if warning and page == sheets.count:
        sheets.rule(LEFT + 2.0, LEFT, sheets.y - 1.0, 3.0, WARN, up=top - sheets.y + 1.0)
    sheets.y -= 4.0


def _draw_bullets(sheets: Sheets, block: Bullets) -> None:
    size = _SIZE[block.look]
    warning = block.look == "warning"
    for k, item in enumerate(block.items, start=1):
        sheets.room(2.0 * _LEADING * size)
        mark = f"{k}." if block.numbered else "!" if warning else "•"
        colour = WARN if warning else INK
        base = sheets.y - _LEADING * size + 0.28 * size
        shade = GREY if block.look == "note" else INK
        with sheets.showing(sheets.element("LI")):
            with sheets.showing(sheets.element("Lbl")):
                sheets.text(LEFT + 3.0, base, [Run(mark)], size, bold=warning, colour=colour)
            with sheets.showing(sheets.element("LBody")):
                _draw_lines(sheets, item, size, bold=warning, colour=shade, indent=17.0)
        sheets.y -= 2.0
    sheets.y -= 3.0


def _draw_tiles(sheets: Sheets, items: tuple[Tile, ...]) -> None:
    """Draw key numbers in boxes, four in a row at most."""
    columns = min(len(items), 4)
    width = (FRAME - 8.0 * (columns - 1)) / columns
    for start in range(0, len(items), columns):
        row = items[start : start + columns]
        labels = [wrapped(v.label, width - 12.0, 7.2, sheets.regular) for v in row]
        remarks = [wrapped(v.remark, width - 12.0, 6.8, sheets.regular) for v in row]
        lead = 9.4 * max(len(v) for v in labels)
        height = lead + 22.0 + 9.0 * max(len(v) for v in remarks) + 10.0
        sheets.room(height + 8.0)
        low = sheets.y - 4.0 - height
        for k, item in enumerate(row):
            x = LEFT + k * (width + 8.0)
            sheets.box(x, low, width, height, LINE)
            sheets.rule(x, x + width, low + height, 2.2, ACCENT)
            base = low + height - lead - 20.0
            size = min(14.0, 14.0 * (width - 12.0) / sheets.bold.width(item.number, 14.0))
            with sheets.showing(sheets.element("P")):
                _column(sheets, x + 6.0, low + height - 11.0, labels[k], 7.2, 9.4)
                sheets.text(x + 6.0, base, [Run(item.number, item.to)], size, bold=True)
                _column(sheets, x + 6.0, base - 11.0, remarks[k], 6.8, 9.0)
        sheets.y = low - 6.0


def _column(
    sheets: Sheets, x: float, y: float, lines: list[tuple[Run, ...]], size: float, step: float
) -> None:
    for k, line in enumerate(lines):
        sheets.text(x, y - k * step, line, size, colour=GREY)


def _notes(
    sheets: Sheets, row: Sequence[tuple[Picture, Form, float]], width: float
) -> list[list[tuple[Run, ...]]]:
    """Captions of pictures side by side, in lines."""
    room = max(width, 0.9 * FRAME) if len(row) == 1 else width
    return [
        wrapped(picture.caption, room, 7.6, sheets.regular) if picture.caption else []
        for picture, _, _ in row
    ]


def _picture_height(
    sheets: Sheets, row: Sequence[tuple[Picture, Form, float]], width: float
) -> float:
    """Height of pictures side by side with their captions."""
    lead = 10.5 * max(len(lines) for lines in _notes(sheets, row, width))
    return max(scale * form.height for _, form, scale in row) + lead + 8.0


def _draw_pictures(
    sheets: Sheets, row: Sequence[tuple[Picture, Form, float]], width: float
) -> None:
    """Draw pictures side by side with their captions below."""
    notes = _notes(sheets, row, width)
    lead = 10.5 * max(len(lines) for lines in notes)
    height = max(scale * form.height for _, form, scale in row)
    sheets.room(_picture_height(sheets, row, width))
    low = sheets.y - 2.0 - height
    for k, (picture, form, scale) in enumerate(row):
        x = LEFT + k * (width + _GUTTER)
        base = low + height - scale * form.height
        corners = (x, base, x + scale * form.width, low + height)
        box = f"<< /O /Layout /Placement /Block /BBox [{' '.join(f'{v:.2f}' for v in corners)}] >>"
        with sheets.showing(sheets.element("Figure", alt=picture.alt, attributes=box)):
            sheets.form(form, x, base, scale)
            with sheets.showing(sheets.element("Caption")):
                _column(sheets, x, low - 9.0, notes[k], 7.6, 10.5)
    sheets.y = low - lead - 6.0
