"""Scenes as data, the prior over them, and the way from quantiles to objects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare, kstest

from subterra.errors import InputError
from subterra.scene import (
    DEFAULT_FAMILIES,
    FAMILIES,
    N_PARAMETERS,
    N_SLOTS,
    N_VERTICES,
    PARAMETERS,
    Plane,
    Prior,
    concatenate,
    decode_objects,
    family_code,
    fill_code,
    fold,
    log_count_table,
    make_scene,
    object_counts,
    prior_any,
    sample_prior,
    slot,
    take,
    target_mask,
)

BOUNDS = (10.0, -20.0, 130.0, 60.0)
PRIOR = Prior(BOUNDS, 25.0)
SLOPING = replace(PRIOR, surface=Plane(300.0, 0.08, -0.05))
N = 20000


def drawn(prior=PRIOR, n=N, seed=0):
    return sample_prior(prior, n, np.random.default_rng(seed))


@pytest.mark.parametrize("p_none", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("targets", [("driven",), ("driven", "working"), ("chamber",)])
def test_numbers_of_targets(p_none, targets):
    prior = Prior(BOUNDS, 25.0, targets=targets, p_none=p_none)
    table = np.exp(log_count_table(prior))
    assert table.sum() == pytest.approx(1.0)
    assert table[0].sum() == pytest.approx(p_none)
    assert table.sum(axis=1)[1:] == pytest.approx((1 - p_none) * np.array([0.8, 0.16, 0.04]))
    assert prior_any(prior) == pytest.approx(1.0 - p_none)
    i, j = np.indices(table.shape)
    assert np.all(table[i + j > N_SLOTS] == 0.0)
    n_target, n_other = object_counts(drawn(prior).objects.family, prior)
    seen = np.bincount((N_SLOTS + 1) * n_target + n_other, minlength=table.size)
    possible = table.ravel() > 0.0
    assert np.all(seen[~possible] == 0)
    assert chisquare(seen[possible], N * table.ravel()[possible]).pvalue > 1e-4


def test_other_objects_are_poisson_cut_at_the_free_slots():
    """0.3 chambers per site: P(0) : P(1) : P(2) = 1 : 0.3 : 0.045 whatever the targets."""
    table = np.exp(log_count_table(PRIOR))
    for row in table[:3]:
        assert row[1] / row[0] == pytest.approx(0.3)
    assert table[0, 2] / table[0, 0] == pytest.approx(0.045)
    lonely = replace(
        PRIOR, families={k: replace(v, expected=0.0) for k, v in DEFAULT_FAMILIES.items()}
    )
    assert np.all(np.exp(log_count_table(lonely))[:, 1:] == 0.0)
    assert not (drawn(lonely).objects.family == family_code("chamber")).any()


def test_fills_follow_their_family():
    objects = drawn().objects
    for name, item in DEFAULT_FAMILIES.items():
        fill = objects.fill[objects.family == family_code(name)]
        if len(fill):
            counts = np.bincount(fill, minlength=3)
            assert chisquare(counts, len(fill) * np.array(item.fill)).pvalue > 1e-4
    assert target_mask(PRIOR).tolist() == [name == "driven" for name in FAMILIES]


@pytest.mark.parametrize("prior", [PRIOR, SLOPING, Prior(BOUNDS, 4.0, targets=("working",))])
def test_objects_lie_where_the_prior_says(prior):
    scenes = drawn(prior)
    objects = scenes.objects
    depth = prior.surface.at(objects.x.astype(float), objects.y.astype(float)) - objects.z
    for name, item in DEFAULT_FAMILIES.items():
        mine = objects.family == family_code(name)
        if not mine.any():
            continue
        radius = objects.radius[mine]
        assert np.all((item.radius_m[0] <= radius * 1.0001) & (radius <= item.radius_m[1] * 1.0001))
        # Nothing comes out of the ground.
        assert np.all(depth[mine] > 1.05 * radius[:, None])
        if name == "chamber":
            x, y = objects.x[mine], objects.y[mine]
            assert np.all(x == x[:, :1])
            assert x.min() >= BOUNDS[0] - 1e-3
            assert x.max() <= BOUNDS[2] + 1e-3
            assert y.min() >= BOUNDS[1] - 1e-3
            assert y.max() <= BOUNDS[3] + 1e-3
            assert depth[mine].max() < max(prior.depth_m, 1.2 * radius.max()) * 1.01


@pytest.mark.parametrize("prior", [PRIOR, SLOPING])
def test_lines_pass_through_the_bounds(prior):
    objects = drawn(prior, 4000).objects
    mine = objects.family == family_code("driven")
    knot, fine = np.linspace(0.0, 1.0, N_VERTICES), np.linspace(0.0, 1.0, 400)
    x, y = (
        np.array([np.interp(fine, knot, line) for line in v[mine]]) for v in (objects.x, objects.y)
    )
    inside = (BOUNDS[0] <= x) & (x <= BOUNDS[2]) & (BOUNDS[1] <= y) & (y <= BOUNDS[3])
    # A bend or a portal takes a few of those that only clip a corner out of the bounds.
    assert inside.any(axis=1).mean() > 0.98


def test_lines_are_as_dense_everywhere():
    """Heading and offset are uniform: the mean length of line over each cell is the same."""
    objects = drawn(replace(PRIOR, p_none=0.01)).objects
    mine = objects.family == family_code("driven")
    knot, fine = np.linspace(0.0, 1.0, N_VERTICES), np.linspace(0.0, 1.0, 200)
    x, y = (
        np.array([np.interp(fine, knot, line) for line in v[mine]]) for v in (objects.x, objects.y)
    )
    length = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1)).ravel()
    edges = (np.linspace(BOUNDS[0], BOUNDS[2], 4), np.linspace(BOUNDS[1], BOUNDS[3], 3))
    cells, _, _ = np.histogram2d(x[:, 1:].ravel(), y[:, 1:].ravel(), edges, weights=length)
    assert cells.max() / cells.min() < 1.25


def test_contrasts_are_tied_to_fill_and_host():
    scenes = drawn()
    objects, host = scenes.objects, scenes.host_density[:, None]
    air, water, rubble = (
        (objects.family > 0) & (objects.fill == fill_code(f)) for f in ("air", "water", "rubble")
    )
    share = -objects.density_contrast / host
    assert share[air] == pytest.approx(np.ones(air.sum()), rel=1e-5)
    assert np.broadcast_to(-objects.density_contrast, air.shape)[water] == pytest.approx(
        np.broadcast_to(host - 1000.0, air.shape)[water], rel=1e-5
    )
    assert np.all((share[rubble] > 0.149) & (share[rubble] < 0.351))
    ratio = objects.conductivity_ratio
    assert np.all(ratio[air] == 0.0)
    assert np.all((ratio[water] >= 0.999) & (ratio[water] <= 10.01))
    assert np.all((ratio[rubble] >= 0.099) & (ratio[rubble] <= 3.01))
    empty = objects.family == 0
    assert np.all(objects.density_contrast[empty] == 0.0)
    assert np.all(ratio[empty] == 1.0)
    for halo in (objects.halo_gravity, objects.halo_resistivity):
        assert kstest(np.log(halo[air]) / 0.3, "norm").pvalue > 1e-4


def test_site_state_is_uniform_and_log_uniform():
    scenes = drawn()
    density = (scenes.host_density - 1800.0) / 900.0
    assert kstest(density, "uniform").pvalue > 1e-4
    assert kstest(np.log10(scenes.host_resistivity) / 3.0 - 1.0 / 3.0, "uniform").pvalue > 1e-4


unit_cube = arrays(np.float64, (6, N_PARAMETERS), elements=st.floats(0.02, 0.98))
# Off the walls, where inside and outside are a matter of rounding.
off_walls = st.integers(-160, 223).map(lambda k: (k + 0.5) / 64.0)
proposals = arrays(np.float64, (6, N_PARAMETERS), elements=off_walls)
lines_only = np.ones(6, np.int8)


def shape_of(prior, family, unit):
    fill = np.zeros(len(unit), np.int8)
    made = decode_objects(prior, family, fill, unit, np.full(len(unit), 2300.0))
    return np.stack([made.x, made.y, made.z])


@settings(deadline=None, max_examples=40)
@given(proposals, arrays(np.int8, 6, elements=st.integers(0, 3)))
def test_folded_proposals_are_in_the_cube(unit, family):
    folded = fold(family, unit)
    assert np.all((folded >= 0.0) & (folded <= 1.0))
    assert fold(family, folded) == pytest.approx(folded, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(unit_cube)
def test_a_line_turned_by_half_is_the_same_line(unit):
    """A heading beyond the half turn comes back with offset, place, grade and bend mirrored."""
    unit[:, PARAMETERS.index("offset")] = 0.5 + 0.6 * (unit[:, PARAMETERS.index("offset")] - 0.5)
    here = shape_of(PRIOR, lines_only, unit)
    for turns in (1.0, -1.0):
        turned = unit.copy()
        turned[:, 0] += turns
        turned[:, [1, 2, 5, 6]] = 1.0 - turned[:, [1, 2, 5, 6]]
        there = shape_of(PRIOR, lines_only, fold(lines_only, turned))
        assert there == pytest.approx(here, abs=2e-3)


@settings(deadline=None, max_examples=30)
@given(unit_cube, st.floats(1e-6, 1e-4))
def test_crossing_the_half_turn_is_a_small_step(unit, step):
    """Just before and just after due north a line is nearly the same line."""
    before, after = unit.copy(), unit.copy()
    before[:, 0], after[:, 0] = 1.0 - step, 1.0 + step
    here = shape_of(PRIOR, lines_only, before)
    there = shape_of(PRIOR, lines_only, fold(lines_only, after))[:, :, ::-1]
    assert there == pytest.approx(here, abs=0.3)


def test_chambers_reflect_at_their_walls():
    unit = np.full((2, N_PARAMETERS), 0.5)
    unit[:, 0] = (-0.1, 1.2)
    folded = fold(np.full(2, family_code("chamber"), np.int8), unit)
    assert folded[:, 0] == pytest.approx([0.1, 0.8])
    assert folded[:, 1:] == pytest.approx(0.5)


def test_a_grade_rises_along_the_heading():
    unit = np.full((1, N_PARAMETERS), 0.5)
    unit[0, PARAMETERS.index("heading")] = 0.25
    unit[0, PARAMETERS.index("grade")] = 0.9
    for prior in (PRIOR, SLOPING):
        x, y, z = shape_of(prior, np.ones(1, np.int8), unit)[:, 0]
        assert x[-1] - x[0] == pytest.approx(y[-1] - y[0], rel=1e-3)
        run = np.hypot(x[-1] - x[0], y[-1] - y[0])
        assert (z[-1] - z[0]) / run == pytest.approx(0.03 * 1.2816, rel=0.01)


def test_scenes_by_hand():
    scene = make_scene(
        [
            {
                "family": "working",
                "fill": "water",
                "axis": [[0, 0, -4], [30, 40, -4]],
                "radius": 1.2,
            },
            {"family": "chamber", "fill": "rubble", "axis": [[5, 5, -6]], "radius": 2.0},
        ],
        host_density=2500.0,
        host_resistivity=90.0,
    )
    assert len(scene) == 1
    objects = scene.objects
    assert objects.family.tolist() == [[2, 3, 0]]
    assert objects.x[0, 0] == pytest.approx([0.0, 7.5, 15.0, 22.5, 30.0])
    assert objects.density_contrast[0, :2] == pytest.approx([-1500.0, -575.0])
    assert objects.conductivity_ratio[0, :2] == pytest.approx([5.0, 1.0])
    assert np.isnan(scene.unit).all()
    with pytest.raises(InputError, match="at most 3 objects, found 4"):
        make_scene([{"family": "driven", "fill": "air", "axis": [[0, 0, -4]], "radius": 1.0}] * 4)
    with pytest.raises(InputError, match="unknown family 'cave'"):
        make_scene([{"family": "cave", "fill": "air", "axis": [[0, 0, -4]], "radius": 1.0}])
    with pytest.raises(InputError, match="unknown fill 'beer'"):
        make_scene([{"family": "driven", "fill": "beer", "axis": [[0, 0, -4]], "radius": 1.0}])


def test_taking_and_joining():
    scenes = drawn(n=50)
    again = concatenate([take(scenes, slice(0, 20)), take(scenes, np.arange(20, 50))])
    for name, value in vars(scenes.objects).items():
        assert np.array_equal(getattr(again.objects, name), value), name
        assert np.array_equal(getattr(slot(scenes, 1), name), value[:, 1]), name
    assert np.array_equal(again.host_density, scenes.host_density)
    which = np.arange(50) % N_SLOTS
    assert np.array_equal(slot(scenes, which).x, scenes.objects.x[np.arange(50), which])
    few = take(scenes, scenes.host_density > 2400.0)
    assert np.all(few.host_density > 2400.0)


def test_the_same_seed_draws_the_same_scenes():
    one, two, other = drawn(n=200), drawn(n=200), drawn(n=200, seed=1)
    assert np.array_equal(one.objects.x, two.objects.x)
    assert np.array_equal(one.unit, two.unit)
    assert not np.array_equal(one.unit, other.unit)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bounds": (0.0, 0.0, 0.0, 5.0)}, "bounds must be"),
        ({"depth_m": 0.0}, "depth must be positive"),
        ({"depth_m": float("nan")}, "depth must be positive"),
        ({"p_none": 1.0}, "between 0 and 1"),
        ({"targets": ()}, "at least one family"),
        ({"targets": ("cave",)}, "unknown family"),
        ({"targets": ("driven",), "families": {}}, "no prior is given"),
    ],
)
def test_impossible_priors_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        replace(PRIOR, **change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length_m": (5.0, 5.0)}, "length_m must be"),
        ({"radius_m": (-1.0, 5.0)}, "radius_m must be"),
        ({"fill": (0.5, 0.6, 0.1)}, "sum to 1"),
        ({"expected": -0.1}, "must be >= 0"),
        ({"name": "none"}, "unknown family"),
    ],
)
def test_impossible_families_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        replace(DEFAULT_FAMILIES["driven"], **change)
