from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from subterra.report.content import DrilledHole, SightedReport, SourceItem, TruthObject
from subterra.report.page import render_page
from subterra.search.holes import Hole

VOID_TAGS = {"meta", "img", "link", "br", "hr", "input"}
HOSTILE = '<script>alert("x")</script> $\\frac{a}{0}$ ]]> &amp; ü 中 \u202e \x00\n\'"'


class Reader(HTMLParser):
    """Checks that tags nest, and collects what a page holds."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.sources, self.links, self.text = [], [], [], [], [], []
        self.attributes = set()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = dict(attrs)
        self.attributes |= set(names)
        self.ids += [names["id"]] if "id" in names else []
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


def test_has_every_section_and_its_links_lead_there(read_page):
    wanted = {
        "findings", "map", "object", "plan", "evidence", "surveys", "ruled-out", "limits",
        "trust", "calibration", "sources",
    }  # fmt: skip
    assert set(read_page.ids) == wanted
    assert len(read_page.ids) == len(wanted)
    assert {link.removeprefix("#") for link in read_page.links} == wanted


def test_fetches_nothing_and_runs_nothing(page, read_page):
    assert all(s.startswith(("data:image/svg+xml;base64,", "#")) for s in read_page.sources)
    assert not {"script", "iframe", "object", "embed", "link", "form"} & set(read_page.tags)
    assert not any(name.startswith("on") or name == "style" for name in read_page.attributes)
    assert not re.search(r"https?:|url\(|@import", page)
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in page


def test_is_small_and_the_same_twice(content, page):
    assert len(page.encode()) < 5_000_000
    assert render_page(content) == page


def test_every_figure_has_words_for_those_who_cannot_see_it(page):
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) >= 15
    assert all(re.search(r'alt="[^"]{8,}"', image) for image in images)


def test_says_the_numbers_as_they_are_supported(content, read_page):
    text = " ".join(read_page.text)
    assert "not yet calibrated" in text
    assert "0.71" in text
    assert "Hole 1 hits in 17 of seeds 1–20" in text
    assert "What this answer does not cover" in text
    sure = replace(content.belief, weight=content.belief.weight * 0.0)
    n = len(sure.weight)
    has = content.belief.scenes.objects.family[:, 0] == 1
    sure = replace(sure, weight=np.where(has, 1.0 / has.sum(), 0.0))
    summary = {**content.summary, "p_any": None}
    text = " ".join(
        read(render_page(replace(content, belief=sure, summary=summary, surveys=()))).text
    )
    assert n > 100
    assert "> 0.99" in text
    assert "1.000" not in text


def test_warns_of_what_is_stale_or_not_converged(content, page):
    assert "older than the evidence" not in page
    assert "has not converged" not in page
    summary = {**content.summary, "stale": True, "converged": False}
    text = " ".join(read(render_page(replace(content, summary=summary, surveys=()))).text)
    assert "older than the evidence" in text
    assert "has not converged" in text
    assert "did not converge" in text


def test_drops_the_badge_once_calibrated(content):
    text = " ".join(read(render_page(replace(content, calibrated=True, surveys=()))).text)
    assert "not yet calibrated" not in text.lower()


def test_likelihood_and_confidence_never_share_a_sentence(read_page):
    words = ("likely", "almost certain", "almost no chance", "roughly even")
    for sentence in re.split(r"[.;]\s", " ".join(read_page.text)):
        if any(word in sentence for word in words):
            assert "converge" not in sentence
            assert "confiden" not in sentence


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
    assert "< 0.0" in text
    assert page.count("<img ") == 1


@pytest.mark.parametrize("which", [0, 1])
def test_one_survey(content, which):
    page = render_page(replace(content, surveys=content.surveys[which : which + 1]))
    assert page.count("<h3>") == 2
