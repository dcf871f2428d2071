"""The table of actions that ``plan --actions`` shows: holes, panels and lines in one currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from subterra.cli.output import Output

if TYPE_CHECKING:
    from subterra.site.actions import SiteActions

__all__ = ["say_actions"]

_SHOWN = 10


def say_actions(out: Output, found: SiteActions, *, reasons: bool = True) -> list[dict[str, Any]]:
    """Show what was weighed, best first, and why; returns the rows for ``--json``."""
    from subterra.search.action_words import action_document, action_rows

    rows = action_rows(found.weighed)
    if not rows:
        out.say("No action could find a target: nothing is weighed.")
    else:
        out.say("Actions, by expected loss avoided per cost, each with the holes that follow it:")
        columns = ("action", "where", "P(find)", "avoids", "cost", "per cost", "holes after")
        out.table(
            ("", *columns),
            [
                (
                    str(k + 1),
                    row.action,
                    row.place,
                    f"{row.p_find:.2g}",
                    f"{row.loss_avoided:.3g}",
                    f"{row.cost:.3g}",
                    f"{row.per_cost:.3g}" + (f" ±{row.per_cost_sd:.2g}" if row.per_cost_sd else ""),
                    f"{row.holes_follow:.1f}",
                )
                for k, row in enumerate(rows[:_SHOWN])
            ],
        )
        for k, row in enumerate(rows[:_SHOWN] if reasons else ()):
            out.say(f"{k + 1}. {row.action}: {row.reason}.")
    for gate in found.gates:
        out.say(f"Kept out: {gate}.")
    return action_document(rows)
