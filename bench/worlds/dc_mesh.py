"""Direct current over a drive: wedge finite elements on a mesh that follows the drive.

A triangle mesh of the cross-section (the drive's circle is meshed inside and out) is extruded along
the drive's plan heading; the nodes of every plane are shifted vertically so that the circle follows
the dipping axis while the ground surface stays flat. The drive is cut out by giving its wedges the
conductivity of its fill, so the ground with and without it is solved on one and the same mesh.

The potential of every electrode is split as u = u0 + us, where u0 = I/(2 pi sigma0 r) belongs to a
homogeneous half-space that has the conductivity sigma0 of the element under that electrode
(Lowry, Allen & Shive 1989, Geophysics 54, 766). Only us is solved on the mesh:

    div(sigma grad us) = -div((sigma - sigma0) grad u0),

no flux through the surface, d/dn us = -alpha us with alpha = cos(theta)/r on the other sides
(Dey & Morrison 1979). Coordinates: metres, z up, surface z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pygimli.meshtools as mt
import scipy.sparse as sp
from drives import Drive
from numpy.typing import NDArray
from pypardiso import PyPardisoSolver

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_GAUSS = 0.5 / np.sqrt(3.0)
_TRI = np.array([[2 / 3, 1 / 6, 1 / 6], [1 / 6, 2 / 3, 1 / 6], [1 / 6, 1 / 6, 2 / 3]])
_DTRI = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])


@dataclass(frozen=True)
class MeshSize:
    """Sizes of a mesh in metres; `finer` divides all of them.

    Attributes
    ----------
    along, across : float
        Spacing of the planes and of the surface nodes inside the array.
    segments : int
        Sides of the polygon that stands for the drive's circle.
    growth : float
        Ratio of successive spacings outside the array.
    reach : float
        Distance from the array to the outer boundary.
    """

    along: float = 0.8
    across: float = 0.9
    segments: int = 20
    growth: float = 1.3
    reach: float = 150.0

    def finer(self, factor: float) -> MeshSize:
        """Return the sizes divided by `factor`."""
        return MeshSize(
            self.along / factor,
            self.across / factor,
            round(self.segments * factor),
            1 + (self.growth - 1) / factor,
            self.reach,
        )


@dataclass(frozen=True)
class WedgeMesh:
    """Wedges in the frame of the drive, and the way back to the field's frame.

    Attributes
    ----------
    nodes : ndarray, shape (n, 3)
        x along the plan heading of the drive, y to its left, z up.
    wedges : ndarray, shape (m, 6)
        Node numbers: a triangle and its copy in the next plane.
    in_drive : ndarray of bool, shape (m,)
    plane_x, surface_y : ndarray
        Positions of the planes and of the surface nodes of a plane.
    surface_node : ndarray of int, shape (planes, surface nodes)
    boundary_weight : ndarray, shape (n,)
        Lumped integral of alpha over the buried outer sides.
    origin, direction : ndarray, shape (2,)
        The field's (x, y) of the frame's origin and the unit heading.
    """

    nodes: Float
    wedges: Int
    in_drive: NDArray[np.bool_]
    plane_x: Float
    surface_y: Float
    surface_node: Int
    boundary_weight: Float
    origin: Float
    direction: Float

    def to_frame(self, xy: Float) -> Float:
        """Turn plan positions of the field, shape (..., 2), into the frame of the drive."""
        d = np.asarray(xy) - self.origin
        u = self.direction
        return np.stack([d @ u, d @ np.array([-u[1], u[0]])], axis=-1)

    def centroids(self) -> Float:
        """Return the centres of the wedges in the field's frame, shape (m, 3)."""
        c = self.nodes[self.wedges].mean(axis=1)
        u = self.direction
        xy = self.origin + np.outer(c[:, 0], u) + np.outer(c[:, 1], np.array([-u[1], u[0]]))
        return np.column_stack([xy, c[:, 2]])


