"""An old plan of unknown tie, before and after a hole that meets a void."""

import matplotlib.pyplot as plt
import numpy as np

import subterra as st
from subterra.evidence import mine_map_evidence
from subterra.inference import infer, p_any, probability_words
from subterra.report.style import probability_map
from subterra.search import poc_xarray
from subterra.tables import BoreholeTable, IntervalTable, MineMapTable

prior = st.Prior((0.0, 0.0, 120.0, 80.0), depth_m=20.0, targets=("working",), p_none=0.3)
drawn = np.array([[-30.0, 30.0], [150.0, 45.0]])
unknown = np.full(2, np.nan)
plan = MineMapTable(
    line=("A",), sheet=("plan 12",), tie=("topographic",), level=("",), date=("",),
    start=np.array([0, 2], np.int32), x=drawn[:, 0], y=drawn[:, 1], z_m=unknown,
    level_sd_m=unknown[:1], sd_m=np.zeros(1),
)  # fmt: skip
hole = BoreholeTable(
    ("B1",),
    np.array([60.0]),
    np.array([58.0]),
    None,
    np.zeros(1),
    np.array([90.0]),
    np.array([18.0]),
)
log = IntervalTable(
    ("B1",) * 3,
    np.array([0.0, 11.0, 13.0]),
    np.array([11.0, 13.0, 18.0]),
    ("intact", "void", "intact"),
)
sheets = mine_map_evidence(plan, prior)
drilled = st.borehole_evidence(hole, log, prior)
before = infer(prior, [sheets], n_scenes=1024, seed=1)
after = infer(prior, [sheets, drilled], n_scenes=1024, seed=1)

figure, panels = plt.subplots(1, 2, figsize=(10.0, 4.2), sharey=True, layout="constrained")
for axes, belief, words in (
    (panels[0], before, "the plan alone"),
    (panels[1], after, "and a hole"),
):
    image = axes.imshow(
        poc_xarray(belief, cell_m=2.0), origin="lower", extent=(0, 120, 0, 80),
        cmap=probability_map(), vmin=0.0, vmax=0.4,
    )  # fmt: skip
    axes.plot(*drawn.T, "--", color="#d55e00", lw=1.6, label="as drawn, ± 24 m")
    axes.set(xlabel="East (m)", xlim=(0, 120), ylim=(0, 80))
    chance = probability_words(p_any(belief), 1024)
    axes.set_title(f"{words}: P(any target) {chance}", fontsize=10)
panels[1].plot(60.0, 58.0, "o", mfc="white", mec="#1a1a1a", ms=8, label="void at 11 m")
panels[0].set_ylabel("North (m)")
panels[1].legend(loc="lower right", fontsize=8)
panels[0].annotate("N", (0.95, 0.97), (0.95, 0.84), xycoords="axes fraction", ha="center",
                   va="center", fontweight="bold", arrowprops={"arrowstyle": "-|>"})  # fmt: skip
figure.colorbar(image, ax=panels, shrink=0.8, extend="max", label="Probability of containment")
