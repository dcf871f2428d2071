"""Small beliefs made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from subterra.inference.belief import Belief, RunInfo
from subterra.scene import Prior, concatenate, make_scene

PRIOR = Prior((0.0, 0.0, 60.0, 40.0), 20.0)
INFO = RunInfo(1, 1, 0.0, (0.0,), (0.5,), (1,), 1.0, {}, (0.0, 1.0), {})
NOTHING: list[dict] = []


def drive(y, depth=8.0, *, fill="air", radius=1.0, family="driven", x=(-40.0, 100.0)):
    """A level east-west drive at northing ``y``."""
    axis = [(x[0], y, -depth), (x[1], y, -depth)]
    return {"family": family, "fill": fill, "axis": axis, "radius": radius}


def chamber(x, y, depth, *, fill="air", radius=2.0):
    return {"family": "chamber", "fill": fill, "axis": [(x, y, -depth)], "radius": radius}


def belief(contents, weight=None, prior=PRIOR):
    """Belief of scenes given as lists of objects; equal weights unless given."""
    scenes = concatenate([make_scene(objects) for objects in contents])
    n = len(contents)
    weight = np.full(n, 1.0 / n) if weight is None else np.asarray(weight, float)
    return Belief(scenes, weight, prior, replace(INFO, island=(len(weight),)))


def random_contents(n, rng, p_none=0.3):
    """Scenes with none to three oblique objects of all kinds."""
    contents = []
    for _ in range(n):
        count = 0 if rng.random() < p_none else int(rng.integers(1, 4))
        objects = []
        for _ in range(count):
            fill = ("air", "water", "rubble")[rng.integers(3)]
            if rng.random() < 0.3:
                place = rng.uniform((5, 5, 3), (55, 35, 15))
                objects.append(chamber(*place, fill=fill, radius=rng.uniform(0.5, 3.0)))
                continue
            ends = rng.uniform((0, 0, -12), (60, 40, -3), (2, 3))
            objects.append(
                {
                    "family": ("driven", "working")[rng.integers(2)],
                    "fill": fill,
                    "axis": ends,
                    "radius": rng.uniform(0.5, 2.0),
                }
            )
        contents.append(objects)
    return contents
