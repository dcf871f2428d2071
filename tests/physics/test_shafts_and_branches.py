"""Upright, winding and forking objects: foreign forms, symmetries, and what adds."""

from __future__ import annotations

import numpy as np
import pytest
from choclo.prism import gravity_u
from scipy.special import ive, kve

from subterra.physics import (
    G_UGAL,
    cw_response,
    gradient_response,
    gravity_response,
    make_quadripoles,
    make_rays,
    resistivity_response,
    traveltime_response,
)
from subterra.scene import Plane, make_scene, slot

LIGHT = 299792458.0
GRANITE = np.sqrt(7.0) / LIGHT
AIR = {"fill": "air", "density_contrast": -2000.0}


def one(family, axis, radius=1.0, **more):
    item = {**AIR, "family": family, "axis": np.array(axis, float), "radius": radius, **more}
    return slot(make_scene([item]), 0)


def both(*bodies):
    """Sum over objects of what ``response`` says of each."""
    return lambda response: sum(response(b) for b in bodies)


STATIONS = np.random.default_rng(3).uniform(-12.0, 12.0, (40, 2))


def pull(objects):
    return gravity_response(objects, *STATIONS.T, np.full(len(STATIONS), 0.3))[0].astype(float)


@pytest.mark.parametrize(("mouth", "lean"), [(0.4, 0.0), (2.0, 0.0), (1.0, 0.04)])
def test_a_shaft_pulls_as_a_stack_of_prisms(mouth, lean):
    """Discs of square cells against the line with its flat ends, also right over the mouth."""
    radius, bottom, cell = 1.25, 22.0, 0.125
    axis = [[0.0, 0.0, -mouth], [lean * (bottom - mouth), 0.0, -bottom]]
    grid = np.arange(-radius + 0.5 * cell, radius, cell)
    u, v = (w.ravel() for w in np.meshgrid(grid, grid))
    inside = np.hypot(u, v) < radius
    cells = np.column_stack([u, v])[inside]
    area = np.pi * radius**2 / (inside.sum() * cell * cell)
    edges = -np.geomspace(mouth, bottom, 30)
    stations = np.vstack([STATIONS[:12], [[0.0, 0.0], [1.0, 0.5]]])
    want = np.zeros(len(stations))
    for top, low in zip(edges[:-1], edges[1:], strict=True):
        at = lean * (-0.5 * (top + low) - mouth)
        for x, y in cells:
            box = (x + at - cell / 2, x + at + cell / 2, y - cell / 2, y + cell / 2, low, top)
            for j, (sx, sy) in enumerate(stations):
                want[j] -= gravity_u(sx, sy, 0.3, *box, -2000.0 * area)
    want *= 1e8
    found = gravity_response(
        one("shaft", axis, radius), *stations.T, np.full(len(stations), 0.3)
    )[0]
    assert found.min() < -15.0
    np.testing.assert_allclose(found, want, atol=0.01 * np.abs(want).max())


def test_far_away_a_shaft_is_its_mass():
    shaft = one("shaft", [[0, 0, -2], [0, 0, -12]], 1.5)
    found = gravity_response(shaft, np.array([0.0]), np.array([0.0]), np.array([400.0]))[0, 0]
    mass = -2000.0 * np.pi * 1.5**2 * 10.0
    assert found == pytest.approx(G_UGAL * mass / 407.0**2, rel=1e-3)


@pytest.mark.parametrize("response", [pull, None], ids=["gravity", "gradient"])
def test_a_branch_adds_what_a_drive_of_its_own_would(response):
    if response is None:
        def response(objects):
            return gradient_response(objects, *STATIONS.T, np.full(40, 0.3))[0].astype(float)

    main, branch = [[-20, 0, -6], [20, 0, -6]], [[0, 1, -6], [3, 15, -6]]
    forked = one("working", main, branch=np.array(branch, float))
    want = both(one("working", main), one("working", branch))(response)
    np.testing.assert_allclose(response(forked), want, rtol=1e-5, atol=1e-6)


def winding():
    s = np.linspace(-30.0, 30.0, 9)
    return np.column_stack([s, 4.0 * np.sin(s / 6.0), -6.0 + np.cos(s / 6.0)])


