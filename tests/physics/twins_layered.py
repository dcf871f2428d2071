"""Slow twins of the layered earth: image series, and boundary conditions solved wavenumber by
wavenumber with adaptive quadrature. Nothing here knows of transmission lines or digital filters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.special import j0, j1


def two_layers(rho1, rho2, thickness, r, n=400_000):
    """ψ between surface electrodes over two layers: ρ1 (1/r + 2 Σ kⁿ/√(r² + (2nh)²))."""
    k = (rho2 - rho1) / (rho2 + rho1)
    i = np.arange(1, n)
    return rho1 * (1.0 / r + 2.0 * np.sum(k**i / np.hypot(r, 2.0 * i * thickness)))


def spectrum(rho, thickness, source, depth, lam):
    """V and dV/dz (depth down) at one wavenumber from continuity of V and σ dV/dz."""
    edges = np.concatenate([[0.0], np.cumsum(thickness)])
    sigma = 1.0 / np.asarray(rho, float)
    n = len(rho)
    own = int(np.searchsorted(edges, source, side="right") - 1)
    # Unknowns: a_k exp(-λ(z - top_k)) + b_k exp(λ(z - bottom_k)); the last layer has no b.
    size = 2 * n - 1
    matrix, right = np.zeros((size, size)), np.zeros(size)
    tops, bottoms = edges[:n], np.append(edges[1:], np.inf)

    def terms(k, z):
        down = np.exp(-lam * (z - tops[k]))
        up = np.exp(lam * (z - bottoms[k])) if k < n - 1 else 0.0
        return (down, up), (-lam * down, lam * up)

    def particular(z):
        e = 0.5 / sigma[own] * np.exp(-lam * abs(z - source))
        return e, -np.sign(z - source) * lam * e

    row = 0
    for k, value in enumerate(terms(0, 0.0)[1]):
        if k < size:
            matrix[row, k] = value
    right[row] = -particular(0.0)[1] if own == 0 and source > 0 else 0.0
    if own == 0 and source == 0.0:
        right[row] = -lam * 0.5 / sigma[0]
    row += 1
    for k in range(n - 1):
        z = edges[k + 1]
        (va, vb), (da, db) = terms(k, z)
        (wa, wb), (ea, eb) = terms(k + 1, z)
        cols = [2 * k, 2 * k + 1, 2 * k + 2, 2 * k + 3]
        jump = [va, vb, -wa, -wb]
        flux = [sigma[k] * da, sigma[k] * db, -sigma[k + 1] * ea, -sigma[k + 1] * eb]
        for c, v, f in zip(cols, jump, flux, strict=True):
            if c < size:
                matrix[row, c], matrix[row + 1, c] = v, f
        p, dp = particular(z)
        if own == k:
            right[row], right[row + 1] = -p, -sigma[k] * dp
        if own == k + 1:
            # The particular solution lives below: it moves to the other side with its sign.
            if source == z:
                dp = lam * p
            right[row], right[row + 1] = p, sigma[k + 1] * dp
        row += 2
    found = np.append(np.linalg.solve(matrix, right), 0.0)
    k = int(np.searchsorted(edges, depth, side="right") - 1)
    v, d = terms(k, depth)
    p, dp = particular(depth) if k == own else (0.0, 0.0)
    return (
        found[2 * k] * v[0] + found[2 * k + 1] * v[1] + p,
        found[2 * k] * d[0] + found[2 * k + 1] * d[1] + dp,
    )


def layered(rho, thickness, source, depth, r):
    """ψ, ∂ψ/∂r and ∂ψ/∂(depth) where source and point differ in depth, by quadrature."""
    away = abs(depth - source)
    end = 45.0 / away
    knots = np.arange(0.0, end + np.pi / r, np.pi / r)

    def total(function):
        return sum(
            quad(function, a, b, limit=200, epsabs=1e-13, epsrel=1e-10)[0]
            for a, b in pairwise(knots)
        )

    def at(lam):
        return spectrum(rho, thickness, source, depth, max(lam, 1e-9))

    return (
        total(lambda q: at(q)[0] * j0(q * r)),
        total(lambda q: -q * at(q)[0] * j1(q * r)),
        total(lambda q: at(q)[1] * j0(q * r)),
    )
