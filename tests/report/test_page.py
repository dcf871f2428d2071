from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from spoken_blocks import said_by, tables_of

from subterra.report.content import DrilledHole, SightedReport, SourceItem, TruthObject
from subterra.report.page import render_page, report_document
from subterra.search.holes import Hole

VOID_TAGS = {"meta", "img", "link", "br", "hr", "input"}
HOSTILE = '<script>alert("x")</script> $\\frac{a}{0}$ ]]> &amp; ü 中 \u202e \x00\n\'"'


class Reader(HTMLParser):
    """Checks that tags nest, and collects what a page holds."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.sources, self.links, self.text = [], [], [], [], [], []
        self.attributes, self.sections = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = dict(attrs)
        self.attributes |= set(names)
        self.ids += [names["id"]] if "id" in names else []
        self.sections += [names["id"]] if tag == "section" else []
        self.sources += [names[k] for k in ("src", "href", "data", "poster") if k in names]
        self.links += [names["href"]] if tag == "a" else []
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(content):
    return render_page(content)


@pytest.fixture(scope="module")
def read_page(page):
    return read(page)


@pytest.fixture(scope="module")
def document(content):
    return report_document(content)


def test_sections_come_in_the_order_of_a_ground_investigation_report(read_page):
    assert read_page.sections == [
        "brief", "factual", "desk", "model", "limits", "plan", "residual", "calibration", "annex",
    ]  # fmt: skip
    assert len(read_page.ids) == len(set(read_page.ids))


def test_every_link_leads_somewhere_and_every_section_is_in_the_contents(read_page):
    wanted = {link.removeprefix("#") for link in read_page.links}
    assert wanted <= set(read_page.ids)
    assert set(read_page.sections) <= wanted
    numbers = {"evidence", "object", "object-1", "planned-1", "residual", "outcomes", "rivals"}
    assert numbers | {"file-1", "report-1", "survey-1"} <= wanted


def test_fetches_nothing_and_runs_nothing(page, read_page):
    assert all(s.startswith(("data:image/svg+xml;base64,", "#")) for s in read_page.sources)
    assert not {"script", "iframe", "object", "embed", "link", "form"} & set(read_page.tags)
    assert not any(name.startswith("on") or name == "style" for name in read_page.attributes)
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in page


def test_is_small_and_the_same_twice(content, page):
    assert len(page.encode()) < 5_000_000
    few = replace(content, surveys=())
    assert render_page(few) == render_page(few)


def test_every_figure_has_words_for_those_who_cannot_see_it(page, document):
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == len(document.pictures) >= 15
    assert all(re.search(r'alt="[^"]{8,}"', image) for image in images)


def test_says_the_numbers_as_they_are_supported(content, document):
    text = said_by(document)
    assert "not yet calibrated" in text
    assert "0.71" in text
    assert "Hole 1 hits in 17 of seeds 1–20" in text
    assert "What this answer does not cover" in text
    has = content.belief.scenes.objects.family[:, 0] == 1
    sure = replace(content.belief, weight=np.where(has, 1.0 / has.sum(), 0.0))
    summary = {**content.summary, "p_any": None}
    text = said_by(report_document(replace(content, belief=sure, summary=summary)))
    assert "> 0.99" in text
    assert "1.000" not in text


def test_no_probability_is_printed_beyond_what_is_supported(document):
    """Columns and tiles of probabilities hold nothing beyond 0.01–0.99 before calibration."""
    from subterra.report.blocks import Tiles, plain

    shown = [
        plain(row.cells[k])
        for table in tables_of(document.blocks)
        for k, head in enumerate(table.header)
        if head.startswith("P(") or head in ("P", "P of that")
        for row in table.rows
    ]
    shown += [
        tile.number for block in document.blocks if isinstance(block, Tiles)
        for tile in block.items if tile.label.startswith("P(")
    ]  # fmt: skip
    assert len(shown) >= 20
    for words in shown:
        assert re.fullmatch(r"not supported|[<>] 0\.\d+|0\.\d+", words), words
        if words[0] == "0":
            assert 0.01 <= float(words) <= 0.99


def test_warns_of_what_is_stale_or_not_converged(content, document):
    assert "older than the evidence" not in said_by(document)
    assert "has not converged" not in said_by(document)
    summary = {**content.summary, "stale": True, "converged": False}
    text = said_by(report_document(replace(content, summary=summary)))
    assert "older than the evidence" in text
    assert "has not converged" in text
    assert "did not converge" in text


def test_drops_the_badge_once_calibrated(content):
    text = said_by(report_document(replace(content, calibrated=True)))
    assert "not yet calibrated" not in text.lower()


def test_likelihood_and_confidence_never_share_a_sentence(document):
    words = ("likely", "almost certain", "almost no chance", "roughly even")
    for sentence in re.split(r"[.;]\s", said_by(document)):
        if any(word in sentence for word in words):
            assert "converge" not in sentence
            assert "confiden" not in sentence


def test_reports_are_graded_and_grouped_by_origin(content, document):
    desk = next(part for part in document.sections if part.anchor == "desk")
    by_origin, reports = tables_of(desk.blocks)
    assert len(by_origin.rows) == len({r.origin for r in content.reports})
    assert [row.cells[2] for row in reports.rows] == [r.grade for r in content.reports]
    text = said_by(document)
    assert "B usually reliable" in text
    assert "A completely reliable" not in text


def test_every_input_stands_in_the_annex_with_its_hash(content, document):
    annex = next(part for part in document.sections if part.anchor == "annex")
    files = tables_of(annex.blocks)[0]
    assert [row.cells[4] for row in files.rows] == [s.fingerprint for s in content.sources]
    assert [row.anchor for row in files.rows] == ["file-1", "file-2"]


def test_assumptions_are_those_of_the_prior(content, document):
    limits = next(part for part in document.sections if part.anchor == "limits")
    assumed = {str(row.cells[0]): str(row.cells[1]) for row in tables_of(limits.blocks)[0].rows}
    prior = content.belief.prior
    assert assumed["P(no target) before any evidence"].startswith(f"{prior.p_none:g}")
    low, high = prior.families["driven"].radius_m
    assert f"radius {low:g} to {high:g} m" in assumed["driven tunnel (target)"]


def test_hostile_names_are_text(content):
    weights = {HOSTILE: 3.0, "$$": float("nan")}
    info = replace(content.belief.info, ledger=weights, explained=weights)
    fit = replace(content.surveys[0], label=HOSTILE, unit="$x_")
    hostile = replace(
        content,
        title=HOSTILE,
        crs=HOSTILE,
        cost_unit=HOSTILE,
        belief=replace(content.belief, info=info),
        surveys=(fit,),
        stations={HOSTILE: np.array([[1.0, 2.0]])},
        reports=(
            SightedReport(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 5.0, 5.0, 2.0, HOSTILE, HOSTILE),
        ),
        drilled=(DrilledHole(Hole(HOSTILE, 60.0, 58.0, 0.0, 0.0, 90.0, 9.0), (), 9.0),),
        planned=tuple(replace(h, hole=HOSTILE, reason=HOSTILE) for h in content.planned),
        sources=(SourceItem(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        truth=(TruthObject(content.truth[0].axis, HOSTILE),),
        notes=(HOSTILE,),
        limits=(HOSTILE,),
        provenance={HOSTILE: HOSTILE},
    )
    page = render_page(hostile)
    reader = read(page)
    assert "script" not in reader.tags
    assert "<script" not in page
    assert '<script>alert("x")</script>' in "".join(reader.text)


def test_an_empty_site_still_has_a_page(quiet):
    page = render_page(quiet)
    text = " ".join(read(page).text)
    assert "No object stands out" in text
    assert "No holes are planned" in text
    assert "No survey is part of this answer" in text
    assert "No report, sign or map is part of this answer" in text
    assert "< 0.0" in text
    assert page.count("<img ") == 1


@pytest.mark.parametrize("which", [0, 1])
def test_one_survey(content, which):
    document = report_document(replace(content, surveys=content.surveys[which : which + 1]))
    text = said_by(document)
    assert text.count("observed, predicted, residual") == 1
