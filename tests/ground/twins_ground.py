"""Slow, readable twins of the ground: dense matrices and brute quadrature."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import j0

from subterra.ground import correlation


def matern_plan_spectrum(k, kernel):
    """Spectrum in the plane, S(k) = 2π ∫ c(r) J0(kr) r dr, in closed form."""
    nu = kernel.smoothness
    kappa = np.sqrt(2.0 * nu) / kernel.horizontal_m
    return 4.0 * np.pi * nu * kappa ** (2.0 * nu) / (kappa**2 + k**2) ** (nu + 1.0)


def plan_spectrum_by_quadrature(k, kernel):
    """The same by quadrature over the correlation itself."""

    def integrand(r):
        return (
            float(correlation(np.array(r), kernel.horizontal_m, kernel.smoothness)) * j0(k * r) * r
        )

    value, _ = quad(integrand, 0.0, 60.0 * kernel.horizontal_m, limit=2000, epsabs=1e-10)
    return 2.0 * np.pi * value


def dense_reml(observed, response, sd, trend, covariance, amplitude, noise, kappa):
    """Restricted log-likelihood of one ground model: −½[ln|V| + ln|B'V⁻¹B| + r'Pr].

    V = s²C + e²D² + κ²ff', r = d − f. Constants that depend on neither scene nor nuisance are
    those that ``factorise`` leaves out: 2 Σ ln sd and ln|B'D⁻²B|.
    """
    v = amplitude**2 * covariance + noise**2 * np.diag(sd**2)
    v = v + kappa**2 * np.outer(response, response)
    inverse = np.linalg.inv(v)
    inner = trend.T @ inverse @ trend
    project = inverse - inverse @ trend @ np.linalg.solve(inner, trend.T @ inverse)
    residual = observed - response
    whitened = trend / sd[:, None]
    left_out = np.linalg.slogdet(whitened.T @ whitened)[1] + 2.0 * np.log(sd).sum()
    determinants = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] - left_out
    return -0.5 * (determinants + residual @ project @ residual)


def restricted_projection(sd, trend, covariance, amplitude, noise):
    """P = V⁻¹ − V⁻¹B(B'V⁻¹B)⁻¹B'V⁻¹ with V = s²C + e²D²."""
    inverse = np.linalg.inv(amplitude**2 * covariance + noise**2 * np.diag(sd**2))
    inner = trend.T @ inverse @ trend
    return inverse - inverse @ trend @ np.linalg.solve(inner, trend.T @ inverse)
