"""How deep a gravity survey that is only planned would see a drive."""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import subterra as st

with tempfile.TemporaryDirectory() as folder:
    config = st.build_config({"name": "field", "bounds": [0, 0, 50, 40], "depth_m": 15})
    site = st.Site.create(Path(folder) / "field", config)
    plan = st.plan_grid((5.0, 5.0, 45.0, 35.0), spacing_m=5.0)
    terms = st.ForecastTerms(error=5.0, fills=("air",), diameters_m=(1.5, 2.0, 3.0, 5.0))
    survey = st.forecast(site, [plan], terms).surveys[0]
found, threshold = survey.detectability, survey.threshold
pod = found.pod(threshold)[0]

figure, axes = plt.subplots(figsize=(7.0, 4.6), layout="constrained")
dashes = (":", "-.", "--", "-")
for diameter, curve, colour, dash in zip(
    found.diameter_m, pod, ("#56b4e9", "#009e73", "#d55e00", "#0072b2"), dashes, strict=True
):
    axes.plot(found.depth_m, curve, color=colour, ls=dash, lw=1.8, label=f"{diameter:g} m")
axes.axhline(0.9, color="#1a1a1a", lw=0.8)
axes.annotate("called seen", (14.8, 0.91), ha="right", va="bottom", fontsize=8)
axes.set(xlabel="Depth of the axis (m)", ylabel="Probability of detection", ylim=(-0.02, 1.02))
axes.set_xlim(1.0, 15.0)
axes.grid(color="#dddddd", lw=0.5)
axes.legend(title="Air-filled drive")
axes.set_title(
    f"{survey.n_data} stations 5 m apart, 5 µGal, in ground that nobody knows yet", fontsize=10
)
