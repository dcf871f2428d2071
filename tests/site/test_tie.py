"""A local grid is tied as it lies, and what does not fit is shown."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.cli import main
from subterra.errors import InputError
from subterra.formats.electrodes import place
from subterra.site.tie import tie_grid
from subterra.tables import GridControlTable

X, Y = np.array([0.0, 120.0, 80.0, -30.0]), np.array([0.0, 10.0, 90.0, 60.0])


def control(x, y, local_x=X, local_y=Y, sd=None):
    names = tuple("ABCDEFG"[: len(x)])
    return GridControlTable(names, local_x, local_y, x, y, np.ones(len(x)) if sd is None else sd)


@settings(deadline=None, max_examples=40)
@given(
    angle=st.floats(-179.0, 179.0),
    origin=st.tuples(st.floats(-1e3, 5e5), st.floats(-1e3, 6e6)),
)
def test_what_it_prints_places_the_points(angle, origin):
    there = place(X, Y, origin, angle)
    made = tie_grid(control(*there))
    np.testing.assert_allclose(place(X, Y, made.origin, made.rotation_deg), there, atol=1e-6)
    assert made.rms_m < 1e-6
    assert made.scale == pytest.approx(1.0, abs=1e-9)
    assert np.nanmax(made.left_out_m) < 1e-6


def test_one_bad_point_stands_out_when_it_is_left_out():
    x, y = place(X, Y, (10.0, 20.0), 30.0)
    made = tie_grid(control(x + np.array([0, 0, 5.0, 0]), y))
    assert np.argmax(made.left_out_m) == 2
    assert made.left_out_m[2] == pytest.approx(5.0, abs=1e-6)
    assert np.abs(made.residual_m[2, 0]) < 5.0
    sure = tie_grid(control(x + np.array([0, 0, 5.0, 0]), y, sd=[0.01, 0.01, 10.0, 0.01]))
    assert sure.origin == pytest.approx((10.0, 20.0), abs=0.01)


def test_feet_show_in_the_scale():
    x, y = place(X * 0.3048, Y * 0.3048, (0.0, 0.0), 0.0)
    assert tie_grid(control(x, y)).scale == pytest.approx(0.3048)


def test_too_few_points_are_refused():
    with pytest.raises(InputError, match="at least 2"):
        tie_grid(control(X[:1], Y[:1], X[:1], Y[:1]))
    with pytest.raises(InputError, match="one place"):
        tie_grid(control(X[:2], Y[:2], np.zeros(2), np.zeros(2)))


def test_the_verb(tmp_path, capsys):
    path = tmp_path / "c.csv"
    path.write_text(
        "point,local_x,local_y,x,y\nA,0,0,500,1000\nB,100,0,500,1100\nC,0,50,450,1000\n"
    )
    assert main(["tie", str(path)]) == 0
    said = capsys.readouterr().out
    assert "--option origin=500.000,1000.000 --option rotation_deg=90.000000" in said
    assert main(["tie", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rotation_deg"] == pytest.approx(90.0)
