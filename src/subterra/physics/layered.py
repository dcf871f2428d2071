"""Potential of a point electrode on or in an earth of horizontal layers.

With ``u = I/(2π)·ψ`` for a current I, ψ in Ω (resistivity over length), Poisson's equation is, for
each radial wavenumber λ, that of a transmission line whose characteristic admittance is the
conductivity σ of the layer (Wait 1982, *Geo-electromagnetism*, ch. 1; Koefoed 1979):

    ψ(r, z) = ∫ V(λ, z) J0(λr) dλ,     V(λ, z_s) = 1/(Y↑ + Y↓),

``Y↓`` from the basement upwards and ``Y↑`` from the surface (Y = 0) downwards. In a uniform
half-space ψ = ρφ, ``φ = ½(1/r + 1/r')``. The half-space that would be left if the source's own
layer filled everything, carried through each interface with its transmission factor, is taken out
in closed form; only the rest goes through the digital filter of Key (2012, Geophysics 77(3), F21;
201 points, CC BY 4.0, in ``hankel_key_201_2012.csv``). Against the image series and adaptive
quadrature ψ and its gradient are exact to 2e-5, and ψ at r < h/20 over contrasts above 300 to 1e-4.
Layers are level: under a dipping plane they follow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError

__all__ = [
    "LayeredEarth",
    "layered_gradient",
    "layered_potential",
    "parse_layers",
    "secondary",
    "transmission",
]

Array = npt.NDArray[Any]

MAX_LAYERS: Final = 12
_RANGE: Final = (1e-6, 1e9)
"""Ω·m that a layer can have: seven decades beyond any rock on either side."""


@dataclass(frozen=True)
class LayeredEarth:
    """Horizontal layers under a flat surface.

    Parameters
    ----------
    resistivity_ohmm : tuple of float
        Ω·m of each layer from the top; the last one goes down without end.
    thickness_m : tuple of float
        Metres of all layers but the last.

    Raises
    ------
    InputError
        If the numbers of layers and thicknesses do not match or a value cannot be.
    """

    resistivity_ohmm: tuple[float, ...]
    thickness_m: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.resistivity_ohmm)
        if not 1 <= n <= MAX_LAYERS or len(self.thickness_m) != n - 1:
            problem = (
                f"a layered ground has 1 to {MAX_LAYERS} resistivities and one thickness less; "
                f"found {n} and {len(self.thickness_m)}"
            )
            raise InputError(problem)
        low, high = _RANGE
        for value in self.resistivity_ohmm:
            if not low <= value <= high:
                problem = f"a layer of {value:g} Ω·m: expected {low:g} to {high:g}"
                raise InputError(problem)
        for value in self.thickness_m:
            if not 1e-3 <= value <= 1e5:
                problem = f"a layer of {value:g} m: expected 0.001 to 100000"
                raise InputError(problem)

    @property
    def tops_m(self) -> Array:
        """Depth (n,) of the top of each layer, metres."""
        return np.concatenate([[0.0], np.cumsum(self.thickness_m)])

    def layer_at(self, depth: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return the layer at depths in metres; an interface belongs to the layer under it."""
        found = np.searchsorted(self.tops_m, np.asarray(depth, np.float64), side="right") - 1
        return np.maximum(found, 0)

    def resistivity_at(self, depth: npt.ArrayLike) -> Array:
        """Return the resistivity in Ω·m at depths in metres."""
        return np.asarray(self.resistivity_ohmm, np.float64)[self.layer_at(depth)]

    def text(self) -> str:
        """Write the layers as `parse_layers` reads them."""
        held = [
            f"{rho:.6g}:{h:.6g}"
            for rho, h in zip(self.resistivity_ohmm, self.thickness_m, strict=False)
        ]
        return ",".join([*held, f"{self.resistivity_ohmm[-1]:.6g}"])


def parse_layers(text: str) -> LayeredEarth:
    """Read ``RHO1:H1,RHO2:H2,RHO3``: Ω·m and metres from the top, the last without thickness.

    Raises
    ------
    ValueError
        If the text is something else or a value cannot be.
    """
    parts = [part.strip().split(":") for part in text.split(",")]
    shape = [len(part) for part in parts]
    try:
        if shape != [2] * (len(parts) - 1) + [1]:
            raise ValueError
        rho = tuple(float(part[0]) for part in parts)
        h = tuple(float(part[1]) for part in parts[:-1])
    except ValueError as error:
        problem = "expected RHO1:H1,RHO2:H2,RHO3, Ω·m and metres, the last without thickness"
        raise ValueError(problem) from error
    return LayeredEarth(rho, h)


