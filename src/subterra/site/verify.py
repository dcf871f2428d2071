"""Whether everything that the journal names stands on disk as it was written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from subterra.errors import SubterraError
from subterra.site.belief_store import current_belief, latest_record
from subterra.site.calibration_store import latest_calibration, read_calibration
from subterra.site.plan_store import current_plan

if TYPE_CHECKING:
    from subterra.site.folder import Site

__all__ = ["problems_of"]


def problems_of(site: Site) -> list[str]:
    """List what does not verify: evidence in force, current belief and plan, calibration.

    Parameters
    ----------
    site : Site
        The site; that its journal verifies is known from its opening.

    Returns
    -------
    list of str
        One sentence each; empty where all is well.
    """
    looks: list[Callable[[], object]] = [partial(site.content, item) for item in site.items]
    calibration = latest_calibration(site)
    if calibration is not None:
        looks.append(partial(read_calibration, site, calibration))
    if latest_record(site) is not None:
        looks.append(partial(current_belief, site))
    looks.append(partial(current_plan, site))
    problems: list[str] = []
    for look in looks:
        try:
            look()
        except SubterraError as error:
            problems.append(str(error))
    return problems
