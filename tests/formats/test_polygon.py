from __future__ import annotations

import json

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.formats.polygon import read_polygon

RING = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 0.0]]


def geometry(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def test_geojson_in_each_wrapping(tmp_path) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": geometry(RING)}
    for content in (geometry(RING), feature, {"type": "FeatureCollection", "features": [feature]}):
        path = tmp_path / "area.geojson"
        path.write_text(json.dumps(content))
        assert np.array_equal(read_polygon(path), np.array(RING[:3]))


def test_csv(tmp_path) -> None:
    path = tmp_path / "area.csv"
    path.write_text("x,y,note\n0,0,a\n4,0,b\n4,3,c\n")
    assert np.array_equal(read_polygon(path), np.array(RING[:3]))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("x,y\n0,0\n1,1\n", "3 to"),
        ("x,y\n0,0\n1,1\n2,2\n", "one line"),
        ("x,y\n0,0\n1,a\n2,0\n", "number"),
        ("a,b\n0,0\n", "x"),
        ('{"type": "Polygon", ', "not JSON"),
        (json.dumps({"type": "Point", "coordinates": [0, 0]}), "one polygon, found 0"),
        (json.dumps(geometry(RING, RING)), "without holes"),
        (json.dumps(geometry([[0, 0], [1, "x"], [2, 0]])), "corner 2"),
        (json.dumps(geometry([[0, 0], [1, True], [2, 0]])), "corner 2"),
        (json.dumps(geometry(5)), "3 to"),
        (json.dumps({"type": "Polygon"}), "one ring"),
        ("[" * 100_000, "x"),
        ('{"a":' * 100_000, "not JSON"),
        ('{"type": "Polygon", "coordinates": [[[1e999, 0], [1, 1], [2, 0]]]}', "corner 1"),
        ("", "empty"),
    ],
)
def test_slips_name_the_file(tmp_path, content, told) -> None:
    path = tmp_path / "area"
    path.write_text(content)
    with pytest.raises(InputError, match=told) as caught:
        read_polygon(path)
    assert caught.value.path == str(path)