def test_a_conduit_is_one_chain_of_eight_straights():
    """Nothing happens at the joint of its two chains, whatever the response."""
    axis = winding()
    conduit = one("conduit", axis, 1.0)
    halves = both(*(one("working", axis[k : k + 5]) for k in (0, 4)))
    # Two drives end at the joint: line masses do not notice, and their flat ends fit.
    x = np.concatenate([conduit.x[0], conduit.branch_x[0, 1:]])
    steps = np.diff(x)
    np.testing.assert_allclose(steps, steps[0], rtol=0.35)
    np.testing.assert_allclose(pull(conduit), halves(pull), atol=0.08)


def exact_fraction(layout, radius, ratio, place, orders=14, nodes=160):
    """F of an endless vertical cylinder that reaches the surface, by its series.

    The image of the half-space continues the cylinder. With A_m the coefficient that makes
    potential and current continuous, the secondary potential of a point source is
    (2/π) Σ ε_m cos mθ ∫ A_m K_m(kr) K_m(kr') dk in units of 1/(2πσ).
    """
    x = layout.x.astype(float) + layout.origin[0] - place[0]
    y = layout.y.astype(float) + layout.origin[1] - place[1]
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    node, weight = np.polynomial.legendre.leggauss(nodes)
    u = 0.5 * (node + 1.0)
    known = {}

    def secondary(i, j):
        end = 40.0 / (r[i] + r[j] - 2.0 * radius)
        k, dk = end * u**3, 1.5 * end * weight * u**2
        ka, total = k * radius, 0.0
        for m in range(orders):
            with np.errstate(all="ignore"):
                inner, outer = ive(m, ka), kve(m, ka)
                d_inner = 0.5 * (ive(abs(m - 1), ka) + ive(m + 1, ka))
                d_outer = -0.5 * (kve(abs(m - 1), ka) + kve(m + 1, ka))
                a = (1.0 - ratio) * inner * d_inner
                a = a / (ratio * d_inner * outer - inner * d_outer)
                f = a * kve(m, k * r[i]) * kve(m, k * r[j])
                f = f * np.exp(2.0 * ka - k * (r[i] + r[j]))
            series = np.sum(np.where(np.isfinite(f), f, 0.0) * dk)
            total += (1.0 if m == 0 else 2.0) * np.cos(m * (angle[i] - angle[j])) * series
        return 2.0 / np.pi * total

    def at(i, j):
        key = (min(i, j), max(i, j))
        if key not in known:
            known[key] = secondary(*key)
        return known[key]

    f = [at(a, m) - at(a, n) - at(b, m) + at(b, n) for a, b, m, n in layout.abmn]
    return np.array(f) / layout.k_sum


@pytest.mark.parametrize("ratio", [0.0, 0.4, 1.3, 6.0], ids=["air", "rubble", "damp", "water"])
@pytest.mark.parametrize(("away", "error"), [(1.5, 0.16), (3.0, 0.08)])
def test_an_open_shaft_against_the_exact_cylinder(ratio, away, error):
    """Wenner and dipole lines that pass ``away`` radii from the axis: rms error over signal."""
    radius, x = 0.8, np.arange(10.0)
    quads = [(i, i + 3 * n, i + n, i + 2 * n) for n in (1, 2, 3) for i in range(10 - 3 * n)]
    quads += [(i + 1, i, i + 1 + n, i + 2 + n) for n in (1, 3) for i in range(8 - n)]
    layout = make_quadripoles(x, np.full(10, away * radius), None, np.array(quads))
    shaft = one(
        "shaft", [[4.3, 0, -0.01], [4.3, 0, -40]], radius, conductivity_ratio=ratio
    )
    found = resistivity_response(shaft, layout)[0]
    want = exact_fraction(layout, radius, ratio, (4.3, 0.0))
    assert np.abs(want).max() > 0.008
    rms = np.sqrt(np.mean((found - want) ** 2) / np.mean(want**2))
    assert rms < error, rms


