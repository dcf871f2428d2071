from __future__ import annotations

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import xarray
from site_samples import GRAVITY, REPORTS, tree

from subterra.errors import SiteError
from subterra.inference.belief import Belief, RunInfo
from subterra.scene import Objects, sample_prior
from subterra.site import Site, add_files
from subterra.site.belief_file import StoredBelief, belief_from_bytes, belief_to_bytes
from subterra.site.belief_store import current_belief, latest_record, save_belief
from subterra.site.folder import exclusively


@pytest.fixture
def belief(site: Site) -> Belief:
    rng = np.random.default_rng(3)
    scenes = sample_prior(site.prior, 64, rng)
    weight = rng.dirichlet(np.ones(64))
    info = RunInfo(
        seed=5,
        n_scenes=64,
        seconds=1.25,
        log_evidence=(-3.0, -3.5),
        p_any_islands=(0.25, 0.75),
        island=(32, 32),
        ess=40.5,
        acceptance={"within": 0.3},
        temperatures=(0.0, 0.1, 1.0),
        evidence={"gravity": "abc"},
        ledger={"gravity": 1.5, "reports": math.nan},
        version="0.1.0",
    )
    return Belief(scenes, weight, site.prior, info)


def stored(site: Site, belief: Belief) -> StoredBelief:
    return StoredBelief(belief, site.config, *site.fingerprint)


def save(site: Site, belief: Belief) -> Site:
    with exclusively(site) as current:
        return save_belief(current, belief)


def test_a_belief_comes_back_bit_for_bit(site: Site, belief: Belief):
    back = belief_from_bytes(belief_to_bytes(stored(site, belief)), source=Path("b.nc"))
    assert back.config == site.config
    assert (back.evidence_fingerprint, back.settings_fingerprint) == site.fingerprint
    assert back.belief.prior == belief.prior
    np.testing.assert_array_equal(back.belief.weight, belief.weight)
    for field in fields(Objects):
        was, now = (getattr(b.scenes.objects, field.name) for b in (belief, back.belief))
        np.testing.assert_array_equal(now, was)
        assert now.dtype == was.dtype
    np.testing.assert_array_equal(back.belief.scenes.unit, belief.scenes.unit)
    np.testing.assert_array_equal(back.belief.scenes.host_density, belief.scenes.host_density)
    now = back.belief.info
    assert math.isnan(now.ledger["reports"])
    same = dict.fromkeys(("reports",), 0.0)
    assert replace(now, ledger={**now.ledger, **same}) == replace(
        belief.info, ledger={**belief.info.ledger, **same}
    )


def test_the_file_reads_without_us(site: Site, belief: Belief, tmp_path: Path):
    path = tmp_path / "b.nc"
    path.write_bytes(belief_to_bytes(stored(site, belief)))
    with xarray.open_dataset(path, engine="h5netcdf") as data:
        assert data["x"].dims == ("scene", "slot", "vertex")
        assert data["x"].attrs["units"] == "m"
        meanings = data["family"].attrs["flag_meanings"].split()
        assert meanings[int(data["family"].max())] in ("working", "chamber")
        np.testing.assert_array_equal(data["radius"], belief.scenes.objects.radius)
        assert "p0 = 0.5" in data.attrs["config_toml"]


def test_objects_that_do_not_follow_from_their_quantiles_are_refused(site: Site, belief: Belief):
    objects = belief.scenes.objects
    moved = replace(objects, z=objects.z - np.float32(0.01))
    bent = replace(belief, scenes=replace(belief.scenes, objects=moved))
    content = belief_to_bytes(stored(site, bent))
    with pytest.raises(SiteError, match=r"b\.nc.*do not follow from its quantiles"):
        belief_from_bytes(content, source=Path("b.nc"))


def test_a_file_that_is_no_belief_is_refused(tmp_path: Path):
    with pytest.raises(SiteError, match=r"b\.nc: the belief cannot be read"):
        belief_from_bytes(b"not a file of ours", source=Path("b.nc"))
    xarray.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with pytest.raises(SiteError, match="expected format 2, found None"):
        belief_from_bytes((tmp_path / "a.nc").read_bytes(), source=Path("b.nc"))


def test_no_belief_says_the_command(site: Site):
    assert latest_record(site) is None
    with pytest.raises(SiteError, match=f"subterra infer {site.path}"):
        current_belief(site)


def test_a_saved_belief_is_current_until_the_evidence_changes(site: Site, belief: Belief, given):
    site, _ = add_files(site, [given("g.csv", GRAVITY)])
    site = save(site, belief)
    current = current_belief(Site.open(site.path))
    assert not current.stale
    assert current.record.seed == 5
    np.testing.assert_array_equal(current.belief.weight, belief.weight)
    site, _ = add_files(site, [given("r.csv", REPORTS)])
    assert current_belief(site).stale


def test_a_belief_is_stale_when_the_prior_changes_but_not_the_costs(site: Site, belief: Belief):
    site = save(site, belief)
    path = site.path / "site.toml"
    text = path.read_text()
    path.write_text(text.replace("cost_setup = 1.0", "cost_setup = 9.0"))
    assert not current_belief(Site.open(site.path)).stale
    path.write_text(text.replace("slope_x = 0.0", "slope_x = 0.01"))
    current = current_belief(Site.open(site.path))
    assert current.stale
    assert current.belief.prior == belief.prior


def test_past_beliefs_stay_beside_the_current_one(site: Site, belief: Belief):
    site = save(site, belief)
    first = latest_record(site)
    second = replace(belief, weight=belief.weight[::-1].copy())
    site = save(site, second)
    record = latest_record(site)
    assert first is not None
    assert record is not None
    assert (site.path / first.file).is_file()
    assert (site.path / "belief" / "current.nc").read_bytes() == (
        site.path / record.file
    ).read_bytes()
    np.testing.assert_array_equal(current_belief(site).belief.weight, second.weight)


def test_a_changed_belief_is_not_read(site: Site, belief: Belief):
    site = save(site, belief)
    record = latest_record(site)
    assert record is not None
    with (site.path / record.file).open("ab") as file:
        file.write(b"x")
    with pytest.raises(SiteError, match="was changed after it was made"):
        current_belief(site)


def test_an_interrupted_save_leaves_the_site_as_it_was(site: Site, belief: Belief, monkeypatch):
    before = tree(site.path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("subterra.site.folder.append_entries", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(site, belief)
    assert tree(site.path) == before
