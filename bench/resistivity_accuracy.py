"""Closed form of the resistivity response against finite elements, as part of the signal.

    python bench/resistivity_accuracy.py [--again]

Every row is a straight level drive under the gallery layout over even ground: rms difference of
ln(1 + F) from the mesh, divided by the rms of the mesh's effect, over the data of one kind of line.
The mesh runs in the environment of the worlds (``peers/mesh_effects.py``) and is kept in
``bench/results/mesh_effects.npz``. Wanted: at most 10 % for radius/depth ≤ 1/2, lines across and
oblique. Lines along the drive have no target and are shown because surveys have them. The last
column is the sharpest check of shape alone: the error left when the closed form may be scaled by
one factor per row, and that factor; the inference allows 20 % (κ) for it.
"""

from __future__ import annotations

import argparse

import numpy as np

from measure import RESULTS, describe, machine, run_peer, save, table, yes
from subterra.physics import log_response, make_quadripoles, resistivity_response
from subterra.scene import make_scene, slot

MESH = RESULTS / "mesh_effects.npz"
TARGET = 0.10
AIR_BELOW = 1e-3


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def closed_form(layout, axis, radius, ratio):
    drive = {
        "family": "working",
        "fill": "air" if ratio < AIR_BELOW else "water",
        "axis": axis,
        "radius": radius,
        "conductivity_ratio": ratio,
    }
    fraction = resistivity_response(slot(make_scene([drive]), 0), layout)
    return log_response(fraction)[0].astype(float)


def kinds_of_line(world, heading):
    """Data of each kind of line: rows run along x, columns along y; the straight drive along x."""
    ends = world["electrodes"][world["abmn"][:, [0, 3]]]
    row = np.abs(ends[:, 0, 1] - ends[:, 1, 1]) < 1e-6
    if heading == "oblique":
        return {"oblique, 45°": np.ones(len(row), bool)}
    return {"across": ~row, "along": row}


def compare(world):
    """One dict per heading, kind of line, slenderness and fill."""
    x, y = world["electrodes"].T
    layout = make_quadripoles(x, y, None, world["abmn"].astype(np.int32))
    rows = []
    for h, heading in enumerate(world["heading"]):
        for kind, some in kinds_of_line(world, str(heading)).items():
            for s, slender in enumerate(world["slender"]):
                for f, ratio in enumerate(world["fill"]):
                    mesh = world["effect"][h, s, f][some]
                    radius = float(slender * world["depth_m"])
                    ours = closed_form(layout, world["axis"][h, s], radius, float(ratio))[some]
                    scale = float(mesh @ ours / (ours @ ours))
                    rows.append(
                        {
                            "line": kind,
                            "radius_over_depth": float(slender),
                            "ratio": float(ratio),
                            "signal_rms": rms(mesh),
                            "signal_peak": float(np.abs(mesh).max()),
                            "error": rms(ours - mesh) / rms(mesh),
                            "scale": scale,
                            "shape_error": rms(scale * ours - mesh) / rms(mesh),
                        }
                    )
    return rows


def show(row):
    wanted = row["line"] != "along"
    return [
        row["line"],
        f"{row['radius_over_depth']:.2f}",
        "air" if row["ratio"] < AIR_BELOW else f"ρ = {row['ratio']:g}",
        f"{row['signal_rms']:.4f}",
        f"{row['signal_peak']:.3f}",
        f"{row['error']:.1%}",
        yes(row["error"] <= TARGET) if wanted else "no target",
        f"{row['shape_error']:.1%} at {row['scale']:.2f}",
    ]


def verdict(rows):
    """Where the closed form is weaker, in words."""
    wanted = [r for r in rows if r["line"] != "along"]
    weak = [r for r in wanted if r["error"] > TARGET]
    words = f"{len(wanted) - len(weak)} of {len(wanted)} rows with a target meet ≤ {TARGET:.0%}."
    if weak:
        worst = max(weak, key=lambda r: r["error"])
        fill = "air" if worst["ratio"] < AIR_BELOW else f"ρ = {worst['ratio']:g}"
        words += (
            f" The closed form is weaker in the {len(weak)} others; worst: {worst['line']}, {fill},"
            f" radius/depth {worst['radius_over_depth']:.2f}, {worst['error']:.0%} of the signal."
        )
    return words


def mesh_change(world):
    """Change of the fattest straight drive's effect on a finer mesh, in parts of its rms."""
    fine, coarse = world["effect_finer"], world["effect"][0, -1]
    return [rms(c - f) / rms(f) for c, f in zip(coarse, fine, strict=True)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="solve the meshes even if kept")
    options = parser.parse_args()
    if options.again or not MESH.exists():
        run_peer("mesh_effects.py", MESH)
    world = dict(np.load(MESH, allow_pickle=False))
    rows = compare(world)
    print(f"\n## Resistivity: closed form against the mesh, drive {world['depth_m']} m deep")
    print(describe(machine()))
    header = ["lines", "radius/depth", "fill", "signal, rms of ln ρa", "largest", "error, of rms"]
    print(table([*header, "≤ 10 %", "shape alone"], [show(r) for r in rows]))
    print(f"\n{verdict(rows)}")
    change = None
    if "effect_finer" in world:
        change = mesh_change(world)
        parts = ", ".join(
            f"{'air' if r < AIR_BELOW else f'ρ = {r:g}'} {c:.1%}"
            for r, c in zip(world["fill"], change, strict=True)
        )
        print(
            f"Mesh: {world['nodes'].min():,}-{world['nodes'].max():,} nodes. Sizes divided by"
            f" {world['finer']:g} ({world['nodes_finer']:,} nodes; the section refines less than"
            f" its outline): the effect of the fattest straight drive changes by {parts} of its"
            " rms."
        )
    save("resistivity_accuracy.json", {"rows": rows, "mesh_change": change})


if __name__ == "__main__":
    main()
