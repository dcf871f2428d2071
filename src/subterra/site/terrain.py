"""The ground of a site: heights from its terrain files, and the plane that stands for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from subterra.counting import counted
from subterra.errors import InputError
from subterra.site.crs import to_site_frame
from subterra.tables import FloatArray, Terrain, TerrainGrid, TerrainTable

__all__ = [
    "DEFAULT_SD_M",
    "FittedPlane",
    "Ground",
    "GroundFile",
    "fit_plane",
    "make_ground",
    "site_points",
]

DEFAULT_SD_M: Final = 0.5
"""Standard error of a height where neither file nor user states one."""

_FEWEST: Final = 3
_MARGIN: Final = 0.1
"""Share of the site's size by which points beyond its bounds are still taken."""
_NODES: Final = 120
"""Nodes along the longer side of the bounds at which the ground is compared with its plane."""
_MAX_POINTS: Final = 200_000
"""Points beyond this many are averaged in cells before they are joined by triangles."""

Bounds = tuple[float, float, float, float]
_Heights = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class FittedPlane:
    """A plane through the ground.

    Parameters
    ----------
    z0_m, slope_x, slope_y : float
        Height at x = 0, y = 0 and rises to the east and north, as in the site file.
    rms_m, largest_m : float
        How far the points are off it.
    n_points : int
        Points in and near the bounds.
    """

    z0_m: float
    slope_x: float
    slope_y: float
    rms_m: float
    largest_m: float
    n_points: int


@dataclass(frozen=True)
class GroundFile:
    """One terrain file in the site's frame.

    Parameters
    ----------
    name : str
        Name that it came with.
    spacing_m : float
        Typical distance between its heights.
    sd_m : float
        Standard error of a height, m: stated or `DEFAULT_SD_M`, and what the accuracy of the
        transformation makes on the slope of the site.
    stated : bool
        Whether it was stated.
    accuracy_m : float
        Accuracy of the transformation of plan coordinates, m; 0 where there was none.
    crs, vertical : str
        Plan system and vertical datum that it states; blank where it states none.
    heights : callable
        From places (n,), (n,) in the site's frame to heights (n,), NaN outside.
    """

    name: str
    spacing_m: float
    sd_m: float
    stated: bool
    accuracy_m: float
    crs: str
    vertical: str
    heights: _Heights


