"""Exact waves past a cylinder, from SciPy's Bessel functions, and first breaks of their pulses."""

from __future__ import annotations

import numpy as np
from scipy.special import h1vp, hankel1, jv, jvp


def coefficient(n, k, inner, radius):
    """Coefficient of the scattered wave of order n; the wave vanishes on it for ``inner`` None."""
    outside = k * radius
    if inner is None:
        return -jv(n, outside) / hankel1(n, outside)
    inside = inner * radius
    above = k * jvp(n, outside) * jv(n, inside) - inner * jv(n, outside) * jvp(n, inside)
    below = k * h1vp(n, outside) * jv(n, inside) - inner * hankel1(n, outside) * jvp(n, inside)
    return -above / below


def scattered(k, inner, radius, length, offset, part=0.5):
    """Scattered over direct wave of a line source, for arrays of k, one offset."""
    h1, h2 = part * length, (1.0 - part) * length
    near, far = np.hypot(h1, offset), np.hypot(h2, offset)
    angle = np.arctan2(h1, offset) + np.arctan2(h2, offset)
    total = 0.0
    for n in range(int(np.abs(k).max() * radius + 14)):
        wave = coefficient(n, k, inner, radius) * hankel1(n, k * near) * hankel1(n, k * far)
        total = total + (1.0 if n == 0 else 2.0 * np.cos(n * angle)) * wave
    return total / hankel1(0, k * length)


def first_break_shift(frequency, offsets, radius, host, fill, length=15.0, level=0.02):
    """Shift (s) of the time at which a Ricker pulse exceeds ``level`` of the direct peak.

    Slownesses in s/m; ``fill`` None is a cavity on which the wave vanishes.
    """
    n, span = 4096, 8.0 * length * host
    f = np.fft.rfftfreq(n, span / n)
    band = (f > 0.02 * frequency) & (f < 3.2 * frequency)
    omega = 2.0 * np.pi * f[band]
    k = omega * host * (1.0 + 0.003j)
    inner = None if fill is None else omega * fill + 0j
    power = (f[band] / frequency) ** 2
    direct = hankel1(0, k * length) * power * np.exp(1.0 - power) * np.sqrt(f[band])

    def wave(values):
        spectrum = np.zeros(len(f), complex)
        spectrum[band] = np.conj(values) * np.exp(-2j * np.pi * f[band] * 1.2 / frequency)
        return np.fft.irfft(spectrum, 8 * n)

    t = np.arange(8 * n) * span / (8 * n)
    plain = wave(direct)
    threshold = level * np.abs(plain).max()

    def pick(values):
        size = np.abs(values)
        i = int(np.argmax(size > threshold))
        return t[i - 1] + (threshold - size[i - 1]) / (size[i] - size[i - 1]) * (t[1] - t[0])

    return np.array(
        [
            pick(wave(direct * (1.0 + scattered(k, inner, radius, length, b)))) - pick(plain)
            for b in offsets
        ]
    )
