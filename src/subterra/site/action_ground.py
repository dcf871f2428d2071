"""What all candidates for a place of action share, and the evidence of a survey not made yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from subterra.errors import InputError
from subterra.evidence import AdditiveEvidence
from subterra.inference.belief import Belief
from subterra.search import DrillTerms
from subterra.search.action_terms import ActionTerms
from subterra.search.axes import Axes
from subterra.site.assemble import site_setting
from subterra.site.folder import Site
from subterra.site.ground_files import on_ground
from subterra.site.kinds import find_kind

__all__ = ["ActionGround", "evidence_not_made"]


@dataclass(frozen=True, eq=False)
class ActionGround:
    """What all candidates of one site share.

    Parameters
    ----------
    site : Site
        The site.
    belief : Belief
        The belief that actions are weighed by.
    axes : Axes
        The objects of its scenes, met targets told apart.
    drilling : DrillTerms
        What a drill can do, with its gates.
    terms : ActionTerms
        What may be done and costs.
    """

    site: Site
    belief: Belief
    axes: Axes
    drilling: DrillTerms
    terms: ActionTerms


def evidence_not_made(ground: ActionGround, kind: str, table: Any) -> AdditiveEvidence:
    """Build the evidence that a table of stand-ins would be.

    Raises
    ------
    InputError
        If the kind is no survey of objects.
    """
    found = find_kind(kind)
    standing = on_ground(ground.site, table)
    made = found.build({found.name: [standing]}, site_setting(ground.site), "not made yet")
    if not isinstance(made, AdditiveEvidence):
        problem = f"kind {kind} is no survey of objects and cannot be weighed"
        raise InputError(problem)
    return made
