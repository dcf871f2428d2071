"""Speed of the crosshole kernels: rays × objects per second, and where the time goes.

``python bench/crosshole_speed.py``: objects of the prior against a panel of 700 rays; the same with
every object out of reach (the price of saying no) and with every object in the panel.
"""

import time
from dataclasses import replace

import numpy as np

from subterra.physics import cw_response, make_rays, traveltime_response
from subterra.scene import Prior, sample_prior, slot, take


def best(function, repeats=5):
    function()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main():
    rng = np.random.default_rng(1)
    scenes = sample_prior(Prior((-20.0, -20.0, 20.0, 20.0), 30.0), 2048, np.random.default_rng(0))
    scenes = take(scenes, scenes.objects.family[:, 0] > 0)
    objects = slot(scenes, 0)
    n = 700
    x = np.full(n, 7.5)
    ends = [np.column_stack([side * x, 0.0 * x, -rng.uniform(0.0, 25.0, n)]) for side in (-1, 1)]
    rays = make_rays(*ends)
    far = replace(objects, z=objects.z - 1000.0)
    across = replace(
        objects,
        x=np.zeros_like(objects.x),
        y=np.broadcast_to(np.linspace(-30, 30, objects.y.shape[1]), objects.y.shape),
        z=np.broadcast_to(rng.uniform(-20, -5, len(objects))[:, None], objects.z.shape),
    )
    cases = {"objects of the prior": objects, "none in reach": far, "all cross the panel": across}
    print(f"{len(objects)} objects, {n} rays; millions of objects x rays per second, one thread")
    for medium, host in (("radar", 8.8e-9), ("seismic", 2e-4)):
        for name, some in cases.items():
            args = (some, rays, np.full(n, host), np.full(n, 1.1), medium)
            seconds = best(lambda args=args: traveltime_response(*args))
            print(f"times, {medium:8s} {name:22s} {1e-6 * len(objects) * n / seconds:8.1f}")
    level = np.linspace(-25.0, 0.0, 60)
    ends = [np.column_stack([np.full(60, v), np.zeros(60), level]) for v in (-7.5, 7.5)]
    rays = make_rays(*ends)
    for name, some in cases.items():
        seconds = best(lambda some=some: cw_response(some, rays, np.full(60, 5e7)), 3)
        print(f"levels, 60 of 50 MHz {name:22s} {1e-6 * len(objects) * 60 / seconds:8.2f}")


if __name__ == "__main__":
    main()
