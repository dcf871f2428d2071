"""Worlds of a calibration as they are finished: one line of JSON each, in a file of their own.

The file's name holds the key of all that a world's verdict depends on, so that a run that was
interrupted, or one that wants more worlds, goes on with the lines that are there. A line that was
cut off is left out and overwritten.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from subterra.evidence import Evidence
from subterra.inference.calibration import NAMES, Calibration, Verdict
from subterra.inference.checkpoint import run_identity
from subterra.inference.reliability import CELL_EDGES, CellScore
from subterra.scene import Prior
from subterra.site.atomic import sha256_of

__all__ = ["WorldLog", "calibration_values", "values_verdict", "verdict_values", "world_key"]

_FORMAT: Final = 1


def world_key(
    prior: Prior, evidence: Sequence[Evidence], n_scenes: int, seed: int, wrong: str | None
) -> str:
    """Hash of all that the verdicts depend on: prior, layouts, scenes, seed, code, assumption."""
    identity = run_identity(prior, evidence, n_scenes, seed)
    content = {"format": _FORMAT, "names": NAMES, "cells": CELL_EDGES, "wrong": wrong, **identity}
    return sha256_of(json.dumps(content, sort_keys=True).encode())


def verdict_values(verdict: Verdict) -> dict[str, Any]:
    """Write a verdict as JSON values."""
    cells = verdict.cells
    return {
        "rank": {k: None if math.isnan(v) else v for k, v in verdict.rank.items()},
        "p_any": verdict.p_any,
        "any_target": verdict.any_target,
        "converged": verdict.converged,
        "ess": verdict.ess,
        "cells": None
        if cells is None
        else {
            "count": cells.count.tolist(),
            "predicted": cells.predicted.tolist(),
            "observed": cells.observed.tolist(),
            "square": cells.square,
        },
    }


def values_verdict(values: dict[str, Any]) -> Verdict:
    """Read a verdict from JSON values."""
    cells = values["cells"]
    return Verdict(
        {k: math.nan if v is None else float(v) for k, v in values["rank"].items()},
        float(values["p_any"]),
        bool(values["any_target"]),
        bool(values["converged"]),
        float(values["ess"]),
        None
        if cells is None
        else CellScore(
            np.array(cells["count"], np.int64),
            np.array(cells["predicted"], np.float64),
            np.array(cells["observed"], np.float64),
            float(cells["square"]),
        ),
    )


def calibration_values(calibration: Calibration) -> dict[str, Any]:
    """Write all verdicts of a calibration as JSON values."""
    cells = calibration.cells or (None,) * len(calibration.p_any)
    worlds = [
        Verdict(
            dict(zip(calibration.names, (float(v) for v in ranks), strict=True)),
            float(calibration.p_any[k]),
            bool(calibration.any_target[k]),
            bool(calibration.converged[k]),
            float(calibration.ess[k]),
            cells[k],
        )
        for k, ranks in enumerate(calibration.rank)
    ]
    return {
        "scenes": calibration.n_scenes,
        "seed": calibration.seed,
        "worlds": [verdict_values(verdict) for verdict in worlds],
    }


class WorldLog:
    """The finished worlds of one key.

    Parameters
    ----------
    folder : Path
        Where the file is; it exists.
    key : str
        From `world_key`.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.path = folder / f"worlds-{key[:16]}.jsonl"
        self._key = key
        self.verdicts: dict[int, Verdict] = {}
        self._whole = 0
        if self.path.exists():
            self._read()

    def _read(self) -> None:
        """Read line by line up to the first that is cut off or not ours."""
        for line in self.path.read_bytes().splitlines(keepends=True):
            try:
                values = json.loads(line)
                if not line.endswith(b"\n") or values["key"] != self._key:
                    break
                self.verdicts[int(values["world"])] = values_verdict(values)
            except (ValueError, KeyError, TypeError, AttributeError):
                break
            self._whole += len(line)

    def keep(self, index: int, verdict: Verdict) -> None:
        """Write a finished world to the disk, after the last whole line."""
        values = {"world": index, "key": self._key, **verdict_values(verdict)}
        line = json.dumps(values, allow_nan=False).encode() + b"\n"
        with self.path.open("r+b" if self.path.exists() else "xb") as file:
            file.truncate(self._whole)
            file.seek(self._whole)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._whole += len(line)
        self.verdicts[index] = verdict
