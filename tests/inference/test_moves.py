"""Every move leaves the prior alone; every proposal has the density that it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import chi2, kstest, truncnorm

from subterra.inference.bins import COLUMNS, sizes
from subterra.inference.births import births, log_born
from subterra.inference.lobes import Lobes
from subterra.inference.moves import MOVES, propose
from subterra.inference.outlook import Outlook
from subterra.inference.pairs import draw_pairs, make_pairs, pair_density
from subterra.inference.population import Population, put
from subterra.inference.proposals import (
    Cloud,
    ObjectPool,
    draw_objects,
    log_density,
    object_pool,
)
from subterra.inference.scan import Scan, draw_from_scan, make_scan, scan_density
from subterra.inference.start import start_scenes
from subterra.scene import (
    DEFAULT_FAMILIES,
    FAMILIES,
    N_PARAMETERS,
    N_SLOTS,
    Prior,
    Scenes,
    decode_scenes,
    fold,
    log_count_table,
    object_counts,
    sample_prior,
    slot,
)
from subterra.scene.prior import family_weights, log_fill_table

# Seeds are fixed; the level is that of one check among some thousand.
LEVEL = 1e-5
MIRRORED = (1, 2, 5, 6, 11, 12)


@pytest.fixture(scope="module")
def prior() -> Prior:
    """Two target families and three natural ones, so that counts of both sorts change."""
    families = {
        name: replace(item, expected=0.5 if name in ("chamber", "shaft", "conduit") else 0.0)
        for name, item in DEFAULT_FAMILIES.items()
    }
    return Prior((0.0, 0.0, 50.0, 30.0), 9.0, targets=("driven", "working"), families=families)


@pytest.fixture(scope="module")
def outlook() -> Outlook:
    """Rugged densities over place and size for every family, and over some pairs of families."""
    rng = np.random.default_rng(3)
    edges, logs = [], []
    for code in range(len(FAMILIES)):
        e = tuple(np.sort(np.r_[0.0, rng.random(k - 1), 1.0]) for k in (7, 9, 5, 3))
        mass = rng.gamma(0.15, size=(7, 9, 5, 3)) * sizes(e)
        density = 0.9 * mass / mass.sum() / sizes(e) + 0.1
        edges.append(e if code else (np.zeros(1),) * 4)
        logs.append(np.log(density) if code else np.empty((0, 0, 0, 0)))
    n = len(FAMILIES)
    key = [[np.empty(0, np.int64)] * n for _ in range(n)]
    mass = [[np.empty(0)] * n for _ in range(n)]
    # A pair of families may be known one way only, or not at all.
    for f, g in ((1, 1), (1, 3), (3, 1), (2, 1)):
        # All second bins beside a few first ones, so that no box is without draws.
        first = rng.choice(945, size=60, replace=False)
        key[f][g] = np.sort((first[:, None] * 945 + np.arange(945)).ravel())
        one, two = np.divmod(key[f][g], 945)
        heat = rng.gamma(0.5, size=one.size)
        heat *= sizes(edges[f]).ravel()[one] * sizes(edges[g]).ravel()[two]
        mass[f][g] = heat / heat.sum()
    return Outlook(make_scan(edges, logs), make_pairs(key, mass))


def ridge(prior: Prior, n: int, rng: np.random.Generator) -> Scenes:
    """Scenes as after learning: parameters on a narrow ridge, one part of it at the walls."""
    drawn = sample_prior(prior, n, rng)
    along = rng.random((n, N_SLOTS, 1))
    direction = np.where(np.arange(N_PARAMETERS) % 2, 0.8, -0.6)
    unit = 0.5 + direction * (along - 0.5) + 0.02 * rng.standard_normal(drawn.unit.shape)
    unit[: n // 3, :, 3] = np.abs(0.01 * rng.standard_normal((n // 3, N_SLOTS)))
    unit[: n // 3, :, 0] = np.mod(0.03 * rng.standard_normal((n // 3, N_SLOTS)), 1.0)
    family, fill = drawn.objects.family, drawn.objects.fill
    return decode_scenes(prior, family, fill, np.clip(unit, 0.0, 1.0), drawn.site_unit)


def other_scan(outlook: Outlook) -> Scan:
    """Another rugged density over the same bins."""
    densities = []
    for edges, logs in zip(outlook.single.edges, outlook.single.log_density, strict=True):
        other = np.flip(np.exp(logs))
        total = np.sum(other * sizes(edges)) if other.size else 1.0
        densities.append(np.log(other / total))
    return make_scan(outlook.single.edges, densities)


def band(prior: Prior, n: int, rng: np.random.Generator) -> Scenes:
    """Scenes that all of the prior can step to: every quantile goes half with every other."""
    drawn = sample_prior(prior, n, rng)
    shared = rng.standard_normal((n, N_SLOTS, 1))
    z = np.sqrt(0.5) * (shared + rng.standard_normal(drawn.unit.shape))
    family, fill = drawn.objects.family, drawn.objects.fill
    return decode_scenes(prior, family, fill, ndtr(z), drawn.site_unit)


def pool_of(prior: Prior, scenes: Scenes, outlook: Outlook, rng: np.random.Generator) -> ObjectPool:
    """A pool whose best scenes are any of them."""
    return object_pool(
        prior, scenes, rng.standard_normal(len(scenes)), outlook, other_scan(outlook), rng
    )


def assert_counts(observed: np.ndarray, p: np.ndarray) -> None:
    """Chi-square of counts against probabilities; impossible cells must be empty."""
    observed, p = observed.ravel(), p.ravel()
    assert observed[p == 0.0].sum() == 0
    n, use = observed.sum(), p > 0.0
    square = np.sum((observed[use] - n * p[use]) ** 2 / (n * p[use]))
    assert chi2.sf(square, use.sum() - 1) > LEVEL


def assert_uniform(unit: np.ndarray) -> None:
    """Each column uniform, each pair of columns uniform over a grid that sees the corners."""
    assert len(unit) > 1000
    for c in range(unit.shape[1]):
        assert kstest(unit[:, c], "uniform").pvalue > LEVEL
        for other in range(c):
            cells = np.floor(8 * np.clip(unit[:, [c, other]], 0, 1 - 1e-12)).astype(int)
            assert_counts(
                np.bincount(8 * cells[:, 0] + cells[:, 1], minlength=64), np.full(64, 1 / 64)
            )


def assert_prior(prior: Prior, scenes: Scenes) -> None:
    """Counts, families, fills and quantiles of a population against the prior."""
    family, fill = scenes.objects.family, scenes.objects.fill
    n_target, n_other = object_counts(family, prior)
    cells = np.bincount((N_SLOTS + 1) * n_target + n_other, minlength=(N_SLOTS + 1) ** 2)
    assert_counts(cells, np.exp(log_count_table(prior)))
    target, _ = family_weights(prior)
    driven_or_working = family[np.isin(family, np.flatnonzero(target))]
    assert_counts(np.bincount(driven_or_working, minlength=len(FAMILIES)), target)
    for code in range(1, len(FAMILIES)):
        mine = family == code
        assert_counts(np.bincount(fill[mine], minlength=3), np.exp(log_fill_table(prior)[code]))
        assert_uniform(scenes.unit[mine])
    assert_uniform(scenes.site_unit)
    # One place in the set is as good as another: no slot is preferred given the number occupied.
    full = (family > 0).all(axis=1)
    for k in range(N_SLOTS):
        assert kstest(scenes.unit[full, k, 0], "uniform").pvalue > LEVEL


@pytest.mark.parametrize(
    "kinds",
    [
        ("step",),
        ("birth", "death"),
        ("fill",),
        ("switch",),
        ("redraw",),
        ("stride",),
        ("site",),
        ("split", "merge"),
        ("pair",),
        MOVES,
    ],
    ids="+".join,
)
def test_moves_leave_the_prior_invariant(
    prior: Prior, outlook: Outlook, kinds: tuple[str, ...]
) -> None:
    rng = np.random.default_rng(len("+".join(kinds)))
    rare = {"split", "pair", "switch", "redraw"}
    n, sweeps = 16000, 30 if set(kinds) & rare and len(kinds) < 3 else 8
    population = Population(sample_prior(prior, n, rng), (), np.zeros((n, 0)))
    learnt = band if kinds == ("stride",) else ridge
    pool = pool_of(prior, learnt(prior, 900, rng), outlook, rng)
    moved = 0
    for _ in range(sweeps):
        move = propose(prior, population.scenes, pool, rng)
        taken = np.log(rng.random(n)) < move.log_ratio
        taken &= np.isin(move.kind, [MOVES.index(name) for name in kinds])
        changed = Population(move.scenes, (), np.zeros((n, 0)))
        put(population, np.flatnonzero(taken), changed, np.flatnonzero(taken))
        moved += int(taken.sum())
    # So many, or a move that does nothing would pass; some are made rarely.
    assert moved > (0.1 if sweeps == 8 else 0.02) * n
    assert_prior(prior, population.scenes)


def test_a_proposal_differs_in_its_slots_only(prior: Prior, outlook: Outlook) -> None:
    rng = np.random.default_rng(8)
    scenes = sample_prior(prior, 3000, rng)
    move = propose(prior, scenes, pool_of(prior, ridge(prior, 400, rng), outlook, rng), rng)
    able = np.isfinite(move.log_ratio)
    two = np.isin(move.kind, [MOVES.index(name) for name in ("split", "merge", "pair")])
    assert np.array_equal(move.whole, two | (move.kind == MOVES.index("site")))
    differs = (move.scenes.unit != scenes.unit).any(axis=2)
    differs |= move.scenes.objects.family != scenes.objects.family
    differs |= move.scenes.objects.fill != scenes.objects.fill
    at = np.arange(N_SLOTS) == move.slots[:, None]
    assert not differs[~two][~at[~two]].any()
    assert differs[two & able].sum(axis=1).max() == 2
    still = move.kind != MOVES.index("site")
    assert np.array_equal(move.scenes.site_unit[still], scenes.site_unit[still])


@pytest.mark.parametrize(
    ("name", "gain"), [("birth", 1), ("death", -1), ("split", 1), ("merge", -1), ("pair", 0)]
)
def test_moves_change_the_number_as_they_say(
    prior: Prior, outlook: Outlook, name: str, gain: int
) -> None:
    """What is empty cannot die, what is full cannot be born into."""
    rng = np.random.default_rng(8)
    scenes = sample_prior(prior, 4000, rng)
    move = propose(prior, scenes, pool_of(prior, ridge(prior, 400, rng), outlook, rng), rng)
    before = (scenes.objects.family > 0).sum(axis=1)
    after = (move.scenes.objects.family > 0).sum(axis=1)
    mine = move.kind == MOVES.index(name)
    able = mine & np.isfinite(move.log_ratio)
    assert able.any()
    assert np.all(after[able] - before[able] == gain)
    least = {"birth": 0, "death": 1, "split": 1}.get(name, 2)
    assert np.all(before[able] >= least)
    assert np.all(after[able] <= N_SLOTS)


def boxes(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random boxes of the unit cube, (n, P) each."""
    edges = np.sort(rng.random((n, N_PARAMETERS, 2)) * 1.6 - 0.3, axis=2)
    return np.clip(edges[..., 0], 0, 1), np.clip(edges[..., 1], 0, 1)


