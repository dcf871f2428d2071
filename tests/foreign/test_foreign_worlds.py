"""A few fields made by other physics; the full table of 80 is ``bench/foreign.py``."""

import pytest

from bench_scripts import load


@pytest.fixture(scope="module")
def foreign():
    return load("foreign")


@pytest.mark.parametrize(("kind", "seed"), [("gravity", 13), ("resistivity", 1)])
def test_null_fields_do_not_raise_the_prior_much(foreign, kind, seed):
    row = foreign.run(kind, seed, void=False, n_scenes=640)
    assert row["p_any"] < 0.8


@pytest.mark.parametrize(("kind", "seed"), [("gravity", 13), ("resistivity", 1)])
def test_drives_of_strong_signal_are_found_where_they_are(foreign, kind, seed):
    row = foreign.run(kind, seed, void=True, n_scenes=640)
    assert row["snr"] > 8.0
    assert row["p_any"] > 0.9
    assert row["axis_m"] < 1.0
