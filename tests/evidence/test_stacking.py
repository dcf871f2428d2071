"""Averaging dense picks: moments, errors, panels, and the answer of a survey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import nothing, tunnel

from subterra.evidence import traveltime_evidence
from subterra.evidence.stacking import Picks, fresnel_radius, stack_picks
from subterra.physics import make_rays
from subterra.scene import Prior, concatenate
from subterra.tables import TravelTimeTable

PRIOR = Prior((0.0, 0.0, 40.0, 40.0), 20.0)


def dense(step=0.3, seed=0, panels=1):
    """P waves of 5 m across 30 m, far denser than the Fresnel zone."""
    at = np.arange(1.0, 15.0, step)
    a, b = (v.ravel() for v in np.meshgrid(at, at, indexing="ij"))
    rng = np.random.default_rng(seed)
    source = np.column_stack([np.full(len(a), 5.0), np.full(len(a), 20.0), -a])
    receiver = np.column_stack([np.full(len(a), 35.0), np.full(len(a), 20.0), -b])
    time = np.linalg.norm(receiver - source, axis=1) / 5.0 + rng.normal(0.0, 0.03, len(a))
    flat = np.full(len(a), 0.03)
    shared = (at[:, None] == a).astype(float).T * 0.05
    panel = np.arange(len(a)) % panels
    return Picks(
        source, receiver, time, flat, flat * 0.0 + 5.0, panel, shared, np.ones(len(a), int)
    )


def test_few_picks_are_left_alone():
    picks = dense(1.0)
    assert stack_picks(picks, 400) is picks


def test_means_are_means_and_errors_fall():
    picks = dense()
    few = stack_picks(picks, 600)
    assert len(few) <= 600
    assert few.count.sum() == len(picks)
    assert few.count @ few.time == pytest.approx(picks.time.sum())
    assert few.count @ few.source == pytest.approx(picks.source.sum(axis=0))
    assert few.error == pytest.approx(0.03 / np.sqrt(few.count))
    # What an antenna place shares keeps its size in the mean over that place's picks alone.
    assert few.shared.sum(axis=1) == pytest.approx(0.05)
    assert few.count @ few.shared == pytest.approx(picks.shared.sum(axis=0))
    # A mean time is the time of the mean ray.
    length = np.linalg.norm(few.receiver - few.source, axis=1)
    assert np.std((few.time - length / 5.0) * np.sqrt(few.count)) == pytest.approx(0.03, rel=0.1)


def test_the_fresnel_zone_bounds_the_stacks():
    picks = dense()
    widest = 0.2 * np.quantile(fresnel_radius(picks), 0.1)
    few = stack_picks(picks, 10)
    assert len(few) > 10
    assert len(few) < 0.2 * len(picks)
    for ends, whole in ((few.source, picks.source), (few.receiver, picks.receiver)):
        away = np.abs(ends[:, None, 2] - np.unique(whole[:, 2])).min(axis=1)
        assert away.max() < 0.5 * widest
    # 14 m of hole in cubes of the widest allowed, along both holes.
    assert len(few) == pytest.approx((14.0 / widest) ** 2, rel=0.3)
    thin = replace(picks, wavelength=picks.wavelength * 1e-4)
    assert stack_picks(thin, 10) is thin


def test_panels_are_not_mixed():
    picks = dense(panels=2)
    few = stack_picks(picks, 500)
    for number in (0, 1):
        assert few.count[few.panel == number].sum() == np.sum(picks.panel == number)


def table(picks, change=0.0):
    (sx, sy, sz), (rx, ry, rz) = picks.source.T, picks.receiver.T
    return TravelTimeTable(
        "seismic", "ms", sx, sy, sz, rx, ry, rz, picks.time + change, picks.error
    )  # fmt: skip


def test_a_stacked_survey_sees_what_the_whole_sees(monkeypatch):
    from subterra.evidence import traveltime

    picks = dense(0.55)
    assert 600 < len(picks) < 700
    # Beds are as many as the data allow.
    monkeypatch.setattr(traveltime, "_BEDS", 0.0)
    whole = traveltime_evidence([table(picks)], PRIOR)
    monkeypatch.setattr(traveltime, "_MOST", 200)
    few = traveltime_evidence([table(picks)], PRIOR)
    assert (few.picks, whole.picks) == (len(picks), len(picks))
    assert len(few.observed) < 0.5 * len(picks)
    scenes = concatenate([tunnel(19.0, 8.0, 1.2), tunnel(22.0, 9.0, 1.0)])
    assert few.matched_snr(scenes) == pytest.approx(whole.matched_snr(scenes), rel=0.1)
    assert "averaged" in few.fit(nothing(), np.ones(1)).words
    assert "averaged" not in whole.fit(nothing(), np.ones(1)).words
    rays = make_rays(picks.source, picks.receiver)
    assert few.rays.length.mean() == pytest.approx(rays.length.mean(), rel=1e-3)