@pytest.mark.parametrize("learnt", [True, False], ids=["population", "scan"])
@pytest.mark.parametrize("code", [1, 3], ids=["driven", "chamber"])
def test_births_have_the_density_that_they_say(
    prior: Prior, outlook: Outlook, code: int, learnt: bool
) -> None:
    """E_q[1/q over a box] is the volume of the box, whatever the box."""
    rng = np.random.default_rng(10 * code + learnt)
    pool = pool_of(prior, ridge(prior, 1500 if learnt else 4, rng), outlook, rng)
    assert bool(pool.all.learnt[code]) is learnt
    n = 60000
    family = np.full(n, code, np.int8)
    unit = draw_objects(family, pool, rng)
    assert unit.min() >= 0.0
    assert unit.max() <= 1.0
    inverse = np.exp(-log_density(family, unit, pool))
    assert np.mean(inverse) == pytest.approx(1.0, abs=5.0 * np.std(inverse) / np.sqrt(n))
    thin = rng.choice(N_PARAMETERS, size=(40, 2))
    for (low, high), columns in zip(zip(*boxes(rng, 40), strict=True), thin, strict=True):
        inside = np.all((low <= unit)[:, columns] & (unit <= high)[:, columns], axis=1)
        volume = np.prod((high - low)[np.unique(columns)])
        weight = inverse * inside
        assert np.mean(weight) == pytest.approx(
            volume, abs=5.0 * np.std(weight) / np.sqrt(n) + 1e-9
        )


