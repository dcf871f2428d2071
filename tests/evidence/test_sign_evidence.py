"""Signs at the surface: rates, silence, volumes and origins against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import chamber, looked, nothing, signs, site_signs, tunnel
from scipy.integrate import dblquad, quad
from scipy.special import digamma
from scipy.stats import beta as beta_distribution
from scipy.stats import lognorm, norm

from subterra.errors import InputError
from subterra.evidence import SIGN_RATES, ItemisedEvidence, SignRate, SignTerms
from subterra.evidence.looked import Look, chance_seen, coverage_of
from subterra.evidence.place import BLUR
from subterra.evidence.sign_density import heap_density, solid_volume
from subterra.evidence.sign_rates import depth_factor, visibility
from subterra.scene import concatenate
from subterra.tables import SEASONS, SIGN_KINDS, WEATHERS, RowError
from subterra.testing import check_normalised

SHORT = tunnel(20.0, y=(10.0, 30.0))
NO_DECOYS = SignTerms(decoy_share=0.0)


def only(kind):
    """Rates at which nothing but one kind is ever seen, target or not."""
    never = SignRate((1.0, 1e9), (1.0, 9.0), False, 5.0, False, "test")
    return {k: (SIGN_RATES[k] if k == kind else never) for k in SIGN_KINDS}


HEAPS = SignTerms(rates=only("spoil"))


def log_ratio(evidence, scene, other=None):
    logs = evidence.log_likelihood(concatenate([scene, other or nothing()]))
    return logs[0] - logs[1]


def missing(beta, covered):
    """E (1 − p)^c over Beta(a, b): no such sign is noticed."""
    a, b = beta
    return quad(lambda p: (1 - p) ** covered * beta_distribution.pdf(p, a, b), 0.0, 1.0)[0]


def factor(kind, depth=5.0, radius=1.0):
    return float(depth_factor(kind, np.array([depth - radius]), np.array([2.0 * radius]))[0])


@pytest.mark.parametrize("p_notice", [0.3, 0.9])
def test_silence_of_an_area_looked_at(p_notice):
    """Π over kinds of E (1 − p)^(s c): where signs would have shown, none is evidence of none."""
    row = looked(p_notice=p_notice, season="winter", weather="frost")
    expected = 0.0
    for kind, rate in SIGN_RATES.items():
        chance = chance_seen(SignTerms(), kind)[0]
        noticed = p_notice * visibility(kind, "winter", "frost")[0]
        covered = factor(kind) * (1.0 - (1.0 - chance) * (1.0 - noticed))
        expected += np.log(missing(rate.shown, covered))
    found = log_ratio(signs(row), SHORT)
    assert found == pytest.approx(expected, rel=1e-4)
    assert -np.inf < found < 0.0


def test_silence_lowers_the_more_the_better_one_looked():
    found = [log_ratio(signs(looked(p_notice=p)), SHORT) for p in (0.05, 0.3, 0.6, 0.95)]
    assert np.all(np.diff(found) < 0.0)
    once, better = (looked(p_notice=p, weather="dry") for p in (0.3, 0.51))
    twice = log_ratio(signs(once, once, terms=HEAPS), SHORT)
    # Two looks that miss independently are one look that misses less, not twice the evidence.
    assert twice == pytest.approx(log_ratio(signs(better, terms=HEAPS), SHORT))


def test_silence_speaks_only_of_what_was_looked_at():
    here = looked(1.0, area="12 0, 28 0, 28 40, 12 40")
    there = looked(1.0, area="0 0, 8 0, 8 40, 0 40")
    chance = log_ratio(signs({"kind": "vent", "x": 500.0, "y": 500.0}), SHORT)
    assert log_ratio(signs(here), SHORT) < 3.0 * log_ratio(signs(there), SHORT) < 0.0
    assert log_ratio(signs(there), tunnel(4.0)) < log_ratio(signs(there), SHORT)
    assert chance < 0.0


def test_steam_that_is_not_seen_in_summer_says_less_than_in_winter():
    terms = SignTerms(rates=only("steam"))
    winter, summer = (
        log_ratio(signs(looked(season=s, weather=w), terms=terms), SHORT)
        for s, w in (("winter", "frost"), ("summer", "dry"))
    )
    assert winter < 2.0 * summer < 0.0
    item = {"kind": "steam", "x": 20.0, "y": 20.0}
    clear, fog = (
        log_ratio(signs({**item, "season": "winter", "weather": w}), SHORT)
        for w in ("frost", "fog")
    )
    assert clear > fog + 1.0


def slow_density(kind, x, sd):
    """Density of a sign at (x, 20) of SHORT, 1/m²."""
    rate = SIGN_RATES[kind]
    wide = np.hypot(sd, rate.spread_m)
    y = np.array([10.0, 30.0]) if rate.at_ends else 10.0 + 20.0 * (np.arange(4000) + 0.5) / 4000
    return float(np.mean(norm.pdf(x, 20.0, wide) * norm.pdf(20.0, y, wide)))


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_two_hypotheses(kind):
    """One sign, seen by chance: E e^(−νsc − μc)(ν s c K + μ c U) over that with ν = 0."""
    rate, terms = SIGN_RATES[kind], SignTerms(rates=only(kind), decoy_share=0.0)
    wide = np.hypot(4.0, rate.spread_m)
    even = (40.0 + BLUR * wide) ** -2
    seen, alike = chance_seen(terms, kind)
    strength, dense = factor(kind), slow_density(kind, 22.0, 4.0)
    shown, mimicked = beta_distribution(*rate.shown), beta_distribution(*rate.mimicked)

    def both(p, q):
        nu, mu = -np.log1p(-p), -np.log1p(-q)
        weight = shown.pdf(p) * mimicked.pdf(q)
        rates = nu * strength * seen * dense + mu * alike * even
        return weight * np.exp(-nu * strength * seen - mu * alike) * rates

    def one(q):
        mu = -np.log1p(-q)
        return mimicked.pdf(q) * np.exp(-mu * alike) * mu * alike * even

    upper = dblquad(both, 0.0, 1.0, 0.0, 1.0, epsabs=1e-10, epsrel=1e-5)[0]
    lower = quad(one, 0.0, 1.0)[0]
    found = log_ratio(signs({"kind": kind, "x": 22.0}, terms=terms), SHORT)
    assert found == pytest.approx(np.log(upper / lower), abs=0.02)


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_a_sign_over_a_target_speaks_for_it_and_one_far_away_does_not(kind):
    near, far = ({"kind": kind, "sd_m": 3.0, "x": x, "y": y} for x, y in ((20, 30), (3000, 20)))
    assert log_ratio(signs(near), SHORT) > 0.1
    assert log_ratio(signs(far), SHORT) < 0.0


def test_what_is_no_target_shows_no_signs():
    assert log_ratio(site_signs(), chamber(20.0)) == 0.0


@settings(deadline=None, max_examples=30)
@given(st.floats(1.0, 1e5), st.floats(1.0, 1e5), st.floats(0.1, 1.0))
def test_heap_volume_is_a_share_of_a_log_normal(volume, loose, sd):
    def slow(z):
        whole = loose * np.exp(sd * z)
        return norm.pdf(z) / whole if whole > volume else 0.0

    edge = np.clip(np.log(volume / loose) / sd, -12.0, 12.0)
    expected = quad(slow, -12.0, 12.0, points=[edge], limit=200)[0]
    assert heap_density(volume, loose, sd) == pytest.approx(expected, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(("loose", "sd"), [(100.0, 0.3), (5.0, 1.0)])
def test_heap_volume_is_a_density(loose, sd):
    log_v = np.linspace(-30.0, 15.0, 200_001)
    dense = np.array([heap_density(v, loose, sd) * v for v in np.exp(log_v)])
    assert np.trapezoid(dense, log_v) == pytest.approx(1.0, abs=1e-4)


def test_the_volume_balance_of_a_two_metre_square_tunnel():
    """2 × 2 × 2,000 m is 8,000 m³ solid, 11,200 m³ loose at a bulking of 1.4."""
    side = tunnel(20.0, 50.0, 2.0 / np.sqrt(np.pi), y=(0.0, 2000.0))
    assert solid_volume(side.objects)[0, 0] == pytest.approx(8000.0, rel=1e-6)
    ball = chamber(radius=3.0)
    assert solid_volume(ball.objects)[0, 0] == pytest.approx(36.0 * np.pi, rel=1e-6)


def test_a_heap_larger_than_the_tunnel_would_give_is_of_something_else():
    """SHORT gives 63 m³ solid and 88 m³ loose."""
    heap = {"x": 20.0, "y": 34.0}
    said = {v: log_ratio(signs({**heap, "volume_m3": v}, terms=NO_DECOYS), SHORT)
            for v in (20.0, 80.0, 400.0, 4000.0)}  # fmt: skip
    plain = log_ratio(signs(heap, terms=NO_DECOYS), SHORT)
    assert said[20.0] > plain > said[400.0] > said[4000.0]
    silent = log_ratio(signs({"kind": "spoil", "x": 3e5}, terms=NO_DECOYS), SHORT)
    assert said[4000.0] == pytest.approx(silent, abs=0.05)
    longer = tunnel(20.0, y=(10.0, 900.0))
    big = {**heap, "volume_m3": 3000.0, "y": 10.0}
    assert log_ratio(signs(big, terms=NO_DECOYS), longer, SHORT) > 0.3


def test_heaps_of_other_origin_are_a_density():
    shape, median = SignTerms().heap_m3[1], SignTerms().heap_m3[0]
    v = 75.0
    heap = signs({"volume_m3": v}, terms=NO_DECOYS)
    bare = signs({}, terms=NO_DECOYS)
    gap = heap.log_likelihood(nothing()) - bare.log_likelihood(nothing())
    assert gap[0] == pytest.approx(lognorm.logpdf(v, shape, scale=median))


def test_signs_of_one_hand_count_once():
    one = {"kind": "spoil", "origin": "hand"}
    once = log_ratio(signs(one), SHORT)
    assert log_ratio(signs(*[one] * 10), SHORT) == pytest.approx(once, abs=1e-9)
    apart_terms = SignTerms(one_hand_m=0.0)
    alone = log_ratio(signs({"kind": "spoil"}, {"kind": "spoil"}, terms=apart_terms), SHORT)
    assert alone > once + 0.1
    # A false entrance beside its heap is one story, too.
    pair = signs(one, {**one, "kind": "entrance", "y": 30.0})
    apart = signs({"kind": "spoil"}, {"kind": "entrance", "y": 30.0}, terms=apart_terms)
    assert log_ratio(pair, SHORT) < log_ratio(apart, SHORT)


def test_openings_and_heaps_close_together_are_of_one_hand_in_chains():
    rows = [
        {"kind": "entrance", "x": 0.0},
        {"x": 25.0},
        {"kind": "vent", "x": 50.0},
        {"x": 90.0},
        {"kind": "steam", "x": 1.0},
        {"x": 2.0, "origin": "told"},
    ]
    found = signs(*rows).origins
    assert len({found[k] for k in ("s0", "s1", "s2")}) == 1
    assert len({found[k] for k in ("s0", "s3", "s4", "s5")}) == 4
    assert found["s5"] == "told"
    assert len(set(signs(*rows, terms=SignTerms(one_hand_m=0.0)).origins.values())) == 6
    scenes = concatenate([SHORT, nothing()])
    named = [{**row, "origin": "a"} if k < 3 else row for k, row in enumerate(rows)]
    np.testing.assert_allclose(
        signs(*rows).log_likelihood(scenes), signs(*named).log_likelihood(scenes), atol=1e-9
    )


def test_cover_shuts_subsidence_out():
    """Three heights let everything through, ten nothing much."""
    height = np.array([2.0])
    for cover, expected in ((-1.0, 1.0), (6.0, 1.0), (13.0, 0.5), (20.0, 0.01), (500.0, 0.01)):
        assert depth_factor("subsidence", np.array([cover]), height)[0] == pytest.approx(expected)
    item = {"kind": "subsidence", "sd_m": 2.0}
    shallow, deep = (log_ratio(signs(item), tunnel(20.0, d, y=(10.0, 30.0))) for d in (4.0, 14.5))
    assert shallow > deep + 0.3


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_what_can_be_seen_is_a_share(kind):
    every = [visibility(kind, s, w) for s in ("", *SEASONS) for w in ("", *WEATHERS)]
    assert np.all((np.array(every) > 0.0) & (np.array(every) <= 1.0))


def test_areas_of_discs_and_polygons():
    disc = Look("a", (10.0, 10.0), 5.0, None, 0.5, "", "")
    x, y = np.array([10.0, 14.9, 15.1]), np.array([10.0, 10.0, 10.0])
    assert disc.holds(x, y).tolist() == [True, True, False]
    ell = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 5.0], [5.0, 5.0], [5.0, 20.0], [0.0, 20.0]])
    look = Look("b", (0.0, 0.0), 1.0, ell, 0.5, "", "")
    x, y = np.array([2.0, 15.0, 15.0, 2.0, -1.0]), np.array([2.0, 2.0, 15.0, 19.0, 2.0])
    assert look.holds(x, y).tolist() == [True, True, False, True, False]
    cover = coverage_of((look, disc), (0.0, 0.0, 40.0, 40.0))
    spoil = SIGN_KINDS.index("spoil")
    seen = 0.5 * visibility("spoil")[0]
    missed = cover.missed_at(
        spoil, np.array([2.0, 11.0, 39.0, 400.0]), np.array([2.0, 11.0, 39.0, 0])
    )
    np.testing.assert_allclose(missed[0], [1 - seen, 1 - seen, 1.0, 1.0])
    # They overlap by next to nothing: the disc bulges by 0 m into the corner of the polygon.
    covered = seen * (175.0 + 25.0 * np.pi) / 1600.0
    inner = slice(64, 128)
    found = cover.missed[spoil, 1, inner, inner].mean()
    assert found == pytest.approx(1.0 - covered, abs=1e-3)


@pytest.mark.parametrize("radius", [0.05, 0.3, 2.0])
def test_small_areas_are_not_lost_between_the_cells(radius):
    disc = Look("a", (11.3, 23.7), radius, None, 0.5, "", "")
    cover = coverage_of((disc,), (0.0, 0.0, 40.0, 40.0))
    spoil = SIGN_KINDS.index("spoil")
    seen = (1.0 - cover.missed[spoil, 1]).sum() * (40.0 / 64.0) ** 2
    expected = 0.5 * visibility("spoil")[1] * np.pi * radius**2
    assert seen == pytest.approx(expected, rel=0.02)


def beyond(edge):
    """Look at all that lies west of an edge, as far as the raster goes and further."""
    return looked(1.0, 0.7, area=f"-9000 -9000, {edge} -9000, {edge} 9000, -9000 9000")


@pytest.mark.parametrize("edge", [-12.4, 3.1, 20.0, 31.7])
@pytest.mark.parametrize("kind", ["spoil", "steam", "entrance"])
def test_silence_of_an_area_that_takes_in_part_of_where_signs_would_be(kind, edge):
    """Signs spread normally around x = 20: the look sees Φ((edge − 20)/spread) of them."""
    rate, terms = SIGN_RATES[kind], SignTerms(rates=only(kind))
    share = norm.cdf((edge - 20.0) / np.hypot(5.0, rate.spread_m))
    chance = chance_seen(terms, kind)[0]
    covered = 1.0 - (1.0 - chance) * (1.0 - share * 0.7 * visibility(kind)[0])
    found = log_ratio(signs(beyond(edge), terms=replace(terms, decoy_share=0.0)), SHORT)
    assert found == pytest.approx(np.log(missing(rate.shown, covered)), rel=0.01)


@pytest.mark.parametrize("edge", [-12.4, 20.0, 31.7])
def test_look_alikes_of_an_area_that_takes_in_part_of_the_site(edge):
    """Even over the site and fading beyond it; counted as they are drawn."""
    rate = SIGN_RATES["spoil"]
    wide = np.hypot(5.0, rate.spread_m)
    tail, even = 0.5 * BLUR * wide + 10.0, 1.0 / (40.0 + BLUR * wide)
    whole = even * (40.0 + 2.0 * tail)
    # Beyond its raster, from -40 on, the look goes on as it is at its edge.
    west = even * (tail / (1.0 - min(edge, 0.0) / tail) + max(edge, 0.0))
    chance = chance_seen(SignTerms(), "spoil")[1]
    noticed = 0.7 * visibility("spoil")[1]
    expected = whole * (whole - (1.0 - chance) * (whole - noticed * west))
    often = replace(rate, mimicked=(6.0, 2.0))
    evidence = signs(beyond(edge), terms=SignTerms(rates={**only("spoil"), "spoil": often}))
    mean = digamma(8.0) - digamma(2.0)
    spoil = SIGN_KINDS.index("spoil")
    assert evidence.predict(nothing())[0, spoil] == pytest.approx(mean * expected, rel=5e-3)
    rng = np.random.default_rng(2)
    drawn = [np.sum(evidence.simulate(nothing(), rng).kind_of == spoil) for _ in range(600)]
    assert np.mean(drawn) == pytest.approx(mean * expected, rel=0.15)


@pytest.mark.parametrize(
    ("scene", "other"),
    [(SHORT, tunnel(23.0, y=(12.0, 33.0))), (SHORT, nothing()), (nothing(), SHORT)],
)
def test_signs_are_normalised_as_to_their_number_too(scene, other):
    rare = {k: SignRate((2.0, 8.0), (2.0, 6.0), r.at_ends, 8.0, r.decoy, "test")
            for k, r in SIGN_RATES.items()}  # fmt: skip
    evidence = signs(
        {"volume_m3": 30.0, "sd_m": 5.0},
        looked(p_notice=0.6, season="spring"),
        terms=SignTerms(rates=rare, decoy_share=0.3, decoy_radius_m=15.0, bulking=(1.4, 0.6)),
    )
    check_normalised(evidence, scene, other, draws=1500)


@pytest.mark.parametrize(
    ("scene", "other"),
    [(SHORT, nothing()), (SHORT, tunnel(20.0, y=(28.0, 55.0)))],
)
def test_signs_are_normalised_where_looks_take_in_part_of_the_site(scene, other):
    """An edge runs through the heap's spread, and the other tunnel ends outside the bounds."""
    rare = {k: SignRate((2.0, 8.0), (2.0, 6.0), r.at_ends, 8.0, r.decoy, "test")
            for k, r in SIGN_RATES.items()}  # fmt: skip
    evidence = signs(
        {"volume_m3": 30.0, "sd_m": 5.0},
        {"sd_m": 12.0},
        looked(1.0, 0.9, area="-60 -60, 16 -60, 24 100, -60 100", weather="dry"),
        terms=SignTerms(rates=rare, decoy_share=0.5, decoy_radius_m=15.0, bulking=(1.4, 0.6)),
    )
    check_normalised(evidence, scene, other, draws=1200)


