"""A QGIS project (``.qgs``) and layer styles, written by hand: no QGIS is needed to make them.

Read by QGIS 3.22 and later. Sources are relative to the project, so that the folder can be moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as Xml

__all__ = ["QgisLayer", "qgis_project", "qgis_style"]

_VERSION: Final = "3.22.0-Białowieża"
_SYMBOL: Final = {"Point": "marker", "Line": "line", "Polygon": "fill"}
# Stops of the report's map of probability: white at zero, then cividis reversed.
_RAMP: Final = (
    (0.0, "255,255,255,0"),
    (0.02, "247,241,203,255"),
    (0.1, "229,209,92,255"),
    (0.3, "175,163,120,255"),
    (0.6, "103,105,112,255"),
    (1.0, "0,34,78,255"),
)


@dataclass(frozen=True)
class QgisLayer:
    """One layer of a project, drawn over those that come after it.

    Parameters
    ----------
    name : str
        As shown; also that of the layer in the GeoPackage.
    source : str
        File relative to the project.
    geometry : str
        ``Point``, ``Line``, ``Polygon``, or ``Raster``.
    colour : str
        ``r,g,b,a`` of the marks or lines.
    shape : str
        Of marks: ``circle``, ``triangle``, ``diamond`` or ``cross``.
    label : str
        Column that labels the features; empty for none.
    width : str
        Expression of QGIS for the breadth of lines in mm; empty for 0.6.
    """

    name: str
    source: str
    geometry: str
    colour: str = "26,26,26,255"
    shape: str = "circle"
    label: str = ""
    width: str = ""

    @property
    def id(self) -> str:
        """Identity within the project."""
        return f"subterra_{self.name}"


def qgis_project(
    title: str,
    layers: Sequence[QgisLayer],
    bounds: tuple[float, float, float, float],
    crs: str | None,
) -> bytes:
    """Write a project.

    Parameters
    ----------
    title : str
        Its title.
    layers : sequence of QgisLayer
        From the uppermost down.
    bounds : (x0, y0, x1, y1)
        What is shown at first, m.
    crs : str or None
        ``EPSG:n``; without it layers and map have no reference system.

    Returns
    -------
    bytes
        UTF-8 XML.
    """
    root = Xml.Element("qgis", projectname=title, version=_VERSION)
    Xml.SubElement(root, "title").text = title
    _srs(Xml.SubElement(root, "projectCrs"), crs)
    tree = Xml.SubElement(root, "layer-tree-group")
    for layer in layers:
        Xml.SubElement(
            tree, "layer-tree-layer", id=layer.id, name=layer.name, source=_source(layer),
            providerKey=_provider(layer), checked="Qt::Checked", expanded="1",
        )  # fmt: skip
    canvas = Xml.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    Xml.SubElement(canvas, "units").text = "meters"
    extent = Xml.SubElement(canvas, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), bounds, strict=True):
        Xml.SubElement(extent, name).text = repr(float(value))
    Xml.SubElement(canvas, "rotation").text = "0"
    _srs(Xml.SubElement(canvas, "destinationsrs"), crs)
    held = Xml.SubElement(root, "projectlayers")
    for layer in layers:
        held.append(_map_layer(layer, crs))
    order = Xml.SubElement(root, "layerorder")
    for layer in layers:
        Xml.SubElement(order, "layer", id=layer.id)
    properties = Xml.SubElement(root, "properties")
    if crs is not None:
        # Without this QGIS does not look at the project's own system.
        system = Xml.SubElement(properties, "SpatialRefSys")
        Xml.SubElement(system, "ProjectionsEnabled", type="int").text = "1"
    paths = Xml.SubElement(properties, "Paths")
    Xml.SubElement(paths, "Absolute", type="bool").text = "false"
    return _xml(root, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>")


def qgis_style(layer: QgisLayer) -> str:
    """Style of a vector layer as QML, for the table ``layer_styles`` of a GeoPackage."""
    root = Xml.Element("qgis", version=_VERSION, styleCategories="Symbology|Labeling")
    _symbology(root, layer)
    return _xml(root, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>").decode("utf-8")


def _source(layer: QgisLayer) -> str:
    raster = layer.geometry == "Raster"
    return f"./{layer.source}" if raster else f"./{layer.source}|layername={layer.name}"


def _provider(layer: QgisLayer) -> str:
    return "gdal" if layer.geometry == "Raster" else "ogr"


def _map_layer(layer: QgisLayer, crs: str | None) -> Xml.Element:
    raster = layer.geometry == "Raster"
    item = Xml.Element("maplayer", type="raster" if raster else "vector", autoRefreshEnabled="0")
    if not raster:
        item.set("geometry", layer.geometry)
    Xml.SubElement(item, "id").text = layer.id
    Xml.SubElement(item, "datasource").text = _source(layer)
    Xml.SubElement(item, "layername").text = layer.name
    _srs(Xml.SubElement(item, "srs"), crs)
    Xml.SubElement(item, "provider", encoding="UTF-8").text = _provider(layer)
    if raster:
        _ramp(item)
    else:
        _symbology(item, layer)
    return item


def _srs(parent: Xml.Element, crs: str | None) -> None:
    system = Xml.SubElement(parent, "spatialrefsys")
    if crs is None:
        return
    # QGIS takes the authority's code only beside an identity of its own, whichever it is.
    Xml.SubElement(system, "srsid").text = "1"
    Xml.SubElement(system, "srid").text = crs.partition(":")[2]
    Xml.SubElement(system, "authid").text = crs


def _symbology(parent: Xml.Element, layer: QgisLayer) -> None:
    renderer = Xml.SubElement(
        parent, "renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0"
    )
    symbols = Xml.SubElement(renderer, "symbols")
    symbol = Xml.SubElement(
        symbols, "symbol", name="0", type=_SYMBOL[layer.geometry], alpha="1", clip_to_extent="1"
    )
    options: dict[str, dict[str, str]] = {
        "Point": {
            "color": layer.colour, "name": layer.shape, "size": "2.6", "size_unit": "MM",
            "outline_color": "255,255,255,255", "outline_width": "0.3",
        },
        "Line": {"line_color": layer.colour, "line_width": "0.6", "line_width_unit": "MM"},
        "Polygon": {
            "style": "no", "color": "0,0,0,0", "outline_color": layer.colour,
            "outline_style": "dash", "outline_width": "0.4",
        },
    }  # fmt: skip
    kind = {"Point": "SimpleMarker", "Line": "SimpleLine", "Polygon": "SimpleFill"}
    part = Xml.SubElement(
        symbol, "layer", attrib={"class": kind[layer.geometry]}, enabled="1", locked="0"
    )
    part.set("pass", "0")
    held = Xml.SubElement(part, "Option", type="Map")
    for name, value in options[layer.geometry].items():
        Xml.SubElement(held, "Option", type="QString", name=name, value=value)
        Xml.SubElement(part, "prop", k=name, v=value)
    if layer.width:
        _breadth(part, layer.width)
    if layer.label:
        _labelling(parent, layer)


def _breadth(part: Xml.Element, expression: str) -> None:
    """Let an expression say the breadth of a line."""
    held = Xml.SubElement(part, "data_defined_properties")
    top = Xml.SubElement(held, "Option", type="Map")
    Xml.SubElement(top, "Option", name="name", type="QString", value="")
    properties = Xml.SubElement(top, "Option", name="properties", type="Map")
    breadth = Xml.SubElement(properties, "Option", name="outlineWidth", type="Map")
    Xml.SubElement(breadth, "Option", name="active", type="bool", value="true")
    Xml.SubElement(breadth, "Option", name="expression", type="QString", value=expression)
    Xml.SubElement(breadth, "Option", name="type", type="int", value="3")
    Xml.SubElement(top, "Option", name="type", type="QString", value="collection")


def _labelling(parent: Xml.Element, layer: QgisLayer) -> None:
    labelling = Xml.SubElement(parent, "labeling", type="simple")
    settings = Xml.SubElement(labelling, "settings", calloutType="simple")
    style = Xml.SubElement(
        settings, "text-style", fieldName=layer.label, isExpression="0", fontSize="8",
        fontSizeUnit="Point", textColor="26,26,26,255",
    )  # fmt: skip
    Xml.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )  # fmt: skip


def _ramp(parent: Xml.Element) -> None:
    pipe = Xml.SubElement(parent, "pipe")
    renderer = Xml.SubElement(
        pipe, "rasterrenderer", type="singlebandpseudocolor", band="1", opacity="1",
        classificationMin="0", classificationMax="1", alphaBand="-1",
    )  # fmt: skip
    shader = Xml.SubElement(Xml.SubElement(renderer, "rastershader"), "colorrampshader")
    for name, value in {
        "colorRampType": "INTERPOLATED", "classificationMode": "1", "clip": "0",
        "minimumValue": "0", "maximumValue": "1", "labelPrecision": "2",
    }.items():  # fmt: skip
        shader.set(name, value)
    for value, colour in _RAMP:
        red, green, blue, alpha = colour.split(",")
        Xml.SubElement(
            shader, "item", value=f"{value:g}", label=f"{value:.0%}", alpha=alpha,
            color=f"#{int(red):02x}{int(green):02x}{int(blue):02x}",
        )  # fmt: skip


def _xml(root: Xml.Element, doctype: str) -> bytes:
    Xml.indent(root)
    return (doctype + "\n" + Xml.tostring(root, encoding="unicode") + "\n").encode("utf-8")
