"""The background of a resistivity survey on a mesh that follows the heights of its electrodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from subterra.evidence.electrode_layout import stack_surveys
from subterra.ground import mesh_background, surface_through
from subterra.physics import Background, LayeredEarth, Quadripoles
from subterra.scene import Prior
from subterra.tables import ResistivityTable

__all__ = ["mesh_ground"]

Array = npt.NDArray[Any]

_EVEN_OHMM = 100.0
"""Resistivity of even ground; the response does not depend on it."""


def mesh_ground(
    tables: Sequence[ResistivityTable],
    prior: Prior,
    *,
    layers: LayeredEarth | None = None,
    cache_dir: Path | None = None,
) -> Callable[[Quadripoles, float], Background]:
    """Prepare a background that follows the ground, for ``resistivity_evidence(ground=...)``.

    Parameters
    ----------
    tables : sequence of ResistivityTable
        The survey. Electrodes with heights give the ground; without, they lie on the site's plane.
    prior : Prior
        Gives the plane and the depth of the search.
    layers : LayeredEarth, optional
        Layers that follow the ground; by default even ground.
    cache_dir : Path, optional
        Where solved potentials are kept.

    Returns
    -------
    callable
        From the layout and the typical spacing of electrodes to the background.
    """
    x, y, z, _ = stack_surveys(tables, prior)
    over = z - prior.surface.at(x, y)

    def ground(layout: Quadripoles, spacing_m: float) -> Background:
        height = surface_through(x - layout.origin[0], y - layout.origin[1], over)

        def resistivity(places: Array) -> Array:
            if layers is None:
                return np.full(len(places), _EVEN_OHMM)
            depth = height(places[:, 0], places[:, 1]) - places[:, 2]
            base = np.cumsum(layers.thickness_m)
            return np.asarray(layers.resistivity_ohmm)[np.searchsorted(base, depth, side="right")]

        return mesh_background(
            layout,
            resistivity,
            spacing_m=spacing_m,
            deepest_m=prior.depth_m,
            height=height,
            electrode_height_m=over,
            interfaces_m=() if layers is None else tuple(np.cumsum(layers.thickness_m)),
            cache_dir=cache_dir,
        )

    return ground
