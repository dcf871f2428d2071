"""Vector layers out: one GeoPackage of several."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["VectorLayer", "write_layers"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class VectorLayer:
    """One layer.

    Parameters
    ----------
    name, geometry_type : str
        As in the file.
    shapes : (n,) numpy.ndarray of shapely geometries
        At least one.
    columns : mapping of str to (n,) sequence
        Texts or numbers.
    """

    name: str
    geometry_type: str
    shapes: Array
    columns: Mapping[str, Sequence[Any]]


def write_layers(
    path: Path, layers: Sequence[VectorLayer], crs: str | None, *, version: str | None = None
) -> None:
    """Write layers into a new GeoPackage.

    Parameters
    ----------
    path : Path
        The file; it does not exist yet.
    layers : sequence of VectorLayer
        At least one.
    crs : str or None
        ``EPSG:n``; without it the layers have no coordinate reference system.
    version : str, optional
        Of the GeoPackage standard; by default GDAL's.
    """
    import pyogrio.raw
    import shapely

    for layer in layers:
        with warnings.catch_warnings():
            # A local frame has no reference system, and that is not news.
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            pyogrio.raw.write(
                path,
                shapely.to_wkb(layer.shapes),
                [_column(values) for values in layer.columns.values()],
                np.array(list(layer.columns)),
                layer=layer.name,
                driver="GPKG",
                geometry_type=layer.geometry_type,
                crs=crs,
                append=path.exists(),
                dataset_options=None if version is None else {"VERSION": version},
            )


def _column(values: Sequence[Any]) -> Array:
    column = np.array(list(values))
    return column.astype(object) if column.dtype.kind == "U" else column.astype(np.float64)
