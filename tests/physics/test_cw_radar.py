"""Continuous waves past tunnels: published dips, SciPy's series, symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from cylinder_oracle import scattered
from scipy.special import hankel1, jv

from subterra.physics import cw_response, make_rays
from subterra.physics.cw_radar import wavenumber
from subterra.physics.cylinder_waves import bessel_j, hankel_01
from subterra.scene import make_scene, slot

# f MHz: centre dB, minimum dB, offset of the minimum m, for 15 m and for 20 m.
DIPS = {
    20: (-2.3, -2.3, 0.0, -2.0, -2.0, 0.0),
    30: (-4.9, -4.9, 0.0, -4.1, -4.1, 0.0),
    40: (-8.0, -8.0, 0.0, -6.5, -6.5, 0.0),
    50: (-9.6, -10.0, 0.6, -7.8, -8.1, 0.7),
    60: (-8.5, -10.4, 0.8, -7.2, -8.5, 1.0),
    80: (-7.4, -8.4, 0.7, -6.2, -7.3, 0.9),
    100: (-12.4, -12.4, 0.1, -9.5, -9.6, 0.4),
}


def tunnel(radius=1.0, fill="air", axis=((0, -400, 0), (0, 400, 0)), family="driven"):
    item = {"family": family, "fill": fill, "axis": np.array(axis), "radius": radius}
    return slot(make_scene([item]), 0)


def run(objects, offsets, length=15.0, frequency=50e6, part=0.5, **more):
    offsets = np.asarray(offsets, float)
    start = np.column_stack([np.full(len(offsets), -part * length), 0 * offsets, offsets])
    rays = make_rays(start, start + np.array([length, 0.0, 0.0]))
    return cw_response(objects, rays, np.full(len(offsets), frequency), **more)[0].astype(float)


@pytest.mark.parametrize("megahertz", DIPS)
def test_published_dips(megahertz):
    offsets = np.arange(0.0, 2.01, 0.1)
    for length, (centre, least, place) in zip((15.0, 20.0), np.reshape(DIPS[megahertz], (2, 3)),
                                              strict=True):  # fmt: skip
        level = run(tunnel(), offsets, length, megahertz * 1e6, wavenumber_sd=0.0)
        assert level[0] == pytest.approx(centre, abs=0.06)
        assert level.min() == pytest.approx(least, abs=0.06)
        assert offsets[level.argmin()] == pytest.approx(place, abs=0.05)


def test_two_dips_where_the_wavelength_is_about_the_diameter():
    for megahertz in (50, 60, 80):
        level = run(tunnel(), [-0.7, 0.0, 0.7], frequency=megahertz * 1e6)
        assert level[1] > max(level[0], level[2]) + 0.2
    level = run(tunnel(), [-0.7, 0.0, 0.7], frequency=30e6)
    assert level[1] < min(level[0], level[2])


@pytest.mark.parametrize("size", [0.05, 0.7, 3.0, 11.9, 12.1, 40.0, 150.0])
@pytest.mark.parametrize("loss", [0.0, 0.3, 2.0])
def test_bessel_and_hankel_functions(size, loss):
    z, work = complex(size, loss), np.zeros(128, complex)
    assert np.allclose(hankel_01(z, work), hankel1([0, 1], z), rtol=3e-9, atol=0.0)
    top = int(abs(z)) + 10 if abs(z) < 100 else 60
    bessel_j(z, top, work)
    np.testing.assert_allclose(work[: top + 1], jv(np.arange(top + 1), z), rtol=1e-9)


@pytest.mark.parametrize("frequency", [22e6, 57e6, 110e6])
@pytest.mark.parametrize(
    ("fill", "permittivity", "flow"), [("air", 1.0, 0.0), ("water", 81.0, 5.0)]
)
@pytest.mark.parametrize("part", [0.5, 0.3])
def test_the_series_of_scipy(frequency, fill, permittivity, flow, part):
    k = wavenumber(np.array(frequency), 7.0, 1e-3)
    inner = wavenumber(np.array(frequency), permittivity, flow * 1e-3)
    for offset in (0.0, 0.4, 1.7, 4.0):
        exact = 20.0 * np.log10(np.abs(1.0 + scattered(k, inner, 0.8, 15.0, offset, part)))
        found = run(tunnel(0.8, fill), [offset], frequency=frequency, part=part, wavenumber_sd=0.0)
        assert found[0] == pytest.approx(float(exact), abs=1e-3)


def test_swapping_the_antennas_changes_nothing():
    rng = np.random.default_rng(1)
    there = rng.uniform(-3, 3, (20, 3)) - np.array([8.0, 0.0, 0.0])
    back = rng.uniform(-3, 3, (20, 3)) + np.array([8.0, 0.0, 0.0])
    void = tunnel(0.7, axis=((-0.5, -30, -0.3), (0.4, 30, 0.6)))
    f = np.full(20, 60e6)
    first, second = (
        cw_response(void, make_rays(there, back), f),
        cw_response(void, make_rays(back, there), f),
    )
    np.testing.assert_allclose(first, second, atol=1e-3)
    assert np.abs(first).max() > 1.0


def test_shadow_is_symmetric_and_fades_with_offset():
    offsets = np.array([-25.0, -6.0, -0.8, 0.8, 6.0, 25.0])
    level = run(tunnel(), offsets)
    np.testing.assert_allclose(level, level[::-1], atol=1e-5)
    assert level[2] < -8.0
    assert abs(level[1]) < 1.5
    assert level[0] == 0.0


def test_small_and_absent_objects():
    assert run(tunnel(1e-3), [0.0])[0] == pytest.approx(0.0, abs=1e-3)
    empty = slot(make_scene([]), 0)
    assert run(empty, [0.0])[0] == 0.0


def test_a_tunnel_counts_as_far_as_it_reaches_into_the_zone():
    full = run(tunnel(), [0.0], frequency=30e6)[0]
    half = run(tunnel(axis=((0, 0, 0), (0, 400, 0))), [0.0], frequency=30e6)[0]
    none = run(tunnel(axis=((0, 30, 0), (0, 400, 0))), [0.0], frequency=30e6)[0]
    assert full < half < -0.3
    assert none == pytest.approx(0.0, abs=1e-3)


def test_oblique_crossings_change_little_near_the_normal():
    straight = run(tunnel(), [0.0], frequency=40e6)[0]
    c, s = np.cos(np.radians(3.0)), np.sin(np.radians(3.0))
    oblique = run(tunnel(axis=((-400 * s, -400 * c, 0), (400 * s, 400 * c, 0))), [0.0],
                  frequency=40e6)[0]  # fmt: skip
    assert oblique == pytest.approx(straight, abs=0.25)
