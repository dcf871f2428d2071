"""Pictures of the gallery, drawn by its scripts when the site is built; none of them is committed.

Each script of ``gallery/`` leaves a Matplotlib figure under the name ``figure``. A process of its
own runs it, with compiled kernels. A picture that is newer than its script and than all of the
package is kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError
from sphinx.util import logging

_LOGGER = logging.getLogger(__name__)

_DRAW = """
import runpy, sys
import matplotlib
matplotlib.use("Agg")
runpy.run_path(sys.argv[1])["figure"].savefig(sys.argv[2], dpi=150)
"""


def _newest(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.rglob("*.py"))


def _draw_all(app: Any) -> None:
    import subterra

    changed = _newest(Path(str(subterra.__file__)).parent)
    folder = Path(app.srcdir) / "gallery"
    to = folder / "pictures"
    to.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    for script in sorted(folder.glob("*.py")):
        picture = to / f"{script.stem}.png"
        if picture.is_file() and picture.stat().st_mtime > max(changed, script.stat().st_mtime):
            continue
        _LOGGER.info("drawing %s", script.name)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _DRAW, str(script), str(picture)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            problem = f"{script.name} drew no picture:\n{done.stderr}"
            raise ExtensionError(problem)


def setup(app: Any) -> dict[str, Any]:
    """Draw before anything is read."""
    app.connect("builder-inited", _draw_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
