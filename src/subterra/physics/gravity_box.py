"""Field and gradient of a rectangular box in any direction, inside and outside, in closed form.

In the box's own frame, with the corners at (x, y, z) from the station and r their distance
(Nagy 1966; Nagy, Papp & Benedek 2000),

    F_x  = −Σ ± [y ln(z + r) + z ln(y + r) − x atan(yz/(xr))],
    T_xx = −Σ ± atan(yz/(xr)),    T_xy = Σ ± ln(z + r),

with + for an even number of lower corners. A tunnel's box has one horizontal edge, across; the
vertical lies in the plane of the other two, so that two components and three gradients do.

Limits: double precision; eight terms that cancel as (distance/size)³ far away, so that the line
mass takes over there. On an edge the gradient is infinite.
"""

from __future__ import annotations

import math

from subterra.kernel import kernel

__all__ = ["box_field"]


@kernel
def _log(v: float, u2: float, r: float) -> float:
    """ln(v + r) with r² = v² + u2, without cancellation for v < 0."""
    if v >= 0.0:
        return math.log(max(v + r, 1e-300))
    return math.log(max(u2, 1e-300) / (r - v))


@kernel
def _angle(top: float, bottom: float) -> float:
    """Arctangent of top/bottom between ±π/2, zero where the bottom is."""
    return 0.0 if bottom == 0.0 else math.atan(top / bottom)


@kernel
def box_field(
    along: float,
    across: float,
    upward: float,
    length: float,
    half_width: float,
    half_height: float,
    tz: float,
    uz: float,
) -> tuple[float, float]:
    """Downward pull of a box and its vertical gradient, per unit of G·Δρ.

    Parameters
    ----------
    along, across, upward : float
        Place of the station in the box's frame, metres: along the axis from its first end, to the
        side along the horizontal edge, and along the third edge, both from the axis.
    length, half_width, half_height : float
        Length along the axis and half edges across it, metres, positive.
    tz, uz : float
        Upward components of the unit vectors along the axis and along the third edge.

    Returns
    -------
    gz, gzz : float
        m and 1; positive above a mass.
    """
    f_along = f_up = t_along = t_up = t_mixed = 0.0
    for i in range(2):
        x = i * length - along
        for j in range(2):
            y = (2 * j - 1) * half_width - across
            for k in range(2):
                z = (2 * k - 1) * half_height - upward
                sign = 1.0 if (i + j + k) % 2 == 1 else -1.0
                x2, y2, z2 = x * x, y * y, z * z
                r = math.sqrt(x2 + y2 + z2)
                ln_x, ln_y, ln_z = _log(x, y2 + z2, r), _log(y, x2 + z2, r), _log(z, x2 + y2, r)
                a_x, a_z = _angle(y * z, x * r), _angle(x * y, z * r)
                f_along -= sign * (y * ln_z + z * ln_y - x * a_x)
                f_up -= sign * (x * ln_y + y * ln_x - z * a_z)
                t_along -= sign * a_x
                t_up -= sign * a_z
                t_mixed += sign * ln_y
    gz = -(f_along * tz + f_up * uz)
    return gz, t_along * tz * tz + 2.0 * t_mixed * tz * uz + t_up * uz * uz
