"""Every script of the gallery draws its picture, and the picture shows what the page says."""

from __future__ import annotations

import runpy

import matplotlib as mpl
import numpy as np
import pytest
from docs_pages import DOCS, text_of

from subterra.search import poc_xarray

GALLERY = DOCS / "gallery"


@pytest.fixture
def drawn():
    """Run a script; gives its names."""
    import matplotlib.pyplot as plt

    before = mpl.get_backend()
    plt.switch_backend("Agg")
    yield lambda name: runpy.run_path(str(GALLERY / f"{name}.py"))
    plt.close("all")
    plt.switch_backend(before)


def labelled(names) -> bool:
    """Whether the figure has axes with words on them."""
    axes = names["figure"].axes
    return any(a.get_xlabel() for a in axes) and any(a.get_ylabel() for a in axes)


def test_the_page_shows_every_script():
    page = text_of(GALLERY / "index.md")
    for script in GALLERY.glob("*.py"):
        assert f"{{literalinclude}} {script.name}" in page
        assert f"pictures/{script.stem}.png" in page


def test_gravity_of_a_tunnel(drawn):
    names = drawn("gravity_of_a_tunnel")
    assert labelled(names)
    for off in names["off"].values():
        assert np.abs(off).max() < 0.1  # % of the peak: a kilometre is nearly endless


def test_resistivity_of_a_drive(drawn):
    names = drawn("resistivity_of_a_drive")
    assert labelled(names)
    dry, flooded, silent = names["change"].values()
    assert dry.max() > 20.0
    assert flooded.min() < -10.0
    assert np.abs(silent).max() < 0.01


def test_forecast_of_a_survey(drawn):
    names = drawn("forecast_of_a_survey")
    assert labelled(names)
    pod = names["pod"]
    assert np.nanmin(pod) >= 0.0
    assert np.nanmax(pod) <= 1.0
    # Wider drives are seen better at any depth at which both exist.
    assert np.all(np.diff(pod, axis=0)[np.isfinite(np.diff(pod, axis=0))] > -0.02)


def test_when_to_stop(drawn):
    names = drawn("when_to_stop")
    assert labelled(names)
    low, middle, high = names["chance"].values()
    assert np.all(low > middle)
    assert np.all(middle > high)
    # Not hole by hole: a dry one speaks against narrower drives as well.
    assert all(curve[-1] < 0.6 * curve[0] for curve in (low, middle, high))


def test_calibrated_ranks(drawn):
    names = drawn("calibrated_ranks")
    assert labelled(names)
    assert list(names["outside"].values()) == [False, True]


@pytest.mark.slow
def test_belief_from_three_reports(drawn):
    names = drawn("belief_from_three_reports")
    assert labelled(names)
    poc = names["poc"]
    # As far from the well driller's place, on the side of the dry hole and on the other.
    assert poc.sel(x=59.0, y=53.0) < poc.sel(x=61.0, y=43.0)


@pytest.mark.slow
def test_belief_from_an_old_map(drawn):
    names = drawn("belief_from_an_old_map")
    assert labelled(names)
    before, after = (poc_xarray(names[k], 2.0) for k in ("before", "after"))
    assert after.sel(x=61.0, y=59.0) > before.sel(x=61.0, y=59.0)
    # Far from the hole, too: the sheet moves as a whole.
    assert after.sel(x=101.0, y=61.0) > before.sel(x=101.0, y=61.0)
