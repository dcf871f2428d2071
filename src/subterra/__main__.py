"""``python -m subterra``: the command line, where the environment's ``bin`` is not on the path."""

from __future__ import annotations

import sys

from subterra.cli import main

if __name__ == "__main__":
    sys.exit(main())
