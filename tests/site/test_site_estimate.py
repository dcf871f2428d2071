"""Layers as option, in the site file and estimated; a written estimate keeps the file's words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.evidence import resistivity_evidence
from subterra.ground import fit_layers, make_soundings
from subterra.physics import LayeredEarth, layered_sum, make_quadripoles
from subterra.scene import Prior
from subterra.site import Site, add_files, build_config, estimate_background
from subterra.site.config import load_config, parse_config
from subterra.site.toml_text import with_value
from subterra.tables import ResistivityTable

EARTH = LayeredEarth((40.0, 300.0), (2.0,))


def line(count=16, spacing=2.0):
    x = spacing * np.arange(count)
    abmn = [(i, i + 1, i + 1 + n, i + 2 + n) for n in range(1, 7) for i in range(count - n - 2)]
    return x, np.array(abmn, np.int32)


def survey(noise=0.02, seed=1):
    x, abmn = line()
    layout = make_quadripoles(x, 0.0 * x, None, abmn)
    rhoa = layered_sum(EARTH, x, 0.0 * x, 0.0 * x, abmn) / layout.k_sum
    rhoa *= np.exp(noise * np.random.default_rng(seed).standard_normal(len(abmn)))
    return x, abmn, rhoa


@pytest.fixture
def data_file(tmp_path):
    x, abmn, rhoa = survey()
    lines = [str(len(x)), "# x y z", *(f"{v} 5 0" for v in x)]
    lines += [str(len(abmn)), "# a b m n rhoa err"]
    lines += [
        " ".join(str(v + 1) for v in q) + f" {r:.6g} 0.03" for q, r in zip(abmn, rhoa, strict=True)
    ]
    path = tmp_path / "line.dat"
    path.write_text("\n".join(lines) + "\n")
    return path


def make_site(tmp_path):
    content = {"name": "layers", "bounds": [0.0, 0.0, 30.0, 10.0], "depth_m": 8.0}
    return Site.create(tmp_path / "site", build_config(content))


def test_layers_are_found_again():
    x, abmn, rhoa = survey()
    layout = make_quadripoles(x, 0.0 * x, None, abmn)
    fits = fit_layers(make_soundings(layout, np.log(rhoa)))
    best = min(fits, key=lambda fit: fit.bic).earth
    assert best.resistivity_ohmm == pytest.approx(EARTH.resistivity_ohmm, rel=0.15)
    assert best.thickness_m == pytest.approx(EARTH.thickness_m, rel=0.15)


def test_even_ground_has_one_layer():
    x, abmn = line()
    layout = make_quadripoles(x, 0.0 * x, None, abmn)
    noise = 0.03 * np.random.default_rng(4).standard_normal(len(abmn))
    fits = fit_layers(make_soundings(layout, np.log(80.0) + noise), most=3)
    assert np.argmin([fit.bic for fit in fits]) == 0
    assert fits[0].earth.resistivity_ohmm[0] == pytest.approx(80.0, rel=0.05)
    few = make_quadripoles(x[:4], 0.0 * x[:4], None, np.array([[0, 1, 2, 3], [0, 3, 1, 2]]))
    with pytest.raises(InputError, match="at least 3 arrangements"):
        fit_layers(make_soundings(few, np.zeros(2)))


def test_an_option_says_the_layers_of_a_file(tmp_path, data_file):
    site, items = add_files(make_site(tmp_path), [data_file], options={"layers": "40:2,300"})
    (evidence,) = site.evidence()
    assert evidence.background.label == "layers 40:2,300"
    assert items[0].options == {"layers": "40:2,300"}
    with pytest.raises(InputError, match=r"option layers: expected RHO1:H1"):
        add_files(make_site(tmp_path / "b"), [data_file], options={"layers": "40,300"})


def test_files_must_not_say_different_layers(tmp_path, data_file):
    other = tmp_path / "other.dat"
    other.write_text(data_file.read_text().replace(" 5 0", " 7 0"))
    site, _ = add_files(make_site(tmp_path), [data_file], options={"layers": "40:2,300"})
    site, _ = add_files(site, [other], options={"layers": "50:2,300"})
    with pytest.raises(InputError, match="different layers"):
        site.evidence()


def test_an_estimate_is_written_only_on_request(tmp_path, data_file):
    site, _ = add_files(make_site(tmp_path), [data_file])
    path = site.path / "site.toml"
    before, settings = path.read_text(), site.fingerprint
    same, found = estimate_background(site, most=2)
    assert path.read_text() == before
    assert not found.written
    assert same.fingerprint == settings
    changed, found = estimate_background(site, most=2, write=True)
    layers = found.fits[found.best].earth.text()
    assert load_config(path).host.layers == layers == changed.config.host.layers
    assert changed.fingerprint != settings
    kept = [line for line in path.read_text().splitlines() if not line.startswith("layers")]
    assert kept == [line for line in before.splitlines() if not line.startswith("# layers")]
    last = json.loads((site.path / "journal.jsonl").read_text().splitlines()[-1])
    assert last["verb"] == "estimate"
    assert last["payload"]["layers"] == layers
    (evidence,) = Site.open(site.path).evidence()
    assert evidence.background.label == f"layers {layers}"
    again, _ = estimate_background(changed, most=1, write=True)
    assert ":" not in again.config.host.layers


def test_nothing_to_estimate_from(tmp_path):
    with pytest.raises(InputError, match="no resistivity"):
        estimate_background(make_site(tmp_path))


def test_a_value_finds_its_place_in_the_text():
    text = '# top\nname = "a"\n\n[host]\n# one\na = 1\n# b = 2\n\n[[no_go]]\nb = 9\n'
    assert with_value(text, "host", "b", 3) == text.replace("# b = 2", "b = 3")
    assert with_value(text, "host", "a", 3) == text.replace("a = 1", "a = 3")
    assert with_value(text, "host", "c", "x") == text.replace("[host]\n", '[host]\nc = "x"\n')
    assert with_value(text, "new", "c", 1.5) == text + "\n[new]\nc = 1.5\n"


def test_bad_layers_in_the_site_file_name_their_line():
    text = 'name = "a"\nbounds = [0, 0, 1, 1]\ndepth_m = 3\n[host]\nlayers = "40,3"\n'
    with pytest.raises(InputError, match=r"line 5.*RHO1:H1"):
        parse_config(
            text.replace("[0, 0, 1, 1]", "[0.0, 0.0, 1.0, 1.0]").replace("= 3\n", "= 3.0\n")
        )


def test_data_about_their_layers_are_even_ground():
    """What is left of noiseless layered data about their own layers has no structure at all."""
    x, abmn, _ = survey()
    layout = make_quadripoles(x, 0.0 * x, None, abmn)
    rhoa = layered_sum(EARTH, x, 0.0 * x, 0.0 * x, abmn) / layout.k_sum
    table = ResistivityTable(x, 0.0 * x + 5.0, None, abmn, rhoa, np.full(len(abmn), 0.02))
    prior = Prior((0.0, 0.0, 30.0, 10.0), 8.0)
    evidence = resistivity_evidence([table], prior, layers=EARTH)
    about = evidence.observed - evidence.offset
    assert np.ptp(about) < 1e-6
    assert np.ptp(evidence.observed) > 0.3
    plain = resistivity_evidence([table], prior)
    assert evidence.fingerprint != plain.fingerprint
    assert plain.background is None
    assert not plain.offset.any()
