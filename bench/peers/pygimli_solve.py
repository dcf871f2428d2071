"""One forward solve of the gallery layout by pyGIMLi; prints one line of JSON.

    bench/.env-worlds/bin/python bench/peers/pygimli_solve.py [--step 1.25] [--threads 2]

A graded grid of hexahedra without refinement at the electrodes: coarse, as one would take it to
solve many hypotheses. No singularity removal: on this grid its primary potentials take far longer
than the solve, once per grid, and would only be fair to leave out. The clock starts when the grid
and the operator stand and holds one ``response``. Errors are of the same grid over even ground.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pygimli as pg
from pygimli.physics import ert

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "worlds"))

from resistivity_worlds import layout

HOST = 100.0
FINE_DEPTH = 7.5
PADDING, GROWTH = 7, 1.6


def axis(low, high, step):
    """Even nodes from low to high and a growing padding on both sides."""
    even = np.linspace(low, high, round((high - low) / step) + 1)
    out = np.cumsum(step * GROWTH ** np.arange(1, PADDING + 1))
    return np.concatenate([low - out[::-1], even, high + out])


def grid(electrodes, step):
    """Hexahedra with no flux through the surface and mixed conditions on the other sides."""
    low, high = electrodes.min(axis=0), electrodes.max(axis=0)
    down = np.linspace(0.0, FINE_DEPTH, round(FINE_DEPTH / step) + 1)
    out = FINE_DEPTH + np.cumsum(step * GROWTH ** np.arange(1, PADDING + 1))
    z = -np.concatenate([down, out])[::-1]
    mesh = pg.createGrid(
        x=axis(low[0] - step, high[0] + step, step),
        y=axis(low[1] - step, high[1] + step, step),
        z=z,
    )
    for face in mesh.boundaries():
        if face.outside():
            top = abs(face.center()[2]) < 1e-6
            surface, side = pg.core.MARKER_BOUND_HOMOGEN_NEUMANN, pg.core.MARKER_BOUND_MIXED
            face.setMarker(surface if top else side)
    return mesh


def survey(electrodes, abmn):
    data = pg.DataContainerERT()
    for x, y in electrodes:
        data.createSensor([x, y, 0.0])
    data.resize(len(abmn))
    for i, name in enumerate("abmn"):
        data.set(name, abmn[:, i].astype(float))
    a, b, m, n = abmn.T
    with np.errstate(divide="ignore"):
        g = 1.0 / np.linalg.norm(electrodes[:, None] - electrodes[None], axis=2)
    data.set("k", 2.0 * np.pi / (g[a, m] - g[a, n] - g[b, m] + g[b, n]))
    data.set("valid", np.ones(len(abmn)))
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=float, default=1.25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    pg.setThreadCount(options.threads)
    electrodes, abmn = layout()
    start = time.perf_counter()
    mesh = grid(electrodes, options.step)
    operator = ert.ERTModelling(sr=False)
    operator.setData(survey(electrodes, abmn))
    operator.setMesh(mesh, ignoreRegionManager=True)
    made = time.perf_counter() - start

    even = np.full(mesh.cellCount(), HOST)
    error = np.array(operator.response(even)) / HOST - 1.0
    centre = np.array([[c[0], c[1], c[2]] for c in mesh.cellCenters()])
    drive = np.hypot(centre[:, 1] - 16.25, centre[:, 2] + 2.5) < 1.25
    times, used = [], []
    for _ in range(options.repeats):
        start, begun = time.perf_counter(), time.process_time()
        operator.response(np.where(drive, 1e4 * HOST, even))
        times.append(time.perf_counter() - start)
        used.append(time.process_time() - begun)
    print(
        json.dumps(
            {
                "peer": f"pyGIMLi (pgcore {pg.core.versionStr()})",
                "seconds": min(times),
                "processor_seconds": min(used),
                "setup_seconds": made,
                "threads": options.threads,
                "nodes": mesh.nodeCount(),
                "cells": mesh.cellCount(),
                "electrodes": len(electrodes),
                "data": len(abmn),
                "homogeneous_error_rms": float(np.sqrt(np.mean(error**2))),
                "homogeneous_error_max": float(np.abs(error).max()),
            }
        )
    )


if __name__ == "__main__":
    main()
