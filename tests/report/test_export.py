"""What other programs get: every file is read back by something that did not write it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pyogrio
import pytest
from PIL import Image

from subterra.cli import main
from subterra.errors import InputError
from subterra.formats import read_boreholes
from subterra.formats.geotiff import geotiff_bytes
from subterra.formats.kml import Feature, kml_bytes, tak_package
from subterra.formats.vtk import vtk_lines, vtk_volume
from subterra.inference import p_any
from subterra.report.export import EXPORTS, export_site
from subterra.report.export_volume import axis_volume
from subterra.search.poc import poc_grid
from subterra.site import Site
from subterra.site.belief_store import current_belief

X0, Y0 = 400000.0, 5600000.0
COLLARS = (
    "hole,x,y,z,azimuth_deg,inclination_deg,length_m\n"
    f"B1,{X0 + 5},{Y0 + 5},0,0,90,10\nB2,{X0 + 9},{Y0 + 5},0,45,60,10\n"
)
LOG = "hole,from_m,to_m,log\nB1,0,10,intact\n"
REPORTS = (
    "id,source,reliability,credibility,origin,x,y,sd_m\n"
    f"R1,shepherd,C,3,shepherd,{X0 + 10},{Y0 + 8},5\n"
)


@pytest.fixture(scope="module")
def believed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    for name, text in (("collars.csv", COLLARS), ("log.csv", LOG), ("reports.csv", REPORTS)):
        (folder / name).write_text(text)
    site = folder / "field"
    bounds = [str(v) for v in (X0, Y0, X0 + 21, Y0 + 17)]
    for arguments in (
        ["new", str(site), "--bounds", *bounds, "--depth", "8", "--crs", "EPSG:25833"],
        ["add", str(site), *(str(folder / n) for n in ("collars.csv", "log.csv", "reports.csv"))],
        ["infer", str(site), "--scenes", "256", "--seed", "3"],
        ["plan", str(site), "--holes", "2"],
    ):
        assert main(arguments) == 0
    return site


@pytest.fixture(scope="module")
def exported(believed, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    made = export_site(Site.open(believed), folder, cell_m=0.5)
    assert not made.skipped
    assert {path.name for path in made.files} == {p.name for p in folder.iterdir()}
    assert made.accuracy_m is not None
    assert made.accuracy_m <= 1.0
    return folder


def test_geopackage_holds_what_the_site_holds(exported, believed):
    layers = dict(pyogrio.list_layers(exported / "site.gpkg"))
    assert layers["planned"] == "Point Z"
    assert layers["objects"] == "LineString Z"
    meta, _, geometry, fields = pyogrio.raw.read(exported / "site.gpkg", layer="holes")
    import shapely

    assert meta["crs"] == "EPSG:25833"
    places = shapely.get_coordinates(shapely.from_wkb(geometry))
    np.testing.assert_array_equal(places, [[X0 + 5, Y0 + 5], [X0 + 9, Y0 + 5]])
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert list(columns["status"]) == ["no void", "not logged"]
    plan = json.loads(next((believed / "plan").glob("*.json")).read_text())["holes"]
    meta, _, geometry, fields = pyogrio.raw.read(exported / "site.gpkg", layer="planned")
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert list(columns["hole"]) == [row["hole"] for row in plan]
    np.testing.assert_array_equal(columns["p_hit"], [row["p_hit"] for row in plan])


def test_the_project_names_layers_that_exist(exported):
    root = Xml.fromstring((exported / "site.qgs").read_bytes())
    there = dict(pyogrio.list_layers(exported / "site.gpkg"))
    tree = {item.get("id") for item in root.iter("layer-tree-layer")}
    maps = root.findall("projectlayers/maplayer")
    assert tree == {item.findtext("id") for item in maps}
    assert len(maps) == 8
    for item in maps:
        source, _, layer = item.findtext("datasource").partition("|layername=")
        assert (exported / source).is_file()
        assert not layer or layer in there
        assert item.findtext("srs/spatialrefsys/authid") == "EPSG:25833"
    styled = pyogrio.raw.read(exported / "site.gpkg", layer="layer_styles")
    names = list(styled[3][list(styled[0]["fields"]).index("f_table_name")])
    assert set(names) == set(there) - {"layer_styles"}
    assert all(Xml.fromstring(qml.split("\n", 1)[1]) is not None
               for qml in styled[3][list(styled[0]["fields"]).index("styleQML")])  # fmt: skip


QGIS = """
import sys
from qgis.core import QgsApplication, QgsProject
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1]), project.error()
layers = [node.layer() for node in project.layerTreeRoot().findLayers()]
assert len(layers) == 8 and all(l is not None and l.isValid() for l in layers)
assert {l.crs().authid() for l in layers} == {"EPSG:25833"}
print("opened", project.crs().authid())
app.exitQgis()
"""


def test_qgis_opens_the_project(exported, tmp_path):
    python = shutil.which("python3", path="/usr/bin")
    found = python and subprocess.run([python, "-c", "import qgis.core"], capture_output=True)
    if not found or found.returncode:
        pytest.skip("QGIS is not installed for the system's Python")
    script = tmp_path / "open.py"
    script.write_text(QGIS)
    done = subprocess.run(
        [python, str(script), str(exported / "site.qgs")],
        capture_output=True,
        text=True,
        timeout=120,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert "opened EPSG:25833" in done.stdout, done.stderr


def test_geotiff_is_the_map(exported, believed):
    grid = poc_grid(current_belief(Site.open(believed)).belief, 0.5)
    with Image.open(exported / "poc.tif") as image:
        np.testing.assert_array_equal(np.asarray(image)[::-1], grid.poc.astype(np.float32))
        assert tuple(image.tag_v2[33550]) == (0.5, 0.5, 0.0)
        assert tuple(image.tag_v2[33922]) == (0.0, 0.0, 0.0, X0, Y0 + 17.0, 0.0)
        keys = np.array(image.tag_v2[34735]).reshape(-1, 4)
    assert keys[0].tolist() == [1, 1, 0, 3]
    assert (np.diff(keys[1:, 0]) > 0).all()
    assert dict(zip(keys[1:, 0].tolist(), keys[1:, 3].tolist(), strict=True))[3072] == 25833


def test_geotiff_marks_cells_without_value():
    data = geotiff_bytes([[1.0, np.nan], [3.0, 4.0]], 0.0, 0.0, 1.0, None)
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(np.asarray(image), [[3.0, 4.0], [1.0, -9999.0]])
        assert image.tag_v2[42113].startswith("-9999")
    with pytest.raises(InputError):
        geotiff_bytes([1.0], 0.0, 0.0, 1.0, None)


def test_volume_agrees_with_the_scenes(believed):
    belief = current_belief(Site.open(believed)).belief
    volume, origin = axis_volume(belief, 1.0, 1.0)
    assert origin == (X0, Y0, -8.0)
    assert volume.shape == (8, 17, 21)
    assert (volume >= 0.0).all()
    assert volume.max() <= p_any(belief) + 1e-9
    # One cell as large as the site holds every target whose axis enters it.
    whole, _ = axis_volume(belief, 30.0, 30.0)
    assert whole.item() == pytest.approx(p_any(belief), abs=0.02)


def test_vtk_files_hold_their_numbers(exported):
    lines = (exported / "objects.vtk").read_text().splitlines()
    n_points = int(re.match(r"POINTS (\d+)", lines[4])[1])
    n_lines, size = map(int, re.match(r"LINES (\d+) (\d+)", lines[5 + n_points]).groups())
    assert size == n_points + n_lines
    data = vtk_volume("t", "p", np.arange(6.0).reshape(1, 2, 3), (1, 2, 3), (0.5, 0.5, 1.0))
    head, _, body = data.partition(b"LOOKUP_TABLE default\n")
    assert b"DIMENSIONS 4 3 2\n" in head
    np.testing.assert_array_equal(np.frombuffer(body[:24], ">f4"), np.arange(6.0))
    with pytest.raises(InputError, match="without blanks"):
        vtk_lines("t", [[[0, 0, 0], [1, 1, 1]]], {"a b": [1.0]})


def test_kml_lies_where_the_site_lies(exported):
    from pyproj import Transformer

    root = Xml.fromstring((exported / "site.kml").read_bytes())
    space = {"k": "http://www.opengis.net/kml/2.2"}
    marks = {m.findtext("k:name", "", space): m for m in root.iter(f"{{{space['k']}}}Placemark")}
    longitude, latitude = map(
        float, marks["B1"].findtext("k:Point/k:coordinates", "", space).split(",")
    )
    back = Transformer.from_crs("EPSG:4326", "EPSG:25833", always_xy=True)
    np.testing.assert_allclose(back.transform(longitude, latitude), (X0 + 5, Y0 + 5), atol=0.01)
    assert "accuracy" in marks["field"].findtext("k:description", "", space)
    assert not list(root.iter(f"{{{space['k']}}}NetworkLink"))


def test_a_name_cannot_break_the_xml():
    nasty = Feature('<a href="x">&\x00', "]]>", "hole", [(1.0, 2.0)])
    for mark in Xml.fromstring(kml_bytes("t", [nasty])).iter(
        "{http://www.opengis.net/kml/2.2}Placemark"
    ):
        assert mark[0].text == '<a href="x">&'


def test_the_tak_package_lists_what_it_holds(exported):
    with zipfile.ZipFile(exported / "tak.zip") as archive:
        assert archive.testzip() is None
        manifest = Xml.fromstring(archive.read("MANIFEST/manifest.xml"))
        listed = [item.get("zipEntry") for item in manifest.iter("Content")]
        assert sorted([*listed, "MANIFEST/manifest.xml"]) == sorted(archive.namelist())
        events = [Xml.fromstring(archive.read(name)) for name in listed if name.endswith(".cot")]
    assert {event.find("detail/contact").get("callsign") for event in events} >= {"B1", "B2", "P1"}
    assert all(-90 < float(event.find("point").get("lat")) < 90 for event in events)
    marks = [Feature("a", "b", "hole", [(1.0, 2.0)])]
    times = {"made": "2026-01-01T00:00:00Z", "stale": "2026-01-02T00:00:00Z"}
    assert tak_package("t", marks, **times) == tak_package("t", marks, **times)


def test_collars_come_back(exported):
    table = read_boreholes(exported / "collars.csv")
    assert table.hole[:2] == ("B1", "B2")
    assert table.extra["state"] == ("drilled", "drilled", "planned", "planned")
    np.testing.assert_array_equal(table.x_m[:2], [X0 + 5, X0 + 9])
    assert table.inclination_deg[1] == 60.0


def test_the_field_log_has_a_page_for_each_hole(exported):
    data = (exported / "field-log.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", data)) == 3


def test_a_local_frame_has_no_longitude(believed, tmp_path):
    site = tmp_path / "local"
    assert main(["new", str(site), "--bounds", "0", "0", "20", "15", "--depth", "8"]) == 0
    made = export_site(Site.open(site), tmp_path / "out")
    assert set(made.skipped) == {"geotiff", "vtk", "kml", "tak", "csv"}
    assert {p.name for p in made.files} == {"site.gpkg", "site.qgs", "field-log.pdf"}
    with pytest.raises(InputError, match="coordinate reference system"):
        export_site(Site.open(site), tmp_path / "out", ["kml"])
    with pytest.raises(InputError, match=f"known: {', '.join(EXPORTS)}"):
        export_site(Site.open(site), tmp_path / "out", ["shape"])


def test_the_verb(believed, tmp_path, capsys):
    arguments = ["export", str(believed), "--to", str(tmp_path / "o"), "--only", "csv", "--json"]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert [Path(name).name for name in said["files"]] == ["collars.csv"]
    assert said["stale"] is False
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    assert main(["export", str(believed), "--to", str(blocked)]) == 1
