"""Files of the field, in and out: nothing but parsing, into the tables of `subterra.tables`.

Every reader ends in a valid table or in one `InputError` with path, line and column. Each has a
cheap ``sniff_*`` that looks at the first bytes of a file.
"""

from __future__ import annotations

from subterra.formats.abmn_csv import read_abmn, sniff_abmn
from subterra.formats.boreholes_csv import (
    read_boreholes,
    read_intervals,
    sniff_boreholes,
    sniff_intervals,
    write_boreholes,
    write_intervals,
)
from subterra.formats.centreline import (
    centreline_geojson,
    read_centreline_csv,
    read_kml_lines,
)
from subterra.formats.cw_radar_csv import read_cw_radar, sniff_cw_radar, write_cw_radar
from subterra.formats.gradient_csv import read_gradient, sniff_gradient, write_gradient
from subterra.formats.gravity_csv import read_gravity, sniff_gravity, write_gravity
from subterra.formats.grid_control_csv import read_grid_control
from subterra.formats.instruments import (
    read_syscal,
    read_terrameter,
    sniff_syscal,
    sniff_terrameter,
)
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
from subterra.formats.stations_csv import read_stations, sniff_stations, write_stations
from subterra.formats.survex import read_survex
from subterra.formats.terrain import read_terrain
from subterra.formats.text import MAX_BYTES
from subterra.formats.traveltime_csv import read_traveltime, sniff_traveltime, write_traveltime
from subterra.formats.unified_data import read_unified, sniff_unified, write_unified

__all__ = [
    "MAX_BYTES",
    "centreline_geojson",
    "read_abmn",
    "read_boreholes",
    "read_centreline_csv",
    "read_cg5",
    "read_cg6",
    "read_cw_radar",
    "read_dt1",
    "read_dzt",
    "read_gradient",
    "read_gravity",
    "read_grid_control",
    "read_intervals",
    "read_kml_lines",
    "read_planned_gravity",
    "read_planned_resistivity",
    "read_radar_lines",
    "read_radar_picks",
    "read_reports",
    "read_res2dinv",
    "read_stations",
    "read_survex",
    "read_syscal",
    "read_terrain",
    "read_terrameter",
    "read_traveltime",
    "read_unified",
    "sniff_abmn",
    "sniff_boreholes",
    "sniff_cg5",
    "sniff_cg6",
    "sniff_cw_radar",
    "sniff_gradient",
    "sniff_gravity",
    "sniff_intervals",
    "sniff_planned_gravity",
    "sniff_planned_resistivity",
    "sniff_radar_lines",
    "sniff_radar_picks",
    "sniff_reports",
    "sniff_res2dinv",
    "sniff_stations",
    "sniff_syscal",
    "sniff_terrameter",
    "sniff_traveltime",
    "sniff_unified",
    "write_boreholes",
    "write_cw_radar",
    "write_gradient",
    "write_gravity",
    "write_intervals",
    "write_radar_lines",
    "write_radar_picks",
    "write_reports",
    "write_stations",
    "write_traveltime",
    "write_unified",
]
