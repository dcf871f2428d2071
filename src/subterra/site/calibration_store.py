"""The calibrations of a site: saving, the latest one, and what may be said because of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from subterra.counting import counted
from subterra.errors import SiteError
from subterra.inference.assessment import Assessment, assess
from subterra.inference.calibration import Calibration, gather
from subterra.simulate import WRONG
from subterra.site.atomic import read_verified, sha256_of
from subterra.site.folder import Site, commit, exclusively
from subterra.site.world_log import calibration_values, values_verdict

__all__ = [
    "AS_ASSUMED",
    "FOLDER",
    "NOT_YET",
    "CalibrationRecord",
    "assessed",
    "calibration_document",
    "calibration_words",
    "digits",
    "latest_calibration",
    "read_calibration",
    "save_calibration",
]

FOLDER: Final = "calibration"
AS_ASSUMED: Final = "none"
"""Worlds in which nothing is wrong: all is as the site assumes."""
NOT_YET: Final = "not yet calibrated"
_FORMAT: Final = 1
_FINE: Final = 100
"""Worlds from which a calibration supports probabilities beyond 0.01 and 0.99."""


@dataclass(frozen=True)
class CalibrationRecord:
    """What the journal says of the latest calibration.

    Parameters
    ----------
    file, sha256 : str
        Its file, relative to the site folder, and the hash of it.
    time : str
        When it was made, UTC.
    worlds : int
        Worlds that were judged.
    passed : bool
        Whether nothing spoke against the beliefs.
    verdict : str
        The verdict in a phrase.
    stale : bool
        Whether the evidence or the settings have changed since.
    """

    file: str
    sha256: str
    time: str
    worlds: int
    passed: bool
    verdict: str
    stale: bool

    @property
    def calibrated(self) -> bool:
        """Whether the site as it stands has passed."""
        return self.passed and not self.stale


def calibration_words(record: CalibrationRecord | None) -> str:
    """Say in a phrase whether the site is calibrated: what stands beside every probability."""
    if record is None:
        return NOT_YET
    if record.stale:
        return (
            f"{NOT_YET}: the site has changed since it was calibrated on "
            f"{counted(record.worlds, 'world')}"
        )
    return record.verdict


def digits(record: CalibrationRecord | None, n_scenes: int) -> tuple[int, bool]:
    """Return what bounds a printed probability.

    A calibration supports nothing beyond one in its worlds, and nothing beyond 0.01–0.99 unless it
    has passed on a hundred of them.

    Returns
    -------
    n : int
        Number of scenes, or of worlds if there are fewer, for ``supported`` and
        ``probability_words``.
    calibrated : bool
        Whether anything beyond 0.01–0.99 may be printed.
    """
    if record is None or not record.calibrated or record.worlds < _FINE:
        return n_scenes, False
    return min(n_scenes, record.worlds), True


def latest_calibration(site: Site) -> CalibrationRecord | None:
    """Return what the journal says of the latest calibration; None if there is none."""
    for entry in reversed(site.entries):
        if entry.verb == "calibrate":
            made = entry.payload
            return CalibrationRecord(
                file=made["calibration"],
                sha256=made["sha256"],
                time=entry.time,
                worlds=made["worlds"],
                passed=made["passed"],
                verdict=made["verdict"],
                stale=(made["evidence"], made["settings"]) != site.fingerprint,
            )
    return None


def save_calibration(site: Site, found: Mapping[str, Calibration], assessment: Assessment) -> Site:
    """Make a calibration the latest one.

    Parameters
    ----------
    site : Site
        The site as it was when the worlds were drawn: if it has changed since, the calibration is
        stale from the start.
    found : mapping of str to Calibration
        By what was wrong in the worlds; ``AS_ASSUMED`` among them.
    assessment : Assessment
        Of the worlds in which nothing was wrong.

    Returns
    -------
    Site
        The changed site.
    """
    evidence, settings = site.fingerprint
    values = {name: calibration_values(calibration) for name, calibration in found.items()}
    content = json.dumps({"format": _FORMAT, "wrong": values}, allow_nan=False).encode()
    sha256 = sha256_of(content)
    name = f"{FOLDER}/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{sha256[:12]}.json"
    payload = {
        "calibration": name,
        "sha256": sha256,
        "evidence": evidence,
        "settings": settings,
        "worlds": assessment.worlds,
        "scenes": assessment.scenes,
        "seed": assessment.seed,
        "wrong": [key for key in found if key != AS_ASSUMED],
        "passed": assessment.calibrated,
        "verdict": assessment.words(),
    }
    with exclusively(site) as current:
        return commit(current, [("calibrate", payload)], {name: content})


def read_calibration(site: Site, record: CalibrationRecord) -> dict[str, Calibration]:
    """Read the ranks and predictions of a calibration.

    Returns
    -------
    dict of str to Calibration
        By what was wrong in the worlds; ``AS_ASSUMED`` first.

    Raises
    ------
    SiteError
        If its file is missing, was changed, or is one of another version of the code.
    """
    path = site.path / record.file
    again = f"make it anew with: subterra calibrate {site.path}"
    values = json.loads(read_verified(path, record.sha256, "the calibration", again))
    if values.get("format") != _FORMAT:
        problem = f"{path}: the calibration is one of another version; {again}"
        raise SiteError(problem)
    return {
        name: gather([values_verdict(w) for w in v["worlds"]], v["scenes"], v["seed"])
        for name, v in values["wrong"].items()
    }


def calibration_document(
    record: CalibrationRecord, assessed: Mapping[str, Assessment]
) -> dict[str, Any]:
    """Return a calibration as JSON values: the assessment, and those of wrong assumptions."""
    return {
        **assessed[AS_ASSUMED].document(),
        "words": calibration_words(record),
        "stale": record.stale,
        "file": record.file,
        "time": record.time,
        "wrong": {
            name: {**found.document(), "assumption": WRONG[name]}
            for name, found in assessed.items()
            if name != AS_ASSUMED
        },
    }


def assessed(found: Mapping[str, Calibration]) -> dict[str, Assessment]:
    """Assess every set of worlds of a calibration."""
    return {name: assess(calibration) for name, calibration in found.items()}