def test_the_mixture_of_births_is_normalised(outlook: Outlook) -> None:
    """E_q[f/q] = 1 for a narrower normal f inside one component, cut at half a turn as it is."""
    rng = np.random.default_rng(9)
    shape = (len(FAMILIES), 96, N_PARAMETERS)
    centre = np.broadcast_to(np.linspace(0.02, 0.9, N_PARAMETERS), shape)
    width = np.broadcast_to(np.where(np.arange(N_PARAMETERS) < 4, 0.3, 0.01), shape[::2])
    count = np.full(len(FAMILIES), 30)
    cloud = Cloud(np.empty((1, N_PARAMETERS)), count, centre, width, np.ones(len(FAMILIES), bool))
    pool = ObjectPool(cloud, cloud, Lobes((), np.empty((0, 0))), outlook, outlook.single)
    n = 60000
    family = np.full(n, 1, np.int8)
    unit = draw_objects(family, pool, rng)
    away = np.mod(unit - centre[1, 0] + 0.5, 1.0) - 0.5
    narrow = 0.85 * width[1]
    density = truncnorm.pdf(away, -0.5 / narrow, 0.5 / narrow, scale=narrow).prod(axis=1)
    ratio = density / np.exp(log_density(family, unit, pool))
    assert np.mean(ratio) == pytest.approx(1.0, abs=5.0 * np.std(ratio) / np.sqrt(n))
    assert np.std(ratio) < 4.0


