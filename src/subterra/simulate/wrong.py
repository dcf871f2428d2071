"""Worlds in which the site's assumptions are wrong, while its inference keeps to them.

What follows measures the damage, not a likelihood of such worlds:

* ``ground``: the covariance C of each ground model is replaced by C² (smoother and longer than any
  kernel of the grid) or by √C (rougher), one of the two by chance in each world, rescaled to the
  same total variance, and all amplitudes are half as large again;
* ``noise``: all noise is twice as large as the noise scales that are summed over;
* ``prior``: targets are half as probable, three quarters as wide and three times as winding, and
  natural objects three times as many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.evidence import AdditiveEvidence, Evidence
from subterra.ground import GroundModels, with_data
from subterra.ground.noise import colour
from subterra.scene import FamilyPrior, Prior, Scenes

__all__ = ["WRONG", "other_prior", "wrongly_simulated"]

Array = npt.NDArray[Any]

WRONG: Final[Mapping[str, str]] = {
    "ground": "ground smoother or rougher than any model, half as strong again",
    "noise": "noise twice as large as the models allow",
    "prior": "targets half as probable and three quarters as wide, three times the natural objects",
}
"""What can be wrong, in words."""

_STRONGER: Final = 1.5
_POWERS: Final = (2.0, 0.5)
_NOISIER: Final = 2.0
_FEWER: Final = 0.5
_NARROWER: Final = 0.75
_MORE: Final = 3.0


def other_prior(prior: Prior) -> Prior:
    """Return the prior from which truths come where the site's own is wrong."""

    def other(name: str, family: FamilyPrior) -> FamilyPrior:
        if name not in prior.targets:
            return replace(family, expected=_MORE * family.expected)
        low, high = family.radius_m
        return replace(
            family,
            radius_m=(_NARROWER * low, _NARROWER * high),
            curvature_sd_per_m=_MORE * family.curvature_sd_per_m,
        )

    families = {name: other(name, family) for name, family in prior.families.items()}
    return replace(prior, p_none=1.0 - _FEWER * (1.0 - prior.p_none), families=families)


def _other_ground(models: GroundModels, power: float) -> GroundModels:
    """Raise each covariance to a power at the same total variance, and all amplitudes."""
    eigen: list[Array] = []
    rest = models.rest.copy()
    for g, values in enumerate(models.eigen):
        spare = models.free - len(values)
        mean = float(models.rest[g, 0])
        total = values.sum() + spare * mean
        raised = np.maximum(values, 0.0) ** power
        factor = total / (raised.sum() + spare * max(mean, 0.0) ** power)
        eigen.append(factor * raised)
        rest[g] = factor * np.maximum(models.rest[g], 0.0) ** power
    grid = replace(models.grid, amplitude=_STRONGER * models.grid.amplitude)
    return replace(models, eigen=tuple(eigen), rest=rest, grid=grid)


def wrongly_simulated(
    evidence: Evidence, truth: Scenes, rng: np.random.Generator, wrong: str
) -> Evidence:
    """Draw data for a truth from wrong models and give them to the site's own.

    Parameters
    ----------
    evidence : Evidence
        Layout, and the models that the inference keeps. Evidence without ground models (reports,
        holes, mine maps) is drawn as it stands.
    truth : Scenes
        One scene.
    rng : numpy.random.Generator
        Draws the data.
    wrong : str
        ``ground`` or ``noise``; anything else draws from the models as they are.

    Returns
    -------
    Evidence
    """
    if not isinstance(evidence, AdditiveEvidence) or wrong not in ("ground", "noise"):
        return evidence.simulate(truth, rng)
    models = evidence.models
    if wrong == "ground":
        drawn_from = _other_ground(models, _POWERS[int(rng.integers(len(_POWERS)))])
    else:
        drawn_from = replace(models, grid=replace(models.grid, noise=_NOISIER * models.grid.noise))
    drawn: Any = evidence.with_models(drawn_from).simulate(truth, rng)
    # Trend aside, the whitened data hold what was drawn; the trend is projected out anyway.
    observed = colour(models.noise, drawn.models.detrended)
    return drawn.with_models(with_data(models, observed))
