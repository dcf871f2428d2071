"""Travel times and levels between holes: what the evidence says of voids, directions and media."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import PRIOR, cw_radar_table, hole_pair, nothing, traveltime_table, tunnel

from subterra.errors import InputError
from subterra.evidence import cw_radar_evidence, traveltime_evidence
from subterra.scene import Plane, take
from subterra.tables import TravelTimeTable
from subterra.testing import check_normalised

DEPTHS = np.arange(2.0, 12.0, 1.0)
FAST, SLOW = tunnel(19.5, 6.0), tunnel(19.5, 6.0, fill="water")


def directed(strength, seed=1, medium="radar"):
    """Times of dipping beds, slower downwards than upwards, with noise of the stated size."""
    table = traveltime_table(medium, DEPTHS, seed)
    dips = (table.rx_m - table.sx_m) * (table.sz_m - table.rz_m) / table.distance_m**2
    return replace(table, time=table.time * (1.0 + strength * dips))


def test_times_past_an_air_tunnel_favour_it_and_not_a_flooded_one():
    survey = traveltime_evidence([traveltime_table(depths=DEPTHS)], PRIOR, lens=0.03)
    wins = []
    for seed in range(8):
        seen = survey.simulate(FAST, np.random.default_rng(seed))
        air, water, none = (float(seen.log_likelihood(s)[0]) for s in (FAST, SLOW, nothing()))
        wins.append((air - none, air - water))
    assert np.mean(wins, axis=0).min() > 1.0
    assert float(survey.matched_snr(FAST)[0]) > 2.0


def test_lenses_that_are_no_void_make_a_tunnel_harder_to_see():
    table = traveltime_table(depths=DEPTHS)
    seen = [
        float(traveltime_evidence([table], PRIOR, lens=lens).matched_snr(FAST)[0])
        for lens in (0.03, 0.1, 0.2)
    ]
    assert seen[0] > 1.5 * seen[1] > 2.0 * seen[2] > 0.0


def test_levels_behind_a_tunnel_favour_it():
    survey = cw_radar_evidence([cw_radar_table()], PRIOR)
    gain = []
    for seed in range(8):
        seen = survey.simulate(FAST, np.random.default_rng(seed))
        gain.append(float((seen.log_likelihood(FAST) - seen.log_likelihood(nothing()))[0]))
    assert np.mean(gain) > 2.0


def test_an_isotropic_fit_of_anisotropic_times_is_said_to_fail():
    table = directed(0.3)
    isotropic = traveltime_evidence([table], PRIOR, anisotropy="none", lens=0.03)
    assert isotropic.effects()[0].misfit
    ellipse = traveltime_evidence([table], PRIOR, lens=0.03).effects()[0]
    assert ellipse.name == "direction"
    assert not ellipse.misfit


def test_the_structure_test_is_calibrated_on_its_own_models():
    survey = traveltime_evidence([directed(0.0)], PRIOR, anisotropy="none")
    drawn = [survey.simulate(nothing(), np.random.default_rng(k)).effects()[0] for k in range(60)]
    assert drawn[0].freedom >= 2
    p_values = np.array([test.p_value for test in drawn])
    # The grid's noise and amplitude are not those of each draw: between half and twice is enough.
    assert 0.02 <= np.mean(p_values < 0.1) <= 0.25


def test_shots_are_tested_where_asked():
    table = traveltime_table(depths=DEPTHS, shots=True)
    late = {name: 8.0 * (k % 3) for k, name in enumerate(sorted(set(table.shot)))}
    shifted = replace(table, time=table.time + [late[name] for name in table.shot], shot=None)
    survey = traveltime_evidence([shifted], PRIOR)
    assert {t.name: t.misfit for t in survey.effects(table.shot)}["shot"]


def test_a_zero_time_that_a_panel_shares_says_nothing():
    table = traveltime_table(depths=DEPTHS)
    scenes = [FAST, SLOW, nothing()]
    first = traveltime_evidence([table], PRIOR)
    other = replace(first, models=traveltime_evidence([table], PRIOR).models)
    moved = traveltime_evidence([replace(table, time=table.time + 0.5)], PRIOR)
    for scene in scenes:
        assert float(other.log_likelihood(scene)[0]) == float(first.log_likelihood(scene)[0])
        # Host, floor and wavelength follow the times; only those may move the likelihood.
        assert float(moved.log_likelihood(scene)[0] - moved.log_likelihood(nothing())[0]) == (
            pytest.approx(
                float(first.log_likelihood(scene)[0] - first.log_likelihood(nothing())[0]), abs=0.6
            )
        )


def test_radar_picks_that_the_air_may_have_overtaken_count_less():
    shallow = traveltime_table(depths=(0.2, 6.0))
    survey = traveltime_evidence([shallow, traveltime_table(depths=DEPTHS)], PRIOR)
    by_depth = survey.models.sd[:4]
    assert by_depth[0] > 10.0 * by_depth[3]
    deep = replace(PRIOR, surface=Plane(50.0))
    buried = traveltime_evidence([shallow, traveltime_table(depths=DEPTHS)], deep)
    assert buried.models.sd[0] < 3.0 * buried.models.sd[3]


def test_media_do_not_mix_and_words_are_known():
    with pytest.raises(InputError, match="two surveys"):
        traveltime_evidence([traveltime_table(), traveltime_table("seismic")], PRIOR)
    with pytest.raises(InputError, match="known: none, elliptical, weak"):
        traveltime_evidence([traveltime_table()], PRIOR, anisotropy="isotropic")
    with pytest.raises(InputError, match="at least 5 data"):
        traveltime_evidence([traveltime_table(depths=(3.0, 5.0))], PRIOR)


def test_units_do_not_matter():
    table = traveltime_table(depths=DEPTHS)
    micro = replace(table, unit="us", time=table.time * 1e-3, sd=table.sd * 1e-3)
    first, second = traveltime_evidence([table], PRIOR), traveltime_evidence([micro], PRIOR)
    assert second.unit == "ns"
    assert float(second.log_likelihood(FAST)[0]) == pytest.approx(
        float(first.log_likelihood(FAST)[0]), abs=1e-3
    )


def test_the_fit_adds_up_to_the_data():
    survey = traveltime_evidence([directed(0.03)], PRIOR)
    scenes = take(FAST, np.zeros(3, int))
    fit = survey.fit(scenes, np.full(3, 1.0 / 3.0))
    np.testing.assert_allclose(fit.predicted + fit.ground + fit.residual, fit.observed, atol=1e-6)
    assert fit.unit == "ns"
    assert np.all(fit.pseudo_depth_m > 0.0)


def small(medium):
    ends = hole_pair(np.array([3.0, 6.0, 9.0]))
    length = np.sqrt((ends[3] - ends[0]) ** 2 + (ends[5] - ends[2]) ** 2)
    time = length / (0.115 if medium == "radar" else 4.0)
    sd = np.full(9, 4.0 if medium == "radar" else 0.1)
    return TravelTimeTable(medium, "ns" if medium == "radar" else "ms", *ends, time, sd)


@pytest.mark.parametrize("medium", ["radar", "seismic"])
def test_times_are_normalised(medium):
    survey = traveltime_evidence([small(medium)], PRIOR)
    check_normalised(survey, tunnel(19.5, 6.0, 0.8), nothing(), draws=1000)
    check_normalised(survey, nothing(), tunnel(19.5, 6.0, 0.8), draws=1000)


def test_levels_are_normalised():
    table = cw_radar_table()
    survey = cw_radar_evidence([replace(table, sd_db=np.full(len(table), 4.0))], PRIOR)
    check_normalised(survey, tunnel(19.5, 6.0, 0.6), nothing(), draws=1000)
    check_normalised(survey, nothing(), tunnel(19.5, 6.0, 0.6), draws=1000)


def joined(*tables):
    """One file of several, without names of panels."""
    names = ("sx_m", "sy_m", "sz_m", "rx_m", "ry_m", "rz_m", "time")
    columns = [np.concatenate([getattr(t, n) for t in tables]) for n in names]
    return TravelTimeTable("radar", "ns", *columns, np.full(len(columns[0]), 1.0))


def test_data_between_two_holes_are_a_panel_where_none_is_named():
    one = traveltime_table(depths=DEPTHS)
    turned = replace(one, sx_m=one.sy_m, sy_m=one.sx_m, rx_m=one.ry_m, ry_m=one.rx_m)
    assert traveltime_evidence([one], PRIOR).panel.max() == 0
    both = traveltime_evidence([joined(one, turned)], PRIOR)
    assert list(np.bincount(both.panel)) == [len(one), len(one)]
    apart = traveltime_evidence([one, turned], PRIOR)
    scenes = take(FAST, [0])
    assert both.log_likelihood(scenes) - both.log_likelihood(nothing()) == pytest.approx(
        apart.log_likelihood(scenes) - apart.log_likelihood(nothing()), abs=0.05
    )
    # A handful of rays to a third hole is no panel of its own.
    few = take_rows(turned, slice(0, 9))
    assert traveltime_evidence([joined(one, few)], PRIOR).panel.max() == 0


def take_rows(table, rows):
    names = ("sx_m", "sy_m", "sz_m", "rx_m", "ry_m", "rz_m", "time", "sd")
    return replace(table, **{n: getattr(table, n)[rows] for n in names}, shot=None)