def test_a_cloud_gives_objects_of_the_wanted_family_evenly() -> None:
    count = np.array([0, 3, 0, 2, 0, 0])[: len(FAMILIES)]
    mark = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.5])
    every = np.repeat(mark[:, None], N_PARAMETERS, axis=1)
    flat = np.zeros((len(FAMILIES), N_PARAMETERS))
    cloud = Cloud(every, count, flat[:, None], flat, count > 0)
    assert [u[:, 0].tolist() for u in cloud.unit[:4]] == [[], [0.1, 0.2, 0.3], [], [0.6, 0.7]]
    n = 3000
    for code, marks in ((1, mark[:3]), (2, mark[5:]), (3, mark[3:5])):
        picked = cloud.pick(np.full(n, code, np.int8), np.random.default_rng(code))
        found, times = np.unique(picked[:, 0], return_counts=True)
        assert np.array_equal(found, marks)
        assert np.all(np.abs(times - n / len(marks)) < 5.0 * np.sqrt(n))


def test_scan_draws_have_the_density_that_they_say(outlook: Outlook) -> None:
    rng = np.random.default_rng(5)
    scan = outlook.single
    n = 60000
    family = np.full(n, 1, np.int8)
    everywhere = rng.random((n, N_PARAMETERS))
    over = np.exp(scan_density(scan, family, everywhere))
    assert np.mean(over) == pytest.approx(1.0, abs=5.0 * np.std(over) / np.sqrt(n))
    unit = draw_from_scan(scan, family, rng)
    cell = [np.searchsorted(e, unit[:, c]) - 1 for e, c in zip(scan.edges[1], COLUMNS, strict=True)]
    shape = scan.log_density[1].shape
    mass = np.exp(scan.log_density[1]) * sizes(scan.edges[1])
    coarse = np.bincount(np.ravel_multi_index(cell[:2], shape[:2]), minlength=shape[0] * shape[1])
    assert_counts(coarse, mass.sum(axis=(2, 3)) / mass.sum())


