"""The grid of ground models that is summed over, never fitted and frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["GroundKernel", "gravity_grid", "resistivity_grid"]


@dataclass(frozen=True)
class GroundKernel:
    """Correlation of one ground model.

    Parameters
    ----------
    horizontal_m : float
        Horizontal correlation length in metres.
    ratio : float
        Horizontal over vertical correlation length (bedding: > 1).
    smoothness : float
        0.5 exponential, 1.5 Matérn 3/2.
    """

    horizontal_m: float
    ratio: float
    smoothness: float

    @property
    def vertical_m(self) -> float:
        """Vertical correlation length in metres."""
        return self.horizontal_m / self.ratio

    @property
    def label(self) -> str:
        """Short name for tables: ``exp 8/2 m`` is exponential, 8 m across and 2 m down."""
        name = "exp" if self.smoothness == 0.5 else "mat32"
        return f"{name} {self.horizontal_m:.3g}/{self.vertical_m:.3g} m"


def resistivity_grid(spacing_m: float) -> tuple[GroundKernel, ...]:
    """Ground models of a resistivity survey with the given typical electrode spacing.

    Parameters
    ----------
    spacing_m : float
        Median distance between neighbouring electrodes in metres.

    Returns
    -------
    tuple of GroundKernel
        Isotropic short to bedded long, exponential, and one smoother kernel: lengths below the
        spacing act like noise and lengths beyond eight spacings like trend.
    """
    d = spacing_m
    return (
        GroundKernel(1.6 * d, 1.0, 0.5),
        GroundKernel(1.6 * d, 2.0, 0.5),
        GroundKernel(3.2 * d, 4.0, 0.5),
        GroundKernel(5.0 * d, 6.0, 0.5),
        GroundKernel(6.4 * d, 2.0, 0.5),
        GroundKernel(3.2 * d, 2.0, 1.5),
    )


def gravity_grid(spacing_m: float) -> tuple[GroundKernel, ...]:
    """Ground models of a gravity survey with the given typical station spacing.

    Parameters
    ----------
    spacing_m : float
        Median distance between neighbouring stations in metres.

    Returns
    -------
    tuple of GroundKernel
        From nearly uncorrelated clutter to bodies several spacings wide.
    """
    d = float(np.clip(spacing_m, 1.0, 10.0))
    return (
        GroundKernel(0.5 * d, 1.0, 0.5),
        GroundKernel(1.5 * d, 1.0, 0.5),
        GroundKernel(1.5 * d, 4.0, 0.5),
        GroundKernel(4.0 * d, 1.0, 0.5),
        GroundKernel(4.0 * d, 4.0, 0.5),
        GroundKernel(3.0 * d, 2.0, 1.5),
    )
