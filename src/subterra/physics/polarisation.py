"""Polarisation factors of cylinders and spheres in a conducting host.

One conductivity ratio ``ρ = σ_fill/σ_host`` ties the factors across and along a cylinder and of a
sphere, so that no impossible body can be made of them. Positive means more resistive than the
host. The linear (Born) factor ``1 − ρ`` is a factor of two low across an insulating cylinder.
"""

from __future__ import annotations

import math

from subterra.kernel import kernel

__all__ = ["along_factor", "bessel_k0", "sphere_factor", "transverse_factor"]


@kernel
def bessel_k0(x: float) -> float:
    """Modified Bessel function K0 for x > 0, absolute error below 2e-7.

    Polynomials of Abramowitz & Stegun 9.8.1, 9.8.5 and 9.8.6.
    """
    if x <= 2.0:
        t = (x / 3.75) ** 2
        i0 = 1.0 + t * (
            3.5156229
            + t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813))))
        )
        q = 0.25 * x * x
        return -math.log(0.5 * x) * i0 + (
            -0.57721566
            + q
            * (
                0.42278420
                + q
                * (0.23069756 + q * (0.03488590 + q * (0.00262698 + q * (0.00010750 + q * 7.4e-6))))
            )
        )
    w = 2.0 / x
    return (
        math.exp(-x)
        / math.sqrt(x)
        * (
            1.25331414
            + w
            * (
                -0.07832358
                + w
                * (
                    0.02189568
                    + w * (-0.01062446 + w * (0.00587872 + w * (-0.00251540 + w * 0.00053208)))
                )
            )
        )
    )


@kernel
def transverse_factor(ratio: float) -> float:
    """Polarisation across a cylinder, 2(1−ρ)/(1+ρ): 2 for air, −2 for a perfect conductor."""
    return 2.0 * (1.0 - ratio) / (1.0 + ratio)


@kernel
def along_factor(ratio: float, radius: float, depth: float) -> float:
    """Polarisation along a cylinder, (1−ρ)/(1 + ½ρ(a/z)²K0(a/z)).

    The denominator is the saturation of current channelled along a good conductor at the
    wavenumber ``ka ≈ a/z`` that a surface array sees; 0.80–0.98 of the exact axisymmetric mode for
    ρ from 0 to 50 and a/z up to 1/2.

    Parameters
    ----------
    ratio : float
        σ_fill/σ_host.
    radius, depth : float
        Metres; depth of the axis under the surface.
    """
    ka = radius / max(depth, radius)
    return (1.0 - ratio) / (1.0 + 0.5 * ratio * ka * ka * bessel_k0(ka))


@kernel
def sphere_factor(ratio: float) -> float:
    """Polarisation of a sphere in any direction, 3(1−ρ)/(2+ρ): 3/2 for air."""
    return 3.0 * (1.0 - ratio) / (2.0 + ratio)
