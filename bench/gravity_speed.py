"""Gravity of a tunnel: our segments against choclo's prisms, speed and error in one run.

    python bench/gravity_speed.py [--threads 1 2]

The same straight, axis-parallel square tunnel: one prism, or one line mass with a² = A/π. Both
loops are compiled by Numba, run over the same stations on the same number of threads of the same
pool, and take turns. Ours is float32 and goes through the public ``gravity_response``; choclo is
float64, as it is used. Choclo fed with float32 is a row of its own, so that one sees how little of
the ratio is precision. The reference for the error is choclo in float64.
"""

from __future__ import annotations

import argparse

import numpy as np
from choclo.prism import gravity_u
from numba import njit

from measure import Threads, describe, in_turn, machine, save, slices, table, yes
from subterra.physics import gradient_response, gravity, gravity_response
from subterra.scene import Objects, Prior, family_code, sample_prior, slot

WIDTH = 2.0
LENGTH = 200.0
CONTRAST = -2000.0
N_STATIONS = 400
BATCH, LARGE_BATCH = 128, 1024
"""Objects per call: the chunk of the inference, and a large one. The result is allocated in every
call; for large ones threads may hand the memory back each time and fault it in again."""
OBJECTS = 65_536
PRISMS = 256
TARGET_RATIO, TARGET_ERROR, BUDGET, SWITCH = 150.0, 0.02, 1.5e9, 0.1


@njit(nogil=True)
def prism_loop(sx, sy, sz, west, east, south, north, bottom, top, density, out):
    for i in range(west.size):
        for j in range(sx.size):
            out[i, j] = -1e8 * gravity_u(
                sx[j],
                sy[j],
                sz[j],
                west[i],
                east[i],
                south[i],
                north[i],
                bottom[i],
                top[i],
                density[i],
            )


def stations(dtype=np.float64):
    side = int(np.sqrt(N_STATIONS))
    x, y = np.meshgrid(np.linspace(-38.0, 38.0, side), np.linspace(-38.0, 38.0, side))
    return x.ravel().astype(dtype), y.ravel().astype(dtype), np.full(x.size, 0.3, dtype)


def tunnels(offset, depth, vertices):
    """Tunnels along y at the given x, as line masses of ``vertices`` vertices."""
    n = len(offset)
    shape = (n, vertices)
    one = np.ones(n, np.float32)
    return Objects(
        family=np.full(n, family_code("driven"), np.int8),
        fill=np.zeros(n, np.int8),
        x=np.broadcast_to(np.float32(offset)[:, None], shape).copy(),
        y=np.broadcast_to(np.linspace(-0.5, 0.5, vertices) * LENGTH, shape).astype(np.float32),
        z=np.broadcast_to(-np.float32(depth)[:, None], shape).copy(),
        radius=np.full(n, WIDTH / np.sqrt(np.pi), np.float32),
        density_contrast=np.full(n, CONTRAST, np.float32),
        conductivity_ratio=0 * one,
        halo_gravity=one,
        halo_resistivity=one,
    )


def prisms(offset, depth, dtype=np.float64):
    """The same tunnels as prisms: west, east, south, north, bottom, top, density."""
    half, n = WIDTH / 2, len(offset)
    bounds = (
        offset - half,
        offset + half,
        np.full(n, -LENGTH / 2),
        np.full(n, LENGTH / 2),
        -depth - half,
        -depth + half,
        np.full(n, CONTRAST),
    )
    return tuple(v.astype(dtype) for v in bounds)


def prism_gravity(offset, depth, place, dtype=np.float64):
    place = tuple(np.asarray(v, dtype) for v in place)
    out = np.empty((len(offset), len(place[0])), dtype)
    prism_loop(*place, *prisms(offset, depth, dtype), out)
    return out


def segment_work(threads, vertices, batch=BATCH):
    """Work and number of segment × station pairs of it."""
    rng = np.random.default_rng(1)
    n = OBJECTS
    place = stations(np.float32)
    objects = tunnels(rng.uniform(-20.0, 20.0, n), rng.uniform(2.0, 12.0, n), vertices)
    batches = [Objects(*(v[part] for v in vars(objects).values())) for part in slices(n, batch)]

    def work():
        threads.run(lambda some: gravity_response(some, *place), batches)

    return work, n * (vertices - 1) * len(place[0])


