"""Files of the field, in and out: nothing but parsing, into the tables of `subterra.tables`.

Every reader ends in a valid table or in one `InputError` with path, line and column. Each has a
cheap ``sniff_*`` that looks at the first bytes of a file.
"""

from __future__ import annotations

from subterra.formats.ags4 import read_ags4, sniff_ags4
from subterra.formats.ags4_write import write_ags4
from subterra.formats.boreholes_csv import (
    read_boreholes,
    read_hole_surveys,
    read_intervals,
    sniff_boreholes,
    sniff_hole_surveys,
    sniff_intervals,
    write_boreholes,
    write_hole_surveys,
    write_intervals,
)
from subterra.formats.cw_radar_csv import read_cw_radar, sniff_cw_radar, write_cw_radar
from subterra.formats.gradient_csv import read_gradient, sniff_gradient, write_gradient
from subterra.formats.gravity_csv import read_gravity, sniff_gravity, write_gravity
from subterra.formats.map_control_csv import (
    read_control_points,
    sniff_control_points,
    write_control_points,
)
from subterra.formats.map_dxf import read_map_dxf, sniff_map_dxf
from subterra.formats.map_geojson import read_map_geojson, sniff_map_geojson, write_map_geojson
from subterra.formats.map_geopackage import read_map_geopackage, sniff_map_geopackage
from subterra.formats.map_lines import DEFAULT_SHEET, MapDefaults
from subterra.formats.map_shapefile import read_map_shapefile, sniff_map_shapefile
from subterra.formats.planned import (
    read_planned_gravity,
    read_planned_resistivity,
    sniff_planned_gravity,
    sniff_planned_resistivity,
)
from subterra.formats.reports_csv import read_reports, sniff_reports, write_reports
from subterra.formats.res2dinv import read_res2dinv, sniff_res2dinv
from subterra.formats.signs_csv import read_signs, sniff_signs, write_signs
from subterra.formats.sources_csv import read_sources, sniff_sources, write_sources
from subterra.formats.text import MAX_BYTES
from subterra.formats.traveltime_csv import read_traveltime, sniff_traveltime, write_traveltime
from subterra.formats.unified_data import read_unified, sniff_unified, write_unified

__all__ = [
    "DEFAULT_SHEET",
    "MAX_BYTES",
    "MapDefaults",
    "read_ags4",
    "read_boreholes",
    "read_control_points",
    "read_cw_radar",
    "read_gradient",
    "read_gravity",
    "read_hole_surveys",
    "read_intervals",
    "read_map_dxf",
    "read_map_geojson",
    "read_map_geopackage",
    "read_map_shapefile",
    "read_planned_gravity",
    "read_planned_resistivity",
    "read_reports",
    "read_res2dinv",
    "read_signs",
    "read_sources",
    "read_traveltime",
    "read_unified",
    "sniff_ags4",
    "sniff_boreholes",
    "sniff_control_points",
    "sniff_cw_radar",
    "sniff_gradient",
    "sniff_gravity",
    "sniff_hole_surveys",
    "sniff_intervals",
    "sniff_map_dxf",
    "sniff_map_geojson",
    "sniff_map_geopackage",
    "sniff_map_shapefile",
    "sniff_planned_gravity",
    "sniff_planned_resistivity",
    "sniff_reports",
    "sniff_res2dinv",
    "sniff_signs",
    "sniff_sources",
    "sniff_traveltime",
    "sniff_unified",
    "write_ags4",
    "write_boreholes",
    "write_control_points",
    "write_cw_radar",
    "write_gradient",
    "write_gravity",
    "write_hole_surveys",
    "write_intervals",
    "write_map_geojson",
    "write_reports",
    "write_signs",
    "write_sources",
    "write_traveltime",
    "write_unified",
]
