"""Mine maps: closed forms, one transform per sheet, blunders, what is not drawn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from subterra.errors import InputError
from subterra.evidence import (
    BLUNDERS,
    TIES,
    Blunder,
    MapTerms,
    Suggesting,
    Tie,
    mine_map_evidence,
    share_words,
)
from subterra.evidence.mine_map_background import expected_mapped
from subterra.evidence.mine_map_pair import length_density
from subterra.evidence.mine_map_runs import clip_line, merge_lines, run_of, split_line
from subterra.scene import Prior, concatenate, make_scene, sample_prior
from subterra.tables import MineMapTable
from subterra.testing import check_evidence, check_normalised

PRIOR = Prior(bounds=(0.0, 0.0, 200.0, 200.0), depth_m=60.0, targets=("driven", "working"))
NO_BLUNDER = {"none": Blunder(1.0)}
SURVEYED = MapTerms(blunders=NO_BLUNDER)


def plan(*lines, tie="geologic", sheet=None, **more):
    """Map of lines [[x, y, z], ...]."""
    n = len(lines)
    points = np.concatenate([np.asarray(line, float) for line in lines])
    start = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    columns = {
        "line": tuple(f"l{i}" for i in range(n)),
        "sheet": sheet or ("A",) * n,
        "tie": (tie,) * n,
        "level": ("",) * n,
        "date": ("",) * n,
        "start": start,
        "x": points[:, 0],
        "y": points[:, 1],
        "z_m": points[:, 2],
        "level_sd_m": np.full(n, np.nan),
        "sd_m": np.zeros(n),
    }
    return MineMapTable(**(columns | more))


def flat(x0, y0, x1, y1):
    return [[x0, y0, math.nan], [x1, y1, math.nan]]


def drive(x0, y0, x1, y1, z=-20.0, family="working"):
    axis = [[x0, y0, z], [x1, y1, z]]
    return {"family": family, "fill": "air", "axis": axis, "radius": 1.0}


def scene(*objects):
    return make_scene(list(objects))


NOTHING = make_scene([])
LINES = ([[20, 100, -20], [150, 110, -20]], [[60, 20, -20], [60, 180, -21]])


@pytest.mark.parametrize("tie", ["survey", "geologic", "unknown"])
@pytest.mark.parametrize("known", [True, False])
def test_battery(tie, known):
    lines = LINES if known else [[[x, y, math.nan] for x, y, _ in line] for line in LINES]
    evidence = mine_map_evidence(plan(*lines, tie=tie), PRIOR)
    check_evidence(evidence, sample_prior(PRIOR, 24, np.random.default_rng(1)))
    assert isinstance(evidence, Suggesting)


WIDE = MapTerms(
    ties={"features": Tie(60.0, 8.0, 0.03, 0.5), "survey": Tie(40.0, 8.0, 0.03, 0.5)},
    blunders={"none": Blunder(0.7), "mirrored": Blunder(0.3, mirrored=True)},
    drawn=0.5,
    never_driven=0.5,
    local_sd_m=8.0,
    end_sd_m=15.0,
    level_sd_m=20.0,
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (scene(drive(30, 100, 150, 100)), NOTHING),
        (scene(drive(30, 100, 150, 100)), scene(drive(30, 110, 150, 115))),
        (
            scene(drive(30, 100, 150, 100), drive(30, 150, 150, 150)),
            scene(drive(30, 104, 150, 104), drive(20, 153, 150, 153, -24.0)),
        ),
        (scene(drive(-300, 100, 500, 100)), scene(drive(-300, 105, 500, 105))),
    ],
)
def test_maps_are_normalised(first, second):
    evidence = mine_map_evidence(plan(*LINES, tie="unknown"), PRIOR, terms=WIDE)
    check_normalised(evidence, first, second, draws=1000)


def by_hand(terms, sd, away, length, drawn_length):
    """Likelihood ratio of one straight working parallel to one flat run, both well inside.

    The run's middle lies ``away`` beside the working's; mean sizes in the middle of the sheet, so
    that rotation and scale do not move it.
    """
    rate = terms.drawn * expected_mapped(PRIOR) / 200.0**2
    numbers = np.zeros(8)
    numbers[1:6] = (
        terms.unsurveyed,
        terms.unsurveyed_m,
        terms.part,
        terms.local_sd_m,
        terms.end_sd_m,
    )
    missing = max(length - drawn_length, 0.0)
    local = terms.local_sd_m / drawn_length
    turn = math.radians(TIES["geologic"].rotation_sd_deg)
    sag = math.sqrt(1.5 * local**2 + 4e-4)
    sag_none = math.sqrt((0.003 * drawn_length / 8.0) ** 2 + sag**2)
    ratio = length_density(drawn_length, length, 0.0, numbers)
    ratio /= norm.pdf(math.log(drawn_length), 4.1, 1.3)
    ratio *= norm.pdf(0.0, 0.0, sag) / norm.pdf(0.0, 0.0, sag_none)
    ratio *= norm.pdf(0.0, 0.0, math.sqrt(sd**2 + terms.end_sd_m**2 + missing**2 / 12.0))
    ratio *= norm.pdf(away, 0.0, math.hypot(sd, terms.local_sd_m)) / rate
    ratio *= norm.pdf(0.0, 0.0, math.sqrt(2.0 * local**2 + turn**2)) * math.pi
    x, half = 100.0, 0.5 * drawn_length
    inside = norm.cdf(100.0 + half, 0.0, sd) - norm.cdf(-100.0 - half, 0.0, sd)
    inside *= norm.cdf(200.0 - x - away, 0.0, sd) - norm.cdf(-x - away, 0.0, sd)
    none = (terms.never_driven + 1.0 - inside) / ((200.0 + drawn_length) / 200.0)
    return 1.0 - terms.drawn + terms.drawn * ratio / none


@pytest.mark.parametrize("away", [0.0, 20.0, 60.0])
@pytest.mark.parametrize("drawn_length", [80.0, 120.0])
def test_two_hypotheses_by_hand(away, drawn_length):
    """One line, one working or none: odds as worked out with normal densities alone."""
    half = 0.5 * drawn_length
    table = plan(flat(100 - half, 100 + away, 100 + half, 100 + away))
    evidence = mine_map_evidence(table, PRIOR, terms=SURVEYED)
    logs = evidence.log_likelihood(concatenate([scene(drive(40, 100, 160, 100)), NOTHING]))
    assert logs[1] == 0.0
    expected = by_hand(SURVEYED, 46.0, away, 120.0, drawn_length)
    # The rotation and scale of a sheet that lies ``away`` from its truth change the fourth digit.
    assert np.exp(logs[0]) == pytest.approx(expected, rel=3e-4)


def test_the_transform_is_integrated_as_quadrature_does():
    """Two workings on one sheet: the closed form against draws of the shared transform."""
    lines = (flat(40, 110, 160, 110), flat(60, 60, 150, 60))
    workings = (drive(38, 100, 158, 100), drive(58, 50, 148, 50))
    tie = {"geologic": Tie(12.0, 1e-6, 1e-9, 1.0)}
    terms = replace(SURVEYED, ties=tie, never_driven=1e-3, drawn=0.9, local_sd_m=3.0)
    evidence = mine_map_evidence(plan(*lines), PRIOR, terms=terms)

    def at(shift):
        """The same, with a transform that is known."""
        fixed = replace(terms, ties={"geologic": Tie(1e-3, 1e-6, 1e-9, 1.0)})
        table = plan(*[[[x - shift[0], y - shift[1], z] for x, y, z in line] for line in lines])
        one = mine_map_evidence(table, PRIOR, terms=fixed)
        sheet = one.sheets[0]
        of = evidence.sheets[0]
        # The density of other runs is that of the wide sheet: it is not what is tested.
        same = replace(sheet, background=of.background, rate=of.rate, margin_m=of.margin_m)
        same.runs[:, 7] = of.runs[:, 7]
        moved = replace(one, sheets=(same,))
        return float(np.exp(moved.log_likelihood(scene(*workings))[0]))

    node = np.arange(-50.0, 51.0, 2.0)
    weight = norm.pdf(node, 0.0, 12.0) * 2.0
    total = sum(
        wx * wy * at((x, y))
        for x, wx in zip(node, weight, strict=True)
        for y, wy in zip(node, weight, strict=True)
    )
    found = float(np.exp(evidence.log_likelihood(scene(*workings))[0]))
    assert found == pytest.approx(total, rel=1e-3)


def test_one_working_found_moves_the_other_of_its_sheet():
    """Lines 50 m apart on one sheet are believed 50 m apart, however far the sheet is shifted."""
    lines = (flat(20, 80, 180, 80), flat(20, 130, 180, 130))
    one_sheet = mine_map_evidence(plan(*lines), PRIOR, terms=SURVEYED)
    two_sheets = mine_map_evidence(plan(*lines, sheet=("A", "B")), PRIOR, terms=SURVEYED)
    kept = scene(drive(20, 110, 180, 110), drive(20, 160, 180, 160))
    torn = scene(drive(20, 110, 180, 110), drive(20, 100, 180, 100))

    def preference(evidence):
        logs = evidence.log_likelihood(concatenate([kept, torn]))
        return logs[0] - logs[1]

    assert preference(one_sheet) > 10.0
    assert abs(preference(two_sheets)) < 3.0


def test_registration_follows_a_working_that_is_known():
    evidence = mine_map_evidence(plan(flat(20, 80, 180, 80)), PRIOR)
    (found,) = evidence.registrations(scene(drive(20, 110, 180, 110)), np.ones(1))
    assert found.p_working[0] > 0.9
    assert found.shift_m[0] == pytest.approx([0.0, -30.0], abs=2.0)
    np.testing.assert_allclose(found.believed[0][:, 1], 110.0, atol=2.0)
    assert sum(found.p_tie.values()) == pytest.approx(1.0)
    (none,) = evidence.registrations(NOTHING, np.ones(1))
    assert none.p_working[0] == 0.0
    assert np.isnan(none.shift_m).all()
    assert sum(none.p_blunder.values()) == pytest.approx(1.0)


def test_a_shift_of_30_m_tells_how_an_unknown_sheet_was_tied():
    evidence = mine_map_evidence(plan(flat(20, 80, 180, 80), tie="unknown"), PRIOR)
    (near,) = evidence.registrations(scene(drive(20, 81, 180, 81)), np.ones(1))
    (far,) = evidence.registrations(scene(drive(20, 110, 180, 110)), np.ones(1))
    assert near.p_tie["survey"] > 0.5
    assert far.p_tie["survey"] < 1e-3 < 0.2 < far.p_tie["topographic"]


@pytest.mark.parametrize("name", ["mirrored", "feet taken for metres", "metres taken for feet"])
def test_gross_errors_are_recognised_where_workings_are_known(name):
    """Three workings whose drawing is mirrored, or 3.28 times too large or too small."""
    centre = np.array([90.0, 100.0])
    truth = [(60, 70, 120, 75), (80, 40, 85, 160), (65, 120, 125, 128)]
    blunder = BLUNDERS[name]
    drawn = []
    for x0, y0, x1, y1 in truth:
        ends = (np.array([[x0, y0], [x1, y1]]) - centre) / blunder.factor
        ends[:, 0] *= -1.0 if blunder.mirrored else 1.0
        drawn.append(flat(*(ends + centre).ravel()))
    evidence = mine_map_evidence(plan(*drawn, tie="topographic"), PRIOR)
    workings = scene(*[drive(*ends) for ends in truth])
    (found,) = evidence.registrations(workings, np.ones(1))
    assert max(found.p_blunder, key=found.p_blunder.get) == name


def test_a_wrong_seam_lets_the_height_go():
    line = [[20, 100, -20], [180, 100, -20]]
    deep = scene(drive(20, 100, 180, 100, -50.0))
    evidence = mine_map_evidence(plan(line, tie="survey"), PRIOR)
    (found,) = evidence.registrations(deep, np.ones(1))
    assert found.p_blunder["wrong seam"] > 0.9
    strict = mine_map_evidence(plan(line, tie="survey"), PRIOR, terms=SURVEYED)
    assert strict.log_likelihood(deep)[0] < evidence.log_likelihood(deep)[0] - 3.0


def test_workings_go_on_beyond_drawn_ends_more_easily_than_they_stop_short():
    evidence = mine_map_evidence(plan(flat(60, 100, 140, 100), tie="survey"), PRIOR)
    scenes = concatenate(
        [scene(drive(60 - d, 100, 140 + d, 100)) for d in (0.0, 25.0)]
        + [scene(drive(60 + d, 100, 140 - d, 100)) for d in (25.0,)]
    )
    exact, longer, shorter = evidence.log_likelihood(scenes)
    assert exact > longer > shorter


def test_a_working_that_no_map_shows_counts_against_it_but_never_rules_it_out():
    evidence = mine_map_evidence(plan(flat(20, 30, 180, 30), tie="survey"), PRIOR)
    logs = evidence.log_likelihood(concatenate([scene(drive(40, 190, 100, 130)), NOTHING]))
    assert logs[0] - logs[1] == pytest.approx(math.log(1.0 - MapTerms().drawn), abs=0.05)


def test_only_workings_and_tunnels_are_drawn():
    ball = {"family": "chamber", "fill": "air", "axis": [[100, 30, -20]], "radius": 2.0}
    evidence = mine_map_evidence(plan(flat(20, 30, 180, 30)), PRIOR)
    assert evidence.log_likelihood(scene(ball))[0] == 0.0


@pytest.mark.parametrize("turn", [30.0, 90.0, 170.0, 180.0])
def test_turning_everything_by_a_right_angle_or_half_a_turn_changes_nothing(turn):
    quarter = 90.0 * round(turn / 90.0)
    c, s = math.cos(math.radians(quarter)), math.sin(math.radians(quarter))

    def turned(x, y):
        return 100 + c * (x - 100) - s * (y - 100), 100 + s * (x - 100) + c * (y - 100)

    def evidence_of(move):
        ends = (move(30, 90), move(150, 110))
        return mine_map_evidence(plan(flat(*ends[0], *ends[1])), PRIOR, terms=SURVEYED)

    def scene_of(move):
        return scene(drive(*move(25, 80), *move(160, 99)))

    plain = evidence_of(lambda x, y: (x, y)).log_likelihood(scene_of(lambda x, y: (x, y)))
    assert evidence_of(turned).log_likelihood(scene_of(turned)) == pytest.approx(plain, abs=1e-6)


def test_suggestions_have_the_density_that_they_say():
    evidence = mine_map_evidence(plan(*LINES, tie="unknown"), PRIOR)
    family, unit = evidence.suggest(np.random.default_rng(0), 20000)
    logs = evidence.suggest_log_density(family, unit)
    # The mean of 1/q over draws of q is the volume of where q lives: one cube for each family.
    assert np.mean(np.exp(-logs)) == pytest.approx(2.0, rel=0.05)
    other = evidence.suggest_log_density(np.full(3, 3, np.int8), unit[:3])
    assert np.all(other == -np.inf)


def test_suggestions_point_to_where_the_likelihood_is():
    from subterra.scene import decode_scenes

    evidence = mine_map_evidence(plan(*LINES, tie="survey"), PRIOR)
    n = 8000
    family, unit = evidence.suggest(np.random.default_rng(0), n)
    families = np.zeros((n, 3), np.int8)
    families[:, 0] = family
    units = np.full((n, 3, unit.shape[1]), 0.5)
    units[:, 0] = unit
    drawn = decode_scenes(PRIOR, families, np.zeros_like(families), units, np.full((n, 2), 0.5))
    prior_units = np.full_like(units, 0.5)
    prior_units[:, 0] = np.random.default_rng(1).random(unit.shape)
    blind = decode_scenes(
        PRIOR, families, np.zeros_like(families), prior_units, np.full((n, 2), 0.5)
    )
    good, poor = (np.mean(evidence.log_likelihood(s) > 0.0) for s in (drawn, blind))
    assert good > 10.0 * poor
    # Both estimate the same evidence.
    log_q = evidence.suggest_log_density(family, unit)
    weighted = np.exp(evidence.log_likelihood(drawn) - log_q) / 2.0
    assert weighted.sum() ** 2 / (weighted**2).sum() > 20.0


def test_lines_become_runs():
    corner = np.array([[0, 0, 1], [50, 0, 1], [50, 40, 1]], float)
    assert [len(part) for part in split_line(corner)] == [2, 2]
    joined = merge_lines([corner[:2], corner[1:]])
    assert len(joined) == 1
    (inside,) = clip_line(corner[:2], (10.0, -5.0, 30.0, 5.0))
    np.testing.assert_allclose(inside, [[10, 0, 1], [30, 0, 1]])
    assert run_of(corner[:2] / 10.0) is None
    t = np.linspace(0.0, math.pi / 4.0, 200)
    arc = np.column_stack([100 * np.cos(t), 100 * np.sin(t), 0 * t])
    run, back = run_of(arc), run_of(arc[::-1])
    assert run.length == pytest.approx(100 * math.pi / 4, rel=1e-4)
    assert run.sag * run.length == pytest.approx(-100 * (1 - math.cos(math.pi / 8)), rel=1e-3)
    assert (back.sag, back.angle) == pytest.approx((run.sag, run.angle))


def test_what_cannot_be_used_is_refused_or_says_nothing():
    with pytest.raises(InputError, match="in metres"):
        mine_map_evidence(plan(flat(0, 0, 50, 0), units="px"), PRIOR)
    assert mine_map_evidence(plan(flat(5000, 0, 5050, 0)), PRIOR) is None
    rows = [flat(0, y, 100, y) for y in np.linspace(0.0, 200.0, 401)]
    with pytest.raises(InputError, match="401 straight stretches"):
        mine_map_evidence(plan(*rows), PRIOR)


def test_the_shares_are_said_and_sum_to_one():
    assert sum(tie.share for tie in TIES.values()) == pytest.approx(1.0)
    assert sum(blunder.share for blunder in BLUNDERS.values()) == pytest.approx(1.0)
    words = share_words(MapTerms())
    assert all(name in words for name in (*TIES, *BLUNDERS))
