"""Gravity across a tunnel, beside the formula of an endless cylinder."""

import matplotlib.pyplot as plt
import numpy as np

from subterra.physics import G_UGAL, gravity_response
from subterra.scene import make_scene, slot

RADIUS_M, DENSITY = 1.0, 2000.0
x = np.linspace(-15.0, 15.0, 121)
figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(7.0, 6.0), sharex=True, layout="constrained", height_ratios=(3, 1)
)
off = {}
for depth, colour, dash in ((2.0, "#0072b2", "-"), (4.0, "#d55e00", "--"), (8.0, "#009e73", ":")):
    axis = [(0.0, -500.0, -depth), (0.0, 500.0, -depth)]
    drive = {"family": "driven", "fill": "air", "axis": axis, "radius": RADIUS_M}
    objects = slot(make_scene([drive], host_density=DENSITY), 0)
    made = gravity_response(objects, x, np.zeros_like(x), np.zeros_like(x))[0]
    area = np.pi * RADIUS_M**2
    formula = -2.0 * G_UGAL * area * DENSITY * depth / (x**2 + depth**2)
    off[depth] = 100.0 * (made - formula) / np.abs(formula).max()
    top.plot(x, formula, color=colour, ls=dash, label=f"{depth:g} m deep")
    top.plot(x[::6], made[::6], "o", color=colour, ms=4, mfc="none")
    bottom.plot(x, off[depth], color=colour, ls=dash)
top.set_ylabel("Gravity (µGal), a void is negative")
top.legend(title="lines: endless cylinder\nrings: 1,000 m of it", loc="lower right")
bottom.set_ylabel("Difference\n(% of the peak)")
bottom.set_xlabel("Across the tunnel (m)")
top.set_title("Air-filled tunnel of 2 m diameter, ground of 2,000 kg/m³", fontsize=10)
for axes in (top, bottom):
    axes.grid(color="#dddddd", lw=0.5)
