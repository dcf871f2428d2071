"""Are stop certificates right as often as they say? Many simulated sites, half without a target.

Run: python bench/stop_calibration.py [--sites N] [--scenes N] [--seed S] [--epsilon E]

Each site is a draw from the prior with gravity on a grid that is close enough to see the class;
a certificate is issued where the 95 % bound of P(class) is below epsilon and the evidence has at
least halved the odds, as `subterra stop` does. Printed: certificates, wrong ones with their
one-sided 95 % Clopper-Pearson bound, the sum of stated probabilities, the share of sites without a
target of the class that were certified.
"""

from __future__ import annotations

import argparse
import time

from subterra.evidence import gravity_evidence
from subterra.inference import infer
from subterra.inference.binomial import clopper_pearson
from subterra.scene import Prior
from subterra.search.declared import declare, in_class
from subterra.search.presence import presence
from subterra.simulate.layouts import gravity_stations
from subterra.simulate.worlds import simulate_worlds
from subterra.site.stopping import LEAST_DECIBANS

PRIOR = Prior((0.0, 0.0, 30.0, 30.0), 6.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--scenes", type=int, default=512)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--epsilon", type=float, default=0.05)
    options = parser.parse_args()
    declared = declare(PRIOR, diameter_m=1.6, above_m=4.0)
    layout = gravity_evidence([gravity_stations((0.0, 0.0, 30.0, 30.0), 3.0, 3.0)], PRIOR)
    issued, wrong, promised, null, null_issued, refused = 0, 0, 0.0, 0, 0, 0
    start = time.perf_counter()
    for world in simulate_worlds(PRIOR, [layout], options.sites, options.seed):
        truth = bool(in_class(world.scenes, PRIOR, declared).any())
        belief = infer(PRIOR, world.evidence, n_scenes=options.scenes, seed=world.index + 1)
        found = presence(belief, declared)
        informative = -found.decibans >= LEAST_DECIBANS
        certified = not found.reasons and informative and found.upper < options.epsilon
        issued += certified
        wrong += certified and truth
        promised += found.p if certified else 0.0
        null += not truth
        null_issued += certified and not truth
        refused += bool(found.reasons)
    bound = float(clopper_pearson(wrong, issued)[1]) if issued else 1.0
    print(f"sites {options.sites}, of them without a target of the class {null}")
    print(f"certificates {issued}, wrong {wrong} (95 % bound {bound:.3f}), promised {promised:.2f}")
    print(f"null sites certified {null_issued} of {null}; not converged {refused}")
    print(f"{(time.perf_counter() - start) / options.sites:.2f} s per site")


if __name__ == "__main__":
    main()
