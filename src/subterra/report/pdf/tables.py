"""Tables that break over pages and repeat their heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from subterra.report.blocks import Row, Table, Words
from subterra.report.pdf.sheets import BOTTOM, FRAME, INK, LEFT, LINE, TOP, Sheets
from subterra.report.pdf.structure import Element
from subterra.report.pdf.wrap import Run, longest_token, natural_width, wrapped

__all__ = ["draw_table"]

_SIZES: Final = (7.4, 6.9, 6.4, 5.9)
_LEADING: Final = 1.28
_PAD: Final = 3.0
_CAPTION: Final = 7.8
_WIDEST_TOKEN: Final = 90.0
_SMALL: Final = 0.3
_WIDEST: Final = 300.0
_WIDEST_HEAD: Final = 62.0
_OF_COLUMN: Final = "<< /O /Table /Scope /Column >>"


@dataclass(frozen=True)
class _Style:
    """How a table is set: size of type and widths of columns, points, padding left out."""

    size: float
    widths: tuple[float, ...]
    left: frozenset[int]

    @property
    def leading(self) -> float:
        return _LEADING * self.size


Lines = list[tuple[Run, ...]]


def draw_table(sheets: Sheets, table: Table) -> None:
    """Draw a table from the current place on."""
    style = _styled(sheets, table)
    head = [_cell(sheets, style, k, text, bold=True) for k, text in enumerate(table.header)]
    caption = wrapped(table.caption, FRAME, _CAPTION, sheets.bold)
    first = _row_lines(sheets, style, table.rows[0])
    lead = 10.6 * len(caption) + _height(style, head) + 6.0
    whole = sum(_height(style, _row_lines(sheets, style, row)) for row in table.rows)
    small = _SMALL * (TOP - BOTTOM)
    # A small table is not parted; no caption and head are left alone at the foot of a page.
    sheets.room(lead + (whole if whole <= small else min(_height(style, first), small)))
    sheets.y -= 4.0
    with sheets.showing(sheets.element("Caption")):
        for line in caption:
            sheets.y -= 10.6
            sheets.text(LEFT, sheets.y + 2.6, line, _CAPTION, bold=True)
    with sheets.showing(sheets.element("TR")):
        heads = [sheets.element("TH", attributes=_OF_COLUMN) for _ in head]
    _draw_head(sheets, style, head, heads)
    for row in table.rows:
        _draw_row(sheets, style, row, head)
    sheets.y -= 8.0


def _styled(sheets: Sheets, table: Table) -> _Style:
    """Choose the largest type in which no word must be cut, and widths of columns that fill."""
    room = FRAME - 2.0 * _PAD * len(table.header)
    for size in _SIZES:
        least, natural = _needed(sheets, table, size, FRAME)
        if sum(least) <= room:
            return _Style(size, _shared(least, natural, room), table.left)
    least, natural = _needed(sheets, table, _SIZES[-1], _WIDEST_TOKEN)
    return _Style(_SIZES[-1], _shared(least, natural, room), table.left)


def _needed(
    sheets: Sheets, table: Table, size: float, longest: float
) -> tuple[list[float], list[float]]:
    """Width that each column needs at least, words beyond ``longest`` cut, and would take."""
    least: list[float] = []
    natural: list[float] = []
    for k, head in enumerate(table.header):
        cells: list[Words] = [row.cells[k] for row in table.rows]
        word = max(longest_token(c, size, sheets.regular) for c in cells)
        word = max(word, longest_token(head, size, sheets.bold))
        full = max(natural_width(c, size, sheets.regular) for c in cells)
        title = min(natural_width(head, size, sheets.bold), _WIDEST_HEAD)
        least.append(min(word, longest))
        natural.append(max(least[-1], min(full, _WIDEST), title))
    return least, natural


def _shared(least: Sequence[float], natural: Sequence[float], room: float) -> tuple[float, ...]:
    """Share the room out between what columns need at least and what they would take."""
    if sum(natural) <= room:
        return tuple(v + 0.5 for v in natural)
    if sum(least) >= room:
        return tuple(v * room / sum(least) for v in least)
    spare = (room - sum(least)) / (sum(natural) - sum(least))
    return tuple(a + spare * (b - a) for a, b in zip(least, natural, strict=True))


def _cell(sheets: Sheets, style: _Style, k: int, words: Words, *, bold: bool = False) -> Lines:
    face = sheets.bold if bold else sheets.regular
    return wrapped(words, style.widths[k] + 0.01, style.size, face)


def _row_lines(sheets: Sheets, style: _Style, row: Row) -> list[Lines]:
    return [_cell(sheets, style, k, words) for k, words in enumerate(row.cells)]


def _height(style: _Style, cells: Sequence[Lines]) -> float:
    return style.leading * max(len(lines) for lines in cells) + 2.0 * _PAD


def _draw_head(
    sheets: Sheets, style: _Style, head: Sequence[Lines], owners: Sequence[Element | None]
) -> None:
    # Heads stand at the foot of their cells.
    most = max(len(lines) for lines in head)
    below = [[()] * (most - len(lines)) + lines for lines in head]
    _draw_cells(sheets, style, below, owners, bold=True)
    sheets.rule(LEFT, LEFT + _width(style), sheets.y, 1.0, INK)


def _width(style: _Style) -> float:
    return sum(style.widths) + 2.0 * _PAD * len(style.widths)


def _draw_row(sheets: Sheets, style: _Style, row: Row, head: Sequence[Lines]) -> None:
    """Draw a row whole; only one that fits on no page is cut between its lines."""
    cells = _row_lines(sheets, style, row)
    with sheets.showing(sheets.element("TR")):
        owners = [sheets.element("TD") for _ in cells]
    whole = TOP - BOTTOM - _height(style, head)
    most = int((whole - 2.0 * _PAD) / style.leading)
    for start in range(0, max(len(lines) for lines in cells), most):
        part = [lines[start : start + most] for lines in cells]
        if sheets.room(_height(style, part)):
            # A head that is repeated is no part of the table.
            _draw_head(sheets, style, head, [None] * len(head))
        if start == 0:
            sheets.anchor(row.anchor)
        _draw_cells(sheets, style, part, owners)
        sheets.rule(LEFT, LEFT + _width(style), sheets.y, 0.4, LINE)


def _draw_cells(
    sheets: Sheets,
    style: _Style,
    cells: Sequence[Lines],
    owners: Sequence[Element | None],
    *,
    bold: bool = False,
) -> None:
    face = sheets.bold if bold else sheets.regular
    x = LEFT
    for k, (lines, width, owner) in enumerate(zip(cells, style.widths, owners, strict=True)):
        base = sheets.y - _PAD - 0.95 * style.size
        for line in lines:
            across = sum(face.width(run.text, style.size) for run in line)
            at = x + _PAD if k in style.left else x + _PAD + width - across
            with sheets.showing(owner):
                sheets.text(at, base, line, style.size, bold=bold)
            base -= style.leading
        x += width + 2.0 * _PAD
    sheets.y -= _height(style, cells)
