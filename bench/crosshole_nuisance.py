"""What dykes, bent holes and bad triggers do to P(any), and what each remedy costs real voids.

    python bench/crosshole_nuisance.py [--seeds 1-6] [--models in-use ...] [--kinds dykes ...]

Like ``crosshole_models``, on the worlds of ``gallery_worlds``: P(any) with prior 0.5 from the mean
likelihood ratio of scenes with a drive, the same for all models. In level panels these are 1,000 of
the prior; in upright ones drives square to the panel at 273 places, with three radii and all fills,
so that no narrow place is missed. On the same worlds with a drive also its matched signal-to-noise
ratio. The drive of a world has a place of its own, drawn from its seed. Seeds are fixed; none is
left out. One JSON line a world and model goes to ``bench/results/crosshole_nuisance.jsonl``; what
stands there already is not done again, and ``--said`` prints it all. ``massive``: with a lens
discrepancy of 3 %, as the documentation allows for massive rock.
"""

from __future__ import annotations

import argparse
import json
import os
from itertools import product
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import subterra.evidence.traveltime as traveltime
from crosshole_candidates import bent_columns, sheet_columns, wall_columns
from crosshole_models import chance
from gallery_worlds import KINDS, LEVEL, PRIORS, UPRIGHT, drive, world
from subterra.physics import TIME_UNIT_S, make_rays
from subterra.scene import FILLS, concatenate, make_scene, sample_prior, take

RESULTS = Path(__file__).parent / "results" / "crosshole_nuisance.jsonl"
N = 1000
SHEETS = 0.04
"""Relative slowness of sheets of any strike, all strikes together."""
BENT = 0.01
"""How far a hole leaves its surveyed line, part of its length."""
MODELS = {
    "in-use": {},
    "sheets": {"sheets": SHEETS},
    "bent": {"bent": BENT},
    "walls": {"walls": 1.0},
    "walls besides": {"walls": 1.0, "besides": True},
    "massive": {"lens": 0.03},
    "massive, walls": {"lens": 0.03, "walls": 1.0},
    "massive, walls besides": {"lens": 0.03, "walls": 1.0, "besides": True},
    "massive+sheets": {"lens": 0.03, "sheets": SHEETS},
    "massive+bent": {"lens": 0.03, "bent": BENT},
}
_beds, _shared = traveltime._beds, traveltime._shared


def _walls(model):
    """What antenna places share, correlated along their hole over a part of the wavelength."""

    def columns(tables, source, receiver, middle):
        usual = _shared(tables, source, receiver, middle)
        if "walls" not in model:
            return usual
        table = tables[0]
        host = np.median(table.time / table.distance_m)
        frequency = traveltime._FREQUENCY_HZ[table.medium]
        frequency = frequency if table.frequency_hz is None else np.median(table.frequency_hz)
        length = model["walls"] / (host * TIME_UNIT_S[table.medium] * frequency)
        size = traveltime._PLACE[table.medium]
        parts = [size * wall_columns(ends, length) for ends in (source, receiver)]
        if model.get("besides"):
            return np.hstack([usual, *parts])
        places = sum(part.shape[1] for part in parts)
        return np.hstack([usual[:, : usual.shape[1] - places], *parts])

    return columns


def _more(model):
    """Beds, and what a candidate adds to them; one panel."""

    def columns(rays, host, panel):
        parts = [traveltime._BEDS * model.get("lens", 0.2) * _beds(rays, host, panel)]
        whole = make_rays(rays.at(0.0), rays.at(1.0))
        size = host[:, None] * rays.length.mean()
        if "sheets" in model:
            parts.append(model["sheets"] * size * sheet_columns(whole))
        if "bent" in model:
            hole = max(float(np.linalg.norm(np.ptp(rays.at(t), axis=0))) for t in (0.0, 1.0))
            parts.append(model["bent"] * hole * host[:, None] * bent_columns(whole))
        return np.hstack(parts)

    return columns


