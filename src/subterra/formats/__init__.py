"""Files of the field, in and out: nothing but parsing, into the tables of `subterra.tables`.

Every reader ends in a valid table or in one `InputError` with path, line and column. Each has a
cheap ``sniff_*`` that looks at the first bytes of a file.
"""

from __future__ import annotations

from subterra.formats.abmn_csv import read_abmn, sniff_abmn
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
from subterra.formats.centreline import (
    centreline_geojson,
    read_centreline_csv,
    read_kml_lines,
)
from subterra.formats.cw_radar_csv import read_cw_radar, sniff_cw_radar, write_cw_radar
from subterra.formats.geotiff_read import read_geotiff, sniff_geotiff
from subterra.formats.gradient_csv import read_gradient, sniff_gradient, write_gradient
from subterra.formats.gravity_csv import read_gravity, sniff_gravity, write_gravity
from subterra.formats.grid_control_csv import read_grid_control
from subterra.formats.instruments import (
    read_syscal,
    read_terrameter,
    sniff_syscal,
    sniff_terrameter,
)
from subterra.formats.las import read_las, sniff_las
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
from subterra.formats.radar_csv import (
    read_radar_lines,
    read_radar_picks,
    sniff_radar_lines,
    sniff_radar_picks,
    write_radar_lines,
    write_radar_picks,
)
from subterra.formats.radargrams import read_dt1, read_dzt
from subterra.formats.reports_csv import read_reports, sniff_reports, write_reports
from subterra.formats.res2dinv import read_res2dinv, sniff_res2dinv
from subterra.formats.scintrex import read_cg5, read_cg6, sniff_cg5, sniff_cg6
from subterra.formats.signs_csv import read_signs, sniff_signs, write_signs
from subterra.formats.sources_csv import read_sources, sniff_sources, write_sources
from subterra.formats.stations_csv import read_stations, sniff_stations, write_stations
from subterra.formats.survex import read_survex
from subterra.formats.survex_3d import read_survex_3d
from subterra.formats.terrain import read_terrain, read_terrain_text, sniff_terrain_text
from subterra.formats.terrain_frame import HEIGHT_UNITS, TerrainDefaults
from subterra.formats.text import MAX_BYTES
from subterra.formats.traveltime_csv import read_traveltime, sniff_traveltime, write_traveltime
from subterra.formats.unified_data import read_unified, sniff_unified, write_unified

__all__ = [
    "DEFAULT_SHEET",
    "HEIGHT_UNITS",
    "MAX_BYTES",
    "MapDefaults",
    "TerrainDefaults",
    "centreline_geojson",
    "read_abmn",
    "read_ags4",
    "read_boreholes",
    "read_centreline_csv",
    "read_cg5",
    "read_cg6",
    "read_control_points",
    "read_cw_radar",
    "read_dt1",
    "read_dzt",
    "read_geotiff",
    "read_gradient",
    "read_gravity",
    "read_grid_control",
    "read_hole_surveys",
    "read_intervals",
    "read_kml_lines",
    "read_las",
    "read_map_dxf",
    "read_map_geojson",
    "read_map_geopackage",
    "read_map_shapefile",
    "read_planned_gravity",
    "read_planned_resistivity",
    "read_radar_lines",
    "read_radar_picks",
    "read_reports",
    "read_res2dinv",
    "read_signs",
    "read_sources",
    "read_stations",
    "read_survex",
    "read_survex_3d",
    "read_syscal",
    "read_terrain",
    "read_terrain_text",
    "read_terrameter",
    "read_traveltime",
    "read_unified",
    "sniff_abmn",
    "sniff_ags4",
    "sniff_boreholes",
    "sniff_cg5",
    "sniff_cg6",
    "sniff_control_points",
    "sniff_cw_radar",
    "sniff_geotiff",
    "sniff_gradient",
    "sniff_gravity",
    "sniff_hole_surveys",
    "sniff_intervals",
    "sniff_las",
    "sniff_map_dxf",
    "sniff_map_geojson",
    "sniff_map_geopackage",
    "sniff_map_shapefile",
    "sniff_planned_gravity",
    "sniff_planned_resistivity",
    "sniff_radar_lines",
    "sniff_radar_picks",
    "sniff_reports",
    "sniff_res2dinv",
    "sniff_signs",
    "sniff_sources",
    "sniff_stations",
    "sniff_syscal",
    "sniff_terrain_text",
    "sniff_terrameter",
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
    "write_radar_lines",
    "write_radar_picks",
    "write_reports",
    "write_signs",
    "write_sources",
    "write_stations",
    "write_traveltime",
    "write_unified",
]
