"""A second look at the surveys once there is a belief: blunders, structure, and the answer again.

Before anything is known, blunders are found as if no object lay below. With a belief each survey is
judged anew against the scenes that it supports: data that an object explains are taken back, data
that nothing explains are set aside, and where the residuals are structured all errors of the survey
are widened. If that changes anything the inference is run again with it, twice at most. What was
judged is kept with the belief, so that whoever uses the belief scores its surveys alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from subterra.evidence import (
    AdditiveEvidence,
    Evidence,
    Judgement,
    as_judged,
    judge_survey,
    judgement_words,
)

if TYPE_CHECKING:
    from subterra.evidence import RobustEvidence
    from subterra.inference import Belief

__all__ = ["as_believed", "judged_words", "second_look"]

_LOOKS: Final = 2
_STREAM: Final = 0x5EC0


def second_look(
    belief: Belief,
    evidence: Sequence[Evidence],
    again: Callable[[Sequence[Evidence]], Belief],
    *,
    seed: int,
) -> Belief:
    """Judge the surveys by a belief, and infer again where that changes anything.

    Parameters
    ----------
    belief : Belief
        Made with ``evidence``.
    evidence : sequence of Evidence
        As read from the files.
    again : callable
        Infers with other evidence of the same identities.
    seed : int
        Of the scenes that are looked at.

    Returns
    -------
    Belief
        With what was judged in ``info.judged`` and in ``info.judged_words``, and the time of all
        runs.
    """
    held: dict[str, Judgement] = {}
    for look in range(_LOOKS):
        found = _judged(belief, evidence, held, (seed, _STREAM, look))
        if found == held:
            break
        held, seconds = found, belief.info.seconds
        belief = again(_in_force(evidence, held))
        total = seconds + belief.info.seconds
        belief = replace(belief, info=replace(belief.info, seconds=total))
    return _marked(belief, evidence, held)


def as_believed(belief: Belief, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence with what was judged of it when a belief was made.

    Parameters
    ----------
    belief : Belief
        The belief.
    evidence : sequence of Evidence
        As read from the files; what has changed since is returned as it is.

    Returns
    -------
    list of Evidence
    """
    return _in_force(evidence, belief.info.judged)


def judged_words(belief: Belief) -> tuple[str, ...]:
    """Say in a sentence for each survey what was judged of it; empty if nothing was."""
    return tuple(belief.info.judged_words.values())


def _robust(evidence: Evidence) -> RobustEvidence | None:
    """Return a survey that can set data aside; None for other evidence."""
    if isinstance(evidence, AdditiveEvidence) and hasattr(evidence, "with_outliers"):
        survey: Any = evidence
        return survey
    return None


def _judged(
    belief: Belief,
    evidence: Sequence[Evidence],
    held: Mapping[str, Judgement],
    stream: tuple[int, ...],
) -> dict[str, Judgement]:
    """Judge all surveys; those of which nothing is to be said are left out."""
    out: dict[str, Judgement] = {}
    for number, item in enumerate(evidence):
        survey = _robust(item)
        if survey is None:
            continue
        rng = np.random.default_rng((*stream, number))
        found = judge_survey(survey, belief.scenes, belief.weight, rng, held.get(item.id))
        if found != Judgement(survey.fingerprint, survey.outliers):
            out[item.id] = found
    return out


def _in_force(evidence: Sequence[Evidence], held: Mapping[str, Judgement]) -> list[Evidence]:
    out: list[Evidence] = []
    for item in evidence:
        survey, judgement = _robust(item), held.get(item.id)
        applies = judgement is not None and judgement.fingerprint == item.fingerprint
        if survey is not None and judgement is not None and applies:
            out.append(as_judged(survey, judgement))
        else:
            out.append(item)
    return out


def _marked(belief: Belief, evidence: Sequence[Evidence], held: Mapping[str, Judgement]) -> Belief:
    """Write into a belief what was judged, and in words."""
    words: dict[str, str] = {}
    for item in evidence:
        survey = _robust(item)
        if survey is not None and item.id in held:
            words[item.id] = f"{item.id}: {judgement_words(survey, held[item.id])}"
    return replace(belief, info=replace(belief.info, judged=held, judged_words=words))
