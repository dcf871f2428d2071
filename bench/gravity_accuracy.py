"""Gravity and its gradient against prisms: how far from exact each body is, and where.

    python bench/gravity_accuracy.py [--voxel 0.2]

Bodies of radius 1 m (or of that area or volume) are cut into cubes whose volume is made exact and
pulled by choclo's closed form; the cubes of the edge given are compared with cubes of twice that
edge, so that one sees what the cutting itself leaves. Stations lie on a grid of 15 x 15 over the
body, at 0.3 m; the error is the rms of the difference over the rms of the signal. The map is of a
round tunnel's end, by height over the axis and place along it, in parts of the peak over the middle
of the tunnel, for the line mass alone and with what is added near the end.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np

import prism_bodies as bodies
from measure import save, table
from subterra.physics import (
    G_EOTVOS,
    G_UGAL,
    cylinder_field,
    gradient_response,
    gravity_response,
    line_mass_gz,
    line_mass_gzz,
)
from subterra.scene import make_scene, slot

CONTRAST = -2000.0
SORTS = {"g": (gravity_response, False), "G_zz": (gradient_response, True)}


def curved(depth):
    turn = np.linspace(-0.5, 0.5, 5)
    return np.column_stack([20.0 * np.sin(turn), 20.0 * (1 - np.cos(turn)) - 2.0, 0 * turn - depth])


def line(start, end):
    return np.array([start, end], float)


def round_line(axis):
    return {"axis": axis}, bodies.tube(axis, 1.0), np.pi * lengths(axis)


def lengths(axis):
    return sum(np.linalg.norm(b - a) for a, b in pairwise(axis))


def box(axis, aspect):
    width = np.sqrt(np.pi / aspect)
    inside = bodies.block(*axis, width, aspect * width)
    item = {"axis": axis, "rectangular": True, "aspect": aspect}
    return item, inside, np.pi * lengths(axis)


def chamber(depth, aspect):
    across = aspect ** (-1.0 / 3.0)
    axes = np.array([across, across, across * aspect])
    centre = np.array([0.4, -0.3, -depth])
    item = {"axis": centre[None, :], "family": "chamber", "aspect": aspect}
    return item, lambda p: (((p - centre) / axes) ** 2).sum(axis=1) <= 1.0, 4.0 / 3.0 * np.pi


def cases(depth):
    level = line([-6, 1, -depth], [7, -2, -depth])
    dip = line([-5, -3, -depth], [5, 3, -depth - 5])
    return {
        "round, oblique, 13 m": round_line(level),
        "round, dipping 23°": round_line(dip),
        "round, curved, 20 m radius": round_line(curved(depth)),
        "shaft, mouth at the depth": round_line(line([0.5, 0.2, -depth], [0.5, 0.2, -depth - 12])),
        "square": box(level, 1.0),
        "rectangle, 2 high to 1": box(level, 2.0),
        "rectangle, 1 high to 2, dipping": box(dip, 0.5),
        "sphere": chamber(depth, 1.0),
        "flat chamber, 1 to 3": chamber(depth, 1.0 / 3.0),
        "tall chamber, 2 to 1": chamber(depth, 2.0),
    }


def respond(item, stations, response):
    made = {"family": "driven", "fill": "air", "radius": 1.0, "density_contrast": CONTRAST}
    return response(slot(make_scene([{**made, **item}]), 0), *stations.T)[0].astype(float)


def grid(span=9.0, n=15):
    x, y = (v.ravel() for v in np.meshgrid(*2 * (np.linspace(-span, span, n),)))
    return np.column_stack([x, y, np.full(x.size, 0.3)])


def rms(found, exact):
    return float(np.sqrt(np.mean((found - exact) ** 2) / np.mean(exact**2)))


def errors(depth, voxel):
    """Per case: error of the pull and of the gradient, and what halving the cubes changes."""
    stations, out = grid(), {}
    for name, (item, inside, volume) in cases(depth).items():
        axis = np.atleast_2d(item["axis"])
        low, high = axis.min(axis=0) - 2.5, axis.max(axis=0) + 2.5
        cut = {v: bodies.cut(inside, low, high, v, volume) for v in (voxel, 2 * voxel)}
        row = []
        for response, gradient in SORTS.values():
            exact, coarse = (
                bodies.pull(stations, *cut[v], v, CONTRAST, gradient=gradient) for v in cut
            )
            row += [rms(respond(item, stations, response), exact), rms(coarse, exact)]
        out[name] = row
    return out


def end_map(gradient):
    """Errors by height and place along, in parts of the peak: line alone, and as it is used."""
    length, out = 40.0, []
    along, heights = (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0), (1.2, 1.5, 2.0, 3.0, 4.0, 6.0)
    item = {"axis": np.array([[0.0, 0.0, 0.0], [length, 0.0, 0.0]])}
    response = gradient_response if gradient else gravity_response
    constant, kernel = (G_EOTVOS, line_mass_gzz) if gradient else (G_UGAL, line_mass_gz)
    for h in heights:
        stations = np.array([[x, 0.0, h] for x in (*along, 0.5 * length)])
        exact = np.array(
            [cylinder_field(x, h, length, 1.0, 0.0, 1.0)[int(gradient)] for x, _, _ in stations]
        )
        exact *= CONTRAST * constant
        alone = np.array(
            [
                kernel(np.hypot(x, h), -h, np.hypot(x - length, h), -h, length)
                for x, _, _ in stations
            ]
        )
        alone *= CONTRAST * constant * np.pi
        found = respond(item, stations, response)
        peak = np.abs(exact[-1])
        out.append([(alone - exact)[:-1] / peak, (found - exact)[:-1] / peak])
    return along, heights, np.array(out)


def map_rows(heights, values):
    return [
        [f"{h:g} a", *(f"{a:+.1%} / {b:+.1%}" for a, b in zip(*pair, strict=True))]
        for h, pair in zip(heights, values, strict=True)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voxel", type=float, default=0.2)
    parser.add_argument("--depths", type=float, nargs="*", default=[1.5, 2.0, 3.0, 5.0])
    options = parser.parse_args()
    found = {depth: errors(depth, options.voxel) for depth in options.depths}
    header = ["body", "g", "cubes", "G_zz", "cubes"]
    for depth, rows in found.items():
        print(f"\n### Axis, centre or mouth {depth:g} radii under the ground, sensor 0.3 higher\n")
        print(table(header, [[name, *(f"{v:.2%}" for v in row)] for name, row in rows.items()]))
    maps = {}
    for name, (_, gradient) in SORTS.items():
        along, heights, values = end_map(gradient)
        maps[name] = values.tolist()
        print(f"\n### {name} at the end of a round tunnel: line mass alone / as used\n")
        print(table(["height", *(f"{x:+g} a" for x in along)], map_rows(heights, values)))
    save("gravity_accuracy.json", {"voxel_m": options.voxel, "rms": found, "end": maps})


if __name__ == "__main__":
    main()
