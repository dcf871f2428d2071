"""What a verb says: words for people, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["JsonFlag", "Output", "SiteArgument"]

JsonFlag = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to stdout and nothing else.")
]
SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="Folder of the site.")]

_WIDTH: Final = 120
_LINE_EVERY_S: Final = 10.0


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
        """Show on stderr how far something is; gives the function that moves it.

        A terminal has a bar. Anything else has a plain line now and then, so that a log file or a
        pipe tells as well that work goes on.
        """
        from rich.console import Console

        console = Console(stderr=True)
        if not console.is_terminal:
            yield _plain_lines(sys.stderr, time.monotonic)
            return
        with _bar(console) as move:
            yield move

    def _console(self) -> Console:
        from rich.console import Console

        stream = sys.stderr if self.json else sys.stdout
        width = None if stream.isatty() else _WIDTH
        return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


@contextmanager
def _bar(console: Console) -> Generator[Callable[[float, str], None]]:
    """Show a bar that goes away when the work is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("starting", total=1.0)

        def move(fraction: float, words: str) -> None:
            bar.update(task, completed=fraction, description=words)

        yield move


def _plain_lines(stream: TextIO, clock: Callable[[], float]) -> Callable[[float, str], None]:
    """Write a line of percent and words at most every ten seconds; none for short work."""
    last = clock()

    def move(fraction: float, words: str) -> None:
        nonlocal last
        now = clock()
        if now - last >= _LINE_EVERY_S:
            last = now
            stream.write(f"{100.0 * fraction:.0f} % {words}\n")
            stream.flush()

    return move
