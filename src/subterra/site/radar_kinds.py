"""Kinds of ground radar: the profiles that were walked, and the hyperbolas picked on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.formats import (
    read_radar_lines,
    read_radar_picks,
    sniff_radar_lines,
    sniff_radar_picks,
)
from subterra.site.kind import Format, Kind, Setting, plain, positive

if TYPE_CHECKING:
    from subterra.evidence import Evidence

__all__ = ["RADAR_KINDS"]


def _build_radar(tables: Mapping[str, Sequence[Any]], setting: Setting, name: str) -> Evidence:
    from subterra.evidence import radar_pick_evidence

    lines, picks = tables.get("radar-lines", ()), tables.get("radar-picks", ())
    return radar_pick_evidence(lines, picks, setting.prior, id=name)


RADAR_KINDS: Final = (
    Kind(
        "radar-picks",
        "radar pick",
        (Format("radar-picks-csv", sniff_radar_picks, plain(read_radar_picks)),),
        "radar-picks",
        _build_radar,
        lambda table: (table.x_m, table.y_m),
    ),
    Kind(
        "radar-lines",
        "radar profile",
        (
            Format(
                "radar-lines-csv",
                sniff_radar_lines,
                lambda path, options: read_radar_lines(path, **options),
            ),
        ),
        "radar-picks",
        _build_radar,
        lambda table: (
            np.concatenate([table.x0_m, table.x1_m]),
            np.concatenate([table.y0_m, table.y1_m]),
        ),
        MappingProxyType(
            {
                "p_detect": positive("the mean number of picks from an object within range"),
                "false_per_100_m": positive("false picks per 100 m"),
            }
        ),
    ),
)