def survey_of(name, table, prior):
    """The survey with a candidate's columns beside the beds."""
    model = dict(MODELS[name])
    lens = model.setdefault("lens", traveltime._LENS[table.medium])
    # Evidence multiplies the columns by the size of beds: undone, for candidates have their own.
    scale = traveltime._BEDS * lens
    make = _more(model)
    traveltime._beds = lambda rays, host, panel: make(rays, host, panel) / scale
    traveltime._shared = _walls(model)
    try:
        return traveltime.traveltime_evidence([table], prior, lens=lens)
    finally:
        traveltime._beds, traveltime._shared = _beds, _shared


def drives(kind):
    """Scenes with a drive over which the likelihood ratio is averaged."""
    if kind in UPRIGHT:
        places = product(
            np.linspace(0.4, 4.6, 13), np.linspace(1.0, 11.0, 21), (0.5, 0.8, 1.2), FILLS
        )
        return concatenate([square(*place) for place in places])
    scenes = sample_prior(PRIORS[kind], 2 * N + 1000, np.random.default_rng(1))
    some = np.flatnonzero(np.any(scenes.objects.family > 0, axis=1))[:N]
    return take(scenes, some)


def square(u, depth, radius, fill):
    """Scene of a drive square to an upright panel."""
    axis = [[u, -1.0, -depth], [u, 1.0, -depth]]
    return make_scene([{"family": "driven", "fill": fill, "radius": radius, "axis": axis}])


def void_of(kind, seed):
    """A drive of a world, as the world wants it and as a scene."""
    rng = np.random.default_rng((20261125, KINDS.index(kind), seed))
    if kind in LEVEL:
        at = rng.uniform((6.0, 9.0), (14.0, 21.0))
        scene = drive(rng.uniform(0.0, 180.0), *at, rng.uniform(0.8, 1.4))
        return scene, scene
    u, depth, radius = rng.uniform((1.5, 3.5, 0.6), (3.5, 8.5, 1.2))
    return (u, depth, radius, "air"), square(u, depth, radius, "air")


def rows(kind, seed, models, scenes):
    """P(any) of one world without and with a drive, for each model."""
    void, truth = void_of(kind, seed)
    response = None
    for what in ("null", "void"):
        table = world(kind, seed, None if what == "null" else void)
        for model in models:
            survey = survey_of(model, table, PRIORS[kind])
            if response is None:
                response = (survey.predict(scenes) - survey.background).astype(np.float32)
            row = {"kind": kind, "seed": seed, "field": what, "model": model}
            row["p_any"] = round(chance(survey, response), 4)
            if what == "void":
                row["snr"] = round(float(survey.matched_snr(truth)[0]), 2)
            yield row


def kept():
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text().splitlines()]


def say(found):
    """Print the table of all that stands in the results."""
    for kind in KINDS:
        for what in ("null", "void"):
            for model in MODELS:
                wanted = (kind, what, model)
                mine = [r for r in found if (r["kind"], r["field"], r["model"]) == wanted]
                if not mine:
                    continue
                p = np.array([r["p_any"] for r in sorted(mine, key=lambda r: r["seed"])])
                more = f"  snr {np.median([r['snr'] for r in mine]):.1f}" if what == "void" else ""
                each = " ".join(f"{v:.2f}" for v in p)
                print(
                    f"{what} {kind:9s} {model:22s} mean {p.mean():.2f} max {p.max():.2f}"
                    f" | {each}{more}"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-6")
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--said", action="store_true")
    args = parser.parse_args()
    if args.said:
        return say(kept())
    first, last = (int(v) for v in args.seeds.split("-"))
    RESULTS.parent.mkdir(exist_ok=True)
    for kind in args.kinds:
        scenes = drives(kind)
        for seed in range(first, last + 1):
            done = {r["model"] for r in kept() if (r["kind"], r["seed"]) == (kind, seed)}
            for row in rows(kind, seed, [m for m in args.models if m not in done], scenes):
                with RESULTS.open("a") as lines:
                    lines.write(json.dumps(row) + "\n")
    return None


if __name__ == "__main__":
    main()
