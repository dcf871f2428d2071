"""Which ground holds null worlds of crosshole radar null, and what it costs real voids.

    python bench/crosshole_models.py [--seeds 1-6] [--models now ...]

For each foreign world of ``crosshole_worlds`` and each model: P(any) from the mean likelihood ratio
of scenes with one drive, drawn from the prior (8,000 of them, the same for all), prior 0.5; and on
the same world with an air or flooded drive across it, the matched signal-to-noise ratio of the true
drive and P(any). Seeds are fixed; none is left out.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import subterra.evidence.crosshole as crosshole
import subterra.evidence.traveltime as traveltime
import subterra.ground.ray_trend as ray_trend
from crosshole_worlds import KINDS, PRIOR, world
from subterra.ground import (
    GroundKernel,
    GroundMixture,
    crosshole_grid,
    crosshole_root,
    crosshole_variance,
    make_whitening,
    score,
)
from subterra.scene import make_scene, sample_prior, take

VOIDS = (None, (2.5, 5.0, 0.8, "air"), (2.5, 5.0, 0.8, "water"))
N = 8000


def lenses_of(parts):
    """Whitening with lenses of several shapes, each of the full amplitude."""

    def whitening(errors, rows, mesh):
        ground = GroundMixture(parts)
        size = errors.lens * np.sqrt(len(parts))
        root = size * crosshole_root(rows, mesh, ground, min(600, rows[0].size))[0].astype(float)
        left = np.maximum(
            size**2 * crosshole_variance(rows, mesh, ground) - (root * root).sum(axis=1), 0.0
        )
        return make_whitening(np.sqrt(errors.sd**2 + left), np.hstack([errors.shared, root]))

    return whitening


def with_beds(spacing):
    d = spacing
    return (
        *crosshole_grid(spacing),
        GroundMixture((GroundKernel(24.0 * d, 16.0, 0.5),)),
        GroundMixture(tuple(GroundKernel(s, 10.0, 0.5) for s in (8.0 * d, 24.0 * d, 72.0 * d))),
    )


ROUND = GroundKernel(2.0, 1.0, 0.5)
LENSES = (ROUND, GroundKernel(4.0, 4.0, 0.5))
SHEETS = (ROUND, GroundKernel(8.0, 8.0, 0.5))
NONE = {"straight": True, "beds": 0.0}
MODELS = {
    "first": NONE,
    "lenses": NONE | {"lens": LENSES},
    "sheets": NONE | {"lens": SHEETS},
    "kernels": NONE | {"grid": with_beds},
    "statics": NONE | {"place": {"radar": 2.0, "seismic": 0.1}},
    "layers": NONE | {"knots": (16, 24)},
    "refract": {"beds": 0.0},
    "refract+layers": {"beds": 0.0, "knots": (16, 24)},
    "beds": {"straight": True},
    "now": {},
    "wide": {"beds": 0.8},
}
USUAL = {
    (crosshole, "_whitening"): crosshole._whitening,
    (crosshole, "crosshole_grid"): crosshole.crosshole_grid,
    (ray_trend, "_TREND_LAYERS"): ray_trend._TREND_LAYERS,
    (traveltime, "_BEDS"): traveltime._BEDS,
    (traveltime, "_PLACE"): traveltime._PLACE,
    (traveltime, "overtaken_by_layers"): traveltime.overtaken_by_layers,
}


def use(model):
    for (module, name), value in USUAL.items():
        setattr(module, name, value)
    if "straight" in model:
        traveltime.overtaken_by_layers = lambda rays, *_: np.zeros(len(rays))
    if "lens" in model:
        crosshole._whitening = lenses_of(model["lens"])
    if "grid" in model:
        crosshole.crosshole_grid = model["grid"]
    if "knots" in model:
        ray_trend._TREND_LAYERS = model["knots"]
    if "beds" in model:
        traveltime._BEDS = model["beds"]
    if "place" in model:
        traveltime._PLACE = model["place"]


def survey_of(model, table):
    use(MODELS[model])
    return traveltime.traveltime_evidence([table], PRIOR)


def drives(rng):
    """Scenes of the prior with at least one object."""
    scenes = sample_prior(PRIOR, 2 * N + 1000, rng)
    some = np.flatnonzero(np.any(scenes.objects.family > 0, axis=1))[:N]
    return take(scenes, some)


def chance(survey, response):
    """P(any) with prior 0.5."""
    nothing = np.zeros((1, response.shape[1]), np.float32)
    ratio = np.concatenate(
        [score.log_likelihood(survey.models, part) for part in np.array_split(response, 20)]
    )
    ratio -= score.log_likelihood(survey.models, nothing)[0]
    top = max(float(ratio.max()), 0.0)
    mean = np.exp(ratio - top).mean()
    return float(mean / (mean + np.exp(-top)))


def truth(void):
    x, depth, radius, fill = void
    item = {
        "family": "driven", "fill": fill, "radius": radius,
        "axis": [[x, -1.0, -depth], [x, 1.0, -depth]],
    }  # fmt: skip
    return make_scene([item])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1-6")
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--voids", type=lambda t: slice(*map(int, t.split("-"))), default=slice(3))
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    scenes = drives(np.random.default_rng(1))
    for void in VOIDS[args.voids]:
        label = "null" if void is None else f"{void[3]} a={void[2]}"
        for kind in args.kinds:
            out = {model: [] for model in args.models}
            snr = {model: [] for model in args.models}
            for seed in range(first, last + 1):
                table = world(kind, seed, void)
                response = None
                for model in args.models:
                    survey = survey_of(model, table)
                    if response is None:
                        response = (survey.predict(scenes) - survey.background).astype(np.float32)
                    out[model].append(chance(survey, response))
                    if void is not None:
                        snr[model].append(float(survey.matched_snr(truth(void))[0]))
            for model in args.models:
                p = np.array(out[model])
                more = f"  snr {np.mean(snr[model]):.1f}" if void is not None else ""
                print(
                    f"{label:12s} {kind:9s} {model:12s} mean {p.mean():.2f} max {p.max():.2f}"
                    f" | {' '.join(f'{v:.2f}' for v in p)}{more}", flush=True,
                )  # fmt: skip


if __name__ == "__main__":
    main()
