"""Planned holes on the ground that the rig stands on, where the site has a terrain."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from subterra.search import PlannedHole, direction
from subterra.search.candidates import allowed
from subterra.site.ground_files import ground_of

if TYPE_CHECKING:
    from subterra.search.terms import DrillTerms
    from subterra.site.folder import Site
    from subterra.tables import FloatArray

__all__ = ["collar_words", "on_terrain"]

_STEPS: Final = 30
_CLOSE_M: Final = 1e-4
_SHORTEST_M: Final = 0.1


def on_terrain(site: Site, row: PlannedHole, terms: DrillTerms) -> PlannedHole:
    """Begin a planned hole where its line leaves the terrain instead of the plane of the depths.

    The hole runs through the same ground, so that its probabilities stay what they are. Its
    collar moves along its own line, for a vertical hole straight up or down, and all metres along
    the hole are counted from there: length and target grow by as much as the collar moves up.

    Parameters
    ----------
    site : Site
        The site.
    row : PlannedHole
        With its collar on the site's plane.
    terms : DrillTerms
        Where collars may be.

    Returns
    -------
    PlannedHole
        As it was where the site has no terrain, the terrain is not known at the collar, or the
        line leaves it at no allowed place. ``z_from`` says which.
    """
    moved = _moved(site, row)
    if moved is None:
        return row
    east, north, up = (float(v) for v in direction(row.azimuth_deg, row.inclination_deg))
    x, y = round(row.x - moved * east, 3), round(row.y - moved * north, 3)
    length = math.ceil(round(10.0 * (row.length_m + moved), 6)) / 10.0
    if length < _SHORTEST_M or row.target_to_m + moved <= 0.0:
        return row
    prior = site.prior
    if not allowed(prior, terms, *_as_arrays(x, y))[0]:
        return row
    z = row.z - moved * up
    return replace(
        row,
        x=x,
        y=y,
        z=round(z, 3),
        length_m=length,
        target_from_m=round(max(row.target_from_m + moved, 0.0), 2),
        target_to_m=round(row.target_to_m + moved, 2),
        z_from="terrain",
        above_plane_m=round(z - float(prior.surface.at(*_as_arrays(x, y))[0]), 3),
    )


def _as_arrays(x: float, y: float) -> tuple[FloatArray, FloatArray]:
    return np.array([x]), np.array([y])


def _moved(site: Site, row: PlannedHole) -> float | None:
    """Metres that a collar moves up its own line to the terrain; None where it meets none."""
    ground = ground_of(site)
    if ground is None:
        return None
    east, north, up = (float(v) for v in direction(row.azimuth_deg, row.inclination_deg))
    moved = 0.0
    for _ in range(_STEPS):
        height = float(ground.at([row.x - moved * east], [row.y - moved * north])[0][0])
        if not math.isfinite(height):
            return None
        before, moved = moved, (height - row.z) / -up
        if abs(moved - before) < _CLOSE_M:
            return moved
    return None


def collar_words(row: PlannedHole) -> str:
    """Say where the height of a planned collar is from."""
    if row.z_from != "terrain":
        return "plane"
    side = "above" if row.above_plane_m >= 0.0 else "below"
    return f"terrain, {abs(row.above_plane_m):.2f} m {side} the plane"
