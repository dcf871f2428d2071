"""Figures are read back through Matplotlib's own objects, not compared as pictures."""

from __future__ import annotations

import base64
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from subterra.report.charts import draw_bars, draw_histogram, draw_ledger, draw_residual
from subterra.report.content import DrilledHole, hole_trace
from subterra.report.plan_map import draw_map
from subterra.report.posterior import object_posterior
from subterra.report.section import (
    Section,
    across_object,
    along_object,
    draw_section,
    exaggeration,
    section_image,
)
from subterra.report.style import figure_uri, literal, nice_step, probability_map
from subterra.report.surveys import draw_panel, fit_quality, panel_groups, verdict
from subterra.scene import Plane, Prior, make_scene
from subterra.search.holes import Hole
from subterra.search.plan import PlannedHole


def figure():
    return Figure(figsize=(5, 4), layout="constrained")


def draw(fig):
    fig.canvas.draw()
    return fig


def luminance(colours):
    linear = np.where(
        colours[:, :3] <= 0.04045, colours[:, :3] / 12.92, ((colours[:, :3] + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def test_probability_colours_only_ever_get_darker():
    light = luminance(probability_map()(np.linspace(0.0, 1.0, 101)))
    assert light[0] == pytest.approx(1.0)
    assert np.all(np.diff(light) < 0.0)


def test_figures_leave_no_trace_in_matplotlib():
    before = dict(mpl.rcParams)
    uri = figure_uri(lambda fig: fig.add_subplot().plot([0, 1]), 2.0, 2.0)
    assert dict(mpl.rcParams) == before
    svg = base64.b64decode(uri.split(",")[1])
    assert ET.fromstring(svg).tag.endswith("svg")


def test_literal_text_is_never_a_formula():
    assert literal("cost $5 and $6") == r"cost \$5 and \$6"
    assert literal("a\nb\tc") == "a b c"
    assert "\u4e2d" not in literal("\u4e2d")


@pytest.mark.parametrize(("span", "step"), [(30.0, 20.0), (10.0, 10.0), (0.7, 0.5), (199.0, 100.0)])
def test_nice_step(span, step):
    assert nice_step(span) == pytest.approx(step)


def test_trace_of_a_hole():
    hole = PlannedHole("p", 10.0, 20.0, 5.0, 90.0, 60.0, 8.0, 0, 0, 0, 0, 0, 0, "")
    end = hole_trace(hole, np.array([8.0]))[0]
    assert end == pytest.approx([10.0 + 4.0, 20.0, 5.0 - 8.0 * np.sqrt(0.75)])


def test_map_holds_what_was_given(content):
    fig = figure()
    draw_map(fig, content, "0.07")
    draw(fig)
    ax = fig.axes[0]
    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert "0.07" in ax.get_title(loc="left") or "0.07" in ax.get_title()
    texts = {t.get_text() for t in ax.texts}
    assert {"P1", "P2", "P3", "BH1", "r1", "N", "20 m", "not yet calibrated"} <= texts
    labels = {t.get_text() for t in fig.legends[0].get_texts()}
    assert {"no-go area", "simulated truth", "drilled, void logged", "electrode line"} <= labels
    assert fig.axes[1].get_ylabel() == "P(target below this cell), cells of 2 m"


def test_map_of_nothing(quiet):
    fig = figure()
    draw_map(fig, quiet, "> 0.99")
    draw(fig)
    assert not fig.legends


def test_section_along_a_line_ends_at_the_bounds():
    prior = Prior((0.0, 0.0, 100.0, 50.0), 10.0)
    axis = np.array([[80.0, 25.0, -3.0], [20.0, 25.0, -4.0]])
    cut = along_object(prior, axis)
    assert (cut.x_m, cut.y_m, cut.east, cut.north) == pytest.approx((0.0, 25.0, 1.0, 0.0))
    assert cut.length_m == pytest.approx(100.0)
    across = across_object(prior, axis, 30.0, 40.0, 12.0)
    middle = across.points(np.array([12.0]))
    assert np.ravel(middle) == pytest.approx([30.0, 25.0])
    assert across.east * cut.east + across.north * cut.north == pytest.approx(0.0)


def test_section_of_a_chamber_runs_west_to_east():
    cut = along_object(Prior((0.0, 0.0, 10.0, 10.0), 5.0), np.array([[4.0, 6.0, -2.0]]))
    assert (cut.east, cut.north, cut.y_m, cut.length_m) == pytest.approx((1.0, 0.0, 6.0, 10.0))


def test_right_of_the_section_is_in_front():
    cut = Section(0.0, 0.0, 0.0, 1.0, 10.0)
    s, t = cut.place(np.array([2.0]), np.array([3.0]))
    assert (s[0], t[0]) == (3.0, 2.0)


def test_section_image_is_the_geometry(content):
    air = {"family": "driven", "fill": "air"}
    scene = make_scene(
        [
            {**air, "axis": [[10, 60, -4], [50, 60, -6]], "radius": 1.0},
            {**air, "axis": [[30, 60, -5], [70, 60, -5]], "radius": 1.5},
            {**air, "family": "chamber", "axis": [[80, 60, -5]], "radius": 2.0},
        ]
    )
    belief = replace(content.belief, scenes=scene, weight=np.array([1.0]))
    image = section_image(belief, Section(0.0, 60.2, 1.0, 0.0, 120.0), 12.0)
    s, z = np.meshgrid(image.along_m, image.z_m)
    u = np.clip((s - 10.0) * 40.0 + (z + 4.0) * -2.0, 0.0, 1604.0) / 1604.0
    near = (s - 10.0 - 40.0 * u) ** 2 + 0.04 + (z + 4.0 + 2.0 * u) ** 2 <= 1.0
    v = np.clip(s, 30.0, 70.0)
    near |= (s - v) ** 2 + 0.04 + (z + 5.0) ** 2 <= 2.25
    assert np.array_equal(image.p > 0.0, near)
    assert image.p.max() == 1.0


def test_section_image_is_blank_above_a_slope(content):
    prior = Prior((0.0, 0.0, 120.0, 120.0), 12.0, surface=Plane(0.0, 0.1, 0.0))
    belief = replace(content.belief, prior=prior)
    image = section_image(belief, Section(0.0, 60.0, 1.0, 0.0, 120.0), 12.0)
    assert np.isnan(image.p[-1, 0])
    assert np.isfinite(image.p[-1, -1])
    assert image.z_m[0] >= -12.0


def test_section_says_the_offset_of_projected_holes(content):
    axis = np.array([[0.0, 60.0, -5.0], [120.0, 60.0, -5.0]])
    cut = along_object(content.belief.prior, axis)
    holes = (
        DrilledHole(Hole("near", 20.0, 57.0, 0.0, 0.0, 90.0, 9.0), (), 9.0),
        DrilledHole(Hole("back", 40.0, 61.5, 0.0, 0.0, 90.0, 9.0), (), 9.0),
        DrilledHole(Hole("crossing", 60.0, 58.0, 0.0, 0.0, 45.0, 9.0), ((2.0, 3.0),), 9.0),
        DrilledHole(Hole("far", 80.0, 90.0, 0.0, 0.0, 90.0, 9.0), (), 9.0),
    )
    fig = figure()
    image = section_image(content.belief, cut, 12.0)
    draw_section(fig, cut, image, Plane(), holes, (), title="t", axis=axis)
    draw(fig)
    texts = {t.get_text() for t in fig.axes[0].texts}
    assert texts == {"near, 3.0 m in front", "back, 1.5 m behind", "crossing"}
    factor = exaggeration(120.0, float(np.ptp(image.z_m)))
    assert fig.axes[0].get_aspect() == factor
    assert f"×{factor}" in fig.axes[0].get_title(loc="left") + fig.axes[0].get_title()


@pytest.mark.parametrize(("length", "height", "factor"), [(10, 10, 1), (50, 10, 1), (120, 12, 2)])
def test_exaggeration_is_one_where_it_can_be(length, height, factor):
    assert exaggeration(length, height) == factor


def test_posterior_of_the_best_object(content):
    item = content.summary["objects"][0]
    best = object_posterior(content.belief, item)
    assert best.p == pytest.approx(content.summary["p_any"], abs=0.02)
    assert np.average(best.depth_m, weights=best.weight) == pytest.approx(5.6, abs=0.15)
    assert best.azimuth_deg == pytest.approx(68.2, abs=0.1)
    assert (best.x_m, best.y_m) == pytest.approx((60.0, 58.0), abs=0.5)
    assert best.prior_depth_m.min() > 0.0
    radius = content.belief.prior.families["driven"].radius_m
    assert radius[0] <= best.prior_radius_m.min() and best.prior_radius_m.max() <= radius[1] + 1e-6


def test_posterior_of_a_chamber_has_no_azimuth(content):
    item = {"axis": [[92.0, 25.0, -6.0]], "axis_sd_m": 3.0}
    prior = replace(content.belief.prior, targets=("chamber",))
    best = object_posterior(replace(content.belief, prior=prior), item)
    assert best.azimuth_deg is None
    assert 0.1 < best.p < 0.35


def test_ledger_sorts_and_says_what_is_not_supported():
    fig = figure()
    draw_ledger(fig, {"a": -3.0, "b": float("nan"), "c": 12.0, "d": 0.0})
    draw(fig)
    ax = fig.axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["c", "d", "a", "b"]
    assert "not supported by the scenes at hand" in {t.get_text() for t in ax.texts}
    widths = [round(float(p.get_width()), 6) for p in ax.patches]
    assert widths == [12.0, 0.0, -3.0]


@pytest.mark.parametrize("ledger", [{"only": float("nan")}, {"zero": 0.0}, {"strong": 300.0}])
def test_ledger_of_one(ledger):
    fig = figure()
    draw_ledger(fig, ledger)
    draw(fig)


def test_residual_and_bars_and_histograms_of_little():
    fig = figure()
    draw_residual(fig, np.array([0.5]), np.array([0.0]))
    draw(fig)
    fig = figure()
    draw_bars(fig, {"Family": {"driven": None}, "Fill": {"air": 0.4, "water": 0.6}}, str)
    draw(fig)
    empty = np.zeros(0)
    for values in (empty, np.array([3.0]), np.full(5, 2.0)):
        fig = figure()
        draw_histogram(fig, values, np.ones(len(values)), np.linspace(1.0, 9.0, 50), "x (m)")
        draw(fig)
    fig = figure()
    draw_histogram(fig, empty, empty, empty, "x (m)")
    draw(fig)


def test_survey_panels_share_their_scale(content):
    for fit in content.surveys:
        groups, left_out = panel_groups(fit)
        assert left_out == 0
        limits = {}
        for name in ("observed", "predicted", "ground", "residual"):
            fig = figure()
            draw_panel(fig, fit, name, groups)
            draw(fig)
            cells = [ax.collections[0] for ax in fig.axes[: len(groups)]]
            assert sum(len(c.get_paths()) for c in cells) == len(fit.x_m)
            limits[name] = cells[0].get_clim()
        assert limits["observed"] == limits["predicted"]
        assert limits["residual"][0] == -limits["residual"][1]


def test_pseudosections_go_down_and_the_rest_is_counted(content):
    fit = content.surveys[1]
    groups, _ = panel_groups(fit)
    assert [g.label.split(":")[0] for g in groups] == ["line 1", "line 2", "line 3", "line 4"]
    fig = figure()
    draw_panel(fig, fit, "observed", groups)
    draw(fig)
    assert fig.axes[0].get_ylim()[0] > fig.axes[0].get_ylim()[1]
    some, left_out = panel_groups(fit, most=1)
    assert len(some) == 1
    assert left_out == len(fit.x_m) - len(some[0].rows)
    scattered = replace(fit, line=np.arange(len(fit.x_m)))
    groups, left_out = panel_groups(scattered)
    assert (len(groups), left_out) == (1, 0)
    assert not groups[0].pseudosection


def test_surveys_of_little(content):
    gravity, resistivity = content.surveys
    for n in (1, 2, 5):
        for fit in (gravity, resistivity):
            short = {k: (v[:n] if isinstance(v, np.ndarray) else v) for k, v in vars(fit).items()}
            few = replace(fit, **short)
            for name in ("observed", "residual"):
                fig = figure()
                draw_panel(fig, few, name, panel_groups(few)[0])
                draw(fig)
            assert np.isnan(fit_quality(few).structure)
    flat = replace(gravity, observed=gravity.x_m * 0, predicted=gravity.x_m * 0)
    fig = figure()
    draw_panel(fig, flat, "observed", panel_groups(flat)[0])
    draw(fig)


def test_fit_quality_tells_noise_from_structure_and_misfit(content):
    fit = content.surveys[0]
    good = fit_quality(fit)
    assert good.chi == pytest.approx(1.0, abs=0.2)
    assert abs(good.structure) < 0.3
    assert "explained to within" in verdict(good)
    assert verdict(good, "Tested: quiet.").endswith("stated errors. Tested: quiet.")
    wavy = replace(fit, residual=3.0 * np.sin(fit.x_m / 40.0) * 1.4)
    assert fit_quality(wavy).structure > 0.5
    assert "structured" in verdict(fit_quality(wavy))
    bad = replace(fit, residual=3.0 * fit.residual)
    assert "not explained" in verdict(fit_quality(bad))
    assert fit_quality(bad).outliers > 30
