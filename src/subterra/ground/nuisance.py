"""The grid of ground models that is summed over, never fitted and frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from subterra.errors import InputError

__all__ = [
    "DensityKernel",
    "FractalKernel",
    "GroundKernel",
    "WhiteKernel",
    "clutter_grid",
    "gravity_grid",
    "resistivity_grid",
]


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


@dataclass(frozen=True)
class WhiteKernel:
    """White density noise: lumps far smaller than the distance to the sensor.

    Parameters
    ----------
    lump_m : float
        Edge ℓ of a lump of the ground model's amplitude σ: the strength is S = σ² ℓ³.
    """

    lump_m: float = 1.0

    @property
    def strength_m3(self) -> float:
        """S for σ = 1 kg/m³, m³."""
        return self.lump_m**3

    @property
    def label(self) -> str:
        """Short name for tables."""
        return f"white {self.lump_m:.3g} m"


@dataclass(frozen=True)
class FractalKernel:
    """Density with the isotropic power spectrum (κ² + q²)^(−β/2), κ = 2π/outer scale.

    A pure power law with β ≥ 1 has no finite covariance of gravity: the longest waves carry all of
    it. They are cut at an outer scale that is to be several times the survey's extent, so that
    what lies beyond is a datum and a gradient, which the trend takes: the likelihood then hardly
    depends on the outer scale. For β ≤ 3 the shortest waves carry an infinite variance of density,
    not of gravity; the amplitude counts waves down to one metre.

    Parameters
    ----------
    exponent : float
        β, 0 (white) to 5. Density logs in boreholes that look like 1/f noise have β = 3.
    outer_m : float
        Outer scale, metres.
    """

    exponent: float
    outer_m: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.exponent <= 5.0 and self.outer_m > 1.0):
            problem = (
                "a fractal ground needs an exponent from 0 to 5 and an outer scale above 1 m, "
                f"found {self.exponent}, {self.outer_m}"
            )
            raise InputError(problem)

    @property
    def label(self) -> str:
        """Short name for tables: ``fractal 3, 500 m`` is β = 3 with waves up to 500 m."""
        return f"fractal {self.exponent:.3g}, {self.outer_m:.3g} m"


DensityKernel = GroundKernel | WhiteKernel | FractalKernel
"""Ground models of gravity."""


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


def clutter_grid(spacing_m: float, extent_m: float) -> tuple[DensityKernel, ...]:
    """Ground models of a survey close to the ground, such as one of gravity gradients.

    Parameters
    ----------
    spacing_m : float
        Median distance between neighbouring stations in metres.
    extent_m : float
        Largest distance between stations in metres.

    Returns
    -------
    tuple of DensityKernel
        Those of ``gravity_grid``, white noise in lumps of a metre, and fractal ground.
    """
    outer = 8.0 * max(extent_m, 10.0)
    return (*gravity_grid(spacing_m), WhiteKernel(), FractalKernel(3.0, outer))
