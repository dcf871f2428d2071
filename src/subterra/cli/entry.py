"""Entry of the command line: arguments in, exit code out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

__all__ = ["main"]

DONE, BAD_INPUT, INTERNAL, INTERRUPTED = 0, 1, 2, 130

_NEGATIVE = re.compile(r"-(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_TRACEBACK = "SUBTERRA_TRACEBACK"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        0 done, 1 bad input (usage errors too), 2 internal, 130 interrupted.
    """
    arguments = [_protected(a) for a in (sys.argv[1:] if argv is None else argv)]
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        _complain("interrupted; the site is as it was")
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from subterra.cli.app import build_app
    from subterra.errors import SubterraError

    try:
        code = build_app()(args=arguments, prog_name="subterra", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except typer.Abort:
        return INTERRUPTED
    except SubterraError as error:
        _complain(str(error))
        return BAD_INPUT
    except MemoryError as error:
        # NumPy says how much it wanted; other errors of memory say nothing.
        wanted = f" ({error})" if str(error) else ""
        _complain(f"not enough memory{wanted}; ask for fewer scenes or larger cells")
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - the one place where all that is left ends
        return _ended_by(error)


def _protected(argument: str) -> str:
    """Keep a negative number from being taken for an option.

    A number may have white space before it; an option may not.
    """
    return f" {argument}" if _NEGATIVE.fullmatch(argument) else argument


def _ended_by(error: Exception) -> int:
    """Tell a usage error, which Typer raises, from an error of ours."""
    explain = getattr(error, "format_message", None)
    if explain is not None:
        context = getattr(error, "ctx", None)
        usage = f"; see: {context.command_path} --help" if context is not None else ""
        _complain(f"{explain().rstrip('.')}{usage}")
        return BAD_INPUT
    if os.environ.get(_TRACEBACK):
        raise error
    _complain(
        f"internal error: {type(error).__name__}: {' '.join(str(error).split())}; set "
        f"{_TRACEBACK}=1 and run it again to see where, and please report it"
    )
    return INTERNAL


def _complain(problem: str) -> None:
    sys.stderr.write(f"subterra: {problem}\n")
