"""The committed foreign worlds: complete, of the right shape, and of the right sign."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

WORLDS = Path(__file__).resolve().parents[2] / "bench" / "worlds"
SHIPPED = WORLDS.parents[1] / "src" / "subterra" / "cli" / "demo_field.json"
SEEDS = range(1, 21)
LOUD = ("", "_snr8")


def demo(seed: int) -> dict:
    return json.loads((WORLDS / "demo_fields" / f"seed_{seed:02d}.json").read_text("utf-8"))


def world(kind: str, seed: int) -> dict[str, np.ndarray]:
    with np.load(WORLDS / "data" / f"{kind}_{seed:02d}.npz", allow_pickle=False) as file:
        return dict(file)


def plan_distance(xy: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Plan distance to the unbounded line through an axis."""
    d = axis[1, :2] - axis[0, :2]
    n = np.array([-d[1], d[0]]) / np.hypot(*d)
    return np.abs((xy - axis[0, :2]) @ n)


def test_the_shipped_demo_is_seed_one() -> None:
    assert json.loads(SHIPPED.read_text("utf-8")) == demo(1)
    assert SHIPPED.stat().st_size < 200_000


@pytest.mark.parametrize("seed", SEEDS)
def test_demo_field_holds_what_it_says(seed: int) -> None:
    d = demo(seed)
    assert d["provenance"]["seed"] == seed
    g, r = d["gravity"], d["resistivity"]
    assert len(g["stations"]) == len(g["g_ugal"]) == len(g["g_without_void_ugal"]) == 169
    assert len(r["electrodes"]) == 100
    abmn = np.array(r["abmn"])
    assert abmn.shape == (768, 4)
    assert abmn.min() == 0
    assert abmn.max() == 99
    assert len(r["rhoa_ohm_m"]) == len(r["rhoa_without_void_ohm_m"]) == 768
    # All four electrodes of a datum stand on one line.
    assert (np.ptp(abmn // 25, axis=1) == 0).all()
    assert len(d["reports"]) == 6
    assert len(d["truth"]["wrong_reports"]) == 2
    assert len(d["dry_holes"]) == 2
    assert r["mesh"]["homogeneous_error_rms"] <= 0.005
    assert r["mesh"]["reference_off_10_percent_rms"] <= 0.005


@pytest.mark.parametrize("seed", SEEDS)
def test_demo_truth_crosses_the_field_under_the_lines(seed: int) -> None:
    d = demo(seed)
    axis = np.array(d["truth"]["axis"])
    assert sorted(-axis[:, 2]) == [3.5, 8.0]
    holes = np.array([[h["x"], h["y"]] for h in d["dry_holes"]])
    assert plan_distance(holes, axis).min() > 10.0
    wrong = set(d["truth"]["wrong_reports"])
    for report in d["reports"]:
        away = plan_distance(np.array([[report["x"], report["y"]]]), axis)[0]
        assert away > 20.0 if report["id"] in wrong else away < 4 * report["sd_m"]
    electrodes = np.array(d["resistivity"]["electrodes"])
    for line in electrodes.reshape(4, 25, 2):
        nearest = plan_distance(line, axis).argmin()
        assert 2 <= nearest <= 22
        along = (line[nearest] - axis[0, :2]) @ (axis[1] - axis[0])[:2]
        along /= ((axis[1] - axis[0])[:2] ** 2).sum()
        assert 3.5 <= -(axis[0, 2] + along * (axis[1, 2] - axis[0, 2])) <= 5.75


@pytest.mark.parametrize("seed", SEEDS)
def test_demo_void_lowers_gravity_and_raises_resistivity_over_it(seed: int) -> None:
    d = demo(seed)
    axis = np.array(d["truth"]["axis"])
    g = np.array(d["gravity"]["g_ugal"]) - np.array(d["gravity"]["g_without_void_ugal"])
    # Both readings carry the same noise and are rounded to 0.1.
    assert g.max() <= 0.11
    near = plan_distance(np.array(d["gravity"]["stations"]), axis) < 3.0
    far = plan_distance(np.array(d["gravity"]["stations"]), axis) > 30.0
    assert g[near].max() < -3.0
    assert g[far].min() > -1.5
    r = d["resistivity"]
    ratio = np.log(np.array(r["rhoa_ohm_m"]) / np.array(r["rhoa_without_void_ohm_m"]))
    middle = np.array(r["electrodes"])[np.array(r["abmn"])].mean(axis=1)
    over = plan_distance(middle, axis) < 2.0
    assert ratio[over].mean() > 0.02
    assert np.abs(ratio[plan_distance(middle, axis) > 12.0]).mean() < 0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_gravity_world_is_whole_and_its_void_is_negative(seed: int) -> None:
    w = world("gravity", seed)
    assert int(w["seed"]) == seed
    for suffix in LOUD:
        effect, axis = w[f"void_effect{suffix}_ugal"], w[f"axis{suffix}"]
        assert effect.shape == w["g_null_ugal"].shape == w["x"].shape == (400,)
        assert (effect < 0).all()
        np.testing.assert_allclose(w[f"g_void{suffix}_ugal"] - w["g_null_ugal"], effect, atol=2e-3)
        assert 4.0 <= -axis[:, 2].mean() <= 8.0
        xy = np.column_stack([w["x"], w["y"]])
        assert plan_distance(xy[effect.argmin()][None], axis)[0] < 4.0
        # An infinite line of the same mass: 2 G lambda / z, here within its ends and grade.
        mass = w["host_density_kg_m3"] * np.pi * w[f"radius{suffix}_m"] ** 2
        peak = 2 * 6.674e-11 * mass / (-axis[:, 2].mean() + 0.3) * 1e8
        assert w[f"void_effect_plain{suffix}_ugal"].min() == pytest.approx(-peak, rel=0.35)
    assert w["snr_matched_snr8"] >= 8.0


@pytest.mark.parametrize("seed", SEEDS)
def test_resistivity_world_is_whole_and_its_void_has_the_sign_of_its_fill(seed: int) -> None:
    w = world("resistivity", seed)
    assert int(w["seed"]) == seed
    assert w["electrodes"].shape == (126, 2)
    assert w["abmn"].shape == (753, 4)
    assert w["homogeneous_error_rms"] <= 0.005
    assert w["reference_off_10_percent_rms"] <= 0.005
    assert (w["rhoa_null_ohm_m"] > 0).all()
    middle = w["electrodes"][w["abmn"]].mean(axis=1)
    for suffix in LOUD:
        effect, axis = w[f"log_void_effect{suffix}"], w[f"axis{suffix}"]
        assert effect.shape == (753,)
        ratio = np.log(w[f"rhoa_void{suffix}_ohm_m"] / w["rhoa_null_ohm_m"])
        np.testing.assert_allclose(ratio, effect, atol=3e-4)
        over = plan_distance(middle, axis) < 1.5
        sign = -1.0 if str(w["fill"]) == "water" else 1.0
        assert sign * w[f"log_void_effect_plain{suffix}"][over].mean() > 0.01
        assert sign * effect[over].mean() > 0.0
    assert w["snr_matched_snr8"] >= 8.0


def test_worlds_cover_the_kernels_the_fills_and_the_loud_ground() -> None:
    gravity = [world("gravity", s) for s in SEEDS]
    resistivity = [world("resistivity", s) for s in SEEDS]
    kernels = {"exponential", "gaussian", "matern", "fractal", "voronoi", "layered"}
    assert {str(w["kernel"]) for w in gravity} == kernels
    assert {str(w["kernel"]) for w in resistivity} == kernels
    assert sum(str(w["fill"]) == "water" for w in resistivity) == 6
    assert sum(float(w["ground_sd"]) == 0.75 for w in resistivity) == 5
    assert sum(str(w["noise"]) == "student-t5" for w in gravity) == 4
