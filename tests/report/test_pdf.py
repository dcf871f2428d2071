from __future__ import annotations

import re
from dataclasses import replace

import pytest
from read_pdf import Pdf

from subterra.report.blocks import (
    Bullets,
    Document,
    Heading,
    Link,
    Paragraph,
    Picture,
    Pictures,
    Row,
    Table,
    Tile,
    Tiles,
    plain,
    section,
    table,
)
from subterra.report.page import report_document
from subterra.report.pdf import pdf_of

STRANGE = "µGal, 5–7 m, −3.2 dB, χ², R̂, ≥ ½, ′ ü 中 \u202e \x00 (paren) \\ <tag> $x$"


def _plot(figure):
    ax = figure.add_subplot()
    ax.plot([0, 1], [0, 1])
    ax.set_title("µGal – drawn")


def _document(*blocks, opening=()):
    whole = (section("one", "First", *blocks), section("two", "Second", Paragraph("the end")))
    return Document("A title", "facts", "not yet calibrated", False, opening, whole, "a footer")


@pytest.fixture(scope="module")
def rows():
    return [Row((str(k), Link(f"to {k % 7}", f"row-{k % 7}"), "a b c " * (k % 5)), f"row-{k}")
            for k in range(150)]  # fmt: skip


@pytest.fixture(scope="module")
def long(rows):
    made = _document(
        Heading("A table", "tables"),
        table("Rows", ("number (m)", "leads", "words"), rows, words=(1, 2)),
        Pictures(tuple(Picture(_plot, 4.0, 3.0, f"plot {k}", "a note") for k in range(3)), 2),
        opening=(Tiles((Tile("P(any)", "0.50", "before 0.5", "tables"),)),),
    )
    return made, Pdf(pdf_of(made, "Subterra test"))


def test_a_table_breaks_over_pages_and_repeats_its_head(long, rows):
    _, pdf = long
    on = [k for k in range(len(pdf.pages)) if "to 3" in pdf.text(k)]
    assert len(on) >= 3
    assert all("leads" in pdf.lines(k) for k in on)
    text = " ".join(pdf.text(k) for k in on)
    assert [n for n in range(150) if re.search(rf"\b{n} to {n % 7}\b", text)] == list(range(150))


def test_pages_are_numbered_and_carry_the_verdict(long):
    _, pdf = long
    n = len(pdf.pages)
    for k in range(n):
        assert f"page {k + 1} of {n}" in pdf.lines(k)
        assert "not yet calibrated" in pdf.lines(k)


def test_links_lead_to_the_page_of_their_row(long):
    _, pdf = long
    first = next(k for k in range(len(pdf.pages)) if "to 3" in pdf.text(k))
    # 150 cells, the tile, and two links for each line of the contents.
    assert len(pdf.links) == 150 + 1 + 2 * 2
    assert sum(to == first for _, to in pdf.links) >= 150
    assert {page for page, to in pdf.links if to == first} >= set(range(first, first + 3))


def test_contents_and_outline_name_the_sections_with_their_pages(long):
    _, pdf = long
    assert pdf.outline == ["1  First", "A table", "2  Second"]
    lines = pdf.lines(0)
    second = next(k for k in range(len(pdf.pages)) if "the end" in pdf.text(k))
    assert lines[lines.index("2  Second") + 1] == str(second + 1)


def test_figures_are_forms_of_the_file(long):
    made, pdf = long
    assert len(pdf.forms) == len(made.pictures) == 3
    used = re.findall(rb"/X(\d+) (?=\d+ 0 R)", b" ".join(pdf.objects[p] for p in pdf.pages))
    assert {int(n) for n in used} == set(pdf.forms)


def _all(element, kind):
    """Elements of a kind below one, in reading order."""
    for kid in element[2]:
        if not isinstance(kid, str):
            if kid[0] == kind:
                yield kid
            yield from _all(kid, kind)


def _words(element):
    return " ".join(k if isinstance(k, str) else _words(k) for k in element[2]).strip()


