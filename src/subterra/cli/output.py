"""What a verb says: words for people, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["JsonFlag", "Output", "SiteArgument"]

JsonFlag = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to stdout and nothing else.")
]
SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="Folder of the site.")]

_WIDTH = 120


class Output:
    """Where words and results go.

    Parameters
    ----------
    json : bool
        Whether stdout is for one JSON document alone; all words then go to stderr.
    """

    def __init__(self, json: bool) -> None:
        self.json = json

    def say(self, words: str) -> None:
        """Write a line for people."""
        stream = sys.stderr if self.json else sys.stdout
        stream.write(f"{words}\n")

    def warn(self, words: str) -> None:
        """Write a line that must not be missed: to stderr, always."""
        sys.stderr.write(f"note: {words}\n")

    def warn_of_age(self, site: object) -> None:
        """Say that the belief of a site is older than its evidence."""
        self.warn(f"the belief is older than the evidence; run: subterra infer {site}")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table for people."""
        from rich.table import Table

        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*row)
        self._console().print(table)

    def document(self, content: Any) -> None:
        """Write the JSON document, if one is wanted."""
        if self.json:
            sys.stdout.write(json.dumps(content, allow_nan=False) + "\n")

    @contextmanager
    def progress(self) -> Generator[Callable[[float, str], None]]:
        """Show a bar on stderr while something runs; gives the function that moves it."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bar:
            task = bar.add_task("starting", total=1.0)

            def move(fraction: float, words: str) -> None:
                bar.update(task, completed=fraction, description=words)

            yield move

    def _console(self) -> Console:
        from rich.console import Console

        stream = sys.stderr if self.json else sys.stdout
        width = None if stream.isatty() else _WIDTH
        return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
