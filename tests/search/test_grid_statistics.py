"""Point grids and survey lines against the printed tables of grid statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.search.grids import (
    PointGrid,
    circle_hit,
    circle_ratio,
    grid_hit,
    jittered_hit,
    worst_azimuth,
)
from subterra.search.needles import (
    buffon,
    fence_hit,
    laplace,
    line_grid_hit,
    lines_hit,
    lines_worst_azimuth,
)
from subterra.search.planforms import Ellipse, Strip

SQUARE, TRIANGULAR = PointGrid("square", 1.0), PointGrid("triangular", 1.0)
MISSES = (0.01, 0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90)
SHAPES = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


def brute_hit(grid, target, miss, angle_deg, n, seed):
    """Slow twin: every hole of a wide patch against random targets, one at a time."""
    rng = np.random.default_rng(seed)
    step, apart, shift = grid.cell
    index = np.arange(-25, 26)
    i, j = np.meshgrid(index, index)
    x, y = i * step + (j % 2) * shift, j * apart
    a, b = target.sides
    silent = []
    for _ in range(n):
        angle = math.radians(angle_deg) if angle_deg is not None else rng.uniform(0, 2 * math.pi)
        dx, dy = x - rng.uniform(0, step), y - rng.uniform(0, 2 * apart)
        along = dx * math.cos(angle) + dy * math.sin(angle)
        across = dy * math.cos(angle) - dx * math.sin(angle)
        if target.is_strip:
            inside = (abs(along) <= a) & (abs(across) <= b)
        else:
            inside = (along / a) ** 2 + (across / b) ** 2 <= 1.0
        silent.append(miss ** int(inside.sum()))
    return 1.0 - np.mean(silent), np.std(silent) / math.sqrt(n)


def test_radius_over_spacing_by_accepted_miss() -> None:
    square = (
        0.6578,
        0.5991,
        0.5575,
        0.5053,
        0.4720,
        0.4370,
        0.3989,
        0.3568,
        0.3090,
        0.2523,
        0.1784,
    )
    triangular = (
        0.5493,
        0.5176,
        0.4981,
        0.4696,
        0.4393,
        0.4067,
        0.3713,
        0.3321,
        0.2876,
        0.2348,
        0.1660,
    )
    for miss, wide, close in zip(MISSES, square, triangular, strict=True):
        assert circle_ratio(miss) == pytest.approx(wide, abs=5.1e-5)
        assert circle_ratio(miss, "triangular") == pytest.approx(close, abs=5.1e-5)


def test_gilbert_1987_example() -> None:
    """Radius 100 cm, accepted miss 0.1: read from the nomograph 0.56, a grid of 180 cm."""
    ratio = circle_ratio(0.1)
    assert round(ratio, 2) == 0.56
    assert round(100.0 / ratio, -1) == 180.0


@pytest.mark.parametrize(
    ("ratio", "printed"),
    [
        (0.2, (.126, .101, .075, .063, .050, .038, .025, .013)),
        (0.4, (.502, .402, .302, .251, .201, .151, .101, .050)),
        (0.5, (.785, .628, .471, .393, .314, .236, .157, .079)),
        (0.6, (.951, .854, .658, .553, .445, .335, .224, .113)),
        (0.7, (1.00, .978, .833, .713, .582, .444, .300, .152)),
        (0.8, (1.00, 1.00, .960, .854, .714, .555, .382, .196)),
        (0.9, (1.00, 1.00, .998, .948, .827, .662, .466, .244)),
        (1.0, (1.00, 1.00, 1.00, .993, .912, .760, .550, .295)),
    ],
)  # fmt: skip
def test_ellipses_on_a_square_grid(ratio, printed) -> None:
    for shape, p in zip(SHAPES, printed, strict=True):
        found = grid_hit(SQUARE, Ellipse(ratio, shape * ratio))
        assert found.p == pytest.approx(p, abs=0.003)
        assert found.sd < 2e-4


@pytest.mark.parametrize(
    ("ratio", "printed"),
    [
        (0.6, (1, .957, .749, .631, .509, .385, .258, .130)),
        (0.8, (1, 1, .996, .917, .785, .620, .431, .224)),
        (1.0, (1, 1, 1, 1, .963, .828, .614, .336)),
    ],
)  # fmt: skip
def test_ellipses_on_a_triangular_grid(ratio, printed) -> None:
    for shape, p in zip(SHAPES, printed, strict=True):
        found = grid_hit(TRIANGULAR, Ellipse(ratio, shape * ratio))
        assert found.p == pytest.approx(p, abs=0.003)


@given(st.floats(0.05, 0.5), st.floats(0.1, 1.0), st.sampled_from([SQUARE, TRIANGULAR]))
@settings(max_examples=15, deadline=None)
def test_ellipse_that_no_two_holes_share_is_its_area(ratio, shape, grid) -> None:
    target = Ellipse(ratio, shape * ratio)
    cell = grid.cell[0] * grid.cell[1]
    assert grid_hit(grid, target).p == pytest.approx(target.area / cell, abs=1e-3)


@given(st.floats(0.05, 0.8), st.sampled_from([SQUARE, TRIANGULAR]))
@settings(max_examples=15, deadline=None)
def test_scanline_agrees_with_the_closed_form_of_a_circle(ratio, grid) -> None:
    found = grid_hit(grid, Ellipse(ratio, ratio))
    assert found.p == pytest.approx(circle_hit(ratio, grid.pattern), abs=2e-4)


@pytest.mark.parametrize(("x", "f", "p"), [(0.55, 0.1, 0.8053), (0.65, 0.2, 0.8438)])
def test_false_negatives_of_a_circle(x, f, p) -> None:
    assert grid_hit(SQUARE, Ellipse(x, x), miss=f).p == pytest.approx(p, abs=1e-4)


def test_false_negatives_of_a_circle_by_their_own_formula() -> None:
    for x, f in ((0.55, 0.1), (0.65, 0.2), (0.70, 0.3)):
        shared = 2 * x * x * math.acos(1 / (2 * x)) - math.sqrt(x * x - 0.25)
        twice, once = 2 * shared, math.pi * x * x - 4 * shared
        exact = (1 - f) * once + (1 - f * f) * twice
        assert grid_hit(SQUARE, Ellipse(x, x), miss=f).p == pytest.approx(exact, abs=1e-6)
    assert exact == pytest.approx(0.8132, abs=5.1e-5)


@pytest.mark.parametrize(
    ("length", "printed"),
    [
        (1, (.020, .051, .103, .198, .398)),
        (2, (.039, .098, .191, .358, .653)),
        (5, (.097, .230, .428, .713, .915)),
        (10, (.188, .428, .697, .887, .967)),
        (20, (.347, .698, .883, .953, .982)),
    ],
)  # fmt: skip
def test_strips_on_a_square_grid(length, printed) -> None:
    for breadth, p in zip((0.02, 0.05, 0.10, 0.20, 0.40), printed, strict=True):
        assert grid_hit(SQUARE, Strip(length, breadth)).p == pytest.approx(p, abs=0.006)


def test_grid_is_blind_to_a_strip_along_its_rows() -> None:
    """Along the rows only the breadth counts, w/G; the printed .21 at 0.2 is a simulation's."""
    for breadth in (0.02, 0.05, 0.10, 0.20, 0.40):
        found = grid_hit(SQUARE, Strip(20, breadth), angle_deg=0.0)
        assert found.p == pytest.approx(breadth, abs=2e-4)
    angle, worst = worst_azimuth(SQUARE, Strip(20, 0.1))
    assert angle == 0.0
    assert worst.p == pytest.approx(0.1, abs=1e-3)
    angle, worst = worst_azimuth(TRIANGULAR, Strip(20, 0.1))
    assert angle in (0.0, 60.0, 120.0)
    assert worst.p == pytest.approx(0.2 / math.sqrt(3.0), abs=1e-3)


