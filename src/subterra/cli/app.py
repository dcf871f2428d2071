"""All verbs in one application. Nothing heavy is imported before a verb runs."""

from __future__ import annotations

from typing import Annotated

import typer

from subterra.cli import (
    calibrate,
    centreline,
    demo,
    drilling,
    estimate,
    evidence,
    export,
    forecast,
    grid,
    inference,
    ledger,
    pages,
    standoff,
    stop,
    tie,
)
from subterra.cli.verb import Verb

__all__ = ["build_app"]


def build_app() -> typer.Typer:
    """Put the verbs together, in the order of the work."""
    app = typer.Typer(
        name="subterra",
        help=(
            "Find tunnels and voids below a site: a probability from all the evidence, and where "
            "to drill next."
        ),
        epilog=(
            "A site from nothing: new, add, infer, plan, log, report. SITE is a folder. subterra "
            "VERB --help says what a verb takes; subterra demo shows all of it."
        ),
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(_about)
    for name, verb in (
        ("demo", demo.demo),
        ("new", evidence.new),
        ("scan", evidence.scan),
        ("tie", tie.tie),
        ("centreline", centreline.centreline),
        ("add", evidence.add),
        ("retract", evidence.retract),
        ("status", evidence.status),
        ("estimate", estimate.estimate),
        ("infer", inference.infer),
        ("query", inference.query),
        ("plan", drilling.plan),
        ("log", drilling.log),
        ("standoff", standoff.standoff),
        ("ledger", ledger.ledger),
        ("forecast", forecast.forecast),
        ("grid", grid.grid),
        ("stop", stop.stop),
        ("calibrate", calibrate.calibrate),
        ("report", pages.report),
        ("export", export.export),
    ):
        app.command(name, cls=Verb)(verb)
    return app


def _about(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say the version and end.")] = False,
) -> None:
    if version:
        import subterra

        typer.echo(f"subterra {subterra.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
