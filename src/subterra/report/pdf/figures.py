"""Figures drawn by Matplotlib, carried into the document as they are: lines, not pixels.

Matplotlib writes all of them as pages of one PDF; each page's content becomes a form that a page of
the document draws at its size and place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from subterra.report.blocks import Picture
from subterra.report.pdf.objects import PdfObjects
from subterra.report.style import figure_style, laid_out

__all__ = ["Form", "embed_figures"]

_REFERENCE: Final = re.compile(rb"\b(\d+) 0 R\b")
_PAGE: Final = re.compile(rb"/Type /Page\b")
_FRAME: Final = re.compile(rb"/Type /(Catalog|Pages?)\b")
_DPI: Final = 200


@dataclass(frozen=True)
class Form:
    """A figure in the file: its object's number and its own size in points."""

    number: int
    width: float
    height: float


def embed_figures(objects: PdfObjects, pictures: Sequence[Picture]) -> list[Form]:
    """Draw pictures and put them into a file.

    Parameters
    ----------
    objects : PdfObjects
        The file.
    pictures : sequence of Picture
        In order.

    Returns
    -------
    list of Form
        One for each.
    """
    if not pictures:
        return []
    source = _objects_of(_drawn(pictures))
    shift = objects.reserve(max(source)) - 1
    pages = [_page(body) for _, body in sorted(source.items()) if _PAGE.search(body)]
    contents = {page.content for page in pages}
    for number in range(1, max(source) + 1):
        if number not in contents:
            body = source.get(number, b"null")
            # The catalogue and the pages are those of the document.
            body = b"null" if _FRAME.search(body) else body
            objects.put(b"".join(_shifted(body, shift)), shift + number)
    for page in pages:
        head, stream = _shifted(source[page.content], shift)
        entries = (
            f"<< /Type /XObject /Subtype /Form /BBox [0 0 {page.width:g} {page.height:g}] "
            f"/Resources {shift + page.resources} 0 R "
            "/Group << /Type /Group /S /Transparency /CS /DeviceRGB >> "
        )
        form = head.replace(b"<<", entries.encode("ascii"), 1) + stream
        objects.put(form, shift + page.content)
    return [Form(shift + page.content, page.width, page.height) for page in pages]


def _drawn(pictures: Sequence[Picture]) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    out = io.BytesIO()
    facts = {"CreationDate": None, "Producer": None, "Creator": None}
    with (
        figure_style(),
        rc_context({"pdf.fonttype": 42}),
        PdfPages(out, metadata=facts) as pages,
    ):
        for picture in pictures:
            pages.savefig(laid_out(picture.draw, picture.width_in, picture.height_in), dpi=_DPI)
    return out.getvalue()


def _objects_of(pdf: bytes) -> dict[int, bytes]:
    """Bodies of the objects of a file with one plain cross-reference table, by number."""
    start = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    lines = pdf[start:].split(b"\n")
    count = int(lines[1].split()[1])
    entries = [line.split() for line in lines[2 : 2 + count]]
    places = {k: int(e[0]) for k, e in enumerate(entries) if e[2] == b"n"}
    ends = [*sorted(places.values()), start]
    out: dict[int, bytes] = {}
    for number, place in places.items():
        body = pdf[place : ends[ends.index(place) + 1]]
        out[number] = body[body.index(b"obj") + 3 : body.rindex(b"endobj")].strip(b"\n")
    return out


def _shifted(body: bytes, shift: int) -> tuple[bytes, bytes]:
    """Split a body into its dictionary, with references moved up, and its stream."""
    head, mark, stream = body.partition(b"\nstream")

    def moved(match: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % (int(match[1]) + shift)

    return _REFERENCE.sub(moved, head), mark + stream


@dataclass(frozen=True)
class _Page:
    """Size of a page in points, and the numbers of its content and resources."""

    width: float
    height: float
    content: int
    resources: int


def _page(body: bytes) -> _Page:
    box = re.search(rb"/MediaBox \[([^\]]*)\]", body)
    content = re.search(rb"/Contents (\d+) 0 R", body)
    resources = re.search(rb"/Resources (\d+) 0 R", body)
    if box is None or content is None or resources is None:
        problem = "Matplotlib has written a page without size, content or resources"
        raise ValueError(problem)
    width, height = (float(v) for v in box[1].split()[2:4])
    return _Page(width, height, int(content[1]), int(resources[1]))
