"""How the help of one verb reads: arguments by name, without types of the language."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

__all__ = ["Verb"]


class Verb(TyperCommand):
    """A command whose help names an argument as the documentation does, and is never cut off."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give the first sentence of the help; the list of verbs wraps it."""
        del limit
        first, *_ = (self.help or "").split("\n\n")
        sentence, *_ = " ".join(first.split()).split(". ")
        return f"{sentence.rstrip('.')}."

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Give the usage line after the verb."""
        return ["[OPTIONS]", *(_named(argument) for argument in _arguments(self, ctx))]

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Write what may be given: arguments, then options."""
        arguments = _arguments(self, ctx)
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([(_named(a), _explained(a)) for a in arguments])
        options = [p for p in self.get_params(ctx) if p.param_type_name == "option"]
        records = [record for o in options if (record := o.get_help_record(ctx)) is not None]
        with formatter.section("Options"):
            formatter.write_dl(records)


def _arguments(verb: TyperCommand, ctx: Any) -> list[Any]:
    return [p for p in verb.get_params(ctx) if p.param_type_name == "argument"]


def _named(argument: Any) -> str:
    name = f"{argument.metavar}..." if argument.nargs != 1 else str(argument.metavar)
    return name if argument.required else f"[{name}]"


def _explained(argument: Any) -> str:
    default = argument.default
    known = default is not None and not callable(default) and argument.nargs == 1
    return f"{argument.help}  [default: {default}]" if known else str(argument.help)
