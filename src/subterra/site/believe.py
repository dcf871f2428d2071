"""Running the inference of a site and keeping its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from subterra.errors import SiteError
from subterra.inference import Belief
from subterra.inference import infer as run_inference
from subterra.site.assemble import assemble
from subterra.site.belief_store import save_belief
from subterra.site.folder import Site, exclusively

if TYPE_CHECKING:
    import xarray

__all__ = ["Progress", "SiteBelief", "infer", "infer_site"]

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SiteBelief(Belief):
    """The belief of a site, with the questions that people ask of it as methods."""

    def poc(self, cell_m: float) -> xarray.DataArray:
        """Map the probability that a target lies below each cell.

        Parameters
        ----------
        cell_m : float
            Width of a cell in metres.

        Returns
        -------
        xarray.DataArray
            Dimensions y, x (cell centres in metres); see `subterra.search.poc_xarray`.
        """
        from subterra.search import poc_xarray

        return poc_xarray(self, cell_m)

    def query(self, x: float, y: float, z: float | None = None) -> float:
        """P(the vertical line at x, y meets a target), or with z P(the point lies in one)."""
        from subterra.search import query

        return query(self, x, y, z)


def infer_site(
    site: Site,
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> tuple[Site, Belief]:
    """Compute the belief from all evidence in force and make it the current one.

    Parameters
    ----------
    site : Site
        The site; it is locked meanwhile, and unchanged if this does not come to its end.
    n_scenes : int
        Scenes in the belief.
    seed : int
        Same seed and same site, same answer.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.
    threads : int, optional
        Threads, by default the machine's cores.

    Returns
    -------
    Site
        The changed site.
    belief : Belief

    Raises
    ------
    SiteError
        If the site has no evidence that says anything, or cannot be changed.
    InputError
        If a piece of evidence or a setting cannot be used.
    """
    with exclusively(site) as current:
        if progress is not None:
            progress(0.0, "reading the evidence")
        evidence = assemble(current)
        if not evidence:
            problem = (
                f"{site.path}: there is no evidence yet; add files with: "
                f"subterra add {site.path} FILE..."
            )
            raise SiteError(problem)
        belief = run_inference(
            current.prior,
            evidence,
            n_scenes=n_scenes,
            seed=seed,
            progress=progress,
            threads=threads,
        )
        return save_belief(current, belief), belief


def infer(
    site: Site | Path | str,
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> SiteBelief:
    """Compute and keep the belief of a site, given as such or as its folder.

    See `infer_site`; the ``Site`` that is passed stays as it was read, the folder changes.
    """
    opened = site if isinstance(site, Site) else Site.open(site)
    _, belief = infer_site(opened, n_scenes=n_scenes, seed=seed, progress=progress, threads=threads)
    return SiteBelief(belief.scenes, belief.weight, belief.prior, belief.info)
