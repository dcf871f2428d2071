"""Continuous-wave radar between holes: levels in decibels along a pair of holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence.crosshole import (
    CrossholeEvidence,
    RayErrors,
    RayGround,
    crosshole_models,
    joined_ends,
    panel_numbers,
)
from subterra.ground import NuisanceGrid, by_file, layout_hash, level_trend
from subterra.physics import cw_response, make_rays
from subterra.physics.media import LIGHT_M_PER_S
from subterra.scene import Objects, Prior
from subterra.tables import CwRadarTable

__all__ = ["CwRadarEvidence", "cw_radar_evidence"]

Array = npt.NDArray[Any]

_DEFAULT_SD_DB: Final = 1.0
"""Repeatability of a level read off a chart."""
_FLOOR_DB: Final = 0.5
"""Model discrepancy: antenna coupling, polarisation and the phases of weak multiple paths."""
_LENS_DB: Final = 2.0
"""Attenuation of lenses and fracture zones of the size of a void, dB over the median ray for one
that filled it; not learnt from the survey."""
_GRID: Final = NuisanceGrid(
    amplitude=np.geomspace(0.3, 4.8, 5), noise=np.array([0.7, 1.0, 1.4, 2.0, 2.8]), kappa=0.25
)
"""Amplitude in dB over the median ray of a field that does not change along it."""


@dataclass(frozen=True)
class CwRadarEvidence(CrossholeEvidence):
    """All levels of a site as one survey group.

    Parameters
    ----------
    frequency_hz : (n,) numpy.ndarray
        Of each datum, Hz.
    permittivity : float
        Relative permittivity of the host.
    conductivity_s_m : float
        Of the host, S/m.
    """

    frequency_hz: Array
    permittivity: float
    conductivity_s_m: float

    def object_response(self, objects: Objects) -> Array:
        """Change of the levels by each object alone, (n, n_data) dB; decibels are added."""
        return cw_response(
            objects,
            self.rays,
            self.frequency_hz,
            permittivity=self.permittivity,
            conductivity_s_m=self.conductivity_s_m,
        )


def cw_radar_evidence(
    tables: Sequence[CwRadarTable],
    prior: Prior,
    *,
    id: str = "cw-radar",
    cache_dir: Path | None = None,
    permittivity: float = 7.0,
    conductivity_s_m: float = 1e-3,
) -> CwRadarEvidence:
    """Make the survey group of all continuous-wave levels of a site.

    Parameters
    ----------
    tables : sequence of CwRadarTable
        One per file. Every panel of every file has its own datum for each frequency, spreading,
        attenuation, antenna pattern and even gradient.
    prior : Prior
        Gives the surface.
    id : str
        Name in the ledger.
    cache_dir : Path, optional
        Where eigenbases of the layout's covariances are kept.
    permittivity : float
        Relative permittivity of the host. Levels do not tell it: take it from a radar velocity
        (7 is granite at 0.113 m/ns).
    conductivity_s_m : float
        Of the host, S/m.

    Returns
    -------
    CwRadarEvidence

    Raises
    ------
    InputError
        For too few data.
    """
    source, receiver = joined_ends(tables)
    rays = make_rays(source, receiver)
    observed = np.concatenate([t.amplitude_db for t in tables]).astype(np.float64)
    frequency = 1e6 * np.concatenate([t.frequency_mhz for t in tables])
    error = np.concatenate(
        [np.full(len(t), _DEFAULT_SD_DB) if t.sd_db is None else t.sd_db for t in tables]
    )
    sd = np.hypot(error, _FLOOR_DB)
    panel = panel_numbers(tables)
    parts = [
        level_trend(make_rays(source[panel == i], receiver[panel == i]), frequency[panel == i])
        for i in range(int(panel.max()) + 1)
    ]
    per_metre = np.full(len(rays), 1.0 / float(np.median(rays.length)))
    wavelength = LIGHT_M_PER_S / (frequency * np.sqrt(permittivity))
    models, sd, outliers, layout = crosshole_models(
        "cw-radar",
        RayGround(rays, per_metre, wavelength),
        observed,
        RayErrors(sd, np.empty((len(rays), 0)), _LENS_DB),
        by_file(panel, parts),
        _GRID,
        cache_dir,
    )
    return CwRadarEvidence(
        id=id,
        kind="cw-radar",
        fingerprint=layout_hash(layout, frequency, permittivity, conductivity_s_m),
        unit="dB",
        rays=rays,
        surface=prior.surface,
        panel=panel,
        background=np.zeros(len(rays)),
        observed=observed,
        sd=sd,
        models=models,
        outliers=outliers,
        frequency_hz=frequency,
        permittivity=permittivity,
        conductivity_s_m=conductivity_s_m,
    )
