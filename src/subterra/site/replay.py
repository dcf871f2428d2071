"""Making a belief again from what its file and the journal say, to see that it comes out the same.

A belief of ``infer`` is made from its recipe: scenes, seed and number of runs. One that a logged
hole has updated is made from the belief before it. Evidence is taken as it stood at that line of
the journal; settings must be those of today.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from subterra.errors import SiteError
from subterra.inference import Belief, p_any, update
from subterra.inference.checkpoint import code_identity
from subterra.inference.effort import Effort, infer_until_converged
from subterra.inference.run import Progress
from subterra.inference.summary import MAX_SPREAD
from subterra.site.assemble import HOLE_PREFIX, assemble
from subterra.site.belief_store import belief_at, belief_entries
from subterra.site.folder import Site
from subterra.site.second_look import as_believed

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay:
    """How a belief made again compares with the one that was kept.

    Parameters
    ----------
    identical : bool
        To the last bit of every weight and parameter.
    same_code : bool
        Whether sources and numerical libraries are those of then.
    p_any, p_any_again : float
        P(any target), kept and made again, as the scenes have it.
    file : str
        File of the belief, relative to the site folder.
    """

    identical: bool
    same_code: bool
    p_any: float
    p_any_again: float
    file: str

    @property
    def agrees(self) -> bool:
        """Whether the two are the same, or within what independent runs may differ by."""
        return self.identical or abs(self.p_any - self.p_any_again) <= MAX_SPREAD

    def words(self) -> str:
        """Say it in a sentence."""
        code = "the same code" if self.same_code else "other code than it was made with"
        if self.identical:
            return f"{self.file}: made again with {code}, the same to the last bit."
        within = "within" if self.agrees else "beyond"
        return (
            f"{self.file}: made again with {code}, P(any target) differs by "
            f"{abs(self.p_any - self.p_any_again):.3f}, {within} what independent runs differ by."
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "agrees": self.agrees}


def replay(site: Site, *, progress: Progress | None = None, threads: int | None = None) -> Replay:
    """Make the latest belief of a site again.

    Parameters
    ----------
    site : Site
        The site; nothing is changed.
    progress : callable, optional
        Told a fraction from 0 to 1 and a few words.
    threads : int, optional
        As in ``infer``; the answer does not depend on it.

    Returns
    -------
    Replay

    Raises
    ------
    SiteError
        If there is no belief, the settings have changed since, or it does not say how it was made.
    """
    made = belief_entries(site)
    if not made:
        problem = f"{site.path}: no belief yet; make one with: subterra infer {site.path}"
        raise SiteError(problem)
    entry = made[-1]
    then = replace(site, entries=site.entries[: entry.n])
    if entry.payload["settings"] != then.fingerprint[1]:
        problem = f"{site.path}: site.toml has changed since the belief was made: infer again"
        raise SiteError(problem)
    kept = belief_at(site, entry)
    again = _made_again(then, kept, progress, threads)
    same = np.array_equal(kept.weight, again.weight) and all(
        np.array_equal(getattr(kept.scenes, name), getattr(again.scenes, name))
        for name in ("unit", "site_unit")
    )
    return Replay(
        same,
        kept.info.code == code_identity(),
        p_any(kept),
        p_any(again),
        entry.payload["belief"],
    )


def _made_again(then: Site, kept: Belief, progress: Progress | None, threads: int | None) -> Belief:
    recipe = kept.info.recipe
    if recipe:
        evidence = as_believed(kept, assemble(then))
        _check(then, kept, {e.id: e.fingerprint for e in evidence})
        return infer_until_converged(
            then.prior,
            evidence,
            n_scenes=recipe["scenes"],
            seed=recipe["seed"],
            effort=Effort(recipe["runs"]),
            progress=progress,
            threads=threads,
        )
    return _updated_again(then, kept, progress, threads)


def _updated_again(
    then: Site, kept: Belief, progress: Progress | None, threads: int | None
) -> Belief:
    """Update the belief before a logged hole by that hole again."""
    made = belief_entries(then)
    logged = [e for e in then.entries[: made[-1].n] if e.verb == "log"]
    if len(made) < 2 or not logged or logged[-1].n < made[-2].n:
        problem = f"{then.path}: the belief does not say how it was made; infer again"
        raise SiteError(problem)
    evidence = as_believed(kept, assemble(then))
    _check(then, kept, {e.id: e.fingerprint for e in evidence})
    name = f"{HOLE_PREFIX}{logged[-1].payload['hole']}"
    return update(
        belief_at(then, made[-2]),
        evidence,
        [e for e in evidence if e.id == name],
        seed=kept.info.seed,
        progress=progress,
        threads=threads,
    )


def _check(then: Site, kept: Belief, fingerprints: dict[str, str]) -> None:
    found = dict(kept.info.evidence)
    if found != fingerprints:
        unlike = sorted(
            {*found, *fingerprints} - {k for k, v in found.items() if fingerprints.get(k) == v}
        )
        problem = (
            f"{then.path}: evidence is no longer understood as it was when the belief was made: "
            f"{', '.join(unlike)}; infer again"
        )
        raise SiteError(problem)
