"""Electrodes that stand elsewhere than the file says: an error that all their data share.

Over even ground the voltage follows the true places and ρa is computed with the nominal ones, so
that an electrode displaced by δ changes every datum that it takes part in by

    δ ln ρa = ∇_e ln|K| · δ,    K = φ_AM − φ_AN − φ_BM + φ_BN,

to first order. At the surface a vertical displacement has no effect, for the image moves the other
way. Off by default: where positions are taped to 2 % of the spacing, the error floor covers it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.physics import Quadripoles, geometric_sum

__all__ = ["electrode_columns"]

Array = npt.NDArray[Any]

_LEAST: Final = 0.03
"""Shared errors below this part of the data's own are left out: 0.1 % of their variance."""


def _potential_gradient(here: Array, there: Array) -> Array:
    """Gradient with respect to ``here`` (n, 3) of ½(1/r + 1/r'), zero where either is remote."""
    away = here - there
    mirror = here - there * np.array([1.0, 1.0, -1.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = away / np.linalg.norm(away, axis=1)[:, None] ** 3
        image = mirror / np.linalg.norm(mirror, axis=1)[:, None] ** 3
    # The mirror of ``here`` moves against it; both halves are symmetric in the two places.
    return np.nan_to_num(-0.5 * (direct + image), nan=0.0, posinf=0.0, neginf=0.0)


def electrode_columns(layout: Quadripoles, sd: Array, position_sd_m: float) -> Array:
    """Effect on ln ρa of each electrode's displacement by one standard deviation.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    sd : (n,) numpy.ndarray
        Standard error of ln ρa of each datum, floor included.
    position_sd_m : float
        Standard deviation of an electrode's place along each axis, metres.

    Returns
    -------
    (n, k) numpy.ndarray
        Columns for ``make_whitening``: the displacements along three axes of all electrodes, less
        the mixtures of them that no datum feels.
    """
    place = np.column_stack([layout.x, layout.y, layout.z]).astype(np.float64)
    n, abmn = len(layout.abmn), np.asarray(layout.abmn)
    if position_sd_m == 0.0:
        return np.zeros((n, 0))
    # Index −1 is a remote electrode: it takes the last row and contributes nothing.
    place = np.vstack([place, np.full(3, np.inf)])
    total = geometric_sum(place[:-1, 0], place[:-1, 1], place[:-1, 2], abmn)
    out = np.zeros((n, len(place), 3))
    for i, others in ((0, ((2, 1.0), (3, -1.0))), (1, ((2, -1.0), (3, 1.0)))):
        for k, sign in others:
            for one, two in ((i, k), (k, i)):
                slope = _potential_gradient(place[abmn[:, one]], place[abmn[:, two]])
                out[np.arange(n), abmn[:, one]] += sign * slope / total[:, None]
    columns = position_sd_m * out[:, :-1].reshape(n, -1)
    left, sizes, _ = np.linalg.svd(columns / sd[:, None], full_matrices=False)
    felt = sizes > _LEAST
    return sd[:, None] * left[:, felt] * sizes[felt]