@cache
def _filter() -> tuple[Array, Array, Array]:
    """Base and weights for J0 and J1."""
    text = files("subterra.physics").joinpath("hankel_key_201_2012.csv").read_text("utf-8")
    base, j0, j1 = np.loadtxt(text.splitlines(), delimiter=",").T
    # What the kernel holds below the smallest wavenumber, 8e-7/r, goes to that wavenumber: a
    # constant kernel then transforms to exactly 1/r.
    j0[0] += 1.0 - j0.sum()
    return base, j0, j1


@dataclass(frozen=True)
class _Line:
    """The layers on one side of the source, as a transmission line that starts at the source."""

    sigma: Array
    length: Array
    reflection: Array
    """At the far end of each section, (n_section, n_λ)."""
    admittance: Array
    """Seen from the source, (n_λ,)."""


def _line(sigma: Array, length: Array, lam: Array, far_end: float) -> _Line:
    """Reflections and admittance of sections given from the source outwards."""
    reflection = np.empty((len(sigma), lam.size))
    reflection[-1] = far_end
    admittance = np.empty(0)
    for k in range(len(sigma) - 1, -1, -1):
        turned = reflection[k] * np.exp(-2.0 * lam * length[k])
        admittance = sigma[k] * (1.0 - turned) / (1.0 + turned)
        if k:
            reflection[k - 1] = (sigma[k - 1] - admittance) / (sigma[k - 1] + admittance)
    return _Line(sigma, length, reflection, admittance)


def _lines(earth: LayeredEarth, source: float, lam: Array) -> tuple[_Line, _Line]:
    """Lines above and below a source at a depth in metres."""
    sigma = 1.0 / np.asarray(earth.resistivity_ohmm)
    tops = earth.tops_m
    own = int(earth.layer_at(source))
    bottoms = np.append(tops[1:], np.inf)
    above = np.append(source - tops[own], np.diff(tops)[:own][::-1])
    below = np.append(bottoms[own] - source, np.diff(bottoms)[own:])
    # The surface lets nothing through; from below nothing comes back.
    return (
        _line(sigma[: own + 1][::-1], above, lam, 1.0),
        _line(sigma[own:], below, lam, 0.0),
    )


def _along(line: _Line, distance: float, start: Array, lam: Array) -> tuple[Array, Array]:
    """V and −V'/λ at a distance from the source along a line."""
    for k, length in enumerate(line.length):
        inside = distance < length or k == len(line.length) - 1
        x = distance if inside else length
        turned = line.reflection[k] * np.exp(-lam * (2.0 * length - x))
        forth = np.exp(-lam * x)
        whole = 1.0 + line.reflection[k] * np.exp(-2.0 * lam * length)
        if inside:
            return start * (forth + turned) / whole, start * (forth - turned) / whole
        start = start * (forth + turned) / whole
        distance -= length
    raise AssertionError


def transmission(earth: LayeredEarth, source: float, depth: Array) -> Array:
    """Resistivity, Ω·m, of the half-space that is taken out in closed form at each depth.

    The source's own resistivity times 2σ_j/(σ_j + σ_k) for each interface on the way.
    """
    sigma = 1.0 / np.asarray(earth.resistivity_ohmm)
    own = int(earth.layer_at(source))
    step = 2.0 * sigma[:-1] / (sigma[:-1] + sigma[1:])
    back = 2.0 * sigma[1:] / (sigma[:-1] + sigma[1:])
    by_layer = np.ones(len(sigma))
    by_layer[own + 1 :] = np.cumprod(step[own:])
    by_layer[:own] = np.cumprod(back[:own][::-1])[::-1]
    return by_layer[earth.layer_at(depth)] / sigma[own]


def _rest(earth: LayeredEarth, source: float, depth: Array, r: Array) -> Array:
    """ψ of layers without the half-space of `transmission`, (n_z, n_r)."""
    base, j0, _ = _filter()
    lam, place = _wavenumbers(base, r)
    up, down = _lines(earth, source, lam)
    start = 1.0 / (up.admittance + down.admittance)
    taken = transmission(earth, source, depth)
    out = np.empty((len(depth), len(r)))
    for i, z in enumerate(depth):
        v, _ = _along(down if z >= source else up, abs(z - source), start, lam)
        v -= 0.5 * taken[i] * (np.exp(-lam * abs(z - source)) + np.exp(-lam * (z + source)))
        out[i] = place(v) @ j0 / r
    return out


