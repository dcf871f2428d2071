"""Slow, readable twins of the kernels: quadrature in double precision, nothing clever."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
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
    return (1.0 - ratio) / (1.0 + 0.5 * (ratio - 1.0) * ka**2 * k0(ka))


def images(ratio, radius, depth, terms=60):
    """Sum of a cylinder's repeated dipole images in units of the first, and their mean height."""
    k = (1.0 - ratio) / (1.0 + ratio)
    moments, heights = [1.0], [0.0]
    for _ in range(terms):
        far = 2.0 * depth - heights[-1]
        moments.append(k * moments[-1] * radius**2 / far**2)
        heights.append(radius**2 / far)
    return sum(moments), np.dot(moments, heights) / sum(moments)


def resistivity(body, quad_electrodes, layout=None):
    """F = 1/(2πK) Σ over the body of ∇φ_AB · moment of ∇φ_MN.

    The electrodes of the whole layout say how near the body is; by default the four.
    """
    a, b, m, n = quad_electrodes
    if len(body.axis) == 1:
        volume = 4.0 / 3.0 * np.pi * body.radius**3
        place = body.axis[0]
        product = (field(a, place) - field(b, place)) @ (field(m, place) - field(n, place))
        total = volume * 3.0 * (1.0 - body.ratio) / (2.0 + body.ratio) * product
    else:
        total = _line_integral(body, quad_electrodes, _nearest(body, layout or quad_electrodes))
    return body.halo_resistivity * total / (2.0 * np.pi * geometric_sum(quad_electrodes))


def _cells(axis, step):
    """Middles, tangents and lengths of short cells along a polyline."""
    place, tangent, length = [], [], []
    for p, q in pairwise(axis):
        whole = np.linalg.norm(q - p)
        n = int(np.ceil(whole / step))
        place += [p + (i + 0.5) / n * (q - p) for i in range(n)]
        tangent += n * [(q - p) / whole]
        length += n * [whole / n]
    return np.array(place), np.array(tangent), np.array(length)


def _nearest(body, electrodes):
    """Least distance from the axis to the surface above the array or to a buried electrode."""
    place, _, _ = _cells(body.axis, 0.1)
    present = [e for e in electrodes if e is not None]
    middle = np.mean([e[:2] for e in present], axis=0)
    near = np.hypot(*(place[:, :2] - middle).T) < 15.0
    depth = -place[near][:, 2].max() if near.any() else -place[:, 2].max()
    buried = [np.linalg.norm(place - e, axis=1).min() for e in present if e[2] < 0.0]
    return max(min([depth, *buried]), body.radius)


def _line_integral(body, electrodes, nearest):
    place, t, h = _cells(body.axis, 0.25 * nearest)
    rho, area = body.ratio, np.pi * body.radius**2
    fade = np.clip((body.radius / nearest - 0.15) / 0.1, 0.0, 1.0)
    normal = np.cross([0.0, 0.0, 1.0], t)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    up = np.cross(t, normal)
    strength, rise = np.transpose([images(rho, body.radius, -z) for z in place[:, 2]])
    raised = place + rise[:, None] * [0.0, 0.0, 1.0]
    across = 2.0 * (1.0 - rho) / (1.0 + rho) * strength
    pairs = ((electrodes[0], electrodes[1]), (electrodes[2], electrodes[3]))
    (it, in_, iu, ie, io), (st, sn, su, se, so) = (
        _components(plus, minus, raised, t, normal, up) for plus, minus in pairs
    )
    total = area * h * across @ (in_ * sn + iu * su)
    second = (1.0 - rho) / (1.0 + rho) * 4.0 * np.pi * body.radius**4
    total += fade * second * h @ (ie * se + io * so)
    if rho < 1.5:
        along = [along_factor(rho, body.radius, -z) for z in place[:, 2]]
        return total + area * h @ (along * it * st)
    return total - _channelled(body, raised, t, up, h, area * h * across, (it, iu), (st, su))


def _components(plus, minus, place, t, normal, up):
    """Along, across and up of a dipole's gradient, and its second order across the axis."""

    def slope(e):
        return np.array([field(e, p) for p in place])

    def bend(e, direction, along):
        step = 1e-3
        ahead = np.array([field(e, p + step * d) for p, d in zip(place, direction, strict=True)])
        back = np.array([field(e, p - step * d) for p, d in zip(place, direction, strict=True)])
        return ((ahead - back) / (2.0 * step) * along).sum(1)

    g = slope(plus) - slope(minus)
    nn, bb, nb = (
        bend(plus, p, q) - bend(minus, p, q) for p, q in ((normal, normal), (up, up), (normal, up))
    )
    return (g * t).sum(1), (g * normal).sum(1), (g * up).sum(1), (nn - bb) / 4.0, nb / 2.0


def _channelled(body, place, t, up, h, moment, injected, sensed):
    """Current along the axis and its images' push across it, in both directions."""
    n, step = len(h), h.mean()
    edge = np.vstack([place - 0.5 * h[:, None] * t, place[-1] + 0.5 * h[-1] * t[-1]])
    apart = step * np.abs(np.subtract.outer(np.arange(n + 1), np.arange(n + 1)))
    ring = np.arcsinh((apart + step / 2) / body.radius)
    ring = (ring - np.arcsinh((apart - step / 2) / body.radius)) / step
    mirror = edge * [1.0, 1.0, -1.0]
    image = 1.0 / np.linalg.norm(edge[:, None] - mirror[None], axis=2)
    charge = np.eye(n + 1, n, -1) - np.eye(n + 1, n)
    system = charge.T @ (ring + image) @ charge / (4.0 * np.pi)
    system += np.diag(h / (np.pi * body.radius**2 * (body.ratio - 1.0)))
    away = place[:, None] - mirror[None]
    push = -(away * up[:, None]).sum(2) / (4.0 * np.pi * np.linalg.norm(away, axis=2) ** 3)
    push = push @ charge
    carried, felt = (np.linalg.solve(system, h * along) for along in (injected[0], sensed[0]))
    mixed = (moment * injected[1]) @ push @ felt + (moment * sensed[1]) @ push @ carried
    return h * sensed[0] @ carried + mixed


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
