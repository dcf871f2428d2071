"""Is the belief calibrated on the model's own worlds? The full form, stopped and resumed.

    python bench/home_calibration.py [--worlds 300]

The small site, the seed, the scenes and the bands are those of
``tests/inference/test_calibration.py``: gravity, one resistivity line, a hole and two reports;
truth and data from the prior, the whole inference on each, ranks of the truth. Each belief is
judged as it is and shrunk by 25 % towards its mean, which must be found out. World k depends on the
seed and on k alone; finished ones stay in ``bench/results/home_calibration.jsonl`` and the same
command goes on with the next.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "inference"))

from calibration_site import shrink, small_site

from subterra.inference import infer
from subterra.inference.calibration import (
    NAMES,
    Verdict,
    any_excess,
    brier_score,
    gather,
    inside_bands,
    judge,
    uniformity,
)
from subterra.simulate.worlds import simulate_world

RESULTS = Path(__file__).parent / "results" / "home_calibration.jsonl"
SEED = 11
N_SCENES = 2048
LEVEL = 1.0 - 0.01 / len(NAMES)
SHRINK = 0.25


def row_of(index, verdict, shrunk):
    """One world as a line of JSON; NaN where the truth does not have a quantity."""
    ranks = [[v.rank[name] for name in NAMES] for v in (verdict, shrunk)]
    whole = [[None if np.isnan(v) else round(float(v), 6) for v in part] for part in ranks]
    return {
        "world": index,
        "scenes": N_SCENES,
        "rank": whole[0],
        "rank_shrunk": whole[1],
        "p_any": round(float(verdict.p_any), 6),
        "any_target": bool(verdict.any_target),
        "converged": bool(verdict.converged),
        "ess": round(float(verdict.ess), 1),
    }


def work(prior, evidence, index):
    world = simulate_world(prior, evidence, index, SEED)
    key = np.random.SeedSequence(SEED, spawn_key=(index, 1))
    belief = infer(prior, world.evidence, n_scenes=N_SCENES, seed=int(key.generate_state(1)[0]))
    fair = judge(world, belief, np.random.default_rng(key))
    return row_of(index, fair, judge(world, shrink(belief, SHRINK), np.random.default_rng(key)))


def calibration_of(rows, key):
    """Verdicts of stored worlds put together."""
    verdicts = [
        Verdict(
            {n: np.nan if v is None else v for n, v in zip(NAMES, r[key], strict=True)},
            r["p_any"],
            r["any_target"],
            r["converged"],
            r["ess"],
        )
        for r in rows
    ]
    return gather(verdicts, N_SCENES, SEED)


def tell(rows):
    fair, shrunk = (calibration_of(rows, key) for key in ("rank", "rank_shrunk"))
    inside, caught = (inside_bands(c, LEVEL) for c in (fair, shrunk))
    p = uniformity(fair)
    print(f"{len(rows)} worlds of {N_SCENES} scenes, bands of 99 % over all quantities together")
    print(f"converged {sum(r['converged'] for r in rows)}; with a target {fair.any_target.sum()}, "
          f"promised {fair.p_any.sum():.1f} (excess {any_excess(fair):+.2f} sd), "
          f"Brier score {brier_score(fair):.3f}")  # fmt: skip
    for name in NAMES:
        known = fair.rank[:, NAMES.index(name)]
        known = known[np.isfinite(known)]
        top, bottom = np.mean(known > 0.9), np.mean(known < 0.1)
        fate = "inside" if inside[name] else "OUTSIDE", "passes" if caught[name] else "found out"
        print(
            f"  {name:24s} p {p[name]:.3f}  {fate[0]}  shrunk: {fate[1]}  "
            f"top tenth {top:.3f}  bottom tenth {bottom:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    args = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(v) for v in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {r["world"] for r in rows}
    prior, evidence = small_site()
    for index in range(args.worlds):
        if index in done:
            continue
        rows.append(work(prior, evidence, index))
        with RESULTS.open("a") as sink:
            sink.write(json.dumps(rows[-1]) + "\n")
        if len(rows) % 10 == 0:
            tell(rows)
    tell(rows)


if __name__ == "__main__":
    main()
