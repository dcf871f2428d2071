"""Calibrating a site: worlds from its own prior and layouts through the whole inference."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from subterra.counting import counted
from subterra.errors import InputError, SiteError, check_known
from subterra.evidence import Evidence
from subterra.inference.assessment import Assessment
from subterra.inference.calibration import Calibration, calibrate
from subterra.search.poc_score import score_cells
from subterra.simulate import WRONG
from subterra.site.assemble import assemble
from subterra.site.atomic import writing
from subterra.site.believe import Progress, silent
from subterra.site.calibration_store import AS_ASSUMED, FOLDER, assessed, save_calibration
from subterra.site.folder import Site
from subterra.site.world_log import WorldLog, world_key

__all__ = ["calibrate_site"]

_FEWEST_SCENES: Final = 128


def calibrate_site(
    site: Site,
    *,
    n_worlds: int = 40,
    n_scenes: int = 1024,
    seed: int = 1,
    wrong: Sequence[str] = (),
    progress: Progress | None = None,
    threads: int | None = None,
    tell: Callable[[str], None] = silent,
) -> tuple[Site, dict[str, Assessment]]:
    """Draw worlds from the site's prior and layouts, infer each, and keep how the truths ranked.

    Parameters
    ----------
    site : Site
        The site. It is locked only at the end; what is done meanwhile makes the result stale.
    n_worlds, n_scenes : int
        Worlds, and scenes in each belief.
    seed : int
        World k and its verdict depend on the seed and k alone: asking for more worlds goes on.
    wrong : sequence of str
        Assumptions each of which is broken in another set of worlds; see `subterra.simulate.wrong`.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.
    threads : int, optional
        As in ``infer``.
    tell : callable, optional
        Told in words that finished worlds are used again.

    Returns
    -------
    Site
        The changed site.
    dict of str to Assessment
        By what was wrong in the worlds; ``AS_ASSUMED`` where nothing was.

    Raises
    ------
    InputError
        If the numbers cannot be, or an assumption is not known.
    SiteError
        If there is no evidence, or another process is calibrating the site.
    """
    _check(n_worlds, n_scenes, wrong)
    evidence = assemble(site)
    if not evidence:
        problem = (
            f"{site.path}: there is no evidence whose layout could be calibrated; add files with: "
            f"subterra add {site.path} FILE..."
        )
        raise SiteError(problem)
    folder = site.path / FOLDER
    sets = (AS_ASSUMED, *dict.fromkeys(wrong))
    found: dict[str, Calibration] = {}
    with _alone(folder):
        for part, name in enumerate(sets):
            moved = _part_of(progress, part, len(sets), name)
            run = _Run(n_worlds, n_scenes, seed, None if name == AS_ASSUMED else name)
            found[name] = _calibrated(site, evidence, folder, run, moved, threads, tell)
    judged = assessed(found)
    return save_calibration(site, found, judged[AS_ASSUMED]), judged


@dataclass(frozen=True)
class _Run:
    """One set of worlds."""

    n_worlds: int
    n_scenes: int
    seed: int
    wrong: str | None


def _check(n_worlds: int, n_scenes: int, wrong: Sequence[str]) -> None:
    if n_worlds < 2:
        problem = f"a calibration needs at least 2 worlds, found {n_worlds}"
        raise InputError(problem)
    if n_scenes < _FEWEST_SCENES:
        problem = f"each belief needs at least {_FEWEST_SCENES} scenes, found {n_scenes}"
        raise InputError(problem)
    for name in wrong:
        check_known("assumption", name, WRONG)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Hold the calibration's own lock: the site itself stays free for other work."""
    try:
        folder.mkdir(exist_ok=True)
        with writing(folder):
            yield
    except OSError as error:
        problem = f"{folder}: the calibration cannot be kept: {error.strerror or error}"
        raise SiteError(problem) from error


def _part_of(progress: Progress | None, part: int, parts: int, name: str) -> Progress | None:
    if progress is None:
        return None
    tell = progress
    what = "" if name == AS_ASSUMED else f"wrong {name}: "
    return lambda fraction, words: tell((part + fraction) / parts, f"{what}{words}")


def _calibrated(
    site: Site,
    evidence: Sequence[Evidence],
    folder: Path,
    run: _Run,
    progress: Progress | None,
    threads: int | None,
    tell: Callable[[str], None],
) -> Calibration:
    key = world_key(site.prior, evidence, run.n_scenes, run.seed, run.wrong)
    log = WorldLog(folder, key)
    done = sum(k < run.n_worlds for k in log.verdicts)
    if done:
        what = "" if run.wrong is None else f" with wrong {run.wrong}"
        tell(f"{done} of {counted(run.n_worlds, 'world')}{what} finished already")
    return calibrate(
        site.prior,
        evidence,
        n_worlds=run.n_worlds,
        n_scenes=run.n_scenes,
        seed=run.seed,
        wrong=run.wrong,
        progress=progress,
        cells=score_cells,
        known=log.verdicts,
        keep=log.keep,
        threads=threads,
    )
