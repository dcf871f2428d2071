"""From prior and evidence to belief."""

from subterra.inference.belief import Belief, RunInfo, p_any
from subterra.inference.checkpoint import Checkpoint
from subterra.inference.objects import TargetObject, target_clusters
from subterra.inference.run import infer, rescored, update
from subterra.inference.summary import convergence, summarise, supported
from subterra.inference.words import computed_words, probability_words

__all__ = [
    "Belief",
    "Checkpoint",
    "RunInfo",
    "TargetObject",
    "computed_words",
    "convergence",
    "infer",
    "p_any",
    "probability_words",
    "rescored",
    "summarise",
    "supported",
    "target_clusters",
    "update",
]
