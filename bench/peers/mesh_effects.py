"""Effect of a drive on ln ρa by finite elements, for the accuracy of the closed form.

    bench/.env-worlds/bin/python bench/peers/mesh_effects.py OUT.npz [--slender 0.25 0.3333 0.5]

The gallery layout over even ground, a straight level drive 90 m long and 2.5 m deep under the
middle of the array, heading along the rows (so that columns run across it and rows along it) or at
45° to both. One mesh per heading and radius serves all fills; what is solved is the secondary
potential, so even ground without the drive is exact. The fattest straight drive is solved again on
a finer mesh; its section refines less than its outline, so the change is an indication of the
mesh's error and not a bound.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "worlds"))

from dc_mesh import MeshSize, Solver, apparent_resistivity, build_mesh
from drives import Drive
from resistivity_worlds import AIR, layout

DEPTH = 2.5
CENTRE = np.array([10.0, 16.9])
HALF_LENGTH = 45.0
HEADINGS = {"straight": 0.0, "oblique": 45.0}
"""Degrees from the rows (x axis)."""
FILLS = (AIR, 5.0, 20.0)
SIZE = MeshSize(along=0.5, across=0.5, segments=28, growth=1.4)
FINER = 1.3


def drive_of(heading_deg, radius):
    u = np.array([np.cos(np.deg2rad(heading_deg)), np.sin(np.deg2rad(heading_deg))])
    ends = [np.array([*(CENTRE + s * HALF_LENGTH * u), -DEPTH]) for s in (-1.0, 1.0)]
    return Drive(ends[0], ends[1], radius)


def effects(drive, electrodes, abmn, size):
    """ln of ρa over that of even ground of 1 Ω·m, one row per fill; nodes; seconds per solve."""
    solver = Solver(build_mesh(drive, electrodes, size), electrodes)
    rows, seconds = [], []
    for ratio in FILLS:
        start = time.perf_counter()
        sigma = np.where(solver.mesh.in_drive, ratio, 1.0)
        rows.append(np.log(apparent_resistivity(solver.potentials(sigma), electrodes, abmn)))
        seconds.append(time.perf_counter() - start)
    return np.array(rows), len(solver.mesh.nodes), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--slender", type=float, nargs="*", default=[1 / 4, 1 / 3, 1 / 2])
    parser.add_argument("--headings", nargs="*", default=list(HEADINGS))
    parser.add_argument("--no-finer", action="store_true")
    options = parser.parse_args()
    electrodes, abmn = layout()
    found, ends, nodes, seconds = [], [], [], []
    for name in options.headings:
        for slender in options.slender:
            drive = drive_of(HEADINGS[name], slender * DEPTH)
            rows, count, taken = effects(drive, electrodes, abmn, SIZE)
            found.append(rows)
            ends.append([drive.start, drive.end])
            nodes.append(count)
            seconds += taken
            print(f"{name} a/z {slender:.2f}: {count} nodes, {max(taken):.1f} s", file=sys.stderr)
    shape = (len(options.headings), len(options.slender))
    content = {
        "effect": np.array(found).reshape(*shape, len(FILLS), len(abmn)),
        "axis": np.array(ends).reshape(*shape, 2, 3),
        "heading": np.array(options.headings),
        "slender": np.array(options.slender),
        "fill": np.array(FILLS),
        "depth_m": np.array(DEPTH),
        "electrodes": electrodes,
        "abmn": abmn.astype(np.int16),
        "nodes": np.array(nodes),
    }
    if not options.no_finer:
        drive = drive_of(HEADINGS["straight"], options.slender[-1] * DEPTH)
        finer, count, taken = effects(drive, electrodes, abmn, SIZE.finer(FINER))
        content |= {"effect_finer": finer, "finer": np.array(FINER)}
        content |= {"nodes_finer": np.array(count)}
        seconds += taken
        print(f"finer: {count} nodes, {max(taken):.1f} s", file=sys.stderr)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, **content)
    print(json.dumps({"seconds_per_solve_max": max(seconds), "nodes": max(nodes)}))


if __name__ == "__main__":
    main()
