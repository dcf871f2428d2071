"""What a site's own data or a study of its layout tell of it, and what a run will take."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from subterra.errors import InputError
from subterra.site.assemble import assemble
from subterra.site.atomic import sha256_of, write_atomic
from subterra.site.config import CONFIG_NAME, parse_config
from subterra.site.folder import Site, commit, exclusively
from subterra.site.ground_files import read_as_given
from subterra.site.toml_text import with_value

if TYPE_CHECKING:
    from subterra.ground import DiscrepancyStudy, LayerFit
    from subterra.inference.estimate import RunEstimate
    from subterra.physics import Quadripoles
    from subterra.tables import ResistivityTable

__all__ = [
    "BackgroundEstimate",
    "CostEstimate",
    "estimate_background",
    "estimate_cost",
    "estimate_discrepancy",
]


@dataclass(frozen=True)
class BackgroundEstimate:
    """Level layers fitted to all resistivity of a site.

    Parameters
    ----------
    fits : tuple of LayerFit
        Best layers by their number, from one.
    best : int
        Position in ``fits`` of the least BIC.
    arrangements : int
        Distinct arrangements of electrodes whose means were fitted.
    written : bool
        Whether the site file now says the best layers.
    """

    fits: tuple[LayerFit, ...]
    best: int
    arrangements: int
    written: bool


def _survey(site: Site) -> tuple[Quadripoles, np.ndarray[Any, Any]]:
    """Layout and ln ρa of all resistivity in force."""
    from subterra.evidence.electrode_layout import stack_surveys
    from subterra.physics import make_quadripoles

    # Layers are level: electrodes stay where the file has them, or on the plane.
    tables: list[ResistivityTable] = [
        read_as_given(site, item) for item in site.items if item.kind == "resistivity"
    ]
    if not tables:
        problem = (
            f"{site.path}: there is no resistivity to estimate from; add some with: "
            f"subterra add {site.path} FILE"
        )
        raise InputError(problem)
    x, y, z, abmn = stack_surveys(tables, site.prior)
    layout = make_quadripoles(x, y, z, abmn, site.prior.surface)
    return layout, np.log(np.concatenate([t.rhoa_ohmm for t in tables]))


def estimate_background(
    site: Site, *, most: int = 4, write: bool = False
) -> tuple[Site, BackgroundEstimate]:
    """Fit level layers to all resistivity of a site.

    Parameters
    ----------
    site : Site
        The site.
    most : int
        Largest number of layers that is tried.
    write : bool
        Put the best layers into the site file (``layers`` of ``[host]``; every other character
        stays) and a line into the journal.

    Returns
    -------
    Site
        The site, changed where asked for.
    BackgroundEstimate

    Raises
    ------
    InputError
        If there is no resistivity, or too few arrangements of electrodes.
    SiteError
        If the site cannot be changed.
    """
    from subterra.ground import fit_layers, make_soundings

    layout, log_rhoa = _survey(site)
    soundings = make_soundings(layout, log_rhoa)
    fits = fit_layers(soundings, most=most)
    best = int(np.argmin([fit.bic for fit in fits]))
    if write:
        site = _write_layers(site, fits[best].earth.text())
    return site, BackgroundEstimate(fits, best, len(soundings.mean), write)


def _write_layers(site: Site, layers: str) -> Site:
    with exclusively(site) as current:
        path = current.path / CONFIG_NAME
        text = with_value(path.read_text("utf-8"), "host", "layers", layers)
        config = parse_config(text, path=path)
        content = text.encode("utf-8")
        write_atomic(path, content)
        said = {"layers": layers, "config_sha256": sha256_of(content)}
        return commit(replace(current, config=config), [("estimate", said)])


def estimate_discrepancy(site: Site, *, seed: int = 1) -> DiscrepancyStudy:
    """Measure how far closed form and linearised ground are off for a site's own layout.

    Parameters
    ----------
    site : Site
        The site; its data say how uneven the ground is.
    seed : int
        Of the random grounds.

    Returns
    -------
    DiscrepancyStudy

    Raises
    ------
    InputError
        If there is no resistivity, or the layout is too large for a mesh.
    """
    from subterra.ground import study_discrepancy

    layout, _ = _survey(site)
    return study_discrepancy(layout, deepest_m=site.prior.depth_m, seed=seed)


@dataclass(frozen=True)
class CostEstimate:
    """What ``infer`` will take at a site.

    Parameters
    ----------
    run : RunEstimate
        Of one run with evidence at hand.
    reading_s : float
        Seconds that reading the evidence and making its ground models took; these are kept in the
        site's cache, so that it takes less the next time.
    """

    run: RunEstimate
    reading_s: float


def estimate_cost(
    site: Site, *, n_scenes: int = 4096, seed: int = 1, threads: int | None = None
) -> CostEstimate:
    """Forecast time and memory of inferring a site on this machine.

    Parameters
    ----------
    site : Site
        The site; nothing of it changes but its cache of ground models.
    n_scenes : int
        Scenes of the run.
    seed : int
        Of the pilot.
    threads : int, optional
        Of the run, by default the machine's cores.

    Returns
    -------
    CostEstimate

    Raises
    ------
    InputError
        If there is no evidence, or a piece of it cannot be used.
    SiteError
        If a file is missing or was changed.
    """
    from subterra.inference.estimate import estimate_run

    begun = time.perf_counter()
    evidence = assemble(site)
    reading = time.perf_counter() - begun
    run = estimate_run(site.prior, evidence, n_scenes=n_scenes, seed=seed, threads=threads)
    return CostEstimate(run, reading)