@dataclass(frozen=True)
class Ground:
    """The ground of a site.

    Parameters
    ----------
    files : tuple of GroundFile
        Finest first: where files overlap, the finer one counts.
    plane : FittedPlane
        Through the heights within the bounds.
    covered : float
        Share of the bounds for which there are heights.
    """

    files: tuple[GroundFile, ...]
    plane: FittedPlane
    covered: float

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Heights at places and their standard errors, both (n,), m; NaN outside the terrain."""
        return _combined(self.files, np.asarray(x, np.float64), np.asarray(y, np.float64))

    @property
    def vertical(self) -> str:
        """Vertical datum of the files that state one; blank where none does."""
        return next((file.vertical for file in self.files if file.vertical), "")

    def words(self) -> tuple[str, ...]:
        """Say what the ground is and how far it is off the plane, a sentence each."""
        names = ", ".join(file.name for file in self.files)
        plane = self.plane
        said = [
            f"The ground surface is the plane through {names}, which covers "
            f"{100.0 * self.covered:.0f} % of the bounds. Depths are counted from that plane: the "
            f"ground is off it by {plane.rms_m:.2f} m (rms), {plane.largest_m:.2f} m at most."
        ]
        for file in self.files:
            known = f"±{file.sd_m:.2f} m"
            if not file.stated:
                known = f"not stated, taken as {known} (--option sd_m=)"
            moved = f"; moved into the site's frame within {file.accuracy_m:.1f} m"
            datum = f"vertical datum {file.vertical or 'not stated'}"
            said.append(
                f"{file.name}: a height every {file.spacing_m:.3g} m, accuracy of heights {known}, "
                f"{datum}{moved if file.accuracy_m > 0.0 else ''}."
            )
        return tuple(said)


def make_ground(
    files: Sequence[tuple[str, Terrain]], bounds: Bounds, site_crs: str | None, reach_m: float
) -> Ground:
    """Bring terrain files into the site's frame and fit its plane.

    Parameters
    ----------
    files : sequence of (str, TerrainGrid or TerrainTable)
        Names and contents; at least one.
    bounds : (x0, y0, x1, y1)
        Of the site, m.
    site_crs : str or None
        The site's frame; None for a local one.
    reach_m : float
        How far beyond the bounds heights are kept of points.

    Returns
    -------
    Ground

    Raises
    ------
    InputError
        If the frames are not known to each other, two files have different vertical datums, or
        fewer than three heights lie in the bounds.
    """
    datums = sorted({terrain.vertical for _, terrain in files if terrain.vertical})
    if len(datums) > 1:
        problem = (
            f"the terrain files have different vertical datums, {' and '.join(datums)}: bring them "
            "to one, or withdraw one of them"
        )
        raise InputError(problem)
    placed = [(name, t, *_placed(t, bounds, site_crs, reach_m)) for name, t in files]
    x, y = _nodes(bounds)
    slopes = [_rms_slope(heights, x, y) for _, _, heights, _, _ in placed]
    made = [
        GroundFile(
            name,
            spacing,
            float(np.hypot(t.sd_m or DEFAULT_SD_M, accuracy * slope)),
            t.sd_m is not None,
            accuracy,
            t.crs,
            t.vertical,
            heights,
        )
        for (name, t, heights, spacing, accuracy), slope in zip(placed, slopes, strict=True)
    ]
    made = tuple(sorted(made, key=lambda file: file.spacing_m))
    z, _ = _combined(made, x.ravel(), y.ravel())
    known = np.isfinite(z)
    if known.sum() < _FEWEST:
        problem = "the terrain has no heights within the bounds of the site" + _where(files, bounds)
        raise InputError(problem)
    plane = fit_plane(TerrainTable(x.ravel()[known], y.ravel()[known], z[known]), bounds)
    return Ground(made, plane, float(known.mean()))


def site_points(terrain: Terrain, site_crs: str | None) -> tuple[TerrainTable, float]:
    """Bring all heights of a terrain into the site's frame.

    Parameters
    ----------
    terrain : TerrainGrid or TerrainTable
        As read.
    site_crs : str or None
        The site's frame; None for a local one.

    Returns
    -------
    points : TerrainTable
        Without a ``crs``.
    accuracy_m : float
        Of the transformation of plan coordinates; 0 where there was none.

    Raises
    ------
    InputError
        If the frames are not known to each other.
    """
    _refuse_unplaced(terrain, site_crs)
    points = terrain.points() if isinstance(terrain, TerrainGrid) else terrain
    if not points.crs or site_crs is None:
        return points, 0.0
    x, y, accuracy = to_site_frame(points.crs, site_crs, points.x_m, points.y_m)
    return replace(points, x_m=x, y_m=y, crs=""), accuracy


def fit_plane(terrain: TerrainTable, bounds: Bounds) -> FittedPlane:
    """Fit a plane to the ground within the bounds of a site by least squares.

    Parameters
    ----------
    terrain : TerrainTable
        Points of the ground.
    bounds : (x0, y0, x1, y1)
        Of the site, m.

    Returns
    -------
    FittedPlane

    Raises
    ------
    InputError
        If fewer than three points lie there, or all of them on one line.
    """
    x0, y0, x1, y1 = bounds
    edge = _MARGIN * max(x1 - x0, y1 - y0)
    near = _within(terrain.x_m, terrain.y_m, bounds, edge)
    x, y, z = terrain.x_m[near], terrain.y_m[near], terrain.z_m[near]
    if x.size < _FEWEST:
        problem = (
            f"{counted(x.size, 'point')} of the terrain in or near the bounds, at least "
            f"{_FEWEST} are "
            f"needed; it reaches from x {terrain.x_m.min():g} to {terrain.x_m.max():g} and from y "
            f"{terrain.y_m.min():g} to {terrain.y_m.max():g}"
        )
        raise InputError(problem)
    middle = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    design = np.column_stack([np.ones(x.size), x - middle[0], y - middle[1]])
    found, _, rank, _ = np.linalg.lstsq(design, z, rcond=1e-9)
    if rank < 3:
        problem = "the points of the terrain lie on one line: no plane goes through them alone"
        raise InputError(problem)
    off = z - design @ found
    return FittedPlane(
        z0_m=float(found[0] - found[1:] @ middle),
        slope_x=float(found[1]),
        slope_y=float(found[2]),
        rms_m=float(np.sqrt(np.mean(off**2))),
        largest_m=float(np.abs(off).max()),
        n_points=int(x.size),
    )


def _within(x: FloatArray, y: FloatArray, bounds: Bounds, edge: float) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = bounds
    inside = (x >= x0 - edge) & (x <= x1 + edge)
    return inside & (y >= y0 - edge) & (y <= y1 + edge)


def _nodes(bounds: Bounds) -> tuple[FloatArray, FloatArray]:
    """Even nodes over the bounds, (ny, nx) each, none of them on the edge."""
    x0, y0, x1, y1 = bounds
    step = max(x1 - x0, y1 - y0) / _NODES
    sides = [
        low + (np.arange(count) + 0.5) * (high - low) / count
        for low, high in ((x0, x1), (y0, y1))
        for count in [max(round((high - low) / step), 2)]
    ]
    x, y = np.meshgrid(*sides)
    return x, y


def _combined(
    files: Sequence[GroundFile], x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    z, sd = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    for file in files:
        open_ = np.isnan(z)
        if open_.any():
            found = file.heights(x[open_], y[open_])
            z[open_] = found
            sd[open_] = np.where(np.isnan(found), np.nan, file.sd_m)
    return z, sd


def _rms_slope(heights: _Heights, x: FloatArray, y: FloatArray) -> float:
    """Root mean square of the slope over the bounds; 0 where too little is known."""
    z = heights(x.ravel(), y.ravel()).reshape(x.shape)
    steep = (np.diff(z, axis=1) / (x[0, 1] - x[0, 0]), np.diff(z, axis=0) / (y[1, 0] - y[0, 0]))
    squares = [float(np.mean(v[np.isfinite(v)] ** 2)) for v in steep if np.isfinite(v).any()]
    return float(np.sqrt(sum(squares)))


def _placed(
    terrain: Terrain, bounds: Bounds, site_crs: str | None, reach_m: float
) -> tuple[_Heights, float, float]:
    """Heights at places of the site's frame, spacing in metres and accuracy of the plan places."""
    if isinstance(terrain, TerrainGrid):
        _refuse_unplaced(terrain, site_crs)
        return _grid(terrain, bounds, site_crs)
    points, accuracy = site_points(terrain, site_crs)
    near = _within(points.x_m, points.y_m, bounds, reach_m)
    heights, spacing = _triangles(points.x_m[near], points.y_m[near], points.z_m[near])
    return heights, spacing, accuracy


