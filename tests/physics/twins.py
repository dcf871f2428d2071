"""Slow, readable twins of the kernels: quadrature in double precision, nothing clever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad, quad_vec
from scipy.special import k0

G_UGAL = 6.67430e-3  # µGal·m²/kg


@dataclass(frozen=True)
class Body:
    """One object as a person would write it down; an axis of one point is a sphere."""

    axis: np.ndarray
    radius: float
    contrast: float = -2000.0
    ratio: float = 0.0
    halo_gravity: float = 1.0
    halo_resistivity: float = 1.0

    @property
    def item(self) -> dict:
        """As ``make_scene`` takes it."""
        return {
            "family": "chamber" if len(self.axis) == 1 else "driven",
            "fill": "air",
            "axis": self.axis,
            "radius": self.radius,
            "density_contrast": self.contrast,
            "conductivity_ratio": self.ratio,
            "halo_gravity": self.halo_gravity,
            "halo_resistivity": self.halo_resistivity,
        }


def line_gz(a, b, station, line_density):
    """Downward pull in µGal of a rod from a to b of so many kg/m: ∫ G λ dz/r³ ds."""
    a, b, station = (np.asarray(v, float) for v in (a, b, station))
    length = np.linalg.norm(b - a)

    def pull(s):
        away = a + s * (b - a) - station
        return -away[2] / np.linalg.norm(away) ** 3

    foot = np.clip(np.dot(station - a, b - a) / length**2, 0.0, 1.0)
    value, _ = quad(pull, 0.0, 1.0, points=[foot], epsabs=1e-12, epsrel=1e-10, limit=400)
    return G_UGAL * line_density * length * value


def gravity(body, station):
    """Downward pull of a body in µGal."""
    if len(body.axis) == 1:
        mass = 4.0 / 3.0 * np.pi * body.radius**3 * body.contrast
        away = body.axis[0] - np.asarray(station)
        value = -G_UGAL * mass * away[2] / np.linalg.norm(away) ** 3
    else:
        line_density = np.pi * body.radius**2 * body.contrast
        pairs = zip(body.axis[:-1], body.axis[1:], strict=True)
        value = sum(line_gz(a, b, station, line_density) for a, b in pairs)
    return body.halo_gravity * value


def potential(electrode, place):
    """φ = ½(1/r + 1/r') of unit current·2πσ; the surface is z = 0. None is remote."""
    if electrode is None:
        return 0.0
    electrode, place = np.asarray(electrode, float), np.asarray(place, float)
    image = electrode * [1.0, 1.0, -1.0]
    return 0.5 / np.linalg.norm(place - electrode) + 0.5 / np.linalg.norm(place - image)


def field(electrode, place):
    """∇φ of one electrode at one place."""
    if electrode is None:
        return np.zeros(3)
    electrode, place = np.asarray(electrode, float), np.asarray(place, float)
    direct, image = place - electrode, place - electrode * [1.0, 1.0, -1.0]
    return -0.5 * direct / np.linalg.norm(direct) ** 3 - 0.5 * image / np.linalg.norm(image) ** 3


def geometric_sum(quad_electrodes):
    """K = φ_AM − φ_AN − φ_BM + φ_BN."""
    a, b, m, n = quad_electrodes

    def phi(i, j):
        return 0.0 if i is None or j is None else potential(i, j)

    return phi(a, m) - phi(a, n) - phi(b, m) + phi(b, n)


def along_factor(ratio, radius, depth):
    """Polarisation along a cylinder with SciPy's Bessel function."""
    ka = radius / depth
    return (1.0 - ratio) / (1.0 + 0.5 * ratio * ka**2 * k0(ka))


def resistivity(body, quad_electrodes):
    """F = 1/(2πK) ∫ ∇φ_AB · α ∇φ_MN dV along the axis of a body."""
    a, b, m, n = quad_electrodes
    rho = body.ratio

    def product(place, tensor):
        injected = field(a, place) - field(b, place)
        sensed = field(m, place) - field(n, place)
        return injected @ tensor @ sensed

    if len(body.axis) == 1:
        volume = 4.0 / 3.0 * np.pi * body.radius**3
        tensor = 3.0 * (1.0 - rho) / (2.0 + rho) * np.eye(3)
        total = volume * product(body.axis[0], tensor)
    else:
        total = sum(
            _segment_integral(body, product, p, q)
            for p, q in zip(body.axis[:-1], body.axis[1:], strict=True)
        )
    return body.halo_resistivity * total / (2.0 * np.pi * geometric_sum(quad_electrodes))


def _segment_integral(body, product, p, q):
    length = np.linalg.norm(q - p)
    along = (q - p) / length
    across = 2.0 * (1.0 - body.ratio) / (1.0 + body.ratio)

    def integrand(s):
        place = p + s * (q - p)
        axial = along_factor(body.ratio, body.radius, -place[2])
        tensor = across * np.eye(3) + (axial - across) * np.outer(along, along)
        return product(place, tensor)

    value, _ = quad_vec(integrand, 0.0, 1.0, epsabs=1e-9, epsrel=1e-6, limit=400)
    return np.pi * body.radius**2 * length * value


def insulating_cylinder(radius, depth, x, terms=60):
    """Exact ΔE/E0 on the surface over an insulating cylinder in a uniform field across it.

    Images of the cylinder in the surface and in itself: m₀ = a², z₀ = d,
    m' = m a²/(d + z)², z' = d − a²/(d + z); ΔE/E0 = 2 Σ m (z² − x²)/(x² + z²)².
    """
    strength, z, total = radius**2, depth, 0.0
    for _ in range(terms):
        total += 2.0 * strength * (z**2 - x**2) / (x**2 + z**2) ** 2
        strength *= radius**2 / (depth + z) ** 2
        z = depth - radius**2 / (depth + z)
    return total