@pytest.mark.parametrize("grid", [SQUARE, TRIANGULAR])
@pytest.mark.parametrize(
    ("target", "miss", "angle"),
    [(Ellipse(1.3, 0.4), 0.3, 25.0), (Strip(3.3, 0.35), 0.2, None), (Strip(2.5, 0.6), 0.0, 75.0)],
)
def test_scanline_agrees_with_counting_holes_one_by_one(grid, target, miss, angle) -> None:
    slow, sd = brute_hit(grid, target, miss, angle, 4000, 11)
    found = grid_hit(grid, target, miss=miss, angle_deg=angle)
    assert abs(found.p - slow) < 4.0 * sd


@pytest.mark.parametrize("grid", [SQUARE, TRIANGULAR])
def test_grid_without_jitter_is_the_regular_grid(grid) -> None:
    target = Ellipse(0.8, 0.25)
    drawn = jittered_hit(grid, target, jitter=0.0, miss=0.1)
    assert abs(drawn.p - grid_hit(grid, target, miss=0.1).p) < 4.0 * drawn.sd


def test_jitter_heals_the_blind_azimuth() -> None:
    """One random hole in each cell: along a strip cells are nearly independent."""
    drawn = jittered_hit(SQUARE, Strip(20, 0.1), angle_deg=0.0)
    assert drawn.sd <= 0.002
    # The strip lies in one row of cells, 0.1 of each of 21 of them, or across two rows.
    assert drawn.p == pytest.approx(1 - 0.9**20, abs=0.01)