def graded(low: float, high: float, step: float, growth: float, reach: float) -> Float:
    """Even steps from `low` to `high`, then growing ones until `reach` beyond both."""
    n = max(2, int(np.ceil((high - low) / step)) + 1)
    even = np.linspace(low, high, n)
    steps = (high - low) / (n - 1) * growth ** np.arange(1, 200)
    out = np.cumsum(steps)
    out = out[: int(np.searchsorted(out, reach)) + 1]
    return np.concatenate([low - out[::-1], even, high + out])


def build_mesh(drive: Drive, electrodes: Float, size: MeshSize) -> WedgeMesh:
    """Mesh the ground below flat electrodes so that it follows one drive.

    Parameters
    ----------
    drive : Drive
    electrodes : ndarray, shape (k, 2)
        Plan positions on the surface z = 0.
    size : MeshSize

    Returns
    -------
    WedgeMesh
    """
    origin = electrodes.mean(axis=0)
    heading = drive.end[:2] - drive.start[:2]
    length = float(np.hypot(*heading))
    u = heading / length
    left = np.array([-u[1], u[0]])
    s0 = float((drive.start[:2] - origin) @ u)
    offset = float((drive.start[:2] - origin) @ left)
    # y is measured from the drive, so that the circle stands at y = 0 in every plane.
    origin = origin + offset * left
    e = np.stack([(electrodes - origin) @ u, (electrodes - origin) @ left], axis=1)
    x = graded(e[:, 0].min() - 2.0, e[:, 0].max() + 2.0, size.along, size.growth, size.reach)
    for end in (s0, s0 + length):
        x[np.argmin(np.abs(x - end))] = end
    slope = (drive.end[2] - drive.start[2]) / length
    depth = -(drive.start[2] + slope * (np.clip(x, s0, s0 + length) - s0))
    middle = (x > e[:, 0].min()) & (x < e[:, 0].max())
    y, z, triangles = _section(
        float(depth[middle].mean()), drive.radius, e[:, 1].min(), e[:, 1].max(), size
    )
    reference = float(depth[middle].mean())
    n2 = len(y)
    nodes = np.empty((len(x), n2, 3))
    nodes[..., 0] = x[:, None]
    nodes[..., 1] = y
    nodes[..., 2] = -_follow(-z, reference, depth[:, None], drive.radius, -z.min())
    tri_in = np.hypot(y[triangles].mean(1), z[triangles].mean(1) + reference) < drive.radius
    first = (np.arange(len(x) - 1) * n2)[:, None, None] + triangles
    wedges = np.concatenate([first, first + n2], axis=2).reshape(-1, 6)
    x_mid = 0.5 * (x[1:] + x[:-1])
    in_drive = ((x_mid > s0) & (x_mid < s0 + length))[:, None] & tri_in
    top = np.flatnonzero(np.abs(z) < 1e-9)
    top = top[np.argsort(y[top])]
    flat = nodes.reshape(-1, 3)
    return WedgeMesh(
        flat,
        wedges,
        in_drive.ravel(),
        x,
        y[top],
        np.arange(len(x))[:, None] * n2 + top,
        _boundary_weight(nodes, y, z, e.mean(axis=0)),
        origin,
        u,
    )


def _follow(t: Float, reference: float, depth: Float, radius: float, bottom: float) -> Float:
    """Shift depths near the axis rigidly, stretch the cover and the basement linearly."""
    w = 1.1 * radius
    cover = t * (depth - w) / (reference - w)
    rigid = t - reference + depth
    below = bottom - (bottom - t) * (bottom - depth - w) / (bottom - reference - w)
    return np.where(t < reference - w, cover, np.where(t <= reference + w, rigid, below))