def test_a_reader_aloud_gets_headings_tables_and_words_for_figures(long):
    made, pdf = long
    tree = pdf.tree()
    assert tree[0] == "Document"
    assert [_words(e) for e in _all(tree, "H1")] == ["A title"]
    assert [_words(e) for e in _all(tree, "H2")] == ["Contents", "1 First", "2 Second"]
    assert [_words(e) for e in _all(tree, "H3")] == ["A table"]
    (grid,) = _all(tree, "Table")
    rows = list(_all(grid, "TR"))
    assert [_words(e) for e in _all(rows[0], "TH")] == ["number (m)", "leads", "words"]
    # Each row once, whatever pages it lies on, and each with all of its cells.
    assert [_words(next(_all(row, "TD"))) for row in rows[1:]] == [str(k) for k in range(150)]
    assert {sum(1 for _ in _all(row, "TD")) for row in rows[1:]} == {3}
    assert [figure[1] for figure in _all(tree, "Figure")] == [p.alt for p in made.pictures]
    assert [_words(c) for f in _all(tree, "Figure") for c in _all(f, "Caption")] == ["a note"] * 3
    assert sum(1 for _ in _all(tree, "Link")) == len(pdf.links)
    assert re.search(rb"/Lang \(en\)", pdf.catalog)
    assert re.search(rb"/MarkInfo << /Marked true >>", pdf.catalog)


def test_lists_are_tagged_with_their_marks():
    tree = Pdf(pdf_of(_document(Bullets(("one", "two"), numbered=True)), "x")).tree()
    (listed,) = _all(tree, "L")
    assert [_words(e) for e in _all(listed, "Lbl")] == ["1.", "2."]
    assert [_words(e) for e in _all(listed, "LBody")] == ["one", "two"]


def test_the_same_document_gives_the_same_bytes(long):
    made, pdf = long
    assert pdf_of(made, "Subterra test") == pdf.data


def test_every_character_can_be_copied():
    pdf = Pdf(pdf_of(_document(Paragraph(STRANGE), Bullets((STRANGE,), "warning")), "x"))
    text = pdf.text(0)
    for word in ("µGal,", "5–7", "−3.2", "χ²,", "≥", "½,", "′", "ü", "(paren)", "<tag>", "$x$"):
        assert text.count(word) == 2
    assert "中" not in text
    assert "□" in text


def test_what_has_no_space_is_cut_and_nothing_is_lost():
    word = "0123456789abcdef" * 20
    made = _document(Paragraph(word), table("T", ("a", "b"), [(word, word)], words=(0, 1)))
    text = Pdf(pdf_of(made, "x")).text(0).replace(" ", "")
    assert text.count("0123456789abcdef") >= 3 * 19
    assert text.count("f0") >= 3 * 17


def test_a_row_taller_than_a_page_goes_on_over_the_next():
    tall = " ".join(f"w{k}" for k in range(6000))
    pdf = Pdf(pdf_of(_document(table("T", ("a", "b"), [("x", tall)], words=(0, 1))), "x"))
    text = " ".join(pdf.text(k) for k in range(len(pdf.pages)))
    assert [k for k in range(6000) if f"w{k} " in f"{text} "] == list(range(6000))
    assert len(pdf.pages) >= 3


def test_a_link_to_nowhere_is_refused():
    with pytest.raises(ValueError, match="missing \\['nowhere'\\]"):
        pdf_of(_document(Paragraph(Link("lost", "nowhere"))), "x")


def test_a_row_that_does_not_fit_its_header_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        table("T", ("a", "b"), [("only one",)])


def test_the_report_says_in_the_pdf_what_it_says_on_the_page(content):
    document = report_document(replace(content, surveys=()))
    # Figures have a test of their own; without them this is about words.
    bare = replace(
        document,
        sections=tuple(
            replace(part, blocks=tuple(b for b in part.blocks if not _is_picture(b)))
            for part in document.sections
        ),
    )
    pdf = Pdf(pdf_of(bare, "Subterra"))
    text = "".join("".join(pdf.text(k).split()) for k in range(len(pdf.pages)))
    at = [text.rindex("".join(f"{k}{part.heading}".split()))
          for k, part in enumerate(document.sections, start=1)]  # fmt: skip
    assert at == sorted(at)
    for block in bare.blocks:
        if isinstance(block, Paragraph):
            assert _close(text, plain(block.words))
        elif isinstance(block, Bullets):
            assert all(_close(text, plain(item)) for item in block.items)
        elif isinstance(block, Table):
            cells = [plain(cell) for row in block.rows for cell in row.cells]
            assert all(word in text for cell in cells for word in cell.split() if len(word) < 12)


def _is_picture(block):
    return isinstance(block, Picture | Pictures)


def _close(text, words):
    """Whether words stand in a text, the head and foot of a page apart."""
    sought = "".join(words.split())
    return sought[:60] in text or sought[-60:] in text


def test_another_reader_finds_the_same_text(long):
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    import io

    made, pdf = long
    reader = pypdf.PdfReader(io.BytesIO(pdf.data), strict=True)
    assert len(reader.pages) == len(pdf.pages)
    assert reader.metadata.title == made.title
    assert "facts" in reader.pages[0].extract_text()
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == [
        "1  First",
        "2  Second",
    ]
