"""What field files of one survey need of each other, said with the file at fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.scene import Prior
    from subterra.tables import (
        GravityReadingTable,
        RadarLineTable,
        RadarPickTable,
        StationTable,
    )

__all__ = ["check_radar", "check_readings"]


def check_readings(
    readings: Sequence[tuple[Path, GravityReadingTable]],
    stations: Sequence[tuple[Path, StationTable]],
) -> None:
    """Refuse readings without their stations.

    Raises
    ------
    InputError
        With the path of the file at fault.
    """
    from subterra.evidence import reduce_gravity

    lists = [table for _, table in stations]
    for path, table in readings:
        try:
            reduce_gravity(table, lists)
        except InputError as error:
            raise InputError(error.problem, path=path) from error


def check_radar(
    lines: Sequence[tuple[Path, RadarLineTable]],
    picks: Sequence[tuple[Path, RadarPickTable]],
    prior: Prior,
) -> None:
    """Refuse radar picks without their profiles or off them.

    Raises
    ------
    InputError
        With the path of the file at fault.
    """
    from subterra.evidence import radar_pick_evidence

    if not lines and not picks:
        return
    try:
        radar_pick_evidence([table for _, table in lines], [table for _, table in picks], prior)
    except InputError as error:
        path = (picks or lines)[-1][0]
        raise InputError(error.problem, path=path) from error