def _section(
    depth: float, radius: float, y_min: float, y_max: float, size: MeshSize
) -> tuple[Float, Float, Int]:
    """Triangulate a cross-section; return y, z of its nodes and its triangles (n, 3)."""
    y = graded(y_min - 2.0, y_max + 2.0, size.across, size.growth, size.reach)
    bottom = -size.reach
    outline = [(v, 0.0) for v in y] + [(y[-1], bottom), (y[0], bottom)]
    plc = mt.createPolygon(outline, isClosed=True, marker=1)
    k = size.segments
    # The polygon keeps the area of the circle.
    r = radius * np.sqrt((2 * np.pi / k) / np.sin(2 * np.pi / k))
    inner = mt.createCircle(pos=(0.0, -depth), radius=r, nSegments=k, marker=2)
    ring = min(1.6 * radius, 0.5 * (radius + depth))
    outer = mt.createCircle(pos=(0.0, -depth), radius=ring, nSegments=k, marker=3)
    mesh = mt.createMesh(plc + outer + inner, quality=32.5)
    pos = np.array(mesh.positions())
    triangles = np.array([[n.id() for n in c.nodes()] for c in mesh.cells()], dtype=np.int64)
    a, b, c = (pos[triangles[:, i], :2] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    return pos[:, 0], pos[:, 1], triangles


def _boundary_weight(nodes: Float, y: Float, z: Float, centre: Float) -> Float:
    """Lump the integral of cos(theta)/r over the two ends, the two sides and the bottom."""
    weight = np.zeros(nodes.shape[:2])
    r = nodes - np.array([centre[0], centre[1], 0.0])
    inv_r2 = 1.0 / np.maximum((r**2).sum(axis=2), 1.0)
    x = nodes[:, 0, 0]
    dx = np.gradient(x)
    dx[[0, -1]] *= 0.5
    for column in (0, -1):
        yv = y.min() if column == 0 else y.max()
        side = np.flatnonzero(np.abs(y - yv) < 1e-9)
        side = side[np.argsort(z[side])]
        dz = np.abs(np.gradient(nodes[:, side, 2], axis=1))
        dz[:, [0, -1]] *= 0.5
        weight[:, side] += dx[:, None] * dz * np.abs(r[:, side, 1]) * inv_r2[:, side]
    floor = np.flatnonzero(np.abs(z - z.min()) < 1e-9)
    floor = floor[np.argsort(y[floor])]
    dy = np.gradient(y[floor])
    dy[[0, -1]] *= 0.5
    weight[:, floor] += dx[:, None] * dy * np.abs(r[:, floor, 2]) * inv_r2[:, floor]
    for plane in (0, -1):
        area = _node_areas(y, nodes[plane, :, 2])
        weight[plane] += area * np.abs(r[plane, :, 0]) * inv_r2[plane]
    return weight.ravel()


def _node_areas(y: Float, z: Float) -> Float:
    """Areas of the Voronoi-like shares of the nodes of an end plane (thirds of a Delaunay)."""
    from scipy.spatial import Delaunay

    tri = Delaunay(np.column_stack([y, z])).simplices
    a, b, c = (np.column_stack([y, z])[tri[:, i]] for i in range(3))
    area = 0.5 * np.abs(
        (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    )
    return np.bincount(tri.ravel(), np.repeat(area / 3, 3), minlength=len(y))


@dataclass(frozen=True)
class Elements:
    """Shape gradients and weights of the wedges at six quadrature points.

    Attributes
    ----------
    gradient : ndarray, shape (m, 6 points, 6 nodes, 3)
    weight : ndarray, shape (m, 6 points)
    point : ndarray, shape (m, 6 points, 3)
    """

    gradient: Float
    weight: Float
    point: Float


def elements(mesh: WedgeMesh) -> Elements:
    """Evaluate the shape functions of all wedges."""
    p = mesh.nodes[mesh.wedges]
    gradient, weight, point = [], [], []
    for zeta in (0.5 - _GAUSS, 0.5 + _GAUSS):
        for lam in _TRI:
            shape = np.concatenate([lam * (1 - zeta), lam * zeta])
            local = np.zeros((6, 3))
            local[:3, :2], local[3:, :2] = _DTRI * (1 - zeta), _DTRI * zeta
            local[:3, 2], local[3:, 2] = -lam, lam
            jacobian = np.einsum("mni,nj->mij", p, local)
            gradient.append(np.einsum("nj,mji->mni", local, np.linalg.inv(jacobian)))
            weight.append(np.abs(np.linalg.det(jacobian)) / 12.0)
            point.append(np.einsum("n,mni->mi", shape, p))
    return Elements(np.stack(gradient, 1), np.stack(weight, 1), np.stack(point, 1))


class Solver:
    """Secondary potentials of surface electrodes on one mesh, for any conductivity.

    Parameters
    ----------
    mesh : WedgeMesh
    electrodes : ndarray, shape (k, 2)
        Plan positions in the field's frame.
    near_m : float
        Wedges within this distance of an electrode get all six quadrature points for grad u0.
    """

    def __init__(self, mesh: WedgeMesh, electrodes: Float, near_m: float = 4.0) -> None:
        self.mesh = mesh
        self.xy = mesh.to_frame(electrodes)
        self.el = elements(mesh)
        self.centre = mesh.nodes[mesh.wedges].mean(axis=1)
        m, n = len(mesh.wedges), len(mesh.nodes)
        self.unit = np.einsum(
            "mqai,mqbi,mq->mab", self.el.gradient, self.el.gradient, self.el.weight, optimize=True
        )
        mean = np.einsum("mqai,mq->mai", self.el.gradient, self.el.weight)
        rows = np.repeat(mesh.wedges.ravel(), 3)
        self.divergence = sp.csr_matrix(
            (mean.ravel(), (rows, np.tile(np.arange(3 * m).reshape(m, 1, 3), (1, 6, 1)).ravel())),
            shape=(n, 3 * m),
        )
        self.near_m = near_m
        self.under, self.interpolate = self._locate()

    def _locate(self) -> tuple[Int, sp.csr_matrix]:
        """Find the wedge under each electrode and the bilinear weights of the surface nodes."""
        mesh, k = self.mesh, len(self.xy)
        i = np.searchsorted(mesh.plane_x, self.xy[:, 0]) - 1
        j = np.searchsorted(mesh.surface_y, self.xy[:, 1]) - 1
        fx = (self.xy[:, 0] - mesh.plane_x[i]) / (mesh.plane_x[i + 1] - mesh.plane_x[i])
        fy = (self.xy[:, 1] - mesh.surface_y[j]) / (mesh.surface_y[j + 1] - mesh.surface_y[j])
        cols = [mesh.surface_node[i + a, j + b] for a in (0, 1) for b in (0, 1)]
        vals = [(fx if a else 1 - fx) * (fy if b else 1 - fy) for a in (0, 1) for b in (0, 1)]
        matrix = sp.csr_matrix(
            (np.concatenate(vals), (np.tile(np.arange(k), 4), np.concatenate(cols))),
            shape=(k, len(mesh.nodes)),
        )
        per_plane = len(mesh.wedges) // (len(mesh.plane_x) - 1)
        base = mesh.wedges[:per_plane, :3]
        under = np.empty(k, dtype=np.int64)
        for e in range(k):
            pair = mesh.surface_node[0, [j[e], j[e] + 1]]
            owner = np.flatnonzero(np.isin(base, pair).sum(axis=1) == 2)
            under[e] = i[e] * per_plane + owner[0]
        return under, matrix

    def matrix(self, sigma: Float) -> sp.csr_matrix:
        """Assemble the stiffness of a conductivity per wedge, S/m, with the outer boundary."""
        w, n = self.mesh.wedges, len(self.mesh.nodes)
        data = (self.unit * sigma[:, None, None]).ravel()
        a = sp.csr_matrix(
            (data, (np.repeat(w, 6, axis=1).ravel(), np.tile(w, (1, 6)).ravel())), shape=(n, n)
        )
        return a + sp.diags(self.mesh.boundary_weight * self._node_sigma(sigma))

    def _node_sigma(self, sigma: Float) -> Float:
        flat = self.mesh.wedges.ravel()
        n = len(self.mesh.nodes)
        return np.bincount(flat, np.repeat(sigma, 6), n) / np.bincount(flat, minlength=n)

    def potentials(self, sigma: Float, reference: Float | None = None) -> Float:
        """Potential at every electrode for 1 A at every other one.

        Parameters
        ----------
        sigma : ndarray, shape (m,)
            Conductivity of the wedges, S/m.
        reference : ndarray, shape (k,), optional
            Conductivity of the half-space that is removed, by default that of the wedge under
            each electrode.

        Returns
        -------
        ndarray, shape (k, k)
            Volts; row = source; the diagonal is NaN.
        """
        sigma0 = sigma[self.under] if reference is None else reference
        rhs = self._sources(sigma, sigma0)
        secondary = np.zeros((len(self.xy), len(self.xy)))
        # On an even ground with the right reference nothing is left to solve.
        if np.any(rhs):
            a = sp.triu(self.matrix(sigma), format="csr")
            a.sort_indices()
            solver = PyPardisoSolver(mtype=2)
            solver.factorize(a)
            us = solver.solve(a, np.asfortranarray(rhs))
            solver.free_memory(everything=True)
            secondary = (self.interpolate @ us).T
        r = np.hypot(*(self.xy[:, None] - self.xy[None]).transpose(2, 0, 1))
        np.fill_diagonal(r, np.nan)
        return secondary + 1.0 / (2 * np.pi * sigma0[:, None] * r)

    def _sources(self, sigma: Float, sigma0: Float) -> Float:
        """Right-hand sides -(sigma - sigma0) grad u0 . grad N, shape (n, k)."""
        mesh, n = self.mesh, len(self.mesh.nodes)
        node_sigma = self._node_sigma(sigma)
        rhs = np.empty((n, len(self.xy)))
        for e, (xy, s0) in enumerate(zip(self.xy, sigma0, strict=True)):
            pole = np.array([xy[0], xy[1], 0.0])
            scale = 1.0 / (2 * np.pi * s0)
            d = self.centre - pole
            r2 = (d**2).sum(axis=1)
            flux = -(d * (scale * (sigma - s0) * r2**-1.5)[:, None])
            near = np.flatnonzero(r2 < self.near_m**2)
            flux[near] = 0.0
            rhs[:, e] = -(self.divergence @ flux.ravel())
            dq = self.el.point[near] - pole
            gq = -dq * (scale * ((dq**2).sum(axis=2)) ** -1.5)[..., None]
            part = np.einsum("mqai,mqi,mq->ma", self.el.gradient[near], gq, self.el.weight[near])
            rhs[:, e] -= np.bincount(
                mesh.wedges[near].ravel(), (part * (sigma[near] - s0)[:, None]).ravel(), n
            )
            edge = np.flatnonzero(mesh.boundary_weight)
            u0 = scale / np.linalg.norm(mesh.nodes[edge] - pole, axis=1)
            rhs[edge, e] -= mesh.boundary_weight[edge] * (node_sigma[edge] - s0) * u0
        return rhs


def apparent_resistivity(potential: Float, xy: Float, abmn: Int) -> Float:
    """Turn pole potentials into apparent resistivity of surface arrays, Ohm m.

    Parameters
    ----------
    potential : ndarray, shape (k, k)
        Volts per ampere, row = source.
    xy : ndarray, shape (k, 2)
    abmn : ndarray of int, shape (n, 4)
        Zero-based.
    """
    u = 0.5 * (potential + potential.T)
    a, b, m, n = abmn.T
    r = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    with np.errstate(divide="ignore"):
        g = 1.0 / r
    geometric = 2 * np.pi / (g[a, m] - g[b, m] - g[a, n] + g[b, n])
    return geometric * (u[a, m] - u[b, m] - u[a, n] + u[b, n])
