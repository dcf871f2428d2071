"""Which part of a null survey asks for something: a compact body tried at every place of a panel.

    python bench/crosshole_where.py            (needs SUBTERRA_DATA; writes docs/figures/)

For the picks of Grimsel and of one panel of Arrenæs: what is left of the times after the trend
(zero time, slowness by direction, gradients, layers), in per cent of the slowness, at the middle of
each ray; and by how many nats a chamber of 2.5 or 1 m radius at a place raises the likelihood, the
best of four fills. The scale is that of a single place looked at: the prior spreads over hundreds.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import matplotlib.pyplot as plt
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "field"))
from test_crosshole import GRIMSEL, GRIMSEL_Z, arrenaes, grimsel, site_around

from subterra.evidence import traveltime_evidence
from subterra.ground import log_likelihood
from subterra.scene import concatenate, make_scene

DOCS = Path(__file__).parent.parent / "docs"
PORES = (0.03, 0.1, 0.3)


def bodies(x, y, z, radius):
    """A chamber at a place: full of water, and of rubble of three porosities."""
    at = {"family": "chamber", "radius": radius, "axis": [[x, y, z]] * 2}
    out = [make_scene([at | {"fill": "water"}])]
    rubble = make_scene([at | {"fill": "rubble"}])
    for share in PORES:
        contrast = rubble.objects.density_contrast.copy()
        contrast[:, 0] = -2400.0 * share
        out.append(replace(rubble, objects=replace(rubble.objects, density_contrast=contrast)))
    return concatenate(out)


def tried(survey, places, radius):
    """Largest log-likelihood ratio (n,) of a body at each place."""
    nothing = np.zeros((1, len(survey.observed)), np.float32)
    base = float(log_likelihood(survey.models, nothing)[0])
    best = []
    for part in np.array_split(np.asarray(places), max(1, len(places) // 40)):
        scenes = concatenate([bodies(*place, radius) for place in part])
        ratio = survey.log_likelihood(scenes) - base
        best.append(ratio.reshape(len(part), -1).max(axis=1))
    return np.concatenate(best)


def residual(survey):
    """Times less background and trend, least squares, in per cent of the host's."""
    late = survey.observed - survey.background
    drift = survey.models.trend * survey.models.sd[:, None]
    coefficients = np.linalg.lstsq(drift, late, rcond=None)[0]
    return 100.0 * (late - drift @ coefficients) / survey.background


def main():
    cache = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    figure, axes = plt.subplots(2, 2, figsize=(11.0, 10.0), constrained_layout=True)
    rock = traveltime_evidence([grimsel()], GRIMSEL, cache_dir=cache)
    at = np.column_stack(
        [v.ravel() for v in np.meshgrid(np.arange(2.0, 62, 2), np.arange(2.0, 60, 2))]
    )
    places = np.column_stack([at, np.full(len(at), GRIMSEL_Z)])
    _times(axes[0, 0], rock, 1, 1.5, "Grimsel, P waves, 9,521 picks, no void known", "north m")
    _bodies(axes[0, 1], at, tried(rock, places, 2.5), 2.5, ("east m", "north m"))
    for ends in (rock.rays.at(0.0), rock.rays.at(1.0)):
        axes[0, 1].plot(*ends[:, :2].T, ".", ms=2, color="tab:red")
    table = arrenaes("AM24")
    sand = traveltime_evidence([table], site_around(table), cache_dir=cache)
    start, end = sand.rays.at(0.0)[0], sand.rays.at(1.0)[0]
    wide = float(np.hypot(*(end - start)[:2]))
    grid = np.meshgrid(np.linspace(0.08, 0.92, 15), np.arange(1.0, 12.1, 0.4))
    t, depth = (v.ravel() for v in grid)
    places = start + t[:, None] * (end - start)
    places[:, 2] = -depth
    _times(axes[1, 0], sand, 2, 4.0, "Arrenæs AM24, radar, 702 picks, no void", "height m")
    at = np.column_stack([wide * t, -depth])
    _bodies(axes[1, 1], at, tried(sand, places, 0.6), 0.6, ("from the source hole m", "height m"))
    figure.savefig(DOCS / "figures" / "crosshole-null-where.png", dpi=100)


def _times(axis, survey, along, limit, title, word):
    """Residual of each pick by the places of its antennas."""
    dots = axis.scatter(
        survey.rays.at(0.0)[:, along], survey.rays.at(1.0)[:, along], c=residual(survey), s=9,
        marker="s", linewidths=0, cmap="RdBu_r", vmin=-limit, vmax=limit,
    )  # fmt: skip
    plt.colorbar(dots, ax=axis, label="late, % of the time, trend taken out")
    axis.set(title=title, xlabel=f"source, {word}", ylabel=f"receiver, {word}", aspect="equal")


def _bodies(axis, at, nats, radius, words):
    best = at[int(nats.argmax())]
    print("largest", nats.max().round(1), "at", best)
    dots = axis.scatter(*at.T, c=nats, s=30, marker="s", cmap="cividis", vmin=-2.0, vmax=12.0)
    plt.colorbar(dots, ax=axis, label="nats that a body here would explain")
    best_words = f"best {nats.max():.0f} nats at ({best[0]:.1f}, {best[1]:.1f})"
    title = f"a body of {radius:g} m tried; {best_words}"
    axis.set(title=title, xlabel=words[0], ylabel=words[1], aspect="equal")


if __name__ == "__main__":
    main()
