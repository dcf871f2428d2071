"""Joining the tables of several files into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from subterra.scene import Plane
    from subterra.tables import BoreholeTable, IntervalTable, ReportTable, SurveyTable

__all__ = [
    "join_collars",
    "join_intervals",
    "join_reports",
    "join_surveys",
    "join_tables",
]

Table = TypeVar("Table")


def join_collars(tables: Sequence[BoreholeTable], surface: Plane) -> BoreholeTable:
    """Join collars; those of a file without z are put on the surface.

    Raises
    ------
    InputError
        If a hole has two collars.
    """
    return join_tables(
        [
            table if table.z_m is not None else replace(table, z_m=surface.at(table.x_m, table.y_m))
            for table in tables
        ]
    )


def join_intervals(tables: Sequence[IntervalTable]) -> IntervalTable:
    """Join logged intervals."""
    return join_tables(tables)


def join_surveys(tables: Sequence[SurveyTable]) -> SurveyTable:
    """Join measured directions.

    Raises
    ------
    InputError
        If two files give a hole two stations at one depth.
    """
    return join_tables(tables)


def join_reports(tables: Sequence[ReportTable]) -> ReportTable:
    """Join reports, so that an origin that several files share counts once.

    Raises
    ------
    InputError
        If two reports have one identity.
    """
    return join_tables(tables)


def join_tables(tables: Sequence[Table]) -> Table:
    """Join tables of one type; each column of the result is that of all of them."""
    first, *others = tables
    if not others:
        return first
    columns = {
        column.name: _column([getattr(table, column.name) for table in tables], tables)
        for column in fields(first)  # pyright: ignore[reportArgumentType]
    }
    return type(first)(**columns)


def _column(values: Sequence[Any], tables: Sequence[Any]) -> Any:
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    if isinstance(values[0], Mapping):
        names = dict.fromkeys(name for value in values for name in value)
        return {
            name: tuple(
                cell
                for value, table in zip(values, tables, strict=True)
                for cell in value.get(name, ("",) * len(table))
            )
            for name in names
        }
    return tuple(cell for value in values for cell in value)
