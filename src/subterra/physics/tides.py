"""Vertical earth tide of the Moon and the Sun on a rigid sphere that yields elastically.

After I. M. Longman (1959), Formulas for computing the tidal accelerations due to the moon and the
sun, J. Geophys. Res. 64, 2351-2355; equation numbers are his. The Earth's yielding is one
amplification factor 1 + h - 3k/2 (1.16 is what gravimeters take). Ocean loading, 1 to 5 µGal
inland and more at a coast, and the permanent tide's subtleties are left out: a few µGal.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["AMPLIFICATION", "tide_ugal"]

Array = npt.NDArray[Any]

AMPLIFICATION: Final = 1.16
"""1 + h - 3k/2 of the elastic Earth."""

_MU: Final = 6.670e-8  # cgs, as the constants below; his table
_MOON_G: Final = 7.3537e25
_SUN_G: Final = 1.993e33
_MOON_E: Final = 0.05490
_SUN_TO_MOON: Final = 0.074804  # ratio of mean motions
_MOON_CM: Final = 3.84402e10
_SUN_CM: Final = 1.495e13
_EARTH_CM: Final = 6.37827e8
_OBLIQUITY: Final = np.radians(23.452)
_MOON_INCLINATION: Final = np.radians(5.145)
_TO_UGAL: Final = 1e6
_EPOCH_1899_H: Final = -876588.0
"""1899-12-31 12:00 UT in hours from 2000-01-01 00:00."""
_CENTURY_H: Final = 36525.0 * 24.0


def tide_ugal(
    hours_2000: Array,
    latitude_deg: float,
    longitude_deg: float,
    height_m: float = 0.0,
    *,
    amplification: float = AMPLIFICATION,
) -> Array:
    """Tidal acceleration, upwards: what is to be added to a reading to free it of the tide.

    Parameters
    ----------
    hours_2000 : (n,) numpy.ndarray
        Hours of universal time since 2000-01-01 00:00; the series hold for 1900 to 2100.
    latitude_deg, longitude_deg : float
        Place, north and east positive.
    height_m : float
        Height over the sea, m.
    amplification : float
        Of the rigid Earth's tide.

    Returns
    -------
    (n,) numpy.ndarray
        µGal, up.
    """
    hours = np.asarray(hours_2000, np.float64)
    t = (hours - _EPOCH_1899_H) / _CENTURY_H
    lam = np.radians(latitude_deg)
    radius = _EARTH_CM / np.sqrt(1.0 + 0.006738 * np.sin(lam) ** 2) + 100.0 * height_m
    hour_angle = np.radians(15.0 * (np.mod(hours, 24.0) - 12.0) + longitude_deg)
    s, p, h, node, perihelion = _longitudes(t)
    return amplification * _TO_UGAL * (
        _moon(radius, lam, hour_angle, s, p, h, node)
        + _sun(radius, lam, hour_angle, h, perihelion, 0.01675104 - 4.180e-5 * t - 1.26e-7 * t**2)
    )  # fmt: skip


def _longitudes(t: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Mean longitudes of Moon, perigee, Sun, node and perihelion, radians (10-12, 19, 26)."""
    s = 4.72000889397 + 8399.70927456 * t + 3.45575191895e-5 * t**2 + 3.49065850399e-8 * t**3
    p = 5.83515162814 + 71.0180412089 * t - 1.80108282526e-4 * t**2 - 1.74532925199e-7 * t**3
    h = 4.88162798259 + 628.331950894 * t + 5.23598775598e-6 * t**2
    node = 4.52360161181 - 33.757146295 * t + 3.6264063347e-5 * t**2 + 3.39369576777e-8 * t**3
    perihelion = 4.90822941839 + 0.0300025492114 * t + 7.85398163397e-6 * t**2
    return s, p, h, node, perihelion


def _moon(
    radius: Any, lam: Any, hour_angle: Array, s: Array, p: Array, h: Array, node: Array
) -> Array:
    """Moon's part, Gal (1)."""
    e, m = _MOON_E, _SUN_TO_MOON
    cos_i = np.cos(_OBLIQUITY) * np.cos(_MOON_INCLINATION)
    inclination = np.arccos(cos_i - np.sin(_OBLIQUITY) * np.sin(_MOON_INCLINATION) * np.cos(node))
    nu = np.arcsin(np.sin(_MOON_INCLINATION) * np.sin(node) / np.sin(inclination))
    cos_alpha = np.cos(node) * np.cos(nu) + np.sin(node) * np.sin(nu) * np.cos(_OBLIQUITY)
    sin_alpha = np.sin(_OBLIQUITY) * np.sin(node) / np.sin(inclination)
    sigma = s - (node - 2.0 * np.arctan2(sin_alpha, 1.0 + cos_alpha))
    longitude = (
        sigma
        + 2.0 * e * np.sin(s - p)
        + 1.25 * e**2 * np.sin(2.0 * (s - p))
        + 3.75 * m * e * np.sin(s - 2.0 * h + p)
        + 1.375 * m**2 * np.sin(2.0 * (s - h))
    )
    cos_zenith = _cos_zenith(lam, inclination, longitude, hour_angle + h - nu)
    shape = 1.0 / (_MOON_CM * (1.0 - e**2))
    inverse = 1.0 / _MOON_CM + shape * (
        e * np.cos(s - p)
        + e**2 * np.cos(2.0 * (s - p))
        + 1.875 * m * e * np.cos(s - 2.0 * h + p)
        + m**2 * np.cos(2.0 * (s - h))
    )
    second = radius * inverse**3 * (3.0 * cos_zenith**2 - 1.0)
    third = 1.5 * radius**2 * inverse**4 * (5.0 * cos_zenith**3 - 3.0 * cos_zenith)
    return _MU * _MOON_G * (second + third)


def _sun(radius: Any, lam: Any, hour_angle: Array, h: Array, perihelion: Array, e: Array) -> Array:
    """Sun's part, Gal (3)."""
    longitude = h + 2.0 * e * np.sin(h - perihelion)
    cos_zenith = _cos_zenith(lam, _OBLIQUITY, longitude, hour_angle + h)
    inverse = 1.0 / _SUN_CM + e / (_SUN_CM * (1.0 - e**2)) * np.cos(h - perihelion)
    return _MU * _SUN_G * radius * inverse**3 * (3.0 * cos_zenith**2 - 1.0)


def _cos_zenith(lam: Any, inclination: Any, longitude: Array, chi: Array) -> Array:
    """Cosine of the zenith distance (7, 8)."""
    half = 0.5 * inclination
    along = np.cos(half) ** 2 * np.cos(longitude - chi) + np.sin(half) ** 2 * np.cos(
        longitude + chi
    )
    return np.sin(lam) * np.sin(inclination) * np.sin(longitude) + np.cos(lam) * along
