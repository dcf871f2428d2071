"""Travel times between holes: first arrivals of radar (ns) or P waves (ms)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError, check_known
from subterra.evidence.crosshole import (
    CrossholeEvidence,
    RayErrors,
    RayGround,
    crosshole_models,
    joined_ends,
    panel_numbers,
)
from subterra.evidence.protocol import SurveyFit
from subterra.evidence.refraction import (
    layer_slowness,
    overtaken_by_air,
    overtaken_by_layers,
)
from subterra.evidence.stacking import Picks, stack_picks
from subterra.ground import (
    ANISOTROPIES,
    NuisanceGrid,
    bed_columns,
    by_file,
    layout_hash,
    shot_columns,
    traveltime_trend,
)
from subterra.physics import TIME_UNIT_S, Rays, make_rays, traveltime_response
from subterra.physics.traveltime import SLOWNESS_AIR
from subterra.scene import Objects, Plane, Prior, Scenes
from subterra.tables import TIME_UNITS_S, TravelTimeTable

__all__ = ["TravelTimeEvidence", "traveltime_evidence"]

Array = npt.NDArray[Any]

_FLOOR: Final = 0.005
"""Model discrepancy, part of the time: straight rays in ground that is heterogeneous by 5 %, beyond
the trend (``bench/crosshole_discrepancy.py``; 1.3 % at 10 %, smooth along a panel)."""
_LENS: Final = {"radar": 0.2, "seismic": 0.1}
"""Relative slowness of lenses and fracture zones of the size of a void, which are there in any
ground however even the rest of it is; not learnt from the survey. Radar in soil: water contents
that differ by 0.06 to 0.07 (Topp et al. 1980). P waves: fractured against sound rock. Massive rock
has less: say so with ``lens``."""
_BEDS: Final = 0.4
"""Relative slowness of thin beds that cross a panel, over that of lenses: 8 % for radar in soil."""
_SHOT: Final = 0.01
"""Standard deviation of the zero time of a shot, part of the median time."""
_PLACE: Final = {"radar": 1.0, "seismic": 0.05}
"""Of an antenna's place, ns and ms: cavities and loosened rock beside the hole, and the place,
shift all its picks alike (static-like errors; Cordua et al. 2008 at a site without voids)."""
_DEFAULT_ERROR: Final = 0.005
"""Relative error of a survey whose crew states none."""
_FREQUENCY_HZ: Final = {"radar": 100e6, "seismic": 1000.0}
"""Of the pulse, where none is given: the usual borehole antenna; a sparker or hammer in rock."""
_MOST: Final = 2000
"""Data beyond which neighbouring picks are averaged, as far as the Fresnel zone allows."""
_ANISOTROPY: Final = {"radar": "elliptical", "seismic": "weak"}
_UNIT: Final = {"radar": "ns", "seismic": "ms"}
_GRID: Final = NuisanceGrid(
    amplitude=np.geomspace(0.006, 0.192, 6), noise=np.array([1.0, 1.4, 2.0, 2.8]), kappa=0.2
)


@dataclass(frozen=True)
class TravelTimeEvidence(CrossholeEvidence):
    """All first arrivals of one medium at a site as one survey group.

    The host's slowness, which sets the size of a void's effect, is the survey's own: the median
    of time over distance in each panel, fixed with the layout. Its error (zero time, anisotropy:
    some per cent) is part of the multiplicative error of the response.

    Parameters
    ----------
    medium : str
        ``radar`` or ``seismic``.
    slowness : (n,) numpy.ndarray
        Of the host along each ray, s/m.
    wavelength_m : (n,) numpy.ndarray
        Dominant wavelength in the host, m.
    invert : float
        Share of the height of air-filled objects that is under water.
    picks : int
        Picks behind the data: more than there are data where neighbours were averaged.
    """

    medium: str
    slowness: Array
    wavelength_m: Array
    invert: float = 0.0
    picks: int = 0

    def fit(self, scenes: Scenes, weight: Array) -> SurveyFit:
        """Explain the survey; says where neighbouring picks were averaged."""
        fit = super().fit(scenes, weight)
        if self.picks <= len(self.observed):
            return fit
        words = f"{self.picks} picks were averaged to {len(self.observed)} within the Fresnel zone."
        return replace(fit, words=f"{words} {fit.words}")

    def object_response(self, objects: Objects) -> Array:
        """Change of the times by each object alone, (n, n_data), early negative."""
        return traveltime_response(
            objects, self.rays, self.slowness, self.wavelength_m, self.medium, invert=self.invert
        )


def _panel_median(values: Array, panel: Array) -> Array:
    out = np.empty(len(values))
    for number in range(int(panel.max()) + 1):
        out[panel == number] = np.median(values[panel == number])
    return out


def _columns(tables: Sequence[TravelTimeTable], unit_s: float) -> tuple[Array, Array, Array]:
    """Times, errors and frequencies of all tables, in units of ``unit_s`` and Hz."""
    time: list[Array] = []
    error: list[Array] = []
    frequency: list[Array] = []
    for table in tables:
        scale = TIME_UNITS_S[table.unit] / unit_s
        time.append(table.time * scale)
        error.append(_DEFAULT_ERROR * time[-1] if table.sd is None else table.sd * scale)
        usual = np.full(len(table), _FREQUENCY_HZ[table.medium])
        frequency.append(usual if table.frequency_hz is None else table.frequency_hz)
    return np.concatenate(time), np.concatenate(error), np.concatenate(frequency)


def _picks(tables: Sequence[TravelTimeTable], unit_s: float) -> Picks:
    """All picks of all tables, times in units of ``unit_s``."""
    source, receiver = joined_ends(tables)
    time, error, frequency = _columns(tables, unit_s)
    panel = panel_numbers(tables)
    host = _panel_median(time / np.linalg.norm(receiver - source, axis=1), panel)
    return Picks(
        source,
        receiver,
        time,
        error,
        1.0 / (frequency * host * unit_s),
        panel,
        _shared(tables, source, receiver, float(np.median(time))),
        np.ones(len(time), int),
    )


def _shared(
    tables: Sequence[TravelTimeTable], source: Array, receiver: Array, middle: float
) -> Array:
    """What picks of one shot or of one antenna place share, (n, k)."""
    named = [
        f"{number}\n{shot}" if table.shot is not None else ""
        for number, table in enumerate(tables)
        for shot in (table.shot or ("",) * len(table))
    ]
    columns = [_SHOT * middle * column for column in shot_columns(named, blank="")]
    for ends in (source, receiver):
        _, place = np.unique(np.round(ends, 2), axis=0, return_inverse=True)
        words = [str(number) for number in place.reshape(-1)]
        columns += [_PLACE[tables[0].medium] * column for column in shot_columns(words)]
    several = [column for column in columns if np.count_nonzero(column) > 1]
    return np.column_stack(several) if several else np.empty((len(source), 0))


def _beds(rays: Rays, host: Array, panel: Array) -> Array:
    """Effect (n, k) on the times of beds of unit relative slowness across each panel."""
    ends = rays.at(0.0), rays.at(1.0)
    parts = [
        bed_columns(make_rays(*(end[panel == i] for end in ends)))
        for i in range(int(panel.max()) + 1)
    ]
    times = (host * rays.length.mean())[:, None]
    return times * by_file(panel, parts)


def _overtaken(
    rays: Rays, host: Array, observed: Array, panel: Array, medium: str, surface: Plane
) -> Array:
    """By how much straight rays come too late beside refracted waves, (n,).

    Whoever picked may have taken either.
    """
    out = np.zeros(len(rays))
    for number in range(int(panel.max()) + 1):
        these = panel == number
        part = make_rays(rays.at(0.0)[these], rays.at(1.0)[these])
        out[these] = overtaken_by_layers(part, *layer_slowness(part, observed[these]))
    if medium == "radar":
        air = SLOWNESS_AIR["radar"] / TIME_UNIT_S["radar"]
        out = np.hypot(out, overtaken_by_air(rays, host, air, surface))
    return out


def traveltime_evidence(
    tables: Sequence[TravelTimeTable],
    prior: Prior,
    *,
    id: str = "traveltime",
    cache_dir: Path | None = None,
    anisotropy: str | None = None,
    invert: float = 0.0,
    lens: float | None = None,
) -> TravelTimeEvidence:
    """Make the survey group of all travel times of one medium.

    Parameters
    ----------
    tables : sequence of TravelTimeTable
        One per file, all radar or all seismic. Every panel of every file has its own zero time,
        slowness by direction and even gradient. The picks of a shot, where shots are given,
        share a zero time that is known to 1 % of the median time, and those of an antenna's place
        a static shift of 1 ns or 0.05 ms. Of more than 2,000 picks neighbours are averaged whose
        ends lie within a fifth of the Fresnel radius.
    prior : Prior
        Gives the surface.
    id : str
        Name in the ledger.
    cache_dir : Path, optional
        Where eigenbases of the layout's covariances are kept.
    anisotropy : str, optional
        ``none``, ``elliptical`` or ``weak`` (see `subterra.ground.ANISOTROPIES`); by default
        elliptical for radar, weak for P waves.
    invert : float
        Share of the height of air-filled objects that is under water, 0 to 1.
    lens : float, optional
        Relative slowness, one standard deviation, of lenses and fracture zones 2 m long that are no
        void; by default 0.2 for radar and 0.1 for P waves, which is for soil and for fractured
        rock. 0.03 is right for massive rock, where a tunnel stands out farther.

    Returns
    -------
    TravelTimeEvidence

    Raises
    ------
    InputError
        For tables of both media, an unknown anisotropy, or too few picks.
    """
    medium = tables[0].medium
    if any(t.medium != medium for t in tables):
        problem = "radar and seismic times are two surveys; give them one after the other"
        raise InputError(problem)
    anisotropy = anisotropy or _ANISOTROPY[medium]
    check_known("anisotropy", anisotropy, ANISOTROPIES)
    lens = _LENS[medium] if lens is None else lens
    unit_s = TIME_UNIT_S[medium]
    picks = stack_picks(_picks(tables, unit_s), _MOST)
    source, receiver, panel, observed = picks.source, picks.receiver, picks.panel, picks.time
    rays = make_rays(source, receiver)
    sd = np.hypot(picks.error, _FLOOR * observed)
    parts = [
        traveltime_trend(make_rays(source[panel == i], receiver[panel == i]), anisotropy)
        for i in range(int(panel.max()) + 1)
    ]
    host = _panel_median(observed / rays.length, panel)
    slowness, wavelength = host * unit_s, picks.wavelength
    sd = np.hypot(sd, _overtaken(rays, host, observed, panel, medium, prior.surface))
    shared = np.hstack([picks.shared, _BEDS * lens * _beds(rays, host, panel)])
    errors = RayErrors(sd, shared, lens)
    models, sd, outliers, layout = crosshole_models(
        f"traveltime-{medium}",
        RayGround(rays, host, wavelength),
        observed,
        errors,
        by_file(panel, parts),
        _GRID,
        cache_dir,
    )
    return TravelTimeEvidence(
        id=id,
        kind="traveltime",
        fingerprint=layout_hash(layout, wavelength, invert),
        unit=_UNIT[medium],
        rays=rays,
        surface=prior.surface,
        panel=panel,
        background=host * rays.length,
        observed=observed,
        sd=sd,
        models=models,
        outliers=outliers,
        medium=medium,
        slowness=slowness,
        wavelength_m=wavelength,
        invert=invert,
        picks=int(picks.count.sum()),
    )