@pytest.mark.parametrize(("f", "g"), [(1, 1), (1, 3), (2, 1), (1, 2), (3, 3)])
def test_pairs_have_the_density_that_they_say(outlook: Outlook, f: int, g: int) -> None:
    """Mixed with the uniform, E_q[1/q over a box] is the volume of the box."""
    rng = np.random.default_rng(10 * f + g)
    single, pair = outlook.single, outlook.pair
    n = 120000
    first, second = np.full(n, f, np.int8), np.full(n, g, np.int8)
    a, b = rng.random((2, n, N_PARAMETERS))
    drawn = rng.random(n) < 0.5
    x, y = draw_pairs(single, pair, first, second, rng)
    a[drawn], b[drawn] = x[drawn], y[drawn]
    density = pair_density(single, pair, first, second, a, b)
    assert np.array_equal(density, pair_density(single, pair, second, first, b, a))
    weight = 1.0 / (0.5 + 0.5 * density)
    at = np.hstack([a[:, COLUMNS], b[:, COLUMNS]])
    for corner in (rng.random((60, 8)) < 0.5).astype(float):
        for some in (slice(0, 4), slice(4, 8), slice(2, 6)):
            sides = np.abs(at - corner)[:, some]
            inside = weight * np.all(sides < 0.6, axis=1)
            error = np.std(inside) / np.sqrt(n)
            assert np.mean(inside) == pytest.approx(0.6**4, abs=5.0 * error)


def test_starting_scenes_reweight_to_the_prior(prior: Prior, outlook: Outlook) -> None:
    rng = np.random.default_rng(6)
    n = 60000
    scenes, log_weight = start_scenes(prior, outlook, n, rng)
    weight = np.exp(log_weight)
    assert weight.max() <= 1.0 / 0.35 + 1e-9
    assert np.mean(weight) == pytest.approx(1.0, abs=5.0 * np.std(weight) / np.sqrt(n))
    occupied = scenes.objects.family[:, 0] > 0
    assert np.std(weight[occupied]) > 0.2
    low, high = boxes(rng, 30)
    for a, b in zip(low[:, [0, 1, 4]], high[:, [0, 1, 4]], strict=True):
        place = scenes.unit[occupied, 0][:, [0, 1, 4]]
        inside = np.all((a <= place) & (place <= b), axis=1) * weight[occupied]
        bound = 5.0 * np.std(inside) / np.sqrt(len(inside)) + 1e-9
        assert np.mean(inside) == pytest.approx(np.prod(b - a), abs=bound)
    # Numbers and families are the prior's without any weight.
    n_target, _ = object_counts(scenes.objects.family, prior)
    assert np.mean(n_target == 0) == pytest.approx(prior.p_none, abs=5.0 * 0.5 / np.sqrt(n))


