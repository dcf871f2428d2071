"""Model discrepancy of a resistivity layout, measured on a mesh.

Two things no formula of ours answers for: what a linearised ground leaves of an uneven one (the
floor of the error), and how far the closed form of an object is off (κ). Both are solved here by
finite elements under the layout itself, with its own electrodes and data, on a flat ground.
docs/physics-resistivity.md holds what the study gives for the standard arrays.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from subterra.ground.correlation import averaged_correlation
from subterra.ground.mesh import ColumnMesh
from subterra.ground.mesh_potentials import solve_potentials
from subterra.ground.resistivity import SensitivityMesh, make_mesh, sensitivity
from subterra.physics import Quadripoles, log_response, resistivity_response
from subterra.scene import make_scene, slot

__all__ = ["DiscrepancyStudy", "FloorRow", "ResponseRow", "study_discrepancy"]

Array = npt.NDArray[Any]

_SDS: Final = (0.2, 0.4, 0.75)
_SLENDER: Final = (0.25, 0.5)
_FILLS: Final = {"air": 0.0, "water": 5.0}
_AIR: Final = 1e-3
"""σ of air over the host's on the mesh: the closed form changes by 0.2 % down to zero."""
_PARTS: Final = 6
"""Cells per radius in the section of a drive."""
_ORDINARY_SD: Final = 0.4


@dataclass(frozen=True)
class FloorRow:
    """Null field over a random ground: sd of ln ρ and the rms of ln ρa that is left.

    Parameters
    ----------
    ground_sd : float
        Standard deviation of ln ρ.
    signal : float
        Rms of ln ρa about the trend.
    unmodelled : float
        Rms of ln ρa about the trend that the linearised ground does not give.
    """

    ground_sd: float
    signal: float
    unmodelled: float


@dataclass(frozen=True)
class ResponseRow:
    """Drive across the lines: closed form against the mesh.

    Parameters
    ----------
    fill : str
        ``air`` or ``water`` (five times the host's conductivity).
    radius_over_depth : float
        Radius over depth of the axis.
    kappa : float
        Rms difference of the response over the rms of the mesh's.
    scale : float
        Factor on the closed form that fits the mesh best.
    """

    fill: str
    radius_over_depth: float
    kappa: float
    scale: float


@dataclass(frozen=True)
class DiscrepancyStudy:
    """Floor and multiplicative error of a layout.

    Parameters
    ----------
    floors : tuple of FloorRow
        By sd of ln ρ.
    responses : tuple of ResponseRow
        By fill and radius/depth.
    """

    floors: tuple[FloorRow, ...]
    responses: tuple[ResponseRow, ...]

    @property
    def floor(self) -> float:
        """Part of ρa that is not modelled where ln ρ has sd 0.4."""
        return next(row.unmodelled for row in self.floors if row.ground_sd == _ORDINARY_SD)

    @property
    def kappa(self) -> float:
        """Root mean square of the responses' errors."""
        return float(np.sqrt(np.mean([row.kappa**2 for row in self.responses])))

    def document(self) -> dict[str, Any]:
        """Return everything as plain numbers and lists."""
        return {
            "floor": self.floor,
            "kappa": self.kappa,
            "floors": [asdict(row) for row in self.floors],
            "responses": [asdict(row) for row in self.responses],
        }


def study_discrepancy(layout: Quadripoles, *, deepest_m: float, seed: int = 1) -> DiscrepancyStudy:
    """Solve random null grounds and drives under a layout and compare.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data on a flat ground.
    deepest_m : float
        Depth of the search, metres; the drives lie at 1.25 spacings or half of it.
    seed : int
        Of the random grounds.

    Returns
    -------
    DiscrepancyStudy

    Raises
    ------
    InputError
        If the mesh would be too large.
    """
    spacing = _spacing(layout)
    floors = _floors(layout, spacing, np.random.default_rng([41, seed]))
    depth = min(1.25 * spacing, 0.5 * deepest_m)
    responses = [row for slender in _SLENDER for row in _responses(layout, spacing, depth, slender)]
    return DiscrepancyStudy(floors, tuple(responses))


