"""Load a script of ``bench/`` as a module, so that tests measure what the tables measure."""

import importlib.util
from pathlib import Path

BENCH = Path(__file__).parent.parent / "bench"


def load(name):
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
