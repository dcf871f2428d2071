"""How many dry holes it takes, by what was believed before the first of them."""

import matplotlib.pyplot as plt
import numpy as np

import subterra as st
from subterra.scene import sample_prior
from subterra.search.declared import declare, in_class
from subterra.tables import BoreholeTable, IntervalTable

EPSILON, SPACING_M, DEPTH_M = 0.05, 1.5, 8.0
prior = st.Prior((0.0, 0.0, 30.0, 24.0), depth_m=DEPTH_M, targets=("driven",), p_none=0.5)
scenes = sample_prior(prior, 20_000, np.random.default_rng(1))
member = in_class(scenes, prior, declare(prior, diameter_m=1.6, above_m=6.0)).any(axis=1)
target = (scenes.objects.family == 1).any(axis=1)

# A fence from west to east, then one from south to north, denser than the drives are wide.
east, north = np.arange(0.75, 30.0, SPACING_M), np.arange(0.75, 24.0, SPACING_M)
x = np.concatenate([east, np.full(len(north), 15.0)])
y = np.concatenate([np.full(len(east), 12.0), north])
n = len(x)
collars = BoreholeTable(
    tuple(f"B{k + 1}" for k in range(n)), x, y, None, np.zeros(n), np.full(n, 90.0),
    np.full(n, DEPTH_M),
)  # fmt: skip
logs = IntervalTable(collars.hole, np.zeros(n), np.full(n, DEPTH_M), ("intact",) * n)
by_hole = st.borehole_evidence(collars, logs, prior).log_likelihood_by_hole(scenes)
dry = np.vstack([np.zeros(len(target)), np.cumsum(by_hole, axis=0)])

figure, axes = plt.subplots(figsize=(7.0, 4.6), layout="constrained")
chance = {}
for p0, colour, dash in ((0.3, "#d55e00", "--"), (0.5, "#0072b2", "-"), (0.8, "#009e73", ":")):
    factor = np.where(target, (1.0 - p0) / (1.0 - prior.p_none), p0 / prior.p_none)
    weight = factor * np.exp(dry)
    chance[p0] = (weight * member).sum(axis=1) / weight.sum(axis=1)
    axes.plot(np.arange(n + 1), chance[p0], color=colour, ls=dash, marker="o", ms=3,
              label=f"P(no target) {p0:g}")  # fmt: skip
axes.axhline(EPSILON, color="#1a1a1a", lw=0.8)
axes.annotate(
    "accepted: 0.05", (0, EPSILON), (0, -4), textcoords="offset points", va="top", fontsize=8
)
axes.axvline(len(east), color="#767676", lw=0.8, ls="--")
axes.annotate(
    "second fence from here", (len(east), 0.01), (4, 0), textcoords="offset points", fontsize=8
)
axes.set(xlabel="Dry holes of 8 m, 1.5 m apart", ylabel="P(drive ≥ 1.6 m wide above 6 m)")
axes.set_ylim(0.0, None)
axes.grid(color="#dddddd", lw=0.5)
axes.legend(title="Before any hole")
axes.set_title("Stopping rests on what was believed before: look at it first", fontsize=10)
