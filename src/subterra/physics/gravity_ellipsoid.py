"""Field and gradient of a homogeneous ellipsoid, inside and outside, in closed form.

With semi-axes a₁, a₂, a₃ and λ the largest root of Σ xᵢ²/(aᵢ² + λ) = 1 (zero inside),

    Fᵢ  = −2π a₁a₂a₃ xᵢ Aᵢ(λ),   Aᵢ = ∫_λ^∞ ds/((aᵢ² + s) Δ(s)) = ⅔ R_D(aⱼ²+λ, aₖ²+λ, aᵢ²+λ),
    Tᵢᵢ = −2π a₁a₂a₃ [Aᵢ − 2 xᵢ²/((aᵢ² + λ)² Δ(λ) Σ xⱼ²/(aⱼ² + λ)²)]   (second term outside only),

Δ² = Π (aᵢ² + s) (Kellogg 1929, §VII.6; Chandrasekhar 1969, §20). R_D is Carlson's (1995) integral.
One axis is vertical. Exact for any ratio of the axes and any place but the surface itself, where
the gradient jumps.
"""

from __future__ import annotations

import math

from subterra.kernel import kernel

__all__ = ["carlson_rd", "ellipsoid_field"]

_TOLERANCE = 1.5e-3
"""Largest spread left to the series of order five; its error is below 3·tolerance⁶."""


@kernel
def carlson_rd(x: float, y: float, z: float) -> float:
    """Carlson's integral R_D(x, y, z) = (3/2)∫₀^∞ dt/((t+z)√((t+x)(t+y)(t+z))), to 1e-14.

    Parameters
    ----------
    x, y, z : float
        Not negative, z positive, at most one of x and y zero.

    Returns
    -------
    float
    """
    total, power = 0.0, 1.0
    while True:
        mean = 0.2 * (x + y + 3.0 * z)
        dx, dy, dz = (mean - x) / mean, (mean - y) / mean, (mean - z) / mean
        if max(abs(dx), abs(dy), abs(dz)) < _TOLERANCE:
            break
        rx, ry, rz = math.sqrt(x), math.sqrt(y), math.sqrt(z)
        shift = rx * (ry + rz) + ry * rz
        total += power / (rz * (z + shift))
        power *= 0.25
        x, y, z = 0.25 * (x + shift), 0.25 * (y + shift), 0.25 * (z + shift)
    ea, eb = dx * dy, dz * dz
    ec, ed = ea - eb, ea - 6.0 * eb
    ee = ed + ec + ec
    series = ed * (-3.0 / 14.0 + 9.0 / 88.0 * ed - 4.5 / 26.0 * dz * ee)
    series += dz * (ee / 6.0 + dz * (-9.0 / 22.0 * ec + dz * 3.0 / 26.0 * ea))
    return 3.0 * total + power * (1.0 + series) / (mean * math.sqrt(mean))


@kernel
def ellipsoid_field(
    x: float, y: float, z: float, a1: float, a2: float, a3: float
) -> tuple[float, float]:
    """Downward pull of an ellipsoid and its vertical gradient, per unit of G·Δρ.

    Parameters
    ----------
    x, y, z : float
        Place of the station from the centre along the semi-axes, metres; z up.
    a1, a2, a3 : float
        Semi-axes, metres, positive; a3 vertical.

    Returns
    -------
    gz, gzz : float
        m and 1; positive above a mass.
    """
    p1, p2, p3 = a1 * a1, a2 * a2, a3 * a3
    x2, y2, z2 = x * x, y * y, z * z
    outside = x2 / p1 + y2 / p2 + z2 / p3 > 1.0
    root = 0.0
    if outside:
        # Σ xᵢ²/(aᵢ² + λ) − 1 is convex and falls: from the left, Newton never oversteps.
        root = max(0.0, x2 + y2 + z2 - max(p1, p2, p3))
        for _ in range(60):
            q1, q2, q3 = p1 + root, p2 + root, p3 + root
            value = x2 / q1 + y2 / q2 + z2 / q3 - 1.0
            step = value / (x2 / (q1 * q1) + y2 / (q2 * q2) + z2 / (q3 * q3))
            root += step
            if step <= 1e-14 * (root + p1):
                break
    q1, q2, q3 = p1 + root, p2 + root, p3 + root
    volume = 2.0 * math.pi * a1 * a2 * a3
    strength = 2.0 / 3.0 * carlson_rd(q1, q2, q3)
    gzz = -strength
    if outside:
        weight = x2 / (q1 * q1) + y2 / (q2 * q2) + z2 / (q3 * q3)
        gzz += 2.0 * z2 / (q3 * q3 * math.sqrt(q1 * q2 * q3) * weight)
    return volume * z * strength, volume * gzz
