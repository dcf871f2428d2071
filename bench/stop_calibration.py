"""Are stop certificates right as often as they say? Simulated sites, surveyed and then drilled.

Run: python bench/stop_calibration.py [--sites 300] [--scenes 1024] [--seed 11] [--out FILE]

Design, fixed before the sites were run. Each site is a draw from the prior: 30 m × 30 m, no target
with probability 0.5, gravity every 3 m with 3 µGal, ground of the prior, from quiet to one in which
the survey sees nothing. Declared: targets 1.6 m wide or wider with their roof above 4 m, in the
24 m × 24 m inside, so that stations stand around the declared area. First the certificate is asked
for after the survey alone; then the planner's three best holes are drilled in the truth, the belief
is updated and it is asked for again, until it is issued, a void is logged (no ground with one is
certified) or nine holes are down. A certificate is issued as `subterra stop` does: the 95 % bound
of P(class) below epsilon, odds at least halved, the runs converged, no void logged.

A survey is informative for the class if a drive of the class is detected with a mean probability of
0.5 or more in the ground that the survey itself shows (`docs/forecast.md`). Finished sites are kept
in the file, one a line, and are not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from subterra.evidence import borehole_evidence, gravity_evidence
from subterra.evidence.protocol import responses_of
from subterra.ground import posterior_nodes, prior_nodes, snr_by_node
from subterra.inference import update
from subterra.inference.binomial import clopper_pearson
from subterra.inference.effort import infer_until_converged
from subterra.scene import FILLS, Prior, object_counts, sample_prior, take
from subterra.search import DrillTerms, Hole, plan_holes
from subterra.search.declared import DeclaredClass, declare, in_class
from subterra.search.detectability import search_threshold
from subterra.search.objective import Objective
from subterra.search.presence import presence
from subterra.simulate.layouts import gravity_stations
from subterra.simulate.worlds import simulate_world
from subterra.site.predictions import Prediction, score_predictions
from subterra.site.stopping import LEAST_DECIBANS
from subterra.tables import BoreholeTable, IntervalTable


class Question(NamedTuple):
    """What is searched, and of which class a certificate is asked."""

    prior: Prior
    declared: DeclaredClass
    drilling: DrillTerms


PRIOR = Prior((0.0, 0.0, 30.0, 30.0), 6.0)
INSIDE = np.array([(3.0, 3.0), (27.0, 3.0), (27.0, 27.0), (3.0, 27.0)])
HOME = Question(
    PRIOR,
    declare(PRIOR, diameter_m=1.6, above_m=4.0, polygon=INSIDE),
    DrillTerms(max_length_m=6.0),
)
BATCH, MOST_HOLES = 3, 9
INFORMATIVE = 0.5
OUT = Path(__file__).parent / "results" / "stop_calibration.jsonl"


def class_scenes(asked, n=200):
    """Scenes of the prior with one open target of the class and nothing else."""
    drawn = sample_prior(asked.prior, 40 * n, np.random.default_rng(7))
    member = in_class(drawn, asked.prior, asked.declared)
    member &= drawn.objects.fill != FILLS.index("rubble")
    targets, others = object_counts(drawn.objects.family, asked.prior)
    return take(drawn, np.flatnonzero(member.any(axis=1) & (targets == 1) & (others == 0))[:n])


def mean_pod(survey, belief, of_class, threshold):
    """Mean probability of detection of the class in the ground that the survey shows."""
    response = responses_of(survey, belief.scenes).astype(np.float64)
    nodes = posterior_nodes(survey.models, belief.weight @ response)
    snr = snr_by_node(survey.models, nodes, responses_of(survey, of_class))
    return float(np.mean(threshold.pod(snr) @ nodes.weight))


def drilled(asked, holes, truth, name, rng):
    """Log holes in the truth."""
    columns = zip(*[(h.x, h.y, h.z, h.azimuth_deg, h.inclination_deg) for h in holes], strict=True)
    names, length = tuple(h.name for h in holes), np.array([h.length_m for h in holes])
    collars = BoreholeTable(names, *(np.array(c, float) for c in columns), length)
    intact = IntervalTable(names, np.zeros(len(holes)), length, ("intact",) * len(holes))
    return borehole_evidence(collars, intact, asked.prior, id=name).simulate(truth, rng)


def stage(asked, belief, holes):
    found = presence(belief, asked.declared)
    return {
        "holes": holes,
        "p": found.p,
        "upper": found.upper,
        "prior": found.prior,
        "decibans": found.decibans,
        "ess": belief.info.ess,
        "reasons": list(found.reasons),
    }


def certified(at, epsilon):
    informed = -at["decibans"] >= LEAST_DECIBANS
    return not at["reasons"] and informed and at["upper"] < epsilon


def search_on(asked, evidence, truth, index, options):
    """Ask for a certificate after the survey, and again after every few of the planner's holes."""
    rng = np.random.default_rng([options.seed, index])
    evidence = list(evidence)
    belief = infer_until_converged(asked.prior, evidence, n_scenes=options.scenes, seed=index + 1)
    surveyed = belief
    stages, done, void = [stage(asked, belief, 0)], [], False
    while not certified(stages[-1], options.epsilon) and len(done) < MOST_HOLES:
        rows = plan_holes(
            belief,
            BATCH,
            terms=asked.drilling,
            drilled=done,
            objective=Objective(find=1.0),
            seed=index,
        )
        if not rows:
            break
        holes = [
            Hole(r.hole, r.x, r.y, r.z, r.azimuth_deg, r.inclination_deg, r.length_m) for r in rows
        ]
        logged = drilled(asked, holes, truth, f"holes {len(done)}", rng)
        done += holes
        void = len(logged.holes.event) > 0
        if void:
            break
        evidence.append(logged)
        belief = update(belief, evidence, [logged], seed=index + 1)
        stages.append(stage(asked, belief, len(done)))
    return surveyed, {"stages": stages, "drilled": len(done), "void_logged": void}


