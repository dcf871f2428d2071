"""Model discrepancy by array, contrast and radius/depth: the default table of the docs.

    python bench/discrepancy.py [--seeds 2]

Four standard arrays of 24 electrodes at 2 m over random grounds and over drives, by
``study_discrepancy``: what ``subterra estimate SITE --discrepancy`` does for a site's own layout.
Minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from subterra.ground import study_discrepancy
from subterra.physics import make_quadripoles

RESULTS = Path(__file__).parent / "results" / "discrepancy.json"
COUNT, SPACING = 24, 2.0


def arrays():
    """Zero-based abmn of each array on one line, −1 remote."""
    n = COUNT
    return {
        "dipole-dipole": [
            (i, i + 1, i + 1 + k, i + 2 + k) for k in range(1, 7) for i in range(n - k - 2)
        ],
        "Wenner": [(i, i + 3 * a, i + a, i + 2 * a) for a in range(1, 8) for i in range(n - 3 * a)],
        "Schlumberger": [
            (i, i + 2 * k + 1, i + k, i + k + 1) for k in range(1, 9) for i in range(n - 2 * k - 1)
        ],
        "pole-dipole": [(i, -1, i + k, i + k + 1) for k in range(1, 9) for i in range(n - k - 1)],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    x = SPACING * np.arange(COUNT)
    found = {}
    for name, abmn in arrays().items():
        layout = make_quadripoles(x, 0.0 * x, None, np.array(abmn))
        start = time.process_time()
        studies = [
            study_discrepancy(layout, deepest_m=12.0, seed=seed)
            for seed in range(1, options.seeds + 1)
        ]
        floors = [
            (row[0].ground_sd, float(np.sqrt(np.mean([r.unmodelled**2 for r in row]))))
            for row in zip(*(s.floors for s in studies), strict=True)
        ]
        found[name] = {
            "floors": floors,
            "responses": studies[0].document()["responses"],
            "kappa": studies[0].kappa,
            "seconds": time.process_time() - start,
        }
        cells = [f"sd {sd:g}: {100 * v:.1f} %" for sd, v in floors]
        cells += [
            f"{r.fill} {r.radius_over_depth:g}: {r.kappa:.2f} ({r.scale:.2f})"
            for r in studies[0].responses
        ]
        print(f"| {name} | " + " | ".join(cells) + f" | {studies[0].kappa:.2f} |", flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
