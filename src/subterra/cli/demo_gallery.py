"""The demo on real data: resistivity over the drainage adit at Rothschönberg, Saxony."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.cli.demo_steps import Steps
    from subterra.site import SiteConfig

__all__ = ["find_gallery", "gallery_config", "work_gallery"]

_COMMIT: Final = "3bab9c6b96a606e2ca12cbdafc8c7da4f1b73c67"
_URL: Final = (
    f"https://raw.githubusercontent.com/gimli-org/example-data/{_COMMIT}/ert/gallery3d.dat"
)
_SHA256: Final = "9f0b06b90f525d273753625ba110121aede59cc85e095ab24524f86648090d70"
_LOCAL: Final = Path("ert_gallery_freiberg", "gallery3d.dat")
_DATA_FOLDER: Final = "SUBTERRA_DATA"


def work_gallery(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the gallery to a drill plan and a page; nobody has drilled there.

    Parameters
    ----------
    steps : Steps
        What has been done so far, and where.
    seed : int
        Seed of the inference.

    Returns
    -------
    dict
        Facts for ``--json``.
    """
    path = find_gallery()
    steps.say("Gallery: 753 resistivity data over a drainage adit, measured at Rothschönberg.")
    steps.make(gallery_config())
    steps.add([path])
    steps.infer(seed)
    steps.plan()
    return steps.finish()


def gallery_config() -> SiteConfig:
    """Return the site file of the gallery, with what is and is not known of the adit."""
    from subterra.site import build_config

    return build_config(
        {
            "name": "Rothschönberg gallery",
            "bounds": [0.0, 0.0, 20.0, 32.5],
            "depth_m": 12.0,
            "targets": {"look_for": ["working"]},
            "notes": [
                "Measured data: gallery3d.dat of gimli-org/example-data, 14 by 9 electrodes at "
                "2.5 m, 753 dipole-dipole data.",
                "Documented: one known drainage adit crosses the area, 2.5 m wide and 2 to 3 m "
                "high, partly filled with flowing water, its level about 3 m under the portal "
                "ground.",
                "The adit's place in these coordinates is not documented. It is known only from "
                "other people's inversion of the same data, drawn for comparison and not used.",
            ],
            "known": [
                {
                    "label": "derived, not surveyed: resistive body in other people's inversion "
                    "of the same data",
                    "axis": [[8.0, 8.5, -3.65], [20.0, 10.5, -3.65]],
                }
            ],
        }
    )


def find_gallery() -> Path:
    """Find the survey's file in ``$SUBTERRA_DATA``, or download it once and keep it.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If neither can be had, or the file is not the one that is meant.
    """
    folder = os.environ.get(_DATA_FOLDER)
    if folder and (Path(folder) / _LOCAL).is_file():
        path = Path(folder) / _LOCAL
        if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256:
            problem = f"this is not the survey of the demo: its SHA-256 is not {_SHA256}"
            raise InputError(problem, path=path)
        return path
    return _downloaded()


def _downloaded() -> Path:
    import pooch

    cache = pooch.os_cache("subterra")
    try:
        found = pooch.retrieve(_URL, f"sha256:{_SHA256}", fname="gallery3d.dat", path=cache)
    except (OSError, ValueError) as error:
        problem = (
            f"the gallery's data can be had neither from ${_DATA_FOLDER}/{_LOCAL.as_posix()} nor "
            f"from {_URL} ({type(error).__name__}); download it, put it there and set "
            f"{_DATA_FOLDER}"
        )
        raise InputError(problem) from error
    return Path(found)
