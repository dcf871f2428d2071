"""How far straight fat rays are from first arrivals in random ground: the floor of travel times.

Random slowness in a panel of 5 m by 12 m at 0.05 m; eikonal times less those of the even ground,
against the first-order integral. Prints the rms of the difference beyond the trend, in per cent of
the time, by amplitude and correlation. ``python bench/crosshole_discrepancy.py``
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "physics"))
from eikonal import first_arrivals

from subterra.ground import correlation, traveltime_trend
from subterra.physics import make_rays

H, WIDE, DEEP = 0.05, 5.0, 12.0


def field(length, ratio, smoothness, rng):
    """Field of unit variance, a product of correlations over the axes, on the solver's grid."""
    roots = []
    for size, scale in ((WIDE, length), (DEEP, length / ratio)):
        at = H * np.arange(round(size / H) + 1)
        k = correlation(at[:, None] - at[None, :], scale, smoothness)
        roots.append(np.linalg.cholesky(k + 1e-9 * np.eye(len(at))))
    a, b = roots
    return a @ rng.standard_normal((len(a), len(b))) @ b.T


def straight(values, source, receiver):
    """Mean of a field along thin rays."""
    t = (np.arange(200) + 0.5) / 200.0
    x = source[:, :1] + (receiver - source)[:, :1] * t
    z = source[:, 1:] + (receiver - source)[:, 1:] * t
    return values[np.rint(x / H).astype(int), np.rint(z / H).astype(int)].mean(axis=1)


def misfit(amplitude, length, ratio, smoothness, seed):
    """Rms difference in per cent of the time, before and after the trend."""
    rng = np.random.default_rng(seed)
    relative = amplitude * field(length, ratio, smoothness, rng)
    slowness = np.maximum(1.0 + relative, 0.3)
    even = np.ones_like(slowness)
    sources, receivers = np.arange(1.0, 11.1, 1.0), np.arange(1.0, 11.1, 0.5)
    found, source, receiver = [], [], []
    for z in sources:
        node = (0, round(z / H))
        delay = first_arrivals(slowness, H, node) - first_arrivals(even, H, node)
        found += [delay[-1, round(r / H)] for r in receivers]
        source += [[0.0, z]] * len(receivers)
        receiver += [[WIDE, r] for r in receivers]
    source, receiver = np.array(source), np.array(receiver)
    length_m = np.linalg.norm(receiver - source, axis=1)
    late = np.array(found) / length_m - straight(relative, source, receiver)
    ends = [np.column_stack([p[:, 0], 0.0 * p[:, 0], -p[:, 1]]) for p in (source, receiver)]
    trend = traveltime_trend(make_rays(*ends), "elliptical")
    data = late * length_m
    beyond = data - trend @ np.linalg.lstsq(trend, data, rcond=None)[0]
    return 100.0 * np.sqrt(np.mean(late**2)), 100.0 * np.sqrt(np.mean((beyond / length_m) ** 2))


def main():
    print("amplitude  length m  ratio  smoothness   rms %   rms beyond trend %")
    for smoothness in (0.5, 1.5):
        for length, ratio in ((1.0, 1.0), (2.0, 2.0), (6.0, 6.0)):
            for amplitude in (0.02, 0.05, 0.1, 0.15):
                rows = [misfit(amplitude, length, ratio, smoothness, seed) for seed in (1, 2)]
                plain, beyond = np.sqrt(np.mean(np.square(rows), axis=0))
                print(f"{amplitude:9.2f} {length:9.1f} {ratio:6.1f} {smoothness:11.1f}"
                      f" {plain:8.2f} {beyond:12.2f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