def test_resistivity_of_a_shaft_turns_and_fades_with_its_mouth():
    """The same from all sides; a deeper mouth is felt less; what lies too deep adds nothing."""
    quads = np.array([(i, i + 3 * n, i + n, i + 2 * n) for n in (1, 2) for i in range(12 - 3 * n)])
    along, aside = np.arange(12.0) - 5.5, np.full(12, 2.0)

    def fraction(x, y, mouth, bottom=30.0, surface=None):
        layout = make_quadripoles(x, y, None, quads, surface)
        axis = [[0, 0, -mouth], [0, 0, -bottom]]
        return resistivity_response(one("shaft", axis, 0.7), layout, surface)[0].astype(float)

    east = fraction(along, aside, 1.0)
    c, s = np.cos(0.7), np.sin(0.7)
    np.testing.assert_allclose(fraction(c * along - s * aside, s * along + c * aside, 1.0), east,
                               atol=2e-4 * np.abs(east).max())  # fmt: skip
    sizes = [np.abs(fraction(along, aside, m)).max() for m in (0.5, 1.0, 2.0, 4.0, 8.0)]
    assert np.all(np.diff(sizes) < 0.0)
    deep, deeper = fraction(along, aside, 1.0, 60.0), fraction(along, aside, 1.0, 300.0)
    np.testing.assert_allclose(deeper, deep, atol=5e-3 * np.abs(deep).max())


def test_resistivity_of_branches_and_conduits_adds():
    quads = np.array([(i, i + 3 * n, i + n, i + 2 * n) for n in (1, 3) for i in range(16 - 3 * n)])
    layout = make_quadripoles(2.0 * np.arange(16.0) - 15.0, np.zeros(16), None, quads)

    def fraction(objects):
        return resistivity_response(objects, layout)[0].astype(float)

    main, branch = [[-3, -30, -5], [-3, 30, -5]], [[-2, 0, -5], [18, 3, -5]]
    forked = one("working", main, branch=np.array(branch, float))
    want = both(one("working", main), one("working", branch))(fraction)
    np.testing.assert_allclose(fraction(forked), want, rtol=1e-5, atol=1e-9)
    # The whole conduit is one chain: flooded, it channels current past the joint.
    axis = winding()[:, [1, 0, 2]]
    whole, halves = (
        fraction(one("conduit", axis, fill="water")),
        both(*(one("working", axis[k : k + 5], fill="water") for k in (0, 4)))(fraction),
    )
    assert np.abs(whole - halves).max() > 0.03 * np.abs(halves).max()


@pytest.mark.parametrize("kind", ["radar", "seismic", "cw"])
def test_between_holes_a_shaft_is_a_drive_turned_upright(kind):
    """No surface: axis and rays turned by 90° together give the same numbers."""
    rng = np.random.default_rng(5)
    source = np.column_stack([np.full(12, -6.0), rng.uniform(-3, 3, 12), rng.uniform(-3, 3, 12)])
    receiver = np.column_stack([np.full(12, 6.0), rng.uniform(-3, 3, 12), rng.uniform(-3, 3, 12)])
    axis = np.array([[0.0, -30.0, 0.0], [0.0, 30.0, 0.0]])

    def run(objects, a, b):
        rays = make_rays(a, b)
        if kind == "cw":
            return cw_response(objects, rays, np.full(12, 50e6))[0]
        host = np.full(12, GRANITE if kind == "radar" else 1.0 / 4000.0)
        return traveltime_response(objects, rays, host, np.full(12, 1.1), kind)[0]

    up = [0, 2, 1]
    level = run(one("driven", axis), source, receiver)
    upright = run(one("shaft", axis[::-1][:, up]), source[:, up], receiver[:, up])
    assert np.abs(level).max() > 0.05
    np.testing.assert_allclose(upright, level, rtol=1e-4, atol=1e-5)
    branch = axis + np.array([0.0, 0.0, 2.0])
    forked = run(one("working", axis, branch=branch), source, receiver)
    other = run(one("working", branch), source, receiver)
    np.testing.assert_allclose(forked, level + other, rtol=1e-4, atol=1e-4)


def test_an_empty_slot_with_a_branch_says_nothing():
    forked = one("working", [[-20, 0, -6], [20, 0, -6]], branch=np.array([[0, 1, -6], [3, 15, -6]]))
    none = type(forked)(**{**vars(forked), "family": np.zeros(1, np.int8)})
    none.density_contrast[:] = 0.0
    assert not pull(none).any()
    layout = make_quadripoles(np.arange(4.0), np.zeros(4), None, np.array([[0, 3, 1, 2]]))
    assert not resistivity_response(none, layout, Plane()).any()
