"""Probability of containment from three reports and a dry hole."""

import matplotlib.pyplot as plt
import numpy as np

import subterra as st
from subterra.inference import infer, p_any
from subterra.report.style import probability_map
from subterra.search import poc_xarray
from subterra.tables import BoreholeTable, IntervalTable, ReportTable

prior = st.Prior((0.0, 0.0, 100.0, 80.0), depth_m=12.0, targets=("driven",), p_none=0.5)
unknown, blank = np.full(3, np.nan), ("", "", "")
reports = ReportTable(
    ("R1", "R2", "R3"),
    ("shepherd", "well driller", "trader"),
    ("C", "B", "E"),
    np.array([3, 2, 5]),
    ("shepherd", "well driller", "trader"),
    np.array([35.0, 60.0, 15.0]),
    np.array([30.0, 48.0, 65.0]),
    np.array([8.0, 6.0, 10.0]),
    ("tunnel", "tunnel", "tunnel"),
    unknown,
    unknown,
    unknown,
    unknown,
    blank,
    blank,
)
hole = BoreholeTable(
    ("B1",),
    np.array([58.0]),
    np.array([52.0]),
    None,
    np.zeros(1),
    np.array([90.0]),
    np.array([12.0]),
)
log = IntervalTable(("B1",), np.array([0.0]), np.array([12.0]), ("intact",))
evidence = [st.report_evidence(reports, prior), st.borehole_evidence(hole, log, prior)]
belief = infer(prior, evidence, n_scenes=1024, seed=1)
poc = poc_xarray(belief, cell_m=2.0)

figure, axes = plt.subplots(figsize=(7.0, 5.4), layout="constrained")
image = axes.imshow(
    poc, origin="lower", extent=(0, 100, 0, 80), cmap=probability_map(), vmin=0.0, vmax=0.4
)
axes.errorbar(
    reports.x_m, reports.y_m, reports.sd_m, reports.sd_m, fmt="^", color="#1a1a1a", ms=7,
    label="report, one standard deviation",
)  # fmt: skip
for name, grade, x, y in zip(
    reports.id, reports.reliability, reports.x_m, reports.y_m, strict=True
):
    axes.annotate(f"{name} ({grade})", (x, y), (6, 6), textcoords="offset points", fontsize=8)
axes.plot(58.0, 52.0, "o", mfc="white", mec="#1a1a1a", ms=8, label="dry hole, 12 m")
axes.annotate("N", (0.95, 0.97), (0.95, 0.86), xycoords="axes fraction", ha="center", va="center",
              fontweight="bold", arrowprops={"arrowstyle": "-|>"})  # fmt: skip
axes.set(xlabel="East (m)", ylabel="North (m)")
axes.legend(loc="lower right", fontsize=8)
axes.set_title(
    f"P(any target) {p_any(belief):.2f}; a cell's value is P(a target passes below it)", fontsize=10
)
figure.colorbar(image, ax=axes, shrink=0.8, extend="max", label="Probability of containment")
