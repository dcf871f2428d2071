"""Lines laid across what may be there, and holes that keep clear."""

from __future__ import annotations

import numpy as np
import pytest
from search_samples import NOTHING, PRIOR, belief, drive

from subterra.errors import InputError
from subterra.search import DrillTerms, Hole, as_arrays, plan_holes
from subterra.search.axes import gather_axes
from subterra.search.clearance import KeepClear, clear_holes
from subterra.search.lines import Line, best_lines, crossing_depths, lay_lines


def axes_of(b):
    return gather_axes(b.scenes, b.prior)


def test_depth_of_a_crossing_is_where_the_axis_passes():
    """A drive that dips from 4 to 12 m over 80 m of easting, under a line at x = 20."""
    axis = [(-20.0, 10.0, -4.0), (60.0, 30.0, -12.0)]
    b = belief([[{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}], NOTHING])
    depth = crossing_depths(axes_of(b), PRIOR, Line(20.0, 0.0, 20.0, 40.0))
    assert depth == pytest.approx([8.0], abs=1e-4)
    # The crossing is at y = 20; a line that ends before it is not crossed.
    short = crossing_depths(axes_of(b), PRIOR, Line(20.0, 0.0, 20.0, 19.0))
    assert np.isnan(short).all()
    along = crossing_depths(axes_of(b), PRIOR, Line(-20.0, 10.0, 60.0, 30.0))
    assert len(along) == 1


def test_lines_lie_inside_the_bounds_and_across_the_drives():
    b = belief([[drive(y)] for y in np.linspace(10.0, 30.0, 21)])
    lines = lay_lines(axes_of(b), PRIOR, b.weight, 30.0, seed=1)
    assert lines == lay_lines(axes_of(b), PRIOR, b.weight, 30.0, seed=1)
    for line in lines:
        assert 15.0 <= line.length_m <= 30.0 + 0.2
        for x, y in ((line.x0, line.y0), (line.x1, line.y1)):
            assert -0.06 <= x <= 60.06
            assert -0.06 <= y <= 40.06
    best = best_lines(axes_of(b), PRIOR, b.weight, lines, (0.0, 20.0), 2)
    (first, share), *_ = best
    assert share == pytest.approx(1.0)
    assert abs(first.x1 - first.x0) < 5.0
    assert best_lines(axes_of(b), PRIOR, b.weight, lines, (0.0, 5.0), 2) == []
    assert best_lines(axes_of(b), PRIOR, b.weight, lines, (0.0, 20.0), 2, lambda _: False) == []


def test_a_second_line_is_for_what_the_first_leaves_out():
    b = belief([*[[drive(8.0)]] * 6, *[[drive(32.0)]] * 4])
    lines = [Line(20.0, 4.0, 20.0, 14.0), Line(40.0, 4.0, 40.0, 14.0), Line(30.0, 26.0, 30.0, 36.0)]
    chosen = best_lines(axes_of(b), PRIOR, b.weight, lines, (0.0, 20.0), 3)
    assert [line for line, _ in chosen] == [lines[0], lines[2]]
    assert [share for _, share in chosen] == pytest.approx([0.6, 0.4])


def test_without_a_target_no_line_is_laid():
    b = belief([NOTHING, NOTHING])
    assert lay_lines(axes_of(b), PRIOR, b.weight, 30.0) == []


def test_holes_keep_clear_of_a_pipe_with_their_deviation():
    pipe = KeepClear("gas main", np.array([[0.0, 20.0, -5.0], [60.0, 20.0, -5.0]]), 2.0)
    holes = as_arrays(
        [
            Hole("beside", 30.0, 22.1, 0.0, 0.0, 90.0, 20.0),
            Hole("closer", 30.0, 21.9, 0.0, 0.0, 90.0, 20.0),
            Hole("through it", 30.0, 17.0, 0.0, 0.0, 60.0, 20.0),
            Hole("short of it", 30.0, 20.0, 0.0, 0.0, 90.0, 2.9),
        ]
    )
    assert clear_holes(holes, (pipe,), 0.0).tolist() == [True, False, False, True]
    # At 5 m along, three deviations of 2 % are 0.3 m more.
    assert clear_holes(holes, (pipe,), 0.02).tolist()[:2] == [False, False]
    assert clear_holes(holes, (), 0.0).all()


def test_no_planned_hole_breaks_the_rule():
    b = belief([*[[drive(20.0)]] * 9, NOTHING])
    pipe = KeepClear("cable", np.array([[0.0, 20.0, -2.0], [40.0, 20.0, -2.0]]), 3.0)
    rows = plan_holes(b, 3, terms=DrillTerms(keep_clear=(pipe,)))
    assert rows
    planned = as_arrays(
        [Hole("", r.x, r.y, r.z, r.azimuth_deg, r.inclination_deg, r.length_m) for r in rows]
    )
    assert clear_holes(planned, (pipe,), DrillTerms().deviation_sd_per_m).all()
    assert plan_holes(b, 1)[0].p_hit >= rows[0].p_hit


@pytest.mark.parametrize(
    ("axis", "distance"), [([[0, 0, 0]], 1.0), ([[0, 0, 0], [1, 0, np.nan]], 1.0),
                           ([[0, 0, 0], [1, 0, 0]], 0.0)],
)  # fmt: skip
def test_slips_of_a_keep_clear_rule_are_named(axis, distance):
    with pytest.raises(InputError, match="main"):
        KeepClear("main", np.array(axis, float), distance)
