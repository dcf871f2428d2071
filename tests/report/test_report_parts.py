"""Parts of the report that stand by themselves: anchors, profiles, marks that give way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from spoken_blocks import links_of, said_by, spoken, tables_of

from subterra.evidence.mine_map import Registration
from subterra.report.anchors import anchors_of
from subterra.report.blocks import Document, Link, check_links, section, table
from subterra.report.content import CertificateView, SheetView
from subterra.report.findings import printer_of
from subterra.report.fits import survey_blocks
from subterra.report.numbers import signed
from subterra.report.page import report_document
from subterra.report.plan_map import draw_location, draw_planned
from subterra.report.profiles import draw_profile, is_profile
from subterra.report.rivals import rival_blocks, rival_words
from subterra.report.section import Section, draw_section, section_image
from subterra.report.style import figure_style


def drawn(draw, width=8.0, height=4.0):
    with figure_style():
        figure = Figure(figsize=(width, height), layout="constrained", dpi=80)
        FigureCanvasAgg(figure)
        draw(figure)
        figure.canvas.draw()
    return figure


def texts(figure):
    return {t.get_text() for t in figure.findobj(Text)}


def line_of(fit, n=31):
    """The same survey along one line towards the north-east."""
    take = {
        name: np.asarray(getattr(fit, name))[:n]
        for name in ("observed", "predicted", "ground", "residual", "sd")
    }
    along = np.linspace(0.0, 90.0, n)
    return replace(fit, x_m=10.0 + 0.6 * along, y_m=5.0 + 0.8 * along, **take)


def test_a_survey_along_one_line_is_a_profile(content):
    gravity, resistivity = content.surveys
    profile = line_of(gravity)
    assert is_profile(profile)
    assert not is_profile(gravity)
    assert not is_profile(resistivity)
    shown = texts(drawn(lambda f: draw_profile(f, profile)))
    assert "residual (µGal)" in shown
    assert any("from E 10 N 5 to E 64 N 77" in words for words in shown)
    blocks = survey_blocks(replace(content, surveys=(profile,)))
    assert "along a line of 31 points" in spoken(blocks)
    assert "negative gravity anomaly" in spoken(blocks)


def test_evidence_that_is_no_longer_there_is_named_without_a_link(content):
    """A belief older than the evidence knows pieces that the site no longer holds."""
    info = replace(content.belief.info, evidence={"reports": "a", "signs": "b", "mine-maps": "c"})
    gone = replace(content, belief=replace(content.belief, info=info), reports=(), sheets=())
    anchors = anchors_of(gone)
    assert [anchors.piece(name) for name in info.evidence] == list(info.evidence)
    check_links(report_document(gone))
    there = anchors_of(replace(gone, reports=content.reports))
    assert there.piece("reports") == Link("reports", "reports")


def test_doubled_and_missing_anchors_are_refused():
    rows = table("T", ("a",), [(Link("x", "nowhere"),)])
    whole = Document("t", "", "", False, (), (section("a", "A", rows), section("a", "B")), "")
    with pytest.raises(ValueError, match=r"doubled \['a'\], missing \['nowhere'\]"):
        check_links(whole)


def test_sheets_say_their_tie_and_how_far_they_are_off(content):
    found = Registration(
        "plan 1850", {"geologic": 1.0}, {"none": 0.9, "wrong seam": 0.1}, np.array([0.8, 0.2]),
        np.array([[12.0, -34.0], [np.nan, np.nan]]), np.array([5.0, np.nan]), (), (),
    )  # fmt: skip
    sheets = (
        SheetView("plan 1850", "geologic", 2.5, found),
        SheetView("x", "not said", None, None),
    )
    text = said_by(report_document(replace(content, sheets=sheets)))
    assert "12 east, 34 south (± 5)" in text
    assert "wrong seam 0.10" in text
    assert "1 of 2" in text
    assert "not part of the answer" in text


def test_certificates_of_the_site_stand_under_residual_risk(content):
    made = CertificateView(3, False, 0.4, "2026-01-02T03:04:05Z", "report/stop-003.html")
    document = report_document(replace(content, certificates=(made,)))
    residual = next(part for part in document.sections if part.anchor == "residual")
    assert ("3", "NOT certified", "0.4", "2026-01-02", "report/stop-003.html") in [
        row.cells for t in tables_of(residual.blocks) for row in t.rows
    ]


def test_rivals_stand_side_by_side_and_lead_to_their_objects(content):
    blocks = rival_blocks(content, anchors_of(content), printer_of(content))
    shown = tables_of(blocks)[0]
    assert shown.header == ("", "A", "B", "C", "D", "rest")
    assert rival_words(content.rivals.best[0]) == "a driven tunnel, filled with air, along object 1"
    assert "nothing there" in [rival_words(r) for r in content.rivals.best]
    assert {"object-1", "evidence", "planned-1", "survey-1"} <= {v.to for v in links_of(blocks)}
    assert "they differ in what fills the void" in spoken(blocks)
    # Nothing is said of an explanation with fewer than thirty effective scenes.
    few = [k for k, r in enumerate(content.rivals.best) if r.effective < 30.0]
    apart = tables_of(blocks)[1]
    assert few
    assert all(row.cells[1 + k] == "not supported" for row in apart.rows for k in few)


def test_squares_of_planned_holes_give_way(content):
    holes = tuple(replace(content.planned[0], x=60.0 + 0.5 * k, y=60.0) for k in range(4))

    def draw(figure):
        ax = figure.add_subplot()
        ax.set_xlim(0, 120)
        ax.set_ylim(0, 120)
        draw_planned(ax, holes, 120.0)

    figure = drawn(draw, 6.0, 6.0)
    at = np.array([t.xyann for t in figure.axes[0].texts])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    assert apart[~np.eye(4, dtype=bool)].min() >= 0.055 * 120.0 - 1e-9
    # A hole has one name, on the map as in the tables.
    assert {t.get_text() for t in figure.axes[0].texts} == {content.planned[0].hole}
    # The first stays at its collar; the last is drawn first.
    assert tuple(at[-1]) == (60.0, 60.0)


def test_names_of_holes_above_a_section_are_apart_and_inside(content):
    cut = Section(0.0, 58.0, 1.0, 0.0, 120.0, "A")
    holes = tuple(replace(content.planned[0], hole=f"P{k}", x=119.0, y=58.0) for k in range(5))
    image = section_image(content.belief, cut, 12.0)
    figure = drawn(
        lambda f: draw_section(
            f, cut, image, content.belief.prior.surface, (), holes, title="a section"
        )
    )
    at = sorted(
        t.xy[0] for t in figure.axes[0].texts if t.get_text() in {"P0", "P1", "P2", "P3", "P4"}
    )
    assert len(at) == 5
    assert np.diff(at).min() >= 0.032 * 120.0 - 1e-9
    assert at[-1] <= 120.0


def test_the_location_plan_shows_no_interpretation(content):
    shown = texts(drawn(lambda f: draw_location(f, content), 6.6, 6.6))
    assert {"N", "20 m", "BH1", "gravity: station", "electrode line"} <= shown
    assert not any(word in text for text in shown for word in ("P(", "planned", "report"))


def test_signed_numbers_have_a_true_minus_and_no_signed_zero():
    assert [signed(v) for v in (3.14, -2.0, -0.04, 0.0)] == ["+3.1", "−2.0", "0.0", "0.0"]


def test_squares_of_planned_holes_keep_clear_of_letters(content):
    holes = (replace(content.planned[0], x=60.0, y=117.0),)

    def draw(figure):
        ax = figure.add_subplot()
        ax.set_xlim(0, 120)
        ax.set_ylim(0, 120)
        draw_planned(ax, holes, 120.0, [(61.0, 117.0)])

    (text,) = drawn(draw, 6.0, 6.0).axes[0].texts
    assert np.hypot(text.xyann[0] - 61.0, text.xyann[1] - 117.0) >= 0.055 * 120.0 - 1e-9
    assert max(text.xyann) < 120.0
