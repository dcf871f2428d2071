"""Plain frozen tables of field data: columns with checked units, read-only arrays.

Metres in the site's projected CRS (x east, y north, z up); depth positive down; gravity in
µGal, positive down, so that a void is negative; resistivity in Ω·m; angles in degrees. A table
without z lies on the site's surface.
"""

from __future__ import annotations

from subterra.tables.boreholes import (
    LOG_WORDS,
    VOID_WORDS,
    WORD_STRENGTH,
    BackfillTable,
    BoreholeTable,
    HoleRecords,
    IntervalTable,
    SurveyTable,
    check_intervals,
    check_surveys,
)
from subterra.tables.centreline import CentreLineTable
from subterra.tables.columns import FloatArray, IntArray, RowError
from subterra.tables.crosshole import MEDIA, TIME_UNITS_S, CwRadarTable, TravelTimeTable
from subterra.tables.equality import same_table
from subterra.tables.gravity import GradientTable, GravityTable
from subterra.tables.grid_control import GridControlTable
from subterra.tables.mine_maps import MAP_TIES, MAP_UNITS, ControlPointTable, MineMapTable
from subterra.tables.radar import RadargramTable, RadarLineTable, RadarPickTable
from subterra.tables.readings import TIDES, GravityReadingTable, StationTable
from subterra.tables.reports import CREDIBILITIES, RELIABILITIES, REPORT_KINDS, ReportTable
from subterra.tables.resistivity import REMOTE, ResistivityTable
from subterra.tables.signs import LOOKED, SEASONS, SIGN_KINDS, WEATHERS, SignTable
from subterra.tables.sources import SourceTable
from subterra.tables.terrain import HEIGHT_RANGE_M, Terrain, TerrainGrid, TerrainTable
from subterra.tables.times import reading_hours
from subterra.tables.units import FOOT_M

__all__ = [
    "CREDIBILITIES",
    "FOOT_M",
    "HEIGHT_RANGE_M",
    "LOG_WORDS",
    "LOOKED",
    "MAP_TIES",
    "MAP_UNITS",
    "MEDIA",
    "RELIABILITIES",
    "REMOTE",
    "REPORT_KINDS",
    "SEASONS",
    "SIGN_KINDS",
    "TIDES",
    "TIME_UNITS_S",
    "VOID_WORDS",
    "WEATHERS",
    "WORD_STRENGTH",
    "BackfillTable",
    "BoreholeTable",
    "CentreLineTable",
    "ControlPointTable",
    "CwRadarTable",
    "FloatArray",
    "GradientTable",
    "GravityReadingTable",
    "GravityTable",
    "GridControlTable",
    "HoleRecords",
    "IntArray",
    "IntervalTable",
    "MineMapTable",
    "RadarLineTable",
    "RadarPickTable",
    "RadargramTable",
    "ReportTable",
    "ResistivityTable",
    "RowError",
    "SignTable",
    "SourceTable",
    "StationTable",
    "SurveyTable",
    "Terrain",
    "TerrainGrid",
    "TerrainTable",
    "TravelTimeTable",
    "check_intervals",
    "check_surveys",
    "reading_hours",
    "same_table",
]
