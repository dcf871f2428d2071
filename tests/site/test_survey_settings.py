"""What the site file and options say of surveys reaches their evidence."""

from __future__ import annotations

import numpy as np
import pytest
from site_samples import GRAVITY

from subterra.errors import InputError
from subterra.site import Site, add_files
from subterra.site.config import build_config, settings_fingerprint

PLACE = {"name": "Field", "bounds": [0, 0, 20, 15], "depth_m": 8}
LOOPS = "station,x,y,g_ugal,sd_ugal,loop,time\n" + "".join(
    f"s{i},{2 * i},{i % 4},{(7 * i) % 11},3,{'AB'[i // 5]},2026-05-0{1 + i // 5}T0{i % 5 + 1}:00\n"
    for i in range(10)
)
TIMES = "sx,sy,sz,rx,ry,rz,time_ns,sd_ns\n" + "".join(
    f"0,5,{-i},12,5,{-j},{10.0 * np.hypot(12, i - j):.3f},0.5\n"
    for i in range(1, 7)
    for j in range(1, 7)
)


def unified(rise: float = 0.0) -> str:
    """A Wenner line over a ridge."""
    x = np.arange(14.0) + 3.0
    z = rise * np.exp(-((x - x.mean()) ** 2) / 10.0)
    rows = [(i, i + 3 * a, i + a, i + 2 * a) for a in (1, 2, 3, 4) for i in range(1, 15 - 3 * a)]
    electrodes = "\n".join(f"{v:g} 7 {h:.3f}" for v, h in zip(x, z, strict=True))
    data = "\n".join(f"{a} {b} {m} {n} {100 + (7 * a) % 5} 0.02" for a, b, m, n in rows)
    return f"14\n# x y z\n{electrodes}\n{len(rows)}\n# a b m n rhoa err\n{data}\n"


def survey(folder, text, name="data.csv", options=None, **settings):
    folder.mkdir()
    file = folder / name
    file.write_text(text)
    site = Site.create(folder / "site", build_config(PLACE | settings))
    changed, _ = add_files(site, [file], options=options)
    [evidence] = changed.evidence()
    return evidence


def test_loops_are_used_where_a_file_names_them_and_the_site_says_their_size(tmp_path):
    usual = survey(tmp_path / "a", LOOPS)
    assert len(usual.models.noise.spread) == 4
    small = {"gravity_tie_sd_ugal": 1.0, "gravity_drift_sd_ugal_per_h": 0.0}
    quiet = survey(tmp_path / "b", LOOPS, surveys=small)
    assert len(quiet.models.noise.spread) == 2
    assert quiet.models.noise.spread.max() < usual.models.noise.spread.max()
    assert quiet.fingerprint != usual.fingerprint


def test_heights_that_are_not_sure_widen_gravity(tmp_path):
    usual = survey(tmp_path / "a", GRAVITY)
    shaky = survey(tmp_path / "b", GRAVITY, surveys={"gravity_height_sd_m": 0.05})
    plate = 308.6 - 0.0419 * 2250.0
    assert shaky.sd == pytest.approx(np.hypot(usual.sd, plate * 0.05))


def test_electrodes_that_are_not_sure_share_their_errors(tmp_path):
    text = unified()
    usual = survey(tmp_path / "a", text, "line.dat")
    shaky = survey(tmp_path / "b", text, "line.dat", surveys={"electrode_position_sd_m": 0.1})
    assert len(usual.models.noise.spread) == 0
    assert len(shaky.models.noise.spread) > 10


def test_a_mesh_follows_the_heights_of_the_electrodes(tmp_path):
    text = unified(0.8)
    with pytest.raises(InputError, match="above the site's surface"):
        survey(tmp_path / "a", text, "line.dat")
    said = survey(tmp_path / "b", text, "line.dat", options={"background": "mesh"})
    assert np.ptp(said.offset) > 0.02
    site = survey(tmp_path / "c", text, "line.dat", host={"background": "mesh"})
    assert site.fingerprint == said.fingerprint
    layers = {"background": "mesh", "layers": "60:1.5,250"}
    layered = survey(tmp_path / "d", text, "line.dat", options=layers)
    assert np.ptp(layered.offset) > 0.3
    with pytest.raises(InputError, match="even or mesh"):
        survey(tmp_path / "e", text, "line.dat", options={"background": "grid"})


def test_an_even_mesh_over_flat_ground_says_nothing(tmp_path):
    flat = survey(tmp_path / "a", unified(), "line.dat", host={"background": "mesh"})
    assert np.abs(flat.offset).max() < 0.01


def test_lenses_anisotropy_and_invert_of_travel_times(tmp_path):
    usual = survey(tmp_path / "a", TIMES)
    massive = survey(tmp_path / "b", TIMES, surveys={"radar_lens": 0.02})
    assert massive.sd.mean() < usual.sd.mean()
    isotropic = survey(tmp_path / "c", TIMES, surveys={"radar_anisotropy": "none"})
    assert isotropic.models.trend.shape[1] < usual.models.trend.shape[1]
    assert survey(tmp_path / "d", TIMES, surveys={"invert": 0.3}).invert == 0.3
    # What is said of P waves is nothing to radar.
    other = survey(tmp_path / "e", TIMES, surveys={"seismic_lens": 0.02})
    assert other.fingerprint == usual.fingerprint


def test_settings_of_surveys_are_settings_of_the_belief():
    plain = settings_fingerprint(build_config(PLACE))
    assert settings_fingerprint(build_config(PLACE | {"surveys": {"invert": 0.0}})) == plain
    for changed in (
        {"surveys": {"radar_lens": 0.1}},
        {"host": {"background": "mesh"}},
        {"fills": {"lining_conductivity_ratio": 0.05}},
    ):
        assert settings_fingerprint(build_config(PLACE | changed)) != plain


def test_the_lining_of_a_family_is_felt_by_resistivity(tmp_path):
    known = survey(tmp_path / "a", unified(), "line.dat", fills={"lining_conductivity_ratio": 0.05})
    assert known.fillings.lining_ratio == 0.05
    assert known.fillings.water_table_m is None
