"""Centre lines as CSV (``line,x,y[,z]``) and KML, and out as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Xml

import numpy as np

from subterra.formats.csv_table import read_csv
from subterra.formats.geojson import geojson_lines
from subterra.formats.text import MAX_BYTES, Place, located, number, read_text
from subterra.tables import CentreLineTable

__all__ = ["centreline_geojson", "read_centreline_csv", "read_kml_lines"]

_DEGREES: Final = "EPSG:4326"


def read_centreline_csv(path: Path | str, *, max_bytes: int = MAX_BYTES) -> CentreLineTable:
    """Read lines whose vertices are rows in their order, m.

    Parameters
    ----------
    path : Path or str
        CSV file with ``line,x,y`` and, if known, ``z``; the rows of a line follow each other.
    max_bytes : int
        Size beyond which the file is refused.

    Returns
    -------
    CentreLineTable

    Raises
    ------
    InputError
        Anything that cannot be used, with line and column.
    """
    table = read_csv(path, ("line", "x", "y"), ("z",), max_bytes=max_bytes)
    names = table.text("line")
    begins = [k for k in range(len(names)) if k == 0 or names[k] != names[k - 1]]
    z = table.optional_numbers("z")
    with located(path, {"": table.lines, "line": [table.lines[k] for k in begins]}):
        return CentreLineTable(
            tuple(names[k] for k in begins),
            np.array([*begins, len(names)], np.int32),
            table.numbers("x"),
            table.numbers("y"),
            np.full(len(names), np.nan) if z is None else z,
        )


def read_kml_lines(path: Path | str, *, max_bytes: int = MAX_BYTES) -> CentreLineTable:
    """Read every LineString of a KML file, in degrees of longitude and latitude.

    Heights are left out: those of KML lie over a sea level that is not the survey's. Names that
    are missing or given twice get numbers.

    Raises
    ------
    InputError
        Anything that cannot be used; document types, which could hide other files, are refused.
    """
    text = read_text(path, max_bytes=max_bytes)
    at = Place(path)
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        at.refuse("document types and entities are not read")
    try:
        root = Xml.fromstring(text)  # noqa: S314 - no document type can be in it
    except Xml.ParseError as error:
        Place(path, error.position[0]).refuse(f"not XML: {error}", cause=error)
    names: list[str] = []
    parts: list[list[list[float]]] = []
    for mark in (item for item in root.iter() if _tag(item) == "Placemark"):
        name = next((item.text for item in mark if _tag(item) == "name"), None)
        for shape in (item for item in mark.iter() if _tag(item) == "LineString"):
            held = next((item.text for item in shape if _tag(item) == "coordinates"), None)
            wanted = " ".join((name or "line").split())[:80] or "line"
            names.append(_free(wanted, names))
            parts.append(_places((held or "").split(), at, names[-1]))
    if not parts:
        at.refuse("there is no LineString in it")
    vertices = np.array([place for part in parts for place in part])
    with located(path, {}):
        return CentreLineTable(
            tuple(names),
            np.cumsum([0, *(len(part) for part in parts)]).astype(np.int32),
            vertices[:, 0],
            vertices[:, 1],
            np.full(len(vertices), np.nan),
            crs=_DEGREES,
        )


def _tag(item: Xml.Element) -> str:
    return item.tag.rpartition("}")[2]


def _free(wanted: str, taken: Sequence[str]) -> str:
    count = 2
    name = wanted
    while name in taken:
        name = f"{wanted} {count}"
        count += 1
    return name


def _places(texts: Sequence[str], at: Place, line: str) -> list[list[float]]:
    out: list[list[float]] = []
    for text in texts:
        fields = text.split(",")
        if len(fields) not in (2, 3):
            at.refuse(f"line {line!r}: expected longitude,latitude, found {text[:40]!r}")
        x, y = (number(fields[k], f"line {line!r}", at) for k in (0, 1))
        if not (-180.0 <= x <= 360.0 and -90.0 <= y <= 90.0):
            at.refuse(f"line {line!r}: {x:g}, {y:g} is no longitude and latitude")
        out.append([x, y])
    if len(out) < 2:
        at.refuse(f"line {line!r}: expected at least two places, found {len(out)}")
    return out


def centreline_geojson(table: CentreLineTable, *, sheet: str, tie: str = "survey") -> bytes:
    """Write lines as GeoJSON with the properties of a mine map: ``line``, ``sheet``, ``tie``.

    Parameters
    ----------
    table : CentreLineTable
        Lines; heights are written where all of a line are known.
    sheet : str
        What the lines have in common: they are misplaced together.
    tie : str
        How the sheet was tied to the ground.

    Returns
    -------
    bytes
        UTF-8; with a ``crs`` member where the table says its system.
    """
    shared: dict[str, Any] = {"sheet": sheet, "tie": tie}
    if table.misclosure_m is not None:
        shared["sd_m"] = round(table.misclosure_m, 3)
    return geojson_lines(table, [{"line": name, **shared} for name in table.line]).encode("utf-8")
