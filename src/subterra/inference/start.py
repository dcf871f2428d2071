"""Starting scenes: prior draws, some of them placed where the scans point, with exact weights."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.outlook import Outlook
from subterra.inference.pairs import draw_pairs, pair_density
from subterra.inference.scan import draw_from_scan, scan_density
from subterra.scene import Prior, Scenes, collide, decode_scenes, sample_independent

__all__ = ["start_scenes"]

Array = npt.NDArray[Any]

_STEERED: Final = 0.5
_PAIRED: Final = 0.3
"""Shares of scenes of one or more, and of two or more objects, whose first are steered."""


def start_scenes(
    prior: Prior, outlook: Outlook, n: int, rng: np.random.Generator
) -> tuple[Scenes, Array]:
    """Draw scenes from the prior with the first objects of some placed by the scans.

    Numbers, families and fills are the prior's. A first object comes from the mixture ½ prior +
    ½ scan, so that a scene weighs ``1/(½ + ½ q)``, at most 2. Where there are two, and pairs of
    their families were scanned, three tenths of the scenes have both from there:
    ``1/(0.35 + 0.35 q + 0.3 q₂)``.

    Parameters
    ----------
    prior : Prior
        Site prior.
    outlook : Outlook
        Densities q and q₂ of the scans over the unit cubes.
    n : int
        Number of scenes.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    scenes : Scenes
        ``n`` scenes.
    log_weight : (n,) numpy.ndarray
        Log of prior over proposal, −inf for scenes that cannot be; the mean weight is the prior
        probability of those that can, nearly 1, in expectation.
    """
    drawn = sample_independent(prior, n, rng)
    family = drawn.objects.family
    unit = drawn.unit.copy()
    single, pair = outlook.single, outlook.pair
    f, g = family[:, 0], family[:, 1]
    able = pair.known(f, g)
    paired = able & (rng.random(n) < _PAIRED)
    steered = ~paired & (rng.random(n) < _STEERED) & (f > 0)
    unit[steered, 0] = draw_from_scan(single, f, rng)[steered]
    a, b = draw_pairs(single, pair, f, g, rng)
    unit[paired, 0], unit[paired, 1] = a[paired], b[paired]
    scenes = decode_scenes(prior, family, drawn.objects.fill, unit, drawn.site_unit)

    q = np.exp(scan_density(single, f, unit[:, 0]))
    q_2 = pair_density(single, pair, f, g, unit[:, 0], unit[:, 1])
    share = np.where(able, _PAIRED, 0.0)
    density = (1.0 - share) * (1.0 - _STEERED + _STEERED * q) + share * q_2
    log_weight = np.where(f > 0, -np.log(density), 0.0)
    return scenes, np.where(collide(scenes.objects), -np.inf, log_weight)
