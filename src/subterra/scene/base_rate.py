"""What the record of other suspect sites says of the chance that this one holds a target."""

from __future__ import annotations

from subterra.errors import InputError

__all__ = ["updated_p_none"]


def updated_p_none(p_none: float, hits: float, sites: float, *, weight: float = 1.0) -> float:
    """Return P(no target) after the record of sites that were chosen as this one was.

    The user's P(no target) is read as the mean of a Beta distribution worth ``weight`` sites:

        P(no target) = (w·p0 + sites − hits)/(w + sites).

    With p0 = 0.5 and weight 1 that is Jeffreys' rule: after 0 of 25 sites P(target) is 1.9 %. The
    sites must have been suspected for what is *not* counted as evidence here: a record of sites
    that were all picked after a report already holds what a report is worth.

    Parameters
    ----------
    p_none : float
        Probability of no target before the record, between 0 and 1.
    hits : float
        Number of those sites that held a target.
    sites : float
        Number of sites that were looked into to the end.
    weight : float
        Sites that ``p_none`` is worth, positive.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    InputError
        If the numbers are no counts of hits among sites.
    """
    if not (0.0 <= hits <= sites < float("inf") and weight > 0.0 and 0.0 < p_none < 1.0):
        problem = (
            "a record is a number of hits, a number of sites at least as large, and a P(no "
            f"target) between 0 and 1; found {hits:g} of {sites:g}, {p_none:g}"
        )
        raise InputError(problem)
    return (weight * p_none + sites - hits) / (weight + sites)
