"""Figures drawn by Matplotlib, carried into the document as they are: lines, not pixels.

Matplotlib writes all of them as pages of one PDF; each page's content becomes a form that a page of
the document draws at its size and place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from subterra.report.blocks import Picture
from subterra.report.pdf.objects import PdfObjects
from subterra.report.style import figure_style, laid_out

__all__ = ["Form", "embed_figures"]

_REFERENCE: Final = re.compile(rb"\b(\d+) 0 R\b")
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
    forms: list[Form] = []
    for _, body in sorted(source.items()):
        if re.search(rb"/Type /Page\b", body):
            page = _entries(body)
            width, height = (float(v) for v in page["MediaBox"].split()[2:4])
            content = int(page["Contents"])
            extra = (
                f"/Type /XObject /Subtype /Form /BBox [0 0 {width:g} {height:g}] "
                f"/Resources {shift + int(page['Resources'])} 0 R "
                "/Group << /Type /Group /S /Transparency /CS /DeviceRGB >> "
            )
            head, stream = _shifted(source[content], shift)
            objects.put(head.replace(b"<<", b"<< " + extra.encode(), 1) + stream, shift + content)
            forms.append(Form(shift + content, width, height))
    contents = {form.number - shift for form in forms}
    for number in range(1, max(source) + 1):
        if number in contents:
            continue
        body = source.get(number, b"null")
        # The catalogue, the pages and the metadata are those of the document.
        if re.search(rb"/Type /(Catalog|Pages?)\b", body):
            body = b"null"
        objects.put(b"".join(_shifted(body, shift)), shift + number)
    return forms


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


def _entries(page: bytes) -> dict[str, Any]:
    """Size of a page and the numbers of its content and resources."""
    box = re.search(rb"/MediaBox \[([^\]]*)\]", page)
    content = re.search(rb"/Contents (\d+) 0 R", page)
    resources = re.search(rb"/Resources (\d+) 0 R", page)
    if box is None or content is None or resources is None:
        problem = "Matplotlib has written a page without size, content or resources"
        raise ValueError(problem)
    return {
        "MediaBox": box[1].decode(),
        "Contents": content[1].decode(),
        "Resources": resources[1].decode(),
    }
