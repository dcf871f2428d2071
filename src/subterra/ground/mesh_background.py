"""Background of a survey from potentials solved on a mesh: topography and lateral resistivity.

One solve per electrode serves as current and as potential electrode (reciprocity). What the mesh
adds to each electrode's half-space is kept on a grid under the survey and read trilinearly by the
response kernel; near an electrode the half-space's pole, exact, carries the field. Against the
closed forms (flat layers, cells of half a spacing, interfaces on nodes): ρa within 0.2–0.6 % over a
resistive and 1–2 % over a five times more conductive basement, responses of drives within 3 %; an
interface that cuts cells costs several percent more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.errors import InputError
from subterra.ground.cache import cached_arrays, layout_hash
from subterra.ground.mesh import ColumnMesh
from subterra.ground.mesh_potentials import MeshPotentials, solve_potentials
from subterra.ground.resistivity import make_mesh
from subterra.kernel import single
from subterra.physics import Background, Quadripoles
from subterra.physics.background import no_tables

__all__ = ["column_mesh", "mesh_background", "nearest_resistivity"]

Array = npt.NDArray[Any]

_MOST_VALUES: Final = 6e7


def column_mesh(
    layout: Quadripoles,
    spacing_m: float,
    height: Callable[[Array, Array], Array] | None = None,
    interfaces_m: tuple[float, ...] = (),
) -> ColumnMesh:
    """Mesh under a survey: cells of half a spacing under the electrodes, growing away from them.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data.
    spacing_m : float
        Typical spacing of electrodes in metres.
    height : callable, optional
        Height of the ground over the site's plane at x, y in metres (the layout's frame: site
        coordinates less ``layout.origin``); by default flat.
    interfaces_m : tuple of float
        Depths at which nodes are put.

    Returns
    -------
    ColumnMesh
    """
    cells = make_mesh(layout, spacing_m, max_entries=np.inf)
    t = -np.asarray(cells.z)
    for depth in interfaces_m:
        t = np.append(t[np.abs(t - depth) > 0.05 * spacing_m], depth)
    t = np.unique(np.append(t, 0.0))
    x, y = _spread(cells.x), _spread(cells.y)
    t = np.append(t, t[-1] + np.cumsum(np.diff(t)[-1] * 1.5 ** np.arange(1, 4)))
    if height is None:
        return ColumnMesh(x, y, t)
    gx, gy = np.meshgrid(x, y, indexing="ij")
    # Far outside the survey the ground is taken on as it ends there.
    near_x = np.clip(gx, cells.x[3], cells.x[-4])
    near_y = np.clip(gy, cells.y[3], cells.y[-4])
    return ColumnMesh(x, y, t, np.asarray(height(near_x, near_y), np.float64))


def _spread(nodes: Array) -> Array:
    """Three more cells on either side: the mixed outer sides want to be far."""
    out = np.diff(nodes)[-1] * np.cumsum(1.6 ** np.arange(1, 4))
    return np.concatenate([nodes[0] - out[::-1], nodes, nodes[-1] + out])


def nearest_resistivity(places: Array, resistivity_ohmm: Array) -> Callable[[Array], Array]:
    """Resistivity of the nearest of given cells, as a function of places (n, 3).

    Parameters
    ----------
    places : (n_cell, 3) numpy.ndarray
        Centres: x, y, height over the site's plane, metres, the layout's frame.
    resistivity_ohmm : (n_cell,) numpy.ndarray
        Ω·m, positive.
    """
    from scipy.spatial import KDTree

    values = np.asarray(resistivity_ohmm, np.float64)
    if len(values) != len(places) or not np.all(np.isfinite(values) & (values > 0.0)):
        problem = "a resistivity model needs one positive resistivity for each of its cells"
        raise InputError(problem)
    tree = KDTree(places)
    return lambda at: values[tree.query(at)[1]]


def mesh_background(
    layout: Quadripoles,
    resistivity: Callable[[Array], Array],
    *,
    spacing_m: float,
    deepest_m: float,
    height: Callable[[Array, Array], Array] | None = None,
    electrode_height_m: Array | None = None,
    interfaces_m: tuple[float, ...] = (),
    cache_dir: Path | None = None,
) -> Background:
    """Solve every electrode's potential over a given ground and prepare it for the kernels.

    Parameters
    ----------
    layout : Quadripoles
        Electrodes and data; apparent resistivities refer to its flat geometric factors.
    resistivity : callable
        Ω·m at places (n, 3): x, y, height over the site's plane, the layout's frame.
    spacing_m : float
        Typical spacing of electrodes, metres.
    deepest_m : float
        Depth down to which bodies lie, metres.
    height : callable, optional
        Height of the ground over the plane at x, y; by default flat.
    electrode_height_m : (n_electrode,) numpy.ndarray, optional
        Height of the electrodes over the plane; by default they lie on the ground, or as deep
        under it as the layout says.
    interfaces_m : tuple of float
        Depths of sharp interfaces, on which nodes are put.
    cache_dir : Path, optional
        Where solved potentials are kept.

    Returns
    -------
    Background
        The contrast of a fill refers to the mean of ln ρ under the survey at the body's depth.

    Raises
    ------
    InputError
        If the mesh or the grid would be too large, a resistivity is not positive, or a datum has
        no positive apparent resistivity over this ground.
    """
    mesh = column_mesh(layout, spacing_m, height, interfaces_m)
    rho = np.asarray(resistivity(mesh.centres()), np.float64)
    x, y = (np.asarray(v, np.float64) for v in (layout.x, layout.y))
    if electrode_height_m is None:
        electrode_height_m = mesh.height(x, y) + np.asarray(layout.z, np.float64)
    electrodes = np.column_stack([x, y, np.minimum(electrode_height_m, mesh.height(x, y))])
    key = layout_hash("mesh", mesh.x, mesh.y, mesh.t, mesh.surface, rho, electrodes)

    def solve() -> list[Array]:
        found = solve_potentials(mesh, 1.0 / rho, electrodes)
        return [found.psi, found.secondary.astype(np.float32), found.sigma0, found.mirror]

    psi, secondary, sigma0, mirror = cached_arrays(cache_dir, key, solve)
    solved = MeshPotentials(mesh, electrodes, mirror, sigma0, secondary, psi, 0.0, 0)
    return _prepared(solved, rho, layout, deepest_m, f"mesh {key}")


def _prepared(
    solved: MeshPotentials, rho: Array, layout: Quadripoles, deepest_m: float, label: str
) -> Background:
    held = np.pad(solved.psi, ((0, 1), (0, 1)))
    a, b, m, n = layout.abmn.T
    total = held[a, m] - held[a, n] - held[b, m] + held[b, n]
    rhoa = total / layout.k_sum
    if not np.all(np.isfinite(rhoa) & (rhoa > 0.0)):
        worst = int(np.flatnonzero(~(np.isfinite(rhoa) & (rhoa > 0.0)))[0]) + 1
        problem = f"datum {worst} has no positive apparent resistivity over the ground given"
        raise InputError(problem)
    reference = float(np.exp(np.log(rhoa).mean()))
    mesh = solved.mesh
    cells = np.log(rho).reshape([k - 1 for k in mesh.shape])
    under = cells[_within(mesh.x, layout.x)][:, _within(mesh.y, layout.y)]
    return Background(
        label,
        _grid_tables(solved, cells, layout, deepest_m, reference),
        total / reference,
        np.log(rhoa),
        reference,
        mesh.t[:-1],
        np.exp(under.mean(axis=(0, 1))),
    )


def _within(nodes: Array, places: Array) -> slice:
    """Cells of an axis under the electrodes."""
    low = int(np.searchsorted(nodes, places.min() - 1e-6, side="right")) - 1
    high = int(np.searchsorted(nodes, places.max() + 1e-6))
    return slice(max(low, 0), max(high, low + 1))


def _grid_tables(
    solved: MeshPotentials, log_rho: Array, layout: Quadripoles, deepest_m: float, reference: float
) -> Any:
    """Fields of every electrode on the nodes of the mesh under the window, see gridded_fields."""
    mesh = solved.mesh
    keep_x, keep_y = _inside(mesh.x, layout.window[[0, 2]]), _inside(mesh.y, layout.window[[1, 3]])
    top, bottom = float(mesh.surface.max()), float(mesh.surface.min())
    z = top - mesh.t
    z = z[z > bottom - 1.3 * deepest_m - mesh.t[1]][::-1]
    s = mesh.surface[np.ix_(keep_x, keep_y)]
    n_values = len(solved.electrodes) * s.size * len(z) * 4
    if n_values > _MOST_VALUES:
        problem = f"fields on the grid would take {n_values / 2.5e8:.1f} GB; use fewer electrodes"
        raise InputError(problem)
    rise_x = np.gradient(mesh.surface, mesh.x, axis=0)[np.ix_(keep_x, keep_y)]
    rise_y = np.gradient(mesh.surface, mesh.y, axis=1)[np.ix_(keep_x, keep_y)]
    # Depth of each node of the grid in its own column, held to the mesh.
    t = np.clip(s[:, :, None] - z, 0.0, mesh.t[-1])
    k = np.clip(np.searchsorted(mesh.t, t, side="right") - 1, 0, len(mesh.t) - 2)
    f = (t - mesh.t[k]) / (mesh.t[k + 1] - mesh.t[k])

    def at_nodes(values: Array) -> Array:
        low = np.take_along_axis(values, k, axis=2)
        return (1.0 - f) * low + f * np.take_along_axis(values, k + 1, axis=2)

    sigma = np.exp(-at_nodes(_at_nodes(log_rho)[np.ix_(keep_x, keep_y)]))
    share = np.sqrt(sigma * reference) / reference
    gx, gy = np.meshgrid(mesh.x[keep_x], mesh.y[keep_y], indexing="ij")
    grid = np.empty((len(solved.electrodes), 4, *s.shape, len(z)), np.float32)
    for e, u in enumerate(solved.secondary):
        u = np.asarray(u, np.float64)
        slope_t = np.gradient(u, mesh.t, axis=2)[np.ix_(keep_x, keep_y)]
        slope_x = np.gradient(u, mesh.x, axis=0)[np.ix_(keep_x, keep_y)]
        slope_y = np.gradient(u, mesh.y, axis=1)[np.ix_(keep_x, keep_y)]
        place = solved.electrodes[e]
        pole = ((gx - place[0]) ** 2 + (gy - place[1]) ** 2)[:, :, None]
        scale = share * (pole + (z - solved.mirror[e]) ** 2 + 1e-6)
        grid[e, 0] = at_nodes(slope_x + slope_t * rise_x[:, :, None]) * scale
        grid[e, 1] = at_nodes(slope_y + slope_t * rise_y[:, :, None]) * scale
        grid[e, 2] = at_nodes(-slope_t) * scale
        grid[e, 3] = share / solved.sigma0[e]
    axis = single(np.concatenate([mesh.x[keep_x], mesh.y[keep_y], z]))
    heights = single(np.concatenate([solved.electrodes[:, 2], solved.mirror]))
    shape = np.array([*s.shape, len(z)], np.int32)
    empty = no_tables()
    return (empty[0], heights, empty[2], empty[3], axis, shape, grid)


def _inside(nodes: Array, ends: Array) -> Array:
    """Nodes between two ends and one beyond on either side."""
    low = max(int(np.searchsorted(nodes, ends[0], side="right")) - 1, 0)
    high = min(int(np.searchsorted(nodes, ends[1])) + 1, len(nodes))
    return np.arange(low, high)


def _at_nodes(cells: Array) -> Array:
    """Mean over the cells that touch each node."""
    total, count = np.zeros([n + 1 for n in cells.shape]), np.zeros([n + 1 for n in cells.shape])
    for i, j, k in np.ndindex(2, 2, 2):
        part = tuple(slice(a, a + n) for a, n in zip((i, j, k), cells.shape, strict=True))
        total[part] += cells
        count[part] += 1.0
    return total / count
