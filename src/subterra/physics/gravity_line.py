"""Rods and points: scalar kernels of their pull and of its vertical gradient.

The sign of everything gravimetric is settled here. With the potential ``U = G ∫ ρ/r dV`` and z up,
the pull is taken positive **down**, ``g = −∂U/∂z``, and its gradient along the same downward
direction, ``G_zz = ∂g/∂(down) = ∂²U/∂z²``. Straight above a mass both are positive, straight above
a void both are **negative**: for a long cylinder at depth z, ``g = 2GAΔρ z/(x² + z²)`` and
``G_zz = 2GAΔρ (z² − x²)/(x² + z²)²``, of magnitude 2GA|Δρ|/z² at the top. Beyond ``|x| = z`` the
gradient changes its sign; the pull does not. 1 E (eötvös) = 1e-9 s⁻² = 0.1 µGal/m.
"""

from __future__ import annotations

import math
from typing import Final

from subterra.kernel import kernel

__all__ = [
    "G_EOTVOS",
    "G_UGAL",
    "line_mass_gz",
    "line_mass_gzz",
    "point_mass_gz",
    "point_mass_gzz",
]

G_UGAL: Final = 6.67430e-3
"""Gravitational constant in µGal·m²/kg (6.67430e-11 m³/(kg·s²), CODATA 2018; 1 m/s² = 1e8 µGal)."""

G_EOTVOS: Final = 6.67430e-2
"""Gravitational constant in E·m³/kg (1 s⁻² = 1e9 E)."""


@kernel
def line_mass_gz(r1: float, v1z: float, r2: float, v2z: float, length: float) -> float:
    """Downward pull of a rod of unit G·λ.

    Parameters
    ----------
    r1, r2 : float
        Distances in metres from the station to the ends.
    v1z, v2z : float
        Height of the ends above the station in metres (negative below).
    length : float
        Length of the rod in metres.

    Returns
    -------
    float
        Per unit of G·λ, 1/m; positive for a mass below the station.
    """
    total = r1 + r2
    gap = max(total * total - length * length, 1e-6 * r1 * r2)
    return -2.0 * length * (v1z * r2 + v2z * r1) / (gap * r1 * r2)


@kernel
def line_mass_gzz(r1: float, v1z: float, r2: float, v2z: float, length: float) -> float:
    """Vertical gradient of the downward pull of a rod of unit G·λ, 1/m².

    With T = r1 + r2 and c = ∂T/∂z, the second derivative of ln((T+L)/(T−L)) is
    ``2L/(T²−L²) · (2T c²/(T²−L²) − ∂²T/∂z²)``. Arguments as for ``line_mass_gz``; positive above a
    mass.
    """
    total = r1 + r2
    gap = max(total * total - length * length, 1e-6 * r1 * r2)
    c1, c2 = v1z / r1, v2z / r2
    slope = c1 + c2
    bend = (1.0 - c1 * c1) / r1 + (1.0 - c2 * c2) / r2
    return 2.0 * length / gap * (2.0 * total * slope * slope / gap - bend)


@kernel
def point_mass_gz(dx: float, dy: float, dz: float) -> float:
    """Downward pull of a point of unit G·m at (dx, dy, dz) metres from the station, 1/m²."""
    r2 = dx * dx + dy * dy + dz * dz
    return -dz / (r2 * math.sqrt(r2))


@kernel
def point_mass_gzz(dx: float, dy: float, dz: float) -> float:
    """Vertical gradient of the pull of a point of unit G·m at (dx, dy, dz) metres, 1/m³."""
    r2 = dx * dx + dy * dy + dz * dz
    return (3.0 * dz * dz - r2) / (r2 * r2 * math.sqrt(r2))
