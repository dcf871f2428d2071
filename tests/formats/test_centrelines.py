"""Centre lines: legs become places, loops close, and GeoJSON carries what a mine map needs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from subterra.cli import main
from subterra.errors import InputError
from subterra.formats import read_centreline_csv, read_kml_lines, read_survex

SAMPLES = Path(__file__).parent / "samples"


def end(table, name):
    k = table.line.index(name)
    last = table.start[k + 1] - 1
    return np.array([table.x[last], table.y[last], table.z_m[last]])


def test_survex_legs_with_declination_plumb_and_splay():
    table = read_survex(SAMPLES / "mine.svx")
    assert table.line == (
        "pell.1-pell.2", "pell.2-pell.3", "pell.3-pell.4", "pell.4-pell.1", "pell.4-pell.5",
        "pell.side.a-pell.side.b",
    )  # fmt: skip
    # Closing 0.2 m over four legs alike leaves 0.05 m to each.
    np.testing.assert_allclose(end(table, "pell.1-pell.2"), [510.0, 1000.05, 70.0], atol=1e-6)
    np.testing.assert_allclose(end(table, "pell.3-pell.4"), [500.0, 1010.15, 70.0], atol=1e-6)
    np.testing.assert_allclose(end(table, "pell.4-pell.5"), [500.0, 1010.15, 65.0], atol=1e-6)
    step = 4.0 * np.array([np.sin(np.pi / 4), np.cos(np.pi / 4)]) * np.cos(np.radians(10.0))
    found = end(table, "pell.side.a-pell.side.b") - end(table, "pell.4-pell.5")
    np.testing.assert_allclose(found, [*step, 4.0 * np.sin(np.radians(10.0))], atol=1e-6)
    # One loop leaves three redundant components, of which one is off by four times 0.05 m.
    assert table.misclosure_m == pytest.approx(np.sqrt(4 * 0.05**2 / 3.0), rel=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 2 10 0 0\n3 4 10 0 0\n", "hangs on no fixed station"),
        ("*begin a\n1 2 10 0 0\n", "cut off"),
        ("1 2 10 0 0\n*end\n", "without its"),
        ("*include other\n1 2 10 0 0\n", "include is not read"),
        ("*data diving from to tape compass depth\n", "only normal legs"),
        ("1 2 10 400 0\n", "0 to 360"),
        ("1 2 10 - 5\n", "expected a bearing"),
        ("1 2 -3 0 0\n", "expected a length"),
        ("*units feet\n1 2 10 0 0\n", "only metres and degrees"),
        ("; nothing\n", "no legs"),
    ],
)
def test_survex_refuses(tmp_path, text, words):
    path = tmp_path / "a.svx"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_survex(path)


def test_both_ways_to_say_a_declination(tmp_path):
    """A zero error is subtracted, a declination to the east is added."""
    path = tmp_path / "a.svx"
    for command in ("*calibrate declination -3", "*declination 3 degrees"):
        path.write_text(f"{command}\n1 2 10 87 0\n")
        np.testing.assert_allclose(end(read_survex(path), "1-2"), [10.0, 0.0, 0.0], atol=1e-9)


def test_lines_of_csv_and_kml():
    table = read_centreline_csv(SAMPLES / "centreline.csv")
    assert table.line == ("main", "north")
    assert table.start.tolist() == [0, 3, 5]
    kml = read_kml_lines(SAMPLES / "lines.kml")
    assert kml.line == ("adit", "adit 2")
    assert kml.crs == "EPSG:4326"
    assert np.isnan(kml.z_m).all()


def test_kml_with_entities_is_refused(tmp_path):
    path = tmp_path / "bomb.kml"
    path.write_text('<!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>')
    with pytest.raises(InputError, match="document types"):
        read_kml_lines(path)


def test_the_verb_writes_a_mine_map(tmp_path, capsys):
    out = tmp_path / "map.geojson"
    assert main(["centreline", str(SAMPLES / "mine.svx"), "--to", str(out)]) == 0
    assert "off by 0.06 m" in capsys.readouterr().out
    document = json.loads(out.read_text())
    assert len(document["features"]) == 6
    first = document["features"][0]
    assert first["properties"] == {
        "line": "pell.1-pell.2", "sheet": "mine", "tie": "survey", "sd_m": 0.058,
    }  # fmt: skip
    assert len(first["geometry"]["coordinates"][0]) == 3
    assert main(["centreline", str(SAMPLES / "lines.kml"), "--to", str(out)]) == 0
    document = json.loads(out.read_text())
    assert document["crs"]["properties"]["name"] == "EPSG:4326"
    assert main(["centreline", str(SAMPLES / "cg5.txt"), "--to", str(out)]) == 1
