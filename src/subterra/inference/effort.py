"""More effort where a run has not converged: further islands, joined by their evidence.

Islands of equal size are independent unbiased estimates of one posterior, each in proportion to its
evidence; what was computed is kept and further runs of the same size are added, doubling the scenes
each time, until the two halves of all islands agree or the limit is reached.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.evidence import Evidence
from subterra.inference.belief import Belief
from subterra.inference.checkpoint import Checkpoint, code_identity
from subterra.inference.objects import target_clusters
from subterra.inference.population import score_scenes, scorer
from subterra.inference.run import infer
from subterra.inference.summary import convergence
from subterra.inference.weight import ledger_weights, log_total
from subterra.scene import Prior, concatenate, object_counts

__all__ = ["Effort", "infer_until_converged", "joined"]

Array = npt.NDArray[Any]
Progress = Callable[[float, str], None]

_SEEDS: Final = 0x5EED


@dataclass(frozen=True)
class Effort:
    """How far a run may go.

    Parameters
    ----------
    most : int
        Largest multiple of the scenes asked for: 1 runs once and adds nothing.
    checkpoint : callable, optional
        Gives the checkpoint of each run by its number, 0 for the first.
    tell : callable, optional
        Told in words why the effort is raised.
    """

    most: int = 4
    checkpoint: Callable[[int], Checkpoint | None] | None = None
    tell: Callable[[str], None] | None = None


def infer_until_converged(
    prior: Prior,
    evidence: Sequence[Evidence],
    *,
    n_scenes: int = 4096,
    seed: int = 1,
    effort: Effort | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Belief:
    """Run the inference, and again with other seeds while it has not converged.

    Parameters
    ----------
    prior, evidence, n_scenes, seed, progress, threads
        As in ``infer``; ``n_scenes`` is the size of the first run.
    effort : Effort, optional
        How far it may go.

    Returns
    -------
    Belief
        Of one run, or of several joined. ``info.recipe`` says of how many: the same numbers give
        the same belief.
    """
    limit = effort or Effort()
    if limit.most < 1:
        problem = f"the effort is a multiple of the scenes, at least 1, found {limit.most}"
        raise InputError(problem)
    runs: list[Belief] = []
    wanted = 1
    belief = None
    while True:
        while len(runs) < wanted:
            k = len(runs)
            runs.append(
                infer(
                    prior,
                    evidence,
                    n_scenes=n_scenes,
                    seed=_seed_of(seed, k),
                    progress=_told(progress, k, wanted),
                    threads=threads,
                    checkpoint=None if limit.checkpoint is None else limit.checkpoint(k),
                )
            )
        belief = joined(runs, evidence)
        state = convergence(belief, target_clusters(belief))
        if state.converged or 2 * wanted > limit.most:
            break
        if limit.tell is not None:
            more = 2 * wanted * n_scenes
            limit.tell(f"not converged ({'; '.join(state.reasons)}); going on to {more} scenes")
        wanted *= 2
    recipe = {"scenes": n_scenes, "seed": seed, "runs": len(runs)}
    info = replace(belief.info, seed=seed, recipe=recipe, code=code_identity())
    return replace(belief, info=info)


def _seed_of(seed: int, k: int) -> int:
    """Seed of run k: the first is the user's own."""
    if k == 0:
        return seed
    return int(np.random.SeedSequence(seed, spawn_key=(_SEEDS, k)).generate_state(1)[0])


def _told(progress: Progress | None, k: int, wanted: int) -> Progress | None:
    if progress is None or wanted == 1:
        return progress
    tell, before = progress, wanted // 2
    return lambda fraction, words: tell(
        (k - before + fraction) / (wanted - before), f"run {k + 1} of {wanted}: {words}"
    )


def joined(runs: Sequence[Belief], evidence: Sequence[Evidence]) -> Belief:
    """Put runs of the same size over the same evidence together, by their evidence.

    Parameters
    ----------
    runs : sequence of Belief
        At least one; each of the same number of islands and scenes.
    evidence : sequence of Evidence
        What they were made from.

    Returns
    -------
    Belief
        One run comes back as it is.
    """
    if len(runs) == 1:
        return runs[0]
    prior = runs[0].prior
    logs = np.array([log_total(np.asarray(run.info.log_evidence)) for run in runs])
    share = np.exp(logs - log_total(logs))
    weight = np.concatenate([s * run.weight for s, run in zip(share, runs, strict=True)])
    scenes = concatenate([run.scenes for run in runs])
    has_target = object_counts(scenes.objects.family, prior)[0] > 0
    with scorer(prior, evidence) as engine:
        log_each = score_scenes(engine, scenes)
        names = [e.id for e in (*engine.surveys, *engine.others)]
    infos = [run.info for run in runs]
    # What was lost to common ancestors, beyond unequal weights.
    kept = min(i.ess * float(np.sum(run.weight**2)) for i, run in zip(infos, runs, strict=True))
    info = replace(
        infos[0],
        n_scenes=len(weight),
        seconds=sum(i.seconds for i in infos),
        log_evidence=tuple(v for i in infos for v in i.log_evidence),
        p_any_islands=tuple(v for i in infos for v in i.p_any_islands),
        island=tuple(v for i in infos for v in i.island),
        ess=kept / float(np.sum(weight**2)),
        acceptance={
            name: float(np.mean([i.acceptance[name] for i in infos]))
            for name in infos[0].acceptance
        },
        ledger=ledger_weights(names, log_each, weight, has_target),
        explained=_explained(runs, share),
    )
    return Belief(scenes, weight, prior, info)


def _explained(runs: Sequence[Belief], share: Array) -> dict[str, float]:
    """Mean over the scenes with a target of all runs, from the means of each."""
    mass = np.array(
        [
            s * float(run.weight[object_counts(run.scenes.objects.family, run.prior)[0] > 0].sum())
            for s, run in zip(share, runs, strict=True)
        ]
    )
    if not mass.sum() > 0.0:
        return dict.fromkeys(runs[0].info.explained, math.nan)
    used = [(m, run.info.explained) for m, run in zip(mass, runs, strict=True) if m > 0.0]
    return {
        name: float(sum(m * values[name] for m, values in used) / mass.sum())
        for name in runs[0].info.explained
    }