def _scenes_of(prior: Prior, family: np.ndarray, unit: np.ndarray) -> Scenes:
    n = len(family)
    families = np.zeros((n, N_SLOTS), np.int8)
    families[:, 0] = family
    units = np.full((n, N_SLOTS, N_PARAMETERS), 0.5)
    units[:, 0] = unit
    return decode_scenes(prior, families, np.zeros_like(families), units, np.full((n, 2), 0.5))


def test_a_heading_that_wraps_is_the_same_line(prior: Prior) -> None:
    """Just before and just after half a turn the axis is the same, end for end."""
    rng = np.random.default_rng(7)
    n = 500
    family = rng.choice(np.array([1, 2], np.int8), n)
    unit = 0.02 + 0.96 * rng.random((n, N_PARAMETERS))
    before, after = unit.copy(), unit.copy()
    before[:, 0], after[:, 0] = 1.0 - 1e-9, 1.0 + 1e-9
    after = fold(family, after)
    assert np.all(after[:, 0] < 1e-6)
    for column in range(1, N_PARAMETERS):
        same = 1.0 - before[:, column] if column in MIRRORED else before[:, column]
        assert np.allclose(after[:, column], same, atol=1e-12)
    one, two = (slot(_scenes_of(prior, family, v), 0) for v in (before, after))
    for name in ("x", "y", "z"):
        assert np.allclose(getattr(one, name), getattr(two, name)[:, ::-1], atol=2e-4)
    turned = unit.copy()
    turned[:, 0] += 2.0
    assert np.allclose(fold(family, turned), unit)


def test_a_chamber_reflects_at_the_walls() -> None:
    unit = np.full((2, N_PARAMETERS), 0.5)
    unit[0, 0], unit[1, 1] = 1.2, -0.1
    out = fold(np.full(2, FAMILIES.index("chamber"), np.int8), unit)
    assert out[0, 0] == pytest.approx(0.8)
    assert out[1, 1] == pytest.approx(0.1)


class Hinting:
    """Evidence that suggests drives with a heading in the first tenth of the cube."""

    def suggest(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        unit = rng.random((n, N_PARAMETERS))
        unit[:, 0] *= 0.1
        return np.full(n, FAMILIES.index("driven"), np.int8), unit

    def suggest_log_density(self, family: np.ndarray, unit: np.ndarray) -> np.ndarray:
        mine = (family == FAMILIES.index("driven")) & (unit[:, 0] < 0.1)
        with np.errstate(divide="ignore"):
            return np.log(np.where(mine, 10.0, 0.0))


def test_suggestions_steer_births_and_leave_the_prior_invariant(
    prior: Prior, outlook: Outlook
) -> None:
    rng = np.random.default_rng(12)
    hinted = replace(outlook, hints=(Hinting(),))
    n = 16000
    pool = pool_of(prior, ridge(prior, 900, rng), hinted, rng)
    born = births(prior, 4000, pool, rng)
    plain = births(prior, 4000, replace(pool, outlook=outlook), rng)
    share, without = (np.mean(b.unit[b.family == 1, 0] < 0.1) for b in (born, plain))
    assert share > without + 0.2
    inverse = np.exp(-log_born(prior, born, pool))
    # Each family and fill that can be born has volume 1.
    fills = (np.exp(log_fill_table(prior)) > 0.0).sum(axis=1)
    possible = sum(int(fills[code]) for code in np.unique(born.family))
    assert np.mean(inverse) == pytest.approx(possible, abs=5.0 * np.std(inverse) / np.sqrt(4000))
    population = Population(sample_prior(prior, n, rng), (), np.zeros((n, 0)))
    for _ in range(6):
        move = propose(prior, population.scenes, pool, rng)
        taken = np.log(rng.random(n)) < move.log_ratio
        taken &= np.isin(move.kind, [MOVES.index("birth"), MOVES.index("death")])
        changed = Population(move.scenes, (), np.zeros((n, 0)))
        put(population, np.flatnonzero(taken), changed, np.flatnonzero(taken))
    assert_prior(prior, population.scenes)
