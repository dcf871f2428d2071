"""KML of marks, lines and areas, and the data package that TAK clients import.

OGC KML 2.2 (07-147r2), clamped to the ground, without styles from elsewhere, scripts or network
links. A TAK data package is a ZIP file with ``MANIFEST/manifest.xml``; marks are Cursor-on-Target
events of the type of a spot (``b-m-p-s-m``). Heights of a survey are not heights over the
ellipsoid: they are left out rather than given wrongly.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as Xml

__all__ = ["Feature", "kml_bytes", "tak_package"]

_KML = "http://www.opengis.net/kml/2.2"
_SPACE = uuid.UUID("5f6c7f0e-3f0a-4f0e-9d5e-5b7b1d0f6a11")
_UNKNOWN = "9999999.0"  # what Cursor on Target writes for a height or an error that is not known
_COLOURS = {"hole": "ff0055d5", "planned": "ffb27200", "object": "ff1a1a1a", "bounds": "ff767676"}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file


@dataclass(frozen=True)
class Feature:
    """A mark, a line or an area.

    Parameters
    ----------
    name, text : str
        What it is called, and what is said of it.
    kind : str
        ``hole``, ``planned``, ``object`` or ``bounds``: its folder and colour.
    places : sequence of (longitude, latitude)
        Degrees, WGS 84; one place is a mark.
    area : bool
        Whether the places are the corners of an area.
    """

    name: str
    text: str
    kind: str
    places: Sequence[tuple[float, float]] = field(default_factory=tuple)
    area: bool = False


def kml_bytes(title: str, features: Iterable[Feature]) -> bytes:
    """Write features as one KML document, a folder for each kind.

    Parameters
    ----------
    title : str
        Name of the document.
    features : iterable of Feature
        What is in it.

    Returns
    -------
    bytes
        UTF-8 XML.
    """
    root = Xml.Element("kml", xmlns=_KML)
    document = Xml.SubElement(root, "Document")
    Xml.SubElement(document, "name").text = _clean(title)
    for kind, colour in _COLOURS.items():
        style = Xml.SubElement(document, "Style", id=kind)
        for part, scale in (("IconStyle", "scale"), ("LineStyle", "width")):
            item = Xml.SubElement(style, part)
            Xml.SubElement(item, "color").text = colour
            Xml.SubElement(item, scale).text = "1" if part == "IconStyle" else "2"
        fill = Xml.SubElement(style, "PolyStyle")
        Xml.SubElement(fill, "fill").text = "0"
    folders: dict[str, Xml.Element] = {}
    for feature in features:
        if feature.kind not in folders:
            folders[feature.kind] = Xml.SubElement(document, "Folder")
            Xml.SubElement(folders[feature.kind], "name").text = _clean(feature.kind)
        _placemark(folders[feature.kind], feature)
    return _xml(root)


def tak_package(title: str, features: Sequence[Feature], *, made: str, stale: str) -> bytes:
    """Write a TAK data package: the KML, and an event for each mark.

    Parameters
    ----------
    title : str
        Name of the package.
    features : sequence of Feature
        What is in it.
    made, stale : str
        Times of the events, ISO 8601 with ``Z``: from when and until when they hold.

    Returns
    -------
    bytes
        The ZIP file; the same input gives the same bytes.
    """
    marks = [f for f in features if len(f.places) == 1]
    package = str(uuid.uuid5(_SPACE, f"{title}|{made}"))
    files: list[tuple[str, str, bytes]] = [
        (f"{package}/site.kml", package, kml_bytes(title, features))
    ]
    for mark in marks:
        uid = str(uuid.uuid5(_SPACE, f"{title}|{mark.kind}|{mark.name}"))
        files.append((f"{uid}/{uid}.cot", uid, _event(uid, mark, made, stale)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "MANIFEST/manifest.xml", _manifest(package, title, files))
        for name, _, content in files:
            _put(archive, name, content)
    return buffer.getvalue()


def _placemark(folder: Xml.Element, feature: Feature) -> None:
    mark = Xml.SubElement(folder, "Placemark")
    Xml.SubElement(mark, "name").text = _clean(feature.name)
    Xml.SubElement(mark, "description").text = _clean(feature.text)
    Xml.SubElement(mark, "styleUrl").text = f"#{feature.kind}"
    places = list(feature.places)
    if feature.area:
        outer = Xml.SubElement(Xml.SubElement(mark, "Polygon"), "outerBoundaryIs")
        shape = Xml.SubElement(outer, "LinearRing")
        places.append(places[0])
    else:
        shape = Xml.SubElement(mark, "Point" if len(places) == 1 else "LineString")
        if len(places) > 1:
            Xml.SubElement(shape, "tessellate").text = "1"
    Xml.SubElement(shape, "coordinates").text = " ".join(f"{x:.8f},{y:.8f}" for x, y in places)


def _event(uid: str, mark: Feature, made: str, stale: str) -> bytes:
    event = Xml.Element(
        "event", version="2.0", uid=uid, type="b-m-p-s-m", how="h-g-i-g-o", time=made,
        start=made, stale=stale,
    )  # fmt: skip
    longitude, latitude = mark.places[0]
    Xml.SubElement(
        event, "point", lat=f"{latitude:.8f}", lon=f"{longitude:.8f}", hae=_UNKNOWN,
        ce=_UNKNOWN, le=_UNKNOWN,
    )  # fmt: skip
    detail = Xml.SubElement(event, "detail")
    Xml.SubElement(detail, "contact", callsign=_clean(mark.name))
    Xml.SubElement(detail, "remarks").text = _clean(mark.text)
    return _xml(event)


def _manifest(package: str, title: str, files: Sequence[tuple[str, str, bytes]]) -> bytes:
    root = Xml.Element("MissionPackageManifest", version="2")
    configuration = Xml.SubElement(root, "Configuration")
    Xml.SubElement(configuration, "Parameter", name="uid", value=package)
    Xml.SubElement(configuration, "Parameter", name="name", value=_clean(title))
    contents = Xml.SubElement(root, "Contents")
    for name, uid, _ in files:
        item = Xml.SubElement(contents, "Content", ignore="false", zipEntry=name)
        Xml.SubElement(item, "Parameter", name="uid", value=uid)
    return _xml(root)


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _clean(text: str) -> str:
    """Drop what XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c < "\ud800" or c >= "\ue000")


def _xml(root: Xml.Element) -> bytes:
    Xml.indent(root)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
