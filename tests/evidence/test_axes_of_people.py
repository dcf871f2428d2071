"""Reports, signs and radar picks of shafts, forked workings and conduits of two chains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import (
    NO_RUMOUR,
    clutter_density,
    looked,
    nothing,
    reports,
    signs,
    told_evenly,
    tunnel,
)
from scipy.stats import kstest, norm

from subterra.evidence import RELIABILITY, ReportTerms, SignRate, SignTerms, radar_pick_evidence
from subterra.evidence.axes import axes_of, mouths
from subterra.evidence.place import along_density, place_along
from subterra.evidence.report_terms import DEPTH_BLUNDERS
from subterra.evidence.sign_density import least_cover, mean_missed, solid_volume
from subterra.evidence.sign_rates import SIGN_RATES
from subterra.scene import N_VERTICES, Plane, Prior, concatenate, make_scene, sample_prior
from subterra.tables import SIGN_KINDS, RadarLineTable
from subterra.testing import check_evidence, check_normalised

BOX = np.array([0.0, 0.0, 40.0, 40.0])
PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 15.0, targets=("shaft", "working"))
NO_DECOYS = ReportTerms(decoy_share=0.0, **NO_RUMOUR)


def shaft(x=20.0, y=20.0, mouth=3.0, bottom=33.0):
    axis = [[x, y, -mouth], [x, y, -bottom]]
    return make_scene([{"family": "shaft", "fill": "air", "axis": axis, "radius": 1.5}])


def forked(end=32.0, branch_depth=5.0, y=(-20.0, 60.0)):
    main = [[10.0, y[0], -5.0], [10.0, y[1], -5.0]]
    branch = np.array([[11.0, 20.0, -branch_depth], [end, 20.0, -branch_depth]])
    item = {"family": "working", "fill": "air", "axis": main, "radius": 1.0, "branch": branch}
    return make_scene([item])


def conduit():
    axis = np.array([[0.0, 5.0, -6.0], [20.0, 5.0, -6.0], [20.0, 25.0, -6.0]])
    return make_scene([{"family": "conduit", "fill": "air", "axis": axis, "radius": 1.0}])


def steep_incline():
    axis = [[15.0, 15.0, -2.0], [24.0, 15.0, -14.0]]
    return make_scene([{"family": "working", "fill": "air", "axis": axis, "radius": 1.0}])


def passing():
    """Beside the bounds, along the whole of their western side and further."""
    axis = [[-3.0, -10.0, -5.0], [-3.0, 20.0, -5.0], [-6.0, 70.0, -5.0]]
    return make_scene([{"family": "working", "fill": "air", "axis": axis, "radius": 1.0}])


SCENES = {
    "shaft": shaft(), "forked": forked(), "conduit": conduit(), "steep": steep_incline(),
    "passing": passing(),
}  # fmt: skip


def first_axis(scene):
    axes = mouths(axes_of(scene.objects))
    return axes.x[0, 0], axes.y[0, 0], int(axes.trunk[0, 0])


def log_ratio(evidence, scene):
    logs = evidence.log_likelihood(concatenate([scene, nothing()]))
    return logs[0] - logs[1]


def test_axes_tell_a_branch_from_a_chain_that_goes_on():
    plain = axes_of(tunnel(20.0).objects)
    assert plain.x.shape[-1] == N_VERTICES
    assert np.all(plain.trunk == N_VERTICES)
    axes = axes_of(concatenate([forked(), conduit(), shaft()]).objects)
    assert axes.x.shape[-1] == 2 * N_VERTICES
    assert axes.trunk[:, 0].tolist() == [N_VERTICES, 2 * N_VERTICES, 2 * N_VERTICES]
    assert (axes.x[0, 0, -1], axes.y[1, 0, -1], axes.z[2, 0, -1]) == (32.0, 25.0, -33.0)
    drawn = mouths(axes)
    np.testing.assert_array_equal(drawn.x[:2], axes.x[:2])
    assert np.all(drawn.z[2, 0] == -3.0)


@pytest.mark.parametrize("name", SCENES)
@settings(deadline=None, max_examples=15)
@given(st.floats(-10.0, 50.0), st.floats(-10.0, 50.0), st.floats(1.0, 12.0))
def test_places_drawn_along_an_axis_have_its_density(name, px, py, sd):
    """Mean of the normal density over all shares of the length."""
    x, y, trunk = first_axis(SCENES[name])
    shares = (np.arange(4000) + 0.5) / 4000.0
    at = np.array([place_along(x, y, trunk, s, BOX) for s in shares])
    slow = np.mean(norm.pdf(px, at[:, 0], sd) * norm.pdf(py, at[:, 1], sd))
    assert along_density(x, y, trunk, px, py, sd, BOX) == pytest.approx(slow, rel=2e-3, abs=1e-12)


def test_a_place_lies_on_either_chain_by_its_length_in_the_bounds():
    """40 m of the main drive and 21 m of the branch; none between the drive and the wall."""
    x, y, trunk = first_axis(forked())
    at = np.array([place_along(x, y, trunk, s, BOX) for s in (np.arange(6100) + 0.5) / 6100.0])
    main = at[:, 0] == 10.0
    assert main.mean() == pytest.approx(40.0 / 61.0, abs=1e-3)
    assert at[main, 1].min() == pytest.approx(0.0, abs=0.02)
    assert at[main, 1].max() == pytest.approx(40.0, abs=0.02)
    assert np.all((at[~main, 0] >= 11.0) & (at[~main, 1] == 20.0))


@pytest.mark.parametrize("kind", ["tunnel", "entrance"])
@pytest.mark.parametrize("name", ["shaft", "forked", "steep", "passing"])
def test_density_of_a_report_is_one_over_the_plane(kind, name):
    sd, step = 5.0, 4.0
    grid = np.arange(-60.0, 120.0, step)
    items = [{"x": x, "y": y, "sd_m": sd, "kind": kind} for x in grid for y in grid]
    chance = reports(*items, prior=PRIOR, terms=NO_DECOYS).predict(SCENES[name])[0]
    a, b = RELIABILITY["B"]
    clutter = clutter_density(grid[:, None], grid[None], sd, kind).ravel()
    total = (chance / (1.0 - chance) * b / a) @ clutter * step**2
    assert total == pytest.approx(1.0, rel=0.005)


def test_a_report_of_a_shaft_is_of_its_mouth():
    """Place and depth by hand; the bottom is as unlikely as any other depth."""
    a, b = RELIABILITY["B"]
    for depth, kind in ((3.5, "depth"), (33.0, "depth"), (2.0, "entrance")):
        item = {"x": 22.0, "kind": kind, "depth_m": depth, "depth_sd_m": 1.5}
        found = np.exp(log_ratio(reports(item, prior=PRIOR, terms=NO_DECOYS), shaft()))
        there = sum(share * norm.pdf(depth, f * 3.0, 1.5) for f, share in DEPTH_BLUNDERS)
        bare = {"x": 22.0, "kind": "entrance" if kind == "entrance" else "tunnel"}
        plain = np.exp(log_ratio(reports(bare, prior=PRIOR, terms=NO_DECOYS), shaft()))
        half = 0.5 * np.sqrt(2.0 * np.pi) * 1.5
        evenly = sum(share * told_evenly(depth, f * 15.0, half) for f, share in DEPTH_BLUNDERS)
        # [(1 − r) + r K/U]/(1 − r), with the same place.
        place = (plain - 1.0) * b / a
        assert (found - 1.0) * b / a == pytest.approx(place * there / evenly, rel=1e-3)


def test_draws_of_a_shaft_lie_at_its_mouth_with_any_course():
    item = {"sd_m": 2.0, "reliability": "A", "heading_deg": 10.0, "heading_sd_deg": 5.0,
            "depth_m": 3.0, "depth_sd_m": 0.3}  # fmt: skip
    evidence, rng = reports(item, prior=PRIOR), np.random.default_rng(4)
    drawn = np.array([evidence.simulate(shaft(), rng).items[0] for _ in range(2000)])
    near = drawn[np.hypot(drawn[:, 0] - 20.0, drawn[:, 1] - 20.0) < 7.0]
    rate = RELIABILITY["A"][0] / sum(RELIABILITY["A"])
    assert len(near) / 2000.0 == pytest.approx(rate, abs=0.04)
    assert kstest((near[:, 4] % 180.0) / 180.0, "uniform").pvalue > 1e-3
    assert abs(np.median(near[:, 6]) - 3.0) < 0.1


def test_a_look_over_a_branch_covers_the_object():
    for x, d in ((25.0, 0.0), (35.0, 3.0)):
        item = {"x": x, "kind": "nothing", "sd_m": 4.0}
        terms = ReportTerms(p_notice=0.6, **NO_RUMOUR)
        found = log_ratio(reports(item, prior=PRIOR, terms=terms), forked())
        a, b = RELIABILITY["B"]
        cover = 0.6 * np.exp(-0.5 * (d / 4.0) ** 2)
        assert np.exp(found) == pytest.approx(1.0 - a / (a + b) * cover, rel=1e-6)


def test_the_volume_of_a_branch_and_of_both_halves_counts():
    assert solid_volume(forked().objects)[0, 0] == pytest.approx(np.pi * (80.0 + 21.0))
    assert solid_volume(conduit().objects)[0, 0] == pytest.approx(np.pi * 40.0)
    assert solid_volume(shaft().objects)[0, 0] == pytest.approx(np.pi * 1.5**2 * 30.0)
    heap = {"x": 10.0, "y": 20.0, "volume_m3": 420.0}
    evidence = signs(heap, prior=PRIOR, terms=SignTerms(decoy_share=0.0))
    assert log_ratio(evidence, forked()) > log_ratio(evidence, forked(end=12.0))


def test_cover_is_that_of_the_higher_chain_and_of_a_flat_mouth():
    scenes = concatenate([forked(), forked(branch_depth=3.0), shaft()])
    assert least_cover(scenes.objects, Plane(0.5))[:, 0] == pytest.approx([4.5, 2.5, 3.5])


@pytest.mark.parametrize(
    ("scene", "expected"),
    [(forked(), 1.0 - 0.7 * 14.0 / 61.0), (shaft(), 1.0), (shaft(25.0), 0.3),
     (steep_incline(), 1.0), (passing(), 1.0)],
)  # fmt: skip
def test_what_looks_miss_along_both_chains(scene, expected):
    """A look from x = 18 to 50 takes in 14 of the 61 m of the forked working; mouths stand whole.

    The bottom of the steep incline lies in it, its mouth does not.
    """
    axes = mouths(axes_of(scene.objects))
    frame = np.array([-40.0, -40.0, 0.25, 0.25])
    middle = -40.0 + 0.25 * (np.arange(480) + 0.5)
    missed = np.ones((480, 480))
    missed[:, (middle > (18.0 if expected != 1.0 else 21.0)) & (middle < 50.0)] = 0.3
    out = np.ones(axes.trunk.shape)
    target = np.zeros(axes.trunk.shape, np.int8)
    target[0, 0] = 1
    mean_missed(target, axes.x, axes.y, axes.trunk, False, BOX, frame, missed, out)
    assert out[0, 0] == pytest.approx(expected, abs=0.02)


def test_a_sign_over_a_branch_speaks_for_it():
    evidence = signs({"kind": "subsidence", "x": 28.0, "sd_m": 2.0}, prior=PRIOR)
    assert log_ratio(evidence, forked()) > log_ratio(evidence, forked(end=14.0)) + 0.5


@pytest.mark.parametrize(
    ("scene", "other"),
    [(shaft(), shaft(21.5, 19.0)), (forked(), forked(end=24.0)), (forked(y=(5.0, 35.0)), nothing()),
     (steep_incline(), shaft(16.0, 16.0))],
    ids=["shaft", "forked", "forked and none", "steep"],
)  # fmt: skip
def test_reports_are_normalised(scene, other):
    evidence = reports(
        {"kind": "entrance", "sd_m": 9.0, "reliability": "D", "y": 12.0},
        {"sd_m": 9.0, "depth_m": 4.0, "depth_sd_m": 4.0, "reliability": "C"},
        {"sd_m": 9.0, "heading_deg": 40.0, "heading_sd_deg": 30.0, "reliability": "C"},
        {"kind": "nothing", "sd_m": 9.0, "x": 28.0, "reliability": "C", "source": "walker"},
        prior=PRIOR,
        terms=ReportTerms(decoy_share=0.3, decoy_radius_m=15.0, **NO_RUMOUR),
    )
    check_normalised(evidence, scene, other, draws=2000)


@pytest.mark.parametrize(
    ("scene", "other"),
    [(shaft(), shaft(23.0, 18.0, bottom=25.0)), (forked(), forked(end=24.0))],
    ids=["shaft", "forked"],
)
def test_signs_are_normalised(scene, other):
    rare = {k: SignRate((2.0, 8.0), (2.0, 6.0), r.at_ends, 8.0, r.decoy, "test")
            for k, r in SIGN_RATES.items()}  # fmt: skip
    evidence = signs(
        {"volume_m3": 30.0, "sd_m": 5.0},
        looked(p_notice=0.6),
        prior=PRIOR,
        terms=SignTerms(rates=rare, decoy_share=0.3, decoy_radius_m=15.0, bulking=(1.4, 0.6)),
    )
    check_normalised(evidence, scene, other, draws=1200)


@pytest.mark.parametrize("scene", [shaft(), forked()], ids=["shaft", "forked"])
def test_as_many_signs_are_drawn_as_predicted(scene):
    """Where hardly any look-alikes are: a look that takes in the shaft, and part of the branch."""
    rates = {k: SignRate(r.shown, (1.0, 1e9), r.at_ends, r.spread_m, r.decoy, "test")
             for k, r in SIGN_RATES.items()}  # fmt: skip
    area = looked(1.0, 0.7, area="15 0, 40 0, 40 40, 15 40")
    evidence, rng = signs(area, prior=PRIOR, terms=SignTerms(rates=rates)), np.random.default_rng(1)
    drawn = [evidence.simulate(scene, rng).kind_of for _ in range(2500)]
    count = np.mean([np.bincount(k, minlength=len(SIGN_KINDS)) for k in drawn], axis=0)
    np.testing.assert_allclose(count, evidence.predict(scene)[0], rtol=0.13, atol=0.02)


def lines(*x):
    """Profiles from south to north."""
    n = len(x)
    table = RadarLineTable(
        tuple(f"L{k}" for k in range(n)), list(x), [0.0] * n, list(x), [40.0] * n, [9.0] * n
    )
    return radar_pick_evidence([table], [], PRIOR)


def test_a_profile_over_a_branch_shows_it():
    place, distance = lines(25.0).apexes(forked())
    assert place.shape[1] == 2 * forked().objects.family.shape[1]
    found = np.isfinite(place[0, :, 0])
    assert found.sum() == 1
    assert (place[0, found, 0][0], distance[0, found, 0][0]) == pytest.approx((20.0, 4.0))
    # Beyond its end it is seen from the side; the main drive runs along the other profile, and
    # the branch comes closest to that one where it forks off.
    assert np.isfinite(lines(34.0).apexes(forked())[0]).sum() == 1
    assert np.isnan(lines(9.0).apexes(forked())[0]).all()


def test_a_conduit_of_two_chains_shows_one_apex():
    one = lines(10.0).apexes(conduit())
    assert np.isfinite(one[0]).sum() == 1
    assert np.nanmin(one[1]) == pytest.approx(5.0)


@pytest.mark.parametrize("kind", ["reports", "signs", "radar"])
def test_the_battery(kind):
    prior_scenes = sample_prior(PRIOR, 40, np.random.default_rng(0))
    scenes = concatenate([shaft(), forked(), conduit(), steep_incline(), tunnel(), prior_scenes])
    evidence = {
        "reports": lambda: reports(
            {"x": 18.0, "y": 25.0, "heading_deg": 5.0, "heading_sd_deg": 15.0},
            {"x": 24.0, "kind": "entrance", "source": "guard", "depth_m": 4.0, "depth_sd_m": 1.0},
            {"x": 30.0, "kind": "nothing", "sd_m": 8.0, "source": "walker"},
            prior=PRIOR,
        ),
        "signs": lambda: signs(
            {"x": 28.0, "kind": "subsidence"},
            {"x": 30.0, "y": 39.0, "volume_m3": 150.0},
            looked(1.0, 0.9, area="0 0, 20 0, 20 40, 0 40"),
            prior=PRIOR,
        ),
        "radar": lambda: lines(15.0, 19.0, 25.0, 30.0),
    }[kind]()
    check_evidence(evidence, scenes)
