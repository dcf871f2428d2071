"""Ranks of the truth in beliefs that are right, and in beliefs that are too sure."""

import matplotlib.pyplot as plt
import numpy as np

import subterra as st
from subterra.evidence.protocol import responses_of
from subterra.inference.quantities import scene_quantities
from subterra.inference.ranks import rank_bands
from subterra.scene import sample_prior
from subterra.simulate import simulate_worlds
from subterra.tables import GravityTable

N_WORLDS, N_SCENES, LEVEL = 100, 4000, 0.99
prior = st.Prior((0.0, 0.0, 40.0, 30.0), depth_m=8.0, targets=("driven",), p_none=0.5)
x, y = (v.ravel() for v in np.meshgrid(np.arange(5.0, 40.0, 6.0), np.arange(5.0, 30.0, 6.0)))
names = tuple(f"s{k}" for k in range(len(x)))
survey = st.gravity_evidence(
    [GravityTable(names, x, y, None, np.zeros(len(x)), np.full(len(x), 5.0))], prior
)
# One population serves all worlds: the prior, weighted by the likelihood of each world's data.
scenes = sample_prior(prior, N_SCENES, np.random.default_rng(1))
response = responses_of(survey, scenes)
volume = scene_quantities(prior, scenes)["target_volume_m3"]
rng = np.random.default_rng(2)
ranks = {"as they should be": np.empty(N_WORLDS), "three times too sure": np.empty(N_WORLDS)}
for world in simulate_worlds(prior, [survey], N_WORLDS, seed=3):
    truth = scene_quantities(prior, world.scenes)["target_volume_m3"][0]
    log_likelihood = world.evidence[0].score(response)
    for words, power in zip(ranks, (1.0, 3.0), strict=True):
        weight = np.exp(power * (log_likelihood - log_likelihood.max()))
        weight /= weight.sum()
        own = np.sum(weight**2)
        tied = weight[volume == truth].sum() + own
        below = weight[volume < truth].sum()
        ranks[words][world.index] = (below + rng.random() * tied) / (1.0 + own)

place, low, high = rank_bands(N_WORLDS, LEVEL)
outside = {}
figure, panels = plt.subplots(1, 2, figsize=(9.0, 3.8), sharey=True, layout="constrained")
for axes, (words, rank) in zip(panels, ranks.items(), strict=True):
    share = np.array([(rank <= p).mean() for p in place])
    outside[words] = bool(((share < low) | (share > high)).any())
    axes.fill_between(place, low - place, high - place, color="#dcdcdc", lw=0.0)
    axes.plot(place, share - place, color="#d55e00" if outside[words] else "#0072b2", lw=1.8)
    axes.axhline(0.0, color="#767676", lw=0.6)
    state = "leave the band" if outside[words] else "stay inside"
    axes.set_title(f"Beliefs {words}: ranks {state}", fontsize=10)
    axes.set_xlabel("Rank of the truth in the belief")
panels[0].set_ylabel("Share of worlds at or below, less the rank")
figure.suptitle(
    f"Volume of targets, {N_WORLDS} worlds of gravity; band: 99 % of calibrated beliefs",
    fontsize=10,
)
