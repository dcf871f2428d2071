"""Null fields of other physics: P(any) from eikonal times through random ground without a void.

A radar panel of 5 m by 12 m, 200 rays, 0.8 ns of noise, slowness 7 ns/m with 10 % of heterogeneity
on one or on three scales. ``python bench/crosshole_null.py``; seeds are fixed, none is left out.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "physics"))
from eikonal import first_arrivals

from crosshole_discrepancy import DEEP, WIDE, H, field
from subterra.evidence import traveltime_evidence
from subterra.inference import infer, p_any
from subterra.scene import Prior
from subterra.tables import TravelTimeTable

GROUNDS = {
    "bedded": [(6.0, 6.0, 1.5)],
    "isotropic": [(2.0, 1.0, 0.5)],
    "three scales": [(0.75, 1.0, 0.5), (2.0, 2.0, 0.5), (6.0, 6.0, 0.5)],
}
PRIOR = Prior((-1.0, -1.0, 6.0, 1.0), 13.0)


def panel(parts, seed, amplitude=0.1):
    rng = np.random.default_rng(seed)
    relative = sum(field(*part, rng) for part in parts) * amplitude / np.sqrt(len(parts))
    slowness = 7.0 * np.maximum(1.0 + relative, 0.4)
    rows = []
    for z in np.arange(1.5, 11.1, 1.0):
        late = first_arrivals(slowness, H, (0, round(z / H)))
        late -= first_arrivals(np.full_like(slowness, 7.0), H, (0, round(z / H)))
        for r in np.arange(1.5, 11.1, 0.5):
            even = 7.0 * np.hypot(WIDE, r - z)
            rows.append((z, r, even + late[-1, round(r / H)] + 0.8 * rng.normal()))
    z, r, time = np.array(rows).T
    zero = np.zeros(len(z))
    return TravelTimeTable("radar", "ns", zero, zero, -z, zero + WIDE, zero, -r, time, zero + 0.8)


def main(seeds=(1, 2, 3)):
    assert max(round(11.0 / H), 1) < round(DEEP / H)
    for name, parts in GROUNDS.items():
        found = []
        for seed in seeds:
            survey = traveltime_evidence([panel(parts, seed)], PRIOR)
            found.append(p_any(infer(PRIOR, [survey], n_scenes=512, seed=1)))
        print(f"{name:14s} P(any), prior 0.5: {', '.join(f'{p:.2f}' for p in found)}", flush=True)


if __name__ == "__main__":
    main()