def _refuse_unplaced(terrain: Terrain, site_crs: str | None) -> None:
    if terrain.crs and site_crs is None:
        problem = (
            f"the terrain is in {terrain.crs[:60]}, but the site has a local frame: give the site "
            "a crs, or say --option crs=site if the two are one"
        )
        raise InputError(problem)


def _grid(grid: TerrainGrid, bounds: Bounds, site_crs: str | None) -> tuple[_Heights, float, float]:
    """Places go into the grid's frame, not the grid into the site's: no height is resampled."""
    x0, y0, x1, y1 = bounds
    if not grid.crs or site_crs is None:
        return grid.at, float(np.sqrt(grid.dx_m * grid.dy_m)), 0.0
    own, crs = grid.crs, site_crs
    middle = np.array([0.5 * (x0 + x1)]), np.array([0.5 * (y0 + y1)])
    across = np.array([middle[0][0], middle[0][0] + 1.0]), np.array([middle[1][0]] * 2)
    there_x, there_y, accuracy = to_site_frame(crs, own, *across)
    # One metre to the east in the grid's own units, which may be degrees.
    unit = float(np.hypot(there_x[1] - there_x[0], there_y[1] - there_y[0]))

    def heights(x: FloatArray, y: FloatArray) -> FloatArray:
        u, v, _ = to_site_frame(crs, own, x, y)
        return grid.at(u, v)

    return heights, float(np.sqrt(grid.dx_m * grid.dy_m)) / unit, accuracy


def _triangles(x: FloatArray, y: FloatArray, z: FloatArray) -> tuple[_Heights, float]:
    """Straight between points, on Delaunay triangles, within their hull."""
    if x.size < _FEWEST:
        return lambda u, _: np.full(np.shape(u), np.nan), np.inf
    from scipy.interpolate import LinearNDInterpolator
    from scipy.spatial import QhullError

    area = max(float(np.ptp(x)) * float(np.ptp(y)), 1e-6)
    if x.size > _MAX_POINTS:
        x, y, z = _thinned(x, y, z, float(np.sqrt(area / _MAX_POINTS)))
    middle = float(x.mean()), float(y.mean())
    try:
        between = LinearNDInterpolator(np.column_stack([x - middle[0], y - middle[1]]), z)
    except QhullError as error:
        problem = "the points of the terrain lie on one line: no surface goes through them alone"
        raise InputError(problem) from error

    def heights(u: FloatArray, v: FloatArray) -> FloatArray:
        return np.asarray(between(u - middle[0], v - middle[1]), np.float64)

    return heights, float(np.sqrt(area / x.size))


def _thinned(
    x: FloatArray, y: FloatArray, z: FloatArray, cell_m: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means of the points in each cell."""
    column = np.floor((x - x.min()) / cell_m).astype(np.int64)
    row = np.floor((y - y.min()) / cell_m).astype(np.int64)
    _, cell = np.unique(row * (column.max() + 1) + column, return_inverse=True)
    count = np.bincount(cell)
    mean_x, mean_y, mean_z = (np.bincount(cell, v) / count for v in (x, y, z))
    return mean_x, mean_y, mean_z


def _where(files: Sequence[tuple[str, Terrain]], bounds: Bounds) -> str:
    """Say where the first file lies, in its own frame."""
    name, terrain = files[-1]
    x0, y0, x1, y1 = bounds
    return (
        f": {name} reaches from x {terrain.x_m.min():.12g} to {terrain.x_m.max():.12g} and from y "
        f"{terrain.y_m.min():.12g} to {terrain.y_m.max():.12g}"
        f"{f' in {terrain.crs[:60]}' if terrain.crs else ''}; the bounds are x {x0:.12g} to "
        f"{x1:.12g}, y {y0:.12g} to {y1:.12g}"
    )
