"""The ``subterra`` command: one thin function per verb, errors in one place."""

from subterra.cli.entry import main

__all__ = ["main"]
