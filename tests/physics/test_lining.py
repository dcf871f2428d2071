"""Linings against a two-dimensional solution of the coated cylinder, limits and defaults."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subterra.errors import InputError
from subterra.physics import (
    Fillings,
    filled_ratio,
    leakage_length,
    lined_across,
    lined_along,
    lined_radius,
    make_quadripoles,
    resistivity_response,
    rubble_ratio,
)
from subterra.scene import make_scene, slot

positive = st.floats(np.log(1e-3), np.log(1e3)).map(lambda v: float(np.exp(v)))
share = st.floats(0.05, 0.95)


def coated_dipole(core, lining, inner):
    """Dipole of a coated unit cylinder in a unit field and host: continuity at both walls.

    u = (A r) cos θ in the core, (B r + C/r) cos θ in the lining, (r + D/r) cos θ in the host.
    """
    matrix = np.array(
        [
            [inner, -inner, -1.0 / inner, 0.0],
            [core, -lining, lining / inner**2, 0.0],
            [0.0, 1.0, 1.0, -1.0],
            [0.0, lining, -lining, 1.0],
        ]
    )
    return np.linalg.solve(matrix, np.array([0.0, 0.0, 1.0, 1.0]))[3]


@given(positive, positive, share)
def test_a_lined_cylinder_acts_like_an_even_one(core, lining, inner):
    even = float(lined_across(core, lining, inner))
    # An even cylinder of conductivity s has D = (1 − s)/(1 + s).
    assert (1 - even) / (1 + even) == pytest.approx(coated_dipole(core, lining, inner), abs=1e-9)


@given(positive, positive, share)
def test_a_lining_lies_between_its_parts(core, lining, inner):
    low, high = min(core, lining) * (1 - 1e-9), max(core, lining) * (1 + 1e-9)
    across, along = lined_across(core, lining, inner), lined_along(core, lining, inner)
    assert low <= across <= high
    assert low <= along <= high
    # Side by side conducts at least as well as any other arrangement (Wiener bound).
    assert along >= across * (1 - 1e-9)


@given(positive, share)
def test_limits(value, inner):
    assert lined_across(value, value, inner) == pytest.approx(value)
    assert lined_along(value, value, inner) == pytest.approx(value)
    assert lined_across(value, 5.0, 1.0) == pytest.approx(value)
    assert lined_across(value, 5.0, 0.0) == pytest.approx(5.0)
    # Around air: a thin conductive shell leaves σ_l (1 − f)/(1 + f).
    f = inner**2
    assert lined_across(0.0, value, inner) == pytest.approx(value * (1 - f) / (1 + f))


def test_an_insulating_lining_hides_water():
    assert lined_across(10.0, 1e-4, 0.95) < 0.01
    assert lined_along(10.0, 1e-4, 0.95) > 9.0
    # Current needs far more than any depth to enter through such a lining.
    assert leakage_length(10.0, 1e-4, 0.95, 1.0) > 40.0


def test_rubble_keeps_its_quantile():
    drawn = np.geomspace(0.1, 3.0, 5)
    known = Fillings(water_table_m=3.0)
    over = rubble_ratio(drawn, np.full(5, 2.0), known)
    under = rubble_ratio(drawn, np.full(5, 4.0), known)
    assert over == pytest.approx(np.geomspace(0.01, 0.3, 5))
    assert under == pytest.approx(np.geomspace(1.5, 3.0, 5))
    assert rubble_ratio(drawn, np.full(5, 2.0), Fillings()) is drawn


def drive(fill="air", ratio=0.0, family="working", radius=0.8, lining=0.0):
    axis = [[0.5, -40.0, -2.5], [0.5, 40.0, -2.5]]
    item = {"family": family, "fill": fill, "axis": axis, "radius": radius, "lining_m": lining}
    return slot(make_scene([item | {"conductivity_ratio": ratio}]), 0)


def test_responses_know_linings_and_water_tables():
    x = np.arange(8.0) - 3.5
    quads = np.array([(i, i + 1, i + 2, i + 3) for i in range(5)])
    layout = make_quadripoles(x, 0.0 * x, None, quads)

    def respond(body, fillings=None):
        return resistivity_response(body, layout, None, None, fillings)[0]

    plain = respond(drive())
    assert np.array_equal(respond(drive(), Fillings()), plain)
    lined = drive(lining=0.05)
    assert np.array_equal(respond(lined, Fillings()), plain)
    steel = respond(lined, Fillings(lining_ratio=100.0))
    even = float(lined_across(0.0, 100.0, 0.8 / 0.85))
    assert steel == pytest.approx(respond(drive("water", even, radius=0.85)), rel=1e-5)
    assert steel @ plain < 0.0
    # A lining like the host is none across; along the drive the wider cylinder carries more.
    host = respond(lined, Fillings(lining_ratio=1.0))
    assert host == pytest.approx(plain, rel=0.08)
    caved = drive("rubble", 0.5)
    over = respond(caved, Fillings(water_table_m=4.0))
    under = respond(caved, Fillings(water_table_m=1.0))
    assert over @ plain > 0.0 > under @ plain


def test_filled_ratio_leaves_chambers_and_rubble_unlined():
    known = Fillings(lining_ratio=50.0)
    ratio, radius, lining = np.array([0.0, 0.0, 0.5, 0.2]), np.ones(4), np.full(4, 0.1)
    lining[3] = 0.0
    rubble, line = np.array([False, False, True, False]), np.array([True, False, True, True])
    found = filled_ratio(ratio, rubble, line, radius, lining, np.full(4, 2.0), known)
    assert found[0] > 1.0
    assert list(found[1:]) == [0.0, 0.5, 0.2]
    assert list(lined_radius(radius, rubble, line, lining, known)) == [1.1, 1.0, 1.0, 1.0]
    assert lined_radius(radius, rubble, line, lining, Fillings()) is radius


def test_impossible_fillings_are_refused():
    for wrong in (
        {"lining_ratio": 0.0},
        {"lining_ratio": -1.0},
        {"rubble_above": (0.3, 0.01)},
    ):
        with pytest.raises(InputError):
            Fillings(**wrong)
