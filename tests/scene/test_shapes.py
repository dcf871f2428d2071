"""Sections, aspects, linings and chimneys: data of the prior that touch no random number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.scene import DEFAULT_FAMILIES, Objects, Prior, make_scene, sample_prior, slot

PRIOR = Prior((0.0, 0.0, 40.0, 30.0), 20.0, targets=("driven", "chamber"), p_none=0.1)
SHAPES = ("rectangular", "aspect", "lining_m", "lining_contrast", "chimney_m")


def with_family(prior=PRIOR, name="driven", **change):
    families = {**DEFAULT_FAMILIES, name: replace(DEFAULT_FAMILIES[name], **change)}
    return replace(prior, families=families)


def drawn(prior, n=400):
    return sample_prior(prior, n, np.random.default_rng(4))


def assert_same_but_for(one, other, names):
    for name, value in vars(one.objects).items():
        if name not in names:
            np.testing.assert_array_equal(getattr(other.objects, name), value, err_msg=name)
    np.testing.assert_array_equal(one.unit, other.unit)


def test_the_default_is_round_unlined_and_standing():
    objects = drawn(PRIOR).objects
    for name, value in zip(SHAPES, (False, 1.0, 0.0, 0.0, 0.0), strict=True):
        assert np.all(getattr(objects, name) == value)


def test_shapes_touch_nothing_else():
    plain = drawn(PRIOR)
    boxed = drawn(with_family(section="rectangular", aspect=(1.6, 1.6)))
    assert_same_but_for(plain, boxed, ("rectangular", "aspect"))
    driven = plain.objects.family == 1
    np.testing.assert_array_equal(boxed.objects.rectangular, driven)
    np.testing.assert_allclose(boxed.objects.aspect[driven], 1.6)

    squat = drawn(with_family(name="chamber", aspect=(0.3, 1.2)))
    assert_same_but_for(plain, squat, ("aspect",))
    chamber = plain.objects.family == 3
    aspect = squat.objects.aspect[chamber]
    assert np.all((aspect >= 0.3) & (aspect <= 1.2))
    quantile = plain.unit[..., 3][chamber]
    np.testing.assert_allclose(aspect, 0.3 * 4.0**quantile, rtol=1e-5)


def test_a_lining_is_as_dense_as_it_is():
    plain, lined = drawn(PRIOR), drawn(with_family(lining_m=0.25, lining_density=2400.0))
    assert_same_but_for(plain, lined, ("lining_m", "lining_contrast"))
    driven = plain.objects.family == 1
    host = np.broadcast_to(plain.host_density[:, None], driven.shape)
    np.testing.assert_allclose(
        lined.objects.lining_contrast[driven], 2400.0 - host[driven], rtol=1e-5
    )
    assert np.all(lined.objects.lining_m[driven] == np.float32(0.25))
    assert not lined.objects.lining_contrast[~driven].any()


def test_a_chimney_keeps_the_mass_and_ends_at_the_ground():
    plain, caved = drawn(PRIOR, 4000), drawn(replace(PRIOR, rubble_chimney=True), 4000)
    assert_same_but_for(plain, caved, ("density_contrast", "chimney_m"))
    o, before = caved.objects, plain.objects
    rubble = (o.family == 1) & (o.fill == 2)
    np.testing.assert_array_equal(o.chimney_m > 0.0, rubble)
    height = (o.radius * np.sqrt(np.pi))[rubble]
    total = height + o.chimney_m[rubble]
    host = np.broadcast_to(plain.host_density[:, None], rubble.shape)[rubble]
    np.testing.assert_allclose(o.density_contrast[rubble] * total, -host * height, rtol=1e-4)
    roof = (o.z.max(axis=-1)[rubble]) - 0.5 * height + total
    assert np.all(roof < 1e-3)
    free = roof < -1e-3
    assert 0.2 < free.mean() < 1.0
    # Not cut: bulking by k spreads the deficit 1 − 1/k over h k/(k − 1).
    share = -before.density_contrast[rubble] / host
    np.testing.assert_allclose(total[free], (height / share)[free], rtol=1e-4)


def test_what_is_not_given_is_filled_in():
    scene = make_scene(
        [{"family": "driven", "fill": "air", "axis": [[0, 0, -5], [9, 0, -5]], "radius": 1.0}]
    )
    old = {k: v for k, v in vars(scene.objects).items() if k not in SHAPES}
    again = Objects(**old)
    for name in SHAPES:
        np.testing.assert_array_equal(getattr(again, name), getattr(scene.objects, name))
    assert slot(scene, 0).aspect.shape == (1,)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("driven", {"section": "arched"}, "section must be one of"),
        ("driven", {"aspect": (1.0, 2.0), "section": "rectangular"}, "one number"),
        ("driven", {"aspect": (2.0, 2.0)}, "say rectangular"),
        ("chamber", {"aspect": (0.01, 1.0)}, "aspect"),
        ("chamber", {"aspect": (2.0, 1.0)}, "aspect"),
        ("working", {"lining_m": -0.1}, "lining_m"),
        ("working", {"lining_density": 0.0}, "lining_density"),
    ],
)
def test_shapes_that_cannot_be(name, change, words):
    with pytest.raises(InputError, match=words):
        replace(DEFAULT_FAMILIES[name], **change)