def _spacing(layout: Quadripoles) -> float:
    used = np.unique(layout.abmn[layout.abmn >= 0])
    place = np.column_stack([layout.x, layout.y, layout.z])[used].astype(np.float64)
    distance, _ = KDTree(place).query(place, k=2)
    return float(np.median(distance[:, 1]))


def _electrodes(layout: Quadripoles) -> Array:
    return np.column_stack([layout.x, layout.y, layout.z]).astype(np.float64)


def _log_rhoa(psi: Array, layout: Quadripoles) -> Array:
    held = np.pad(psi, ((0, 1), (0, 1)))
    a, b, m, n = layout.abmn.T
    total = held[a, m] - held[a, n] - held[b, m] + held[b, n]
    return np.log(np.maximum(total / layout.k_sum, 1e-12))


def _about_trend(layout: Quadripoles, values: Array) -> Array:
    """Take out what the survey's trend would: level, plane and the size of the arrangement."""
    present = layout.abmn >= 0
    x, y = (
        np.where(present, v[layout.abmn], 0.0).sum(axis=1) / present.sum(axis=1)
        for v in (layout.x, layout.y)
    )
    columns = np.column_stack([np.ones(len(x)), x, y, np.log(np.abs(layout.k_sum))])
    return values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _random_field(mesh: SensitivityMesh, spacing: float, rng: np.random.Generator) -> Array:
    """Unit Gaussian field (n_cell,), correlation a product of exponentials, 3 and 1.5 spacings."""
    out = rng.standard_normal(mesh.shape)
    for axis, (edges, length) in enumerate(
        ((mesh.x, 3.0 * spacing), (mesh.y, 3.0 * spacing), (np.sort(mesh.z), 1.5 * spacing))
    ):
        k = averaged_correlation(edges, length, 0.5)
        if axis == 2:
            k = k[::-1, ::-1]
        root = np.linalg.cholesky(k + 1e-9 * np.eye(len(k)))
        out = np.moveaxis(np.tensordot(root, out, (1, axis)), 0, axis)
    return out.ravel()


def _floors(layout: Quadripoles, spacing: float, rng: np.random.Generator) -> tuple[FloorRow, ...]:
    cells = make_mesh(layout, spacing, max_entries=2.5e7)
    mesh = ColumnMesh(cells.x, cells.y, -cells.z)
    slope = sensitivity(layout, cells).reshape(len(layout.abmn), -1)
    electrodes = _electrodes(layout)
    rows: list[FloorRow] = []
    for sd in _SDS:
        field = sd * _random_field(cells, spacing, rng)
        solved = solve_potentials(mesh, np.exp(-field), electrodes, tolerance=1e-5)
        true = _log_rhoa(solved.psi, layout)
        left = _about_trend(layout, true - slope @ field)
        rows.append(FloorRow(sd, _rms(_about_trend(layout, true)), _rms(left)))
    return tuple(rows)


def _across(layout: Quadripoles) -> int:
    """Axis (0 or 1) along which most potential dipoles run."""
    m, n = layout.abmn[:, 2], layout.abmn[:, 3]
    both = (m >= 0) & (n >= 0)
    if not both.any():
        return int(np.ptp(layout.y) > np.ptp(layout.x))
    dx = np.abs(layout.x[m[both]] - layout.x[n[both]]).sum()
    dy = np.abs(layout.y[m[both]] - layout.y[n[both]]).sum()
    return int(dy > dx)


def _graded(low: float, high: float, step: float, reach: float) -> Array:
    even = np.linspace(low, high, max(int(np.ceil((high - low) / step)), 1) + 1)
    steps = [even[1] - even[0]]
    while sum(steps) < reach:
        steps.append(1.4 * steps[-1])
    out = np.cumsum(steps)
    return np.concatenate([(low - out)[::-1], even, high + out])


