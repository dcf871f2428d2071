"""Starting scenes: prior draws, some of them placed where the scan points, with exact weights."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.inference.scan import Scan, draw_from_scan, scan_density
from subterra.scene import Prior, Scenes, decode_scenes, sample_prior

__all__ = ["start_scenes"]

Array = npt.NDArray[Any]

_STEERED: Final = 0.5


def start_scenes(
    prior: Prior, scan: Scan, n: int, rng: np.random.Generator
) -> tuple[Scenes, Array]:
    """Draw scenes from the prior with half of their first objects placed by the scan.

    Numbers, families and fills are the prior's. The first object comes from the mixture
    ½ prior + ½ scan, so that a scene weighs ``1/(½ + ½ q)``, at most 2.

    Parameters
    ----------
    prior : Prior
        Site prior.
    scan : Scan
        Density q of the scan over the unit cube.
    n : int
        Number of scenes.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    scenes : Scenes
        ``n`` scenes.
    log_weight : (n,) numpy.ndarray
        Log of prior over proposal; its mean weight is 1 in expectation.
    """
    drawn = sample_prior(prior, n, rng)
    family = drawn.objects.family
    unit = drawn.unit.copy()
    steered = (rng.random(n) < _STEERED) & (family[:, 0] > 0)
    unit[steered, 0] = draw_from_scan(scan, family[:, 0], rng)[steered]
    scenes = decode_scenes(prior, family, drawn.objects.fill, unit, drawn.site_unit)
    density = np.exp(scan_density(scan, family[:, 0], unit[:, 0]))
    log_weight = np.where(family[:, 0] > 0, -np.log(1.0 - _STEERED + _STEERED * density), 0.0)
    return scenes, log_weight
