"""What a drive does to a dipole-dipole pseudosection, dry and flooded."""

import matplotlib.pyplot as plt
import numpy as np

from subterra.physics import log_response, make_quadripoles, resistivity_response
from subterra.scene import make_scene, slot

SPACING_M, DEPTH_M, RADIUS_M = 1.0, 2.5, 1.0
x = np.arange(-15.0, 15.5, SPACING_M)
quads = np.array(
    [(i, i + 1, i + 1 + n, i + 2 + n) for n in range(1, 9) for i in range(len(x) - 2 - n)]
)
layout = make_quadripoles(x, np.zeros_like(x), None, quads)
middle, level = x[quads].mean(axis=1), (quads[:, 2] - quads[:, 1]) * SPACING_M

figure, panels = plt.subplots(3, 1, figsize=(7.5, 7.0), sharex=True, layout="constrained")
change = {}
for axes, (fill, ratio, words) in zip(
    panels,
    (
        ("air", 0.0, "filled with air"),
        ("water", 5.0, "flooded, five times the ground's conductivity"),
        ("water", 1.0, "flooded, as conductive as the ground"),
    ),
    strict=True,
):
    axis = [(0.0, -100.0, -DEPTH_M), (0.0, 100.0, -DEPTH_M)]
    drive = {"family": "driven", "fill": fill, "axis": axis, "radius": RADIUS_M}
    scene = make_scene([{**drive, "conductivity_ratio": ratio}])
    response = log_response(resistivity_response(slot(scene, 0), layout))[0]
    change[words] = 100.0 * np.expm1(response)
    # The shape says the sign where print has no colour.
    less = change[words] < -1.0
    for part, marker in ((~less, "s"), (less, "o")):
        image = axes.scatter(
            middle[part],
            level[part],
            c=change[words][part],
            cmap="PuOr_r",
            vmin=-30,
            vmax=30,
            s=60,
            marker=marker,
            ec="#b5b5b5",
            lw=0.4,
        )
    axes.axvline(0.0, color="#767676", lw=0.8, ls="--")
    axes.invert_yaxis()
    axes.set_ylabel("Dipoles apart (m)")
    axes.set_title(words, fontsize=9.5, loc="left")
panels[-1].set_xlabel("Along the line (m); the drive crosses at 0")
bar = figure.colorbar(image, ax=panels, shrink=0.7, extend="both")
bar.set_label("Change of apparent resistivity (%); circles: less")
figure.suptitle("Drive of 2 m diameter, its axis 2.5 m deep; dipoles of 1 m", fontsize=10)