def test_items_can_be_left_out():
    evidence = site_signs()
    assert isinstance(evidence, ItemisedEvidence)
    assert evidence.item_ids == ("s0", "s1", "s2", "s3", "s4", "s5")
    assert evidence.origins["s2"] == evidence.origins["s3"] == "a hand"
    assert evidence.origins["s4"] == "area s4"
    rows = [
        {"kind": "steam", "x": 19.0},
        {"volume_m3": 90.0, "origin": "h"},
        {"kind": "entrance", "origin": "h"},
        looked(30.0, 0.6),
    ]
    scenes = concatenate([SHORT, tunnel(9.0), nothing()])
    whole = signs(*rows)
    for gone in ((), (1,), (0, 3), (0, 1, 2, 3)):
        left = whole.without([f"s{k}" for k in gone])
        again = signs(*[row for k, row in enumerate(rows) if k not in gone])
        np.testing.assert_allclose(
            left.log_likelihood(scenes), again.log_likelihood(scenes), atol=1e-9
        )
        assert set(left.origins) == set(left.item_ids)
    with pytest.raises(InputError, match="no such item"):
        whole.without(["x"])


def test_prediction_is_the_expected_number():
    evidence, rng = signs(looked(p_notice=0.7), {"kind": "vent"}), np.random.default_rng(0)
    drawn = [evidence.simulate(SHORT, rng).kind_of for _ in range(3000)]
    count = np.mean([np.bincount(k, minlength=len(SIGN_KINDS)) for k in drawn], axis=0)
    np.testing.assert_allclose(count, evidence.predict(SHORT)[0], rtol=0.12, atol=0.02)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"kind": "vent", "volume_m3": 3.0}, "volume_m3"),
        ({"kind": "looked"}, "p_notice"),
        ({"kind": "vent", "p_notice": 0.5}, "p_notice"),
        ({"kind": "vent", "area": "0 0, 1 0, 1 1"}, "area"),
        (looked(area="0 0, 1 0"), "area"),
        (looked(area="0 0, 1 x, 2 2"), "area"),
        (looked(origin="o"), "origin"),
        ({"season": "monsoon"}, "season"),
        ({"kind": "crater"}, "kind"),
    ],
)
def test_rows_that_cannot_be_used(row, column):
    with pytest.raises(RowError) as caught:
        signs({}, row)
    assert caught.value.field == column
    assert caught.value.row == 1


@pytest.mark.parametrize(
    "wrong",
    [{"rates": {}}, {"seen_by_chance": 0.0}, {"decoy_share": 1.0}, {"bulking": (1.4, 0.0)}],
)
def test_terms_that_cannot_be(wrong):
    with pytest.raises(InputError):
        SignTerms(**wrong)