def _refined(nodes: Array, middle: float, half: float, step: float) -> Array:
    """Even nodes about a middle in place of those that were there, and a way between."""
    fine = middle + step * np.arange(-round(half / step), round(half / step) + 1)
    low, high = fine[0], fine[-1]
    way = step * np.cumsum(1.4 ** np.arange(1, 30))
    keep = nodes[(nodes < low - 1e-9) | (nodes > high + 1e-9)]
    gaps: Array = np.diff(np.unique(np.concatenate([keep, [low, high]])))
    coarse = float(np.median(gaps))
    way = way[: int(np.searchsorted(np.diff(way, prepend=0.0), coarse))]
    out = np.concatenate([fine, low - way, high + way])
    rest = nodes[(nodes < out.min() - 0.4 * coarse) | (nodes > out.max() + 0.4 * coarse)]
    return np.unique(np.concatenate([out, rest]))


def _responses(
    layout: Quadripoles, spacing: float, depth: float, slender: float
) -> list[ResponseRow]:
    axis = _across(layout)
    electrodes = _electrodes(layout)
    reach = 2.5 * max(float(np.ptp(electrodes[:, 0])), float(np.ptp(electrodes[:, 1])), 8 * spacing)
    radius = slender * depth
    step = radius / _PARTS
    middle = float(np.median(electrodes[:, axis])) + 0.25 * spacing
    ends = [(electrodes[:, k].min() - spacing, electrodes[:, k].max() + spacing) for k in (0, 1)]
    plan = [_graded(*ends[k], 0.5 * spacing, reach) for k in (0, 1)]
    plan[axis] = _refined(plan[axis], middle, 1.25 * radius, step)
    down = _graded(0.0, depth + 1.5 * radius, step, reach)
    mesh = ColumnMesh(plan[0], plan[1], down[down > -1e-9])
    centre = mesh.centres()
    inside = np.hypot(centre[:, axis] - middle, centre[:, 2] + depth) < radius
    inside &= np.abs(centre[:, 1 - axis]) < 0.5 * reach
    even = solve_potentials(mesh, np.ones(mesh.n_cells), electrodes).psi
    area = _area(mesh, inside, axis)
    rows: list[ResponseRow] = []
    for fill, ratio in _FILLS.items():
        sigma = np.where(inside, max(ratio, _AIR), 1.0)
        solved = solve_potentials(mesh, sigma, electrodes, tolerance=1e-4)
        mesh_says = _log_rhoa(solved.psi, layout) - _log_rhoa(even, layout)
        line = np.array([[middle, -0.5 * reach, -depth], [middle, 0.5 * reach, -depth]])
        if axis == 1:
            line = line[:, [1, 0, 2]]
        line[:, :2] += layout.origin
        item = {
            "family": "working",
            "fill": fill,
            "axis": line,
            "radius": float(np.sqrt(area / np.pi)),
            "conductivity_ratio": ratio,
        }
        ours = log_response(resistivity_response(slot(make_scene([item]), 0), layout))[0]
        ours = ours.astype(np.float64)
        scale = float(mesh_says @ ours / (ours @ ours))
        rows.append(ResponseRow(fill, slender, _rms(ours - mesh_says) / _rms(mesh_says), scale))
    return rows


def _area(mesh: ColumnMesh, inside: Array, axis: int) -> float:
    """Section of the cells that stand for the drive, m²."""
    hx, hy, ht = mesh.widths()
    section = (hx if axis == 0 else hy) * ht
    along = hy if axis == 0 else hx
    return float((section * along)[inside].sum() / _length(mesh, inside, axis))


def _length(mesh: ColumnMesh, inside: Array, axis: int) -> float:
    held = inside.reshape([n - 1 for n in mesh.shape])
    some = held.any(axis=(0, 2)) if axis == 0 else held.any(axis=(1, 2))
    return float(np.diff(mesh.y if axis == 0 else mesh.x)[some].sum())
