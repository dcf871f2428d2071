"""What peers make of the surveys of a blind site: score maps and orders of holes.

Usage: python bench/peers/blind_maps.py OUT.jsonl NAME:FOLDER ... [--workers 2]

Runs in `bench/.env-peers`. Reads `gravity.csv` and `resistivity.dat` and nothing else of a site;
writes `OUT_maps/NAME_PEER.npz` and one line of seconds and memory per site and peer. Maps are on
60 x 60 cells of 1 m, larger where a target is likelier. What is in OUT.jsonl is not done again.

* `residual`: a plane (or a quadric) taken out by least squares, the rest kriged (Matern 3/2);
* `ucb`: Gaussian process (squared exponential) of the residual with holes chosen by upper
  confidence bound; a dry hole enters as a reading of no anomaly;
* `smooth`, `compact`: SimPEG inversion for density, l2 or iteratively reweighted (l0, l1);
* `ert-smooth`, `ert-compact`: pyGIMLi inversion of each line in two dimensions, l2 or blocky.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import resource
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from blind_peer_ert import ert_lines
from blind_peer_gravity import column_maps, invert
from scipy.spatial.distance import cdist
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

SIDE, CELLS, CAP = 60.0, 60, 40
CENTRES = np.arange(CELLS) + 0.5
GRID = np.stack(np.meshgrid(CENTRES, CENTRES, indexing="ij"), -1).reshape(-1, 2)
KAPPAS = (0.0, 1.0, 2.0)


def read_gravity(folder):
    """Stations (n, 2), readings and their standard deviation, microgal."""
    rows = np.genfromtxt(
        folder / "gravity.csv", delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    return np.column_stack([rows["x"], rows["y"]]), rows["g_ugal"], float(rows["sd_ugal"][0])


def residual(xy, g, order):
    """Readings less a least-squares polynomial of order 1 or 2."""
    u = (xy - SIDE / 2) / SIDE
    columns = [np.ones(len(u)), u[:, 0], u[:, 1]]
    if order == 2:
        columns += [u[:, 0] ** 2, u[:, 1] ** 2, u[:, 0] * u[:, 1]]
    a = np.column_stack(columns)
    return g - a @ np.linalg.lstsq(a, g, rcond=None)[0]


def kriged(xy, values, sd, shape):
    """Gaussian process of the deficit, hyperparameters by maximum likelihood."""
    scale = float(values.std())
    kernel = ConstantKernel(1.0, (0.05, 20.0)) * shape + WhiteKernel(
        min((sd / scale) ** 2, 1.0), (1e-3, 1.5)
    )
    model = GaussianProcessRegressor(kernel, n_restarts_optimizer=1, random_state=0)
    model.fit(xy, -values / scale)
    return model, scale


def residual_map(folder):
    """Kriged deficit over its spread, for both trends."""
    xy, g, sd = read_gravity(folder)
    out = {}
    for order in (1, 2):
        r = residual(xy, g, order)
        model, scale = kriged(xy, r, sd, Matern(8.0, (2.0, 40.0), nu=1.5))
        out[f"order{order}"] = (model.predict(GRID) * scale / sd).reshape(CELLS, CELLS)
    return out


def ucb_order(folder):
    """Holes by upper confidence bound, given that all before missed, for three kappas."""
    xy, g, sd = read_gravity(folder)
    model, scale = kriged(xy, residual(xy, g, 1), sd, RBF(8.0, (2.0, 40.0)))
    signal, noise = model.kernel_.k1, model.kernel_.k2.noise_level
    values = -residual(xy, g, 1) / scale
    out = {"map": (model.predict(GRID) * scale / sd).reshape(CELLS, CELLS)}
    for kappa in KAPPAS:
        at, z, error = xy.copy(), values.copy(), np.full(len(xy), noise)
        order = []
        for _ in range(CAP):
            root = np.linalg.cholesky(signal(at) + np.diag(error))
            half = np.linalg.solve(root, signal(at, GRID))
            mean = half.T @ np.linalg.solve(root, z)
            spread = np.sqrt(np.maximum(signal.diag(GRID) - (half**2).sum(axis=0), 0.0))
            worth = mean + kappa * spread
            if order:
                worth[cdist(GRID, np.array(order)).min(axis=1) < 1.0] = -np.inf
            order.append(GRID[int(worth.argmax())])
            # A dry hole says that the anomaly there is not a void's.
            at, z = np.vstack([at, order[-1]]), np.append(z, 0.0)
            error = np.append(error, 1e-3)
        out[f"holes_kappa{kappa:g}"] = np.array(order)
    return out


def density_maps(folder, compact):
    """Largest and summed deficit of each column, and its depth."""
    xy, g, sd = read_gravity(folder)
    return column_maps(*invert(xy, residual(xy, g, 1), sd, compact), GRID, CELLS)


PEERS = {
    "residual": residual_map,
    "ucb": ucb_order,
    "smooth": lambda folder: density_maps(folder, False),
    "compact": lambda folder: density_maps(folder, True),
    "ert-smooth": lambda folder: ert_lines(folder / "resistivity.dat", False),
    "ert-compact": lambda folder: ert_lines(folder / "resistivity.dat", True),
}


def one(task):
    """Run one peer on one site in a process of its own; return its line."""
    name, folder, peer, store = task
    began, used = time.perf_counter(), time.process_time()
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            maps = PEERS[peer](Path(folder))
        problem = ""
        np.savez_compressed(store / f"{name}_{peer}.npz", **maps)
    except (ValueError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
        problem = f"{type(error).__name__}: {error}"
    return {
        "site": name,
        "peer": peer,
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "problem": problem,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("sites", nargs="+", help="NAME:FOLDER")
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    # SimPEG's handler holds the stderr of its import.
    logging.disable(logging.INFO)
    store = args.out.with_name(args.out.stem + "_maps")
    store.mkdir(parents=True, exist_ok=True)
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    done = {(r["site"], r["peer"]) for r in map(json.loads, lines) if not r["problem"]}
    tasks = []
    for item in args.sites:
        name, folder = item.split(":", 1)
        for peer in args.peers:
            lines_needed = peer.startswith("ert")
            if (name, peer) in done:
                continue
            if lines_needed and not (Path(folder) / "resistivity.dat").exists():
                continue
            tasks.append((name, folder, peer, store))
    # A forked process for each task: its memory is its own, and imports are done.
    with (
        get_context("fork").Pool(args.workers, maxtasksperchild=1) as pool,
        args.out.open("a") as sink,
    ):
        for row in pool.imap_unordered(one, tasks):
            sink.write(json.dumps(row) + "\n")
            sink.flush()
            print(json.dumps(row), flush=True)
            if row["problem"]:
                print(f"{row['site']} {row['peer']}: {row['problem']}", file=sys.stderr)


if __name__ == "__main__":
    main()
