"""The section on calibration: what it says and draws, and that a failure is seen in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from spoken_blocks import said_by, spoken

from subterra.inference.calibration import NAMES, Calibration
from subterra.inference.quantities import GIVEN_A_TARGET
from subterra.inference.reliability import CELL_EDGES, CellScore
from subterra.report.blocks import Picture
from subterra.report.calibration import calibration_blocks, draw_ranks, draw_reliability
from subterra.report.content import CalibrationView
from subterra.report.page import report_document
from subterra.report.style import figure_style


def worlds(n: int = 60, power: float = 1.0) -> Calibration:
    rng = np.random.default_rng(1)
    p = rng.random(n)
    truth = rng.random(n) < p
    rank = rng.random((n, len(NAMES))) ** power
    rank[np.ix_(~truth, [NAMES.index(name) for name in GIVEN_A_TARGET])] = np.nan
    count = np.full(len(CELL_EDGES) - 1, 9)
    middle = 0.5 * (np.array(CELL_EDGES[1:]) + np.array(CELL_EDGES[:-1]))
    cells = tuple(
        CellScore(count, 9 * middle, rng.binomial(9, middle).astype(float), 3.0) for _ in range(n)
    )
    known = np.ones(n, bool)
    return Calibration(NAMES, rank, p, truth, known, np.full(n, 500.0), 1024, 1, cells)


def viewed(content, words: str, *, passed: bool, **found: Calibration):
    view = CalibrationView(words, found, False, 4096, False)
    return replace(content, calibrated=passed, calibration=view)


def texts(draw, calibration: Calibration) -> set[str]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    with figure_style():
        figure = Figure(figsize=(8, 3), layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure, calibration)
        figure.canvas.draw()
    return {t.get_text() for t in figure.findobj(Text)}


def test_without_a_calibration_the_section_says_what_to_do(content) -> None:
    blocks = calibration_blocks(content)
    text = spoken(blocks)
    assert "Not yet calibrated." in text
    assert "subterra calibrate" in text
    assert not any(isinstance(block, Picture) for block in blocks)


def test_a_verdict_stands_at_every_map_and_in_the_section(content) -> None:
    shown = viewed(
        content, "calibrated on 60 worlds: slope 1", passed=True, none=worlds(), noise=worlds(40)
    )
    page = said_by(report_document(replace(shown, surveys=())))
    assert page.count("calibrated on 60 worlds: slope 1") >= 1
    assert page.count("calibrated on 60 worlds") >= 4
    assert "noise twice as large" in page
    assert "not yet calibrated" not in page.lower()
    blocks = calibration_blocks(shown)
    assert sum(isinstance(block, Picture) for block in blocks) == 2
    assert "Outside their band: none" in spoken(blocks)


def test_ranks_outside_their_band_are_marked(content) -> None:
    assert "outside" not in texts(draw_ranks, worlds())
    bent = worlds(power=4.0)
    assert "outside" in texts(draw_ranks, bent)
    words = "not calibrated on 60 worlds: ranks outside their band"
    shown = viewed(content, words, passed=False, none=bent)
    section = spoken(calibration_blocks(shown))
    assert "Outside their band: log likelihood" in section
    assert words[0].upper() + words[1:] in section
    document = report_document(replace(shown, surveys=()))
    assert document.badge == "not calibrated on 60 worlds"
    assert not document.good


def test_panels_name_every_quantity_and_count_worlds() -> None:
    shown = texts(draw_ranks, worlds())
    assert {"depth of nearest", "volume of targets", "log likelihood"} <= shown
    counted = texts(draw_reliability, worlds())
    assert "P(any target)" in counted
    assert sum(int(t) for t in counted if t.isdigit() and int(t) > 1) >= 30


@pytest.mark.parametrize("n", [2, 4])
def test_few_worlds_are_drawn_without_a_claim(content, n: int) -> None:
    found = worlds(n)
    shown = viewed(content, "not yet calibrated: few", passed=False, none=found)
    assert "Not yet calibrated: few." in spoken(calibration_blocks(shown))
