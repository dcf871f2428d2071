"""What the second look does to foreign crosshole fields: errors widened, and P(any) after it.

    python bench/crosshole_looked.py [--seeds 1-6] [--kinds triggers ...] [--said]

The worlds and scenes of ``crosshole_nuisance``. P(any) with prior 0.5 before, then the survey is
judged with these scenes (``subterra.evidence.judge_survey``, as ``subterra infer`` does), and
P(any) after. One JSON line a world and model goes to ``bench/results/crosshole_looked.jsonl``; what
stands there is not done again, and ``--said`` prints it all.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from crosshole_nuisance import drives, survey_of, void_of
from gallery_worlds import KINDS, LEVEL, PRIORS, world
from subterra.evidence import as_judged, judge_survey
from subterra.ground import log_likelihood
from subterra.scene import concatenate, make_scene

RESULTS = Path(__file__).parent / "results" / "crosshole_looked.jsonl"


def weighed(survey, response):
    """Posterior weight of each scene; the last is empty and has the prior share of a half."""
    logs = np.concatenate(
        [log_likelihood(survey.models, part) for part in np.array_split(response, 10)]
    )
    prior = np.append(np.full(len(logs) - 1, 0.5 / (len(logs) - 1)), 0.5)
    weight = prior * np.exp(logs - logs.max())
    return weight / weight.sum()


def row_of(kind, seed, what, model, scenes):
    void, _ = void_of(kind, seed)
    survey = survey_of(model, world(kind, seed, void if what == "void" else None), PRIORS[kind])
    response = (survey.predict(scenes) - survey.background).astype(np.float32)
    weight = weighed(survey, response)
    judged = judge_survey(survey, scenes, weight, np.random.default_rng(seed))
    after = weighed(as_judged(survey, judged), response)
    return {
        "kind": kind, "seed": seed, "field": what, "model": model,
        "before": round(1.0 - float(weight[-1]), 4), "after": round(1.0 - float(after[-1]), 4),
        "widening": round(judged.widening, 2), "aside": len(judged.outliers),
    }  # fmt: skip


def say(found):
    for kind in KINDS:
        for what in ("null", "void"):
            for model in ("in-use", "massive"):
                mine = [
                    r for r in found if (r["kind"], r["field"], r["model"]) == (kind, what, model)
                ]
                if not mine:
                    continue
                mine.sort(key=lambda r: r["seed"])
                p, q = (np.array([r[k] for r in mine]) for k in ("before", "after"))
                wide = " ".join(f"{r['widening']:.2f}" for r in mine)
                print(
                    f"{what} {kind:9s} {model:8s} before {p.mean():.2f} ({p.max():.2f})  after "
                    f"{q.mean():.2f} ({q.max():.2f}) widened {wide}"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-6")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--said", action="store_true")
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    RESULTS.touch()
    if args.said:
        return say([json.loads(line) for line in RESULTS.read_text().splitlines()])
    for kind in args.kinds:
        scenes = concatenate([drives(kind), make_scene([])])
        for seed in range(first, last + 1):
            for model in ("in-use", "massive") if kind in LEVEL else ("in-use",):
                for what in ("null", "void"):
                    key = {"kind": kind, "seed": seed, "field": what, "model": model}
                    rows = map(json.loads, RESULTS.read_text().splitlines())
                    if any(key.items() <= row.items() for row in rows):
                        continue
                    with RESULTS.open("a") as lines:
                        lines.write(json.dumps(row_of(kind, seed, what, model, scenes)) + "\n")
    return None


if __name__ == "__main__":
    main()