def secondary(earth: LayeredEarth, source: float, depth: Array, r: Array) -> tuple[Array, Array]:
    """Gradient of what layers add to the half-space of `transmission`, by the digital filter.

    Parameters
    ----------
    earth : LayeredEarth
        Layers.
    source : float
        Depth of the electrode in metres, 0 on the surface.
    depth : (n_z,) numpy.ndarray
        Depths of the points in metres.
    r : (n_r,) numpy.ndarray
        Horizontal distances in metres, above zero.

    Returns
    -------
    slope, fall : (n_z, n_r) numpy.ndarray
        −∂ψ/∂r and −∂ψ/∂z (z up) in Ω/m, without the half-space.
    """
    base, j0, j1 = _filter()
    lam, place = _wavenumbers(base, r)
    up, down = _lines(earth, source, lam)
    start = 1.0 / (up.admittance + down.admittance)
    taken = transmission(earth, source, depth)
    shape = (len(depth), len(r))
    slope, fall = np.empty(shape), np.empty(shape)
    for i, z in enumerate(depth):
        deeper = z >= source
        v, w = _along(down if deeper else up, abs(z - source), start, lam)
        # −dV/dz with z up: V falls away from the source.
        w = -w if deeper else w
        direct, image = np.exp(-lam * abs(z - source)), np.exp(-lam * (z + source))
        v = v - 0.5 * taken[i] * (direct + image)
        w = w - 0.5 * taken[i] * (-direct if deeper else direct) + 0.5 * taken[i] * image
        slope[i] = place(lam * v) @ j1 / r
        fall[i] = place(lam * w) @ j0 / r
    return slope, fall


def _wavenumbers(base: Array, r: Array) -> tuple[Array, Callable[[Array], Array]]:
    """Wavenumbers that the filter needs, shared by lagged convolution where r allows it.

    Returns the wavenumbers and what sorts values on them into rows (n_r, n_filter).
    """
    step = np.log(base[1] / base[0])
    lag = np.log(r / r[0]) / step
    whole = np.rint(lag).astype(np.intp)
    if np.abs(lag - whole).max() > 1e-6 or np.any(whole < 0):
        return (base / r[:, None]).ravel(), lambda values: values.reshape(len(r), len(base))
    most = int(whole.max())
    lam = base[0] / r[0] * np.exp(step * np.arange(-most, len(base)))
    take = (most - whole)[:, None] + np.arange(len(base))
    return lam, lambda values: values[take]


def _checked(r: npt.ArrayLike, source: float, depth: npt.ArrayLike) -> tuple[Array, Array]:
    distance, below = np.broadcast_arrays(np.asarray(r, np.float64), np.asarray(depth, np.float64))
    if source < 0.0 or np.any(below < 0.0):
        problem = "electrodes and points of a layered ground lie on or under its surface"
        raise InputError(problem)
    return distance, below


def _places(source: float, depth: Array, r: Array) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Distinct depths and distances, the latter not under the filter's reach, and the way back."""
    levels, of_level = np.unique(depth.ravel(), return_inverse=True)
    near = 1e-3 * np.maximum(depth + source, 1e-3).ravel()
    spans, of_span = np.unique(np.maximum(r.ravel(), near), return_inverse=True)
    back = (of_level.reshape(-1), of_span.reshape(-1))
    return levels, spans, lambda values: values[back].reshape(r.shape)


def layered_potential(
    earth: LayeredEarth, r: npt.ArrayLike, source_depth: float, depth: npt.ArrayLike
) -> Array:
    """Potential ψ of a point electrode, V = I ψ/(2π).

    Parameters
    ----------
    earth : LayeredEarth
        Layers.
    r : array_like
        Horizontal distance in metres.
    source_depth : float
        Depth of the electrode in metres, 0 on the surface.
    depth : array_like
        Depth of the points in metres.

    Returns
    -------
    numpy.ndarray
        Ω, of the broadcast shape; infinite on the electrode.
    """
    distance, below = _checked(r, source_depth, depth)
    levels, spans, back = _places(source_depth, below, distance)
    psi = back(_rest(earth, source_depth, levels, spans))
    taken = transmission(earth, source_depth, below)
    with np.errstate(divide="ignore"):
        near = 1.0 / np.hypot(distance, below - source_depth)
        far = 1.0 / np.hypot(distance, below + source_depth)
    return psi + 0.5 * taken * (near + far)


def layered_gradient(
    earth: LayeredEarth, r: npt.ArrayLike, source_depth: float, depth: npt.ArrayLike
) -> tuple[Array, Array]:
    """Gradient of ψ, the parameters those of `layered_potential`.

    Returns
    -------
    radial, vertical : numpy.ndarray
        ∂ψ/∂r and ∂ψ/∂z (z up) in Ω/m. At an interface ∂ψ/∂z is that of the layer under it.
    """
    distance, below = _checked(r, source_depth, depth)
    levels, spans, back = _places(source_depth, below, distance)
    slope, fall = (back(v) for v in secondary(earth, source_depth, levels, spans))
    taken = transmission(earth, source_depth, below)
    dz, up = source_depth - below, -(source_depth + below)
    w = -((distance**2 + dz**2) ** -1.5)
    v = -((distance**2 + up**2) ** -1.5)
    radial = 0.5 * taken * distance * (w + v) - slope
    vertical = 0.5 * taken * (dz * w + up * v) - fall
    return radial, vertical