def prism_work(threads, dtype):
    rng = np.random.default_rng(1)
    offset, depth = rng.uniform(-20.0, 20.0, PRISMS), rng.uniform(2.0, 12.0, PRISMS)
    place, bounds = stations(dtype), prisms(offset, depth, dtype)
    out = np.empty((PRISMS, len(place[0])), dtype)

    def some(part):
        prism_loop(*place, *(v[part] for v in bounds), out[part])

    def work():
        threads.run(some, slices(PRISMS, PRISMS // 8))

    return work, PRISMS * len(place[0])


def switch_work(response, near):
    """Objects of the prior, half of them under the stations, with or without the near field."""
    prior = Prior((-38.0, -38.0, 38.0, 38.0), 15.0, targets=("driven", "working"))
    objects = slot(sample_prior(prior, 8192, np.random.default_rng(1)), 0)
    place = stations(np.float32)
    batches = [Objects(*(v[p] for v in vars(objects).values())) for p in slices(8192, BATCH)]

    def work():
        held, gravity.near_fill = gravity.near_fill, near
        for some in batches:
            response(some, *place)
        gravity.near_fill = held

    return work


def switch_cost():
    """Parts of the time that telling near stations apart, and mending them, adds."""
    near, found = gravity.near_fill, {}
    for name, response in (("g", gravity_response), ("G_zz", gradient_response)):
        works = [switch_work(response, near), switch_work(response, lambda *_: None)]
        with_near, without = in_turn(works, rounds=15)[1]
        found[name] = float(with_near / without - 1.0)
    return found


def errors(widths):
    """Largest error over a fine profile across, in parts of the peak: segment, float32 prism."""
    x = np.linspace(-20.0, 20.0, 401)
    place = (x, np.zeros_like(x), np.zeros_like(x))
    offset, depth = np.zeros(1), np.array([widths * WIDTH])
    exact = prism_gravity(offset, depth, place)[0]
    peak = np.abs(exact).max()
    line = gravity_response(tunnels(offset, depth, 2), *place)[0]
    single = prism_gravity(offset, depth, place, np.float32)[0]
    return float(np.abs(line - exact).max() / peak), float(np.abs(single - exact).max() / peak)


def speeds(number):
    """Evaluations per wall-clock second and per processor second on a number of threads."""
    with Threads(number) as threads:
        named = {
            "segment": segment_work(threads, 2),
            "chain of 4 segments": segment_work(threads, 5),
            f"segment, {LARGE_BATCH} per call": segment_work(threads, 2, LARGE_BATCH),
            f"chain of 4, {LARGE_BATCH} per call": segment_work(threads, 5, LARGE_BATCH),
            "choclo prism": prism_work(threads, np.float64),
            "choclo prism, float32": prism_work(threads, np.float32),
        }
        taken = in_turn([w for w, _ in named.values()])
    pairs = np.array([n for _, n in named.values()])
    return {k: (float(a), float(b)) for k, a, b in zip(named, *(pairs / taken), strict=True)}


def speed_rows(found):
    """Rows of the table; the ratio is of wall-clock rates, then of processor-time rates."""
    rows = []
    for number, speed in found.items():
        for name, (wall, used) in speed.items():
            peer_wall, peer_used = speed["choclo prism"]
            ratio, used_ratio = wall / peer_wall, used / peer_used
            ours = not name.startswith("choclo")
            rows.append(
                [
                    name if ours else "choclo prism",
                    "float32" if ours or "float32" in name else "float64",
                    number,
                    f"{wall / 1e6:,.1f}",
                    f"{ratio:.1f}×",
                    f"{used / 1e6:,.1f}",
                    f"{used_ratio:.1f}×",
                    yes(ratio >= TARGET_RATIO) if ours else "",
                    yes(wall >= BUDGET) if ours else "",
                ]
            )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    about = machine()
    found = {n: speeds(n) for n in options.threads}
    error = {w: errors(w) for w in (1.0, 2.0, 4.0)}
    switch = switch_cost()
    print(f"\n## Gravity: {N_STATIONS} stations, tunnel {WIDTH:g} m × {WIDTH:g} m × {LENGTH:g} m")
    print(describe(about))
    header = ["kernel", "precision", "threads", "M pairs/s", "over choclo float64"]
    header += ["M pairs per processor s", "over choclo", "≥ 150×", "≥ 1.5 G/s"]
    print(table(header, speed_rows(found)))
    print()
    rows = [
        [f"{w:g}", f"{line:.3%}", yes(line <= TARGET_ERROR), f"{single:.3%}"]
        for w, (line, single) in error.items()
    ]
    header = ["depth of the axis, widths", "segment, error of the peak", "≤ 2 %"]
    print(table([*header, "choclo in float32"], rows))
    print()
    rows = [[name, f"{cost:.1%}", yes(cost <= SWITCH)] for name, cost in switch.items()]
    print(table(["near field, objects of the prior", "adds to processor time", "≤ 10 %"], rows))
    save(
        "gravity_speed.json",
        {
            "near_field_adds": switch,
            "machine": about,
            "pairs_per_wall_and_processor_second": found,
            "error_of_peak": {f"{w:g}": v for w, v in error.items()},
        },
    )


if __name__ == "__main__":
    main()
