"""Running the inference of a site and keeping its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from subterra.errors import SiteError
from subterra.inference import Belief, Checkpoint
from subterra.inference.effort import Effort, infer_until_converged
from subterra.inference.predictive import examined
from subterra.inference.run import Progress
from subterra.site.assemble import assemble
from subterra.site.belief_store import save_belief
from subterra.site.folder import Site, exclusively
from subterra.site.second_look import as_believed, second_look

if TYPE_CHECKING:
    import xarray

__all__ = ["Progress", "SiteBelief", "infer", "infer_site", "silent", "unfinished"]


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


def silent(words: str) -> None:
    """Tell nobody."""
    del words


def unfinished(site: Site, tell: Callable[[str], None] = silent) -> Checkpoint:
    """Where an interrupted inference of a site is kept: beside its beliefs, but none of them."""
    return Checkpoint(site.path / "belief", tell)


def _of_run(site: Site, k: int, tell: Callable[[str], None]) -> Checkpoint:
    """Checkpoint of run k: further runs have folders of their own beside the first."""
    first = unfinished(site, tell)
    return first if k == 0 else Checkpoint(first.folder / f"unfinished-run-{k}", tell)


def _forget(site: Site) -> None:
    """Remove all that is kept of unfinished runs."""
    first = unfinished(site)
    first.clear()
    for folder in first.folder.glob("unfinished-run-*"):
        Checkpoint(folder).clear()
        folder.rmdir()


def infer_site(
    site: Site,
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
    fresh: bool = False,
    effort: int = 1,
    tell: Callable[[str], None] = silent,
) -> tuple[Site, Belief]:
    """Compute the belief from all evidence in force and make it the current one.

    A run that was interrupted is gone on with where the prior, the evidence, the number of scenes,
    the seed and the code are the same; the belief is then that of a run never interrupted. Surveys
    are judged anew by the belief, and where that changes them it is computed again
    (`subterra.site.second_look`). How well each piece of evidence fits the rest is looked at last
    and kept with the belief.

    Parameters
    ----------
    site : Site
        The site; it is locked meanwhile. If this does not come to its end, journal and beliefs
        are as they were.
    n_scenes : int
        Scenes in the belief.
    seed : int
        Same seed and same site, same answer.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.
    threads : int, optional
        Threads, by default the machine's cores.
    fresh : bool
        Whether to start over even where a run was interrupted.
    effort : int
        How many times the scenes may be spent where the run has not converged: further runs with
        other seeds are joined to it, doubling the scenes each time.
    tell : callable, optional
        Told in words that an interrupted run is gone on with, or why not, and that the effort is
        raised.

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
        if fresh:
            _forget(current)
        limit = Effort(effort, lambda k: _of_run(current, k, tell), tell)
        belief = infer_until_converged(
            current.prior,
            evidence,
            n_scenes=n_scenes,
            seed=seed,
            effort=limit,
            progress=progress,
            threads=threads,
        )
        belief = second_look(
            belief,
            evidence,
            lambda judged: infer_until_converged(
                current.prior,
                judged,
                n_scenes=n_scenes,
                seed=seed,
                effort=replace(limit, checkpoint=None),
                progress=progress,
                threads=threads,
            ),
            seed=seed,
        )
        belief = examined(belief, as_believed(belief, evidence), seed=seed)
        changed = save_belief(current, belief)
        _forget(current)
        return changed, belief


def infer(
    site: Site | Path | str,
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
    fresh: bool = False,
    effort: int = 4,
) -> SiteBelief:
    """Compute and keep the belief of a site, given as such or as its folder.

    See `infer_site`; the ``Site`` that is passed stays as it was read, the folder changes.
    """
    opened = site if isinstance(site, Site) else Site.open(site)
    _, belief = infer_site(
        opened,
        n_scenes=n_scenes,
        seed=seed,
        progress=progress,
        threads=threads,
        fresh=fresh,
        effort=effort,
    )
    return SiteBelief(belief.scenes, belief.weight, belief.prior, belief.info)