def truth_of(asked, truth):
    """Whether a target of the class, and any target, is there."""
    targets, _ = object_counts(truth.objects.family, asked.prior)
    member = in_class(truth, asked.prior, asked.declared)
    return {"target": bool(member.any()), "any_target": bool(targets[0] > 0)}


def one_site(index, layout, of_class, threshold, options):
    start = time.process_time()
    world = simulate_world(PRIOR, [layout], index, options.seed)
    surveyed, found = search_on(HOME, world.evidence, world.scenes, index, options)
    return {
        "site": index,
        **truth_of(HOME, world.scenes),
        "pod": mean_pod(world.evidence[0], surveyed, of_class, threshold),
        **found,
        "cpu_s": time.process_time() - start,
    }


def run(options):
    done = {}
    if options.out.exists():
        done = {r["site"]: r for r in map(json.loads, options.out.read_text().splitlines())}
    layout = gravity_evidence([gravity_stations(PRIOR.bounds, 3.0, 3.0)], PRIOR)
    points = np.column_stack([v.ravel() for v in np.meshgrid(*[np.arange(0.0, 31.0, 3.0)] * 2)])
    threshold = search_threshold(layout, PRIOR, points, prior_nodes(layout.models))
    of_class = class_scenes(HOME)
    options.out.parent.mkdir(exist_ok=True)
    with options.out.open("a") as file:
        for index in range(options.sites):
            if index not in done:
                done[index] = one_site(index, layout, of_class, threshold, options)
                file.write(json.dumps(done[index]) + "\n")
                file.flush()
    return [done[k] for k in sorted(done) if k < options.sites]


def tell(name, sites, issued):
    """Print what certificates said and how many were wrong."""
    wrong = sum(r["target"] for r, _ in issued)
    bound = float(clopper_pearson(wrong, len(issued))[1]) if issued else 1.0
    print(f"{name}: {len(issued)} certificates, {wrong} wrong (95 % bound {bound:.3f})")
    stated = [Prediction(name, str(r["site"]), at["p"], r["target"], True) for r, at in issued]
    card = score_predictions(stated)
    if card is not None:
        low, high = card.interval
        print(f"  promised {card.promised:.2f} wrong, 95 % of counts {low} to {high}")
    held = {r["site"] for r, _ in issued}
    for words, some in (
        ("all", sites),
        (f"informative (POD >= {INFORMATIVE:g})", [r for r in sites if r["pod"] >= INFORMATIVE]),
        ("not informative", [r for r in sites if r["pod"] < INFORMATIVE]),
    ):
        null = [r for r in some if not r["target"]]
        count = sum(r["site"] in held for r in null)
        print(f"  of {len(null)} null sites, {words}: {count} certified")


def why_not(sites, epsilon):
    """Count what kept null sites with informative surveys from their certificate."""
    kept = {"void logged": 0, "not converged": 0, "less than -3 decibans": 0}
    kept |= {"P itself": 0, "bound of P alone": 0}
    for r in sites:
        at = r["stages"][-1]
        if (
            r["target"]
            or r["pod"] < INFORMATIVE
            or (certified(at, epsilon) and not r["void_logged"])
        ):
            continue
        if r["void_logged"]:
            kept["void logged"] += 1
        elif at["reasons"]:
            kept["not converged"] += 1
        elif at["p"] >= epsilon:
            kept["P itself"] += 1
        elif at["upper"] >= epsilon:
            kept["bound of P alone"] += 1
        else:
            kept["less than -3 decibans"] += 1
    print("null sites with informative surveys, not certified in the end:", kept)


def judge(sites, epsilon):
    """Print what certificates said, how many were wrong, and what kept the others."""
    null = sum(not r["target"] for r in sites)
    print(f"{len(sites)} sites, {null} without a target of the class")
    first = [(r, r["stages"][0]) for r in sites if certified(r["stages"][0], epsilon)]
    last = [
        (r, r["stages"][-1])
        for r in sites
        if certified(r["stages"][-1], epsilon) and not r["void_logged"]
    ]
    tell("survey alone", sites, first)
    tell("with the planner's holes", sites, last)
    why_not(sites, epsilon)
    print(f"{np.mean([r['cpu_s'] for r in sites]):.1f} s of processor time per site")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--epsilon", type=float, default=0.05)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    judge(run(options), options.epsilon)


if __name__ == "__main__":
    main()