def test_buffon_and_laplace() -> None:
    for x, p in ((0.5, 0.3183), (1.0, 0.6366), (1.5, 0.7786), (2.0, 0.8372), (5.0, 0.9361)):
        assert buffon(x, 1.0) == pytest.approx(p, abs=5.1e-5)
        assert lines_hit(Strip(x), 1.0) == pytest.approx(p, abs=5.1e-5)
    for x, p in ((0.25, 0.2984), (0.5, 0.5570), (1.0, 0.9549)):
        assert laplace(x, 1.0) == pytest.approx(p, abs=5.1e-5)
        assert line_grid_hit(Strip(x), 1.0) == pytest.approx(p, abs=5.1e-5)


def test_perimeter_law_of_convex_targets() -> None:
    for shape, p in ((1.0, 0.800), (0.5, 0.6168), (0.2, 0.5350)):
        target = Ellipse(0.4, 0.4 * shape)
        assert target.perimeter / math.pi == pytest.approx(p, abs=5.1e-5)
        assert lines_hit(target, 1.0) == pytest.approx(p, abs=5.1e-5)


def test_elongated_targets_favour_lines_until_they_outgrow_the_spacing() -> None:
    """McCammon (1977): against a square net of the same total length of line."""
    short, long = Strip(0.6), Strip(4.0)
    assert lines_hit(short, 1.0) > line_grid_hit(short, 2.0)
    assert lines_hit(long, 1.0) < line_grid_hit(long, 2.0)


def test_lines_are_blind_along_themselves_but_for_their_swath() -> None:
    assert lines_worst_azimuth(Strip(50.0), 10.0) == (0.0, 0.0)
    angle, p = lines_worst_azimuth(Strip(50.0, 2.0), 10.0, swath=3.0, miss=0.2)
    assert (angle, p) == (0.0, pytest.approx(0.5 * 0.8))


@given(st.floats(0.1, 8.0), st.floats(0.0, 1.0), st.floats(0.0, 0.9), st.floats(0.0, 180.0))
@settings(max_examples=30, deadline=None)
def test_lines_with_misses_against_counting(length, share, miss, angle) -> None:
    target = Strip(length, share * length)
    offset = (np.arange(4000) + 0.5) / 4000
    wide = float(target.width(np.radians(angle)))
    count = np.floor(offset + wide).astype(int)
    expected = 1.0 - np.mean(float(miss) ** count)
    assert lines_hit(target, 1.0, miss=miss, angle_deg=angle) == pytest.approx(expected, abs=1e-3)


def test_fence() -> None:
    assert fence_hit(2.0, 20.0) == pytest.approx(0.1)
    assert fence_hit(2.0, 20.0, reach=0.1, angle_deg=60.0) == pytest.approx(0.21)
    assert fence_hit(2.0, 20.0, angle_deg=90.0) == 1.0
    assert fence_hit(2.0, 1.5) == 1.0


@pytest.mark.parametrize(
    "slip",
    [
        lambda: PointGrid("hexagonal", 1.0),
        lambda: PointGrid("square", 0.0),
        lambda: Ellipse(1.0, 2.0),
        lambda: Strip(0.0),
        lambda: circle_ratio(1.0),
        lambda: grid_hit(SQUARE, Strip(1.0, 0.5), miss=1.5),
        lambda: jittered_hit(SQUARE, Strip(1.0, 0.5), jitter=2.0),
        lambda: laplace(2.0, 1.0),
        lambda: fence_hit(-1.0, 1.0),
        lambda: lines_hit(Strip(1.0), -1.0),
    ],
)
def test_slips_are_named(slip) -> None:
    with pytest.raises(InputError):
        slip()
