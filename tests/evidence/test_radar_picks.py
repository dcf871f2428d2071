"""Radar picks: apexes are geometry, silence speaks, the process is normalised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import chamber, nothing, scenes_of_all_sorts, tunnel

from subterra.errors import InputError
from subterra.evidence import RadarPickTerms, radar_pick_evidence
from subterra.scene import Plane, Prior, make_scene
from subterra.tables import RadarLineTable, RadarPickTable
from subterra.testing import check_evidence, check_normalised

PRIOR = Prior(bounds=(0.0, 0.0, 40.0, 40.0), depth_m=15.0)
LINES = RadarLineTable(
    ("L1", "L2", "L3"), [0, 0, 5], [10, 30, 0], [40, 40, 5], [10, 30, 40], [9.0, 9.0, 9.0]
)


def picks(*rows, line="L1"):
    """Picks (x, y, depth) of half a metre each way."""
    x, y, d = np.array(rows, float).T
    n = len(rows)
    return RadarPickTable(
        tuple(f"k{i}" for i in range(n)), (line,) * n, x, y, np.full(n, 0.5), d, np.full(n, 0.5)
    )


def evidence(*rows, lines=LINES, prior=PRIOR, terms=None, line="L1"):
    tables = [picks(*rows, line=line)] if rows else []
    return radar_pick_evidence([lines], tables, prior, terms=terms)


def weight(found, scene):
    return float(found.log_likelihood(scene)[0] - found.log_likelihood(nothing())[0])


@pytest.mark.parametrize("rows", [[(20.0, 10.0, 4.0), (31.0, 10.2, 6.0)], [(12.0, 10.0, 3.0)]])
def test_it_keeps_the_rules(rows):
    check_evidence(evidence(*rows), scenes_of_all_sorts())


@settings(deadline=None, max_examples=30)
@given(
    at=st.floats(5.0, 35.0), depth=st.floats(2.0, 8.0), heading=st.floats(-70.0, 70.0),
    base=st.floats(-50.0, 50.0),
)  # fmt: skip
def test_the_apex_of_a_level_tunnel_is_where_it_crosses(at, depth, heading, base):
    """Whatever the angle of the crossing, the nearest point is straight below."""
    slope = np.tan(np.radians(heading))
    y = np.array([0.0, 20.0, 40.0])
    axis = np.column_stack([at + slope * (y - 10.0), y, np.full(3, base - depth)])
    prior = replace(PRIOR, surface=Plane(base))
    scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 0.75}])
    place, distance = evidence(prior=prior).apexes(scene)
    assert place[0, 0, 0] == pytest.approx(at, abs=1e-3)
    assert distance[0, 0, 0] == pytest.approx(depth - 0.75, abs=1e-4)


def test_a_chamber_beside_the_profile_is_seen_from_the_side():
    place, distance = evidence().apexes(chamber(20.0, 14.0, 3.0, 1.0))
    assert place[0, 0, 0] == pytest.approx(20.0, abs=1e-5)
    assert distance[0, 0, 0] == pytest.approx(4.0, abs=1e-5)


def test_nothing_is_seen_beyond_range_or_end_or_along():
    deep = evidence().apexes(chamber(20.0, 10.0, 12.0, 1.0))[1]
    assert np.isnan(deep[0, 0, 0])
    beyond = evidence().apexes(chamber(45.0, 10.0, 3.0, 1.0))[1]
    assert np.isnan(beyond[0, 0, 0])
    axis = [[0.0, 10.0, -3.0], [20.0, 10.0, -3.0], [40.0, 10.0, -3.0]]
    along = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 0.75}])
    assert np.isnan(evidence().apexes(along)[1][0, 0, 0])


def test_a_pick_where_the_object_passes_speaks_for_it_and_silence_against():
    scene = tunnel(20.0, 4.0, 0.75)
    seen = weight(evidence((20.0, 10.0, 3.25)), scene)
    missed = weight(evidence(), scene)
    assert missed == pytest.approx(-0.5 * np.isfinite(evidence().apexes(scene)[0][0, 0]).sum())
    assert seen > 1.0 > missed
    assert weight(evidence((20.0, 10.0, 7.5)), scene) < 0.0
    assert weight(evidence((28.0, 10.0, 3.25)), scene) < 0.0


@pytest.mark.parametrize("others", [0, 5, 40])
@pytest.mark.parametrize(("s", "d"), [(20.0, 3.25), (20.4, 3.0), (21.5, 4.5)])
def test_two_hypotheses(s, d, others):
    """Tunnel across the profile or none: odds × e^−p [1 + p K A (1/θ + T)/(2 + others)].

    K is the density of a genuine pick at the one that may be, T the length of the profile, A the
    area over which false picks spread, by metre of it. Their rate has the Gamma prior
    r e^(−r/θ)/θ² and is the better known the more other picks there are.
    """
    p, theta, length = 0.4, 0.06, 40.0
    one = RadarLineTable(("L",), [0.0], [10.0], [length], [10.0], [9.0])
    terms = RadarPickTerms(p, 200.0 * theta)
    scene = tunnel(20.0, 4.0, 0.75)
    k = np.exp(-((s - 20.0) ** 2 + (d - 3.25) ** 2) / (2.0 * 0.25)) / (2.0 * np.pi * 0.25)
    area = (length + 4.0) * (9.0 + 4.0) / length
    odds = np.exp(-p) * (1.0 + p * k * area * (1.0 / theta + length) / (2.0 + others))
    rows = [(s, 10.0, d), *[(35.0, 10.0, 8.0)] * others]
    found = evidence(*rows, lines=one, line="L", terms=terms)
    assert weight(found, scene) == pytest.approx(np.log(odds), abs=5e-4)
    silent = evidence(lines=one, terms=terms)
    assert weight(silent, scene) == pytest.approx(-p)


def test_more_clutter_makes_a_pick_worth_less():
    scene = tunnel(20.0, 4.0, 0.75)
    values = [
        weight(evidence((20.0, 10.0, 3.25), terms=RadarPickTerms(0.5, rate)), scene)
        for rate in (0.5, 3.0, 30.0)
    ]
    assert values[0] > values[1] > values[2]


@pytest.mark.parametrize(
    ("scene", "other"),
    [
        (tunnel(20.0, 4.0), nothing()),
        (nothing(), tunnel(20.0, 4.0)),
        (tunnel(20.0, 4.0), tunnel(20.6, 4.4)),
    ],
)
def test_it_is_normalised(scene, other):
    one = RadarLineTable(("L",), [0.0], [10.0], [40.0], [10.0], [9.0])
    terms = RadarPickTerms(0.4, 12.0)
    wide = picks((5.0, 10.0, 3.0), line="L")
    wide = replace(wide, sd_m=[1.5], depth_sd_m=[1.2])
    found = radar_pick_evidence([one], [wide], PRIOR, terms=terms)
    check_normalised(found, scene, other, draws=4000)


def test_it_does_not_matter_where_the_site_lies():
    shift = np.array([400000.0, 5600000.0])
    far = replace(PRIOR, bounds=(400000.0, 5600000.0, 400040.0, 5600040.0))
    lines = replace(
        LINES, x0_m=LINES.x0_m + shift[0], x1_m=LINES.x1_m + shift[0],
        y0_m=LINES.y0_m + shift[1], y1_m=LINES.y1_m + shift[1],
    )  # fmt: skip
    scene = tunnel(20.0, 4.0)
    objects = replace(scene.objects, x=scene.objects.x + shift[0], y=scene.objects.y + shift[1])
    moved = replace(scene, objects=objects)
    here = evidence((20.3, 10.0, 3.0))
    there = radar_pick_evidence([lines], [picks((400020.3, 5600010.0, 3.0))], far)
    assert there.log_likelihood(moved)[0] == pytest.approx(here.log_likelihood(scene)[0], abs=1e-6)


def test_picks_must_lie_on_their_lines():
    for rows, words in (
        ((20.0, 18.0, 3.0), "beside"),
        ((50.0, 10.0, 3.0), "beyond the end"),
        ((20.0, 10.0, 30.0), "below the range"),
    ):
        with pytest.raises(InputError, match=words):
            evidence(rows)
    with pytest.raises(InputError, match="there is no line 'L9'"):
        evidence((20.0, 10.0, 3.0), line="L9")
    with pytest.raises(InputError, match="need the profiles"):
        radar_pick_evidence([], [picks((1.0, 2.0, 3.0))], PRIOR)
