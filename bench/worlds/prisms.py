"""Gravity of prisms: heterogeneous ground on a grid and a drive cut into small boxes.

Every number comes from choclo's closed form of the right rectangular prism (Nagy et al. 2000;
Fukushima 2020). Gravity is positive down, in microgal; z up, surface z = 0.
"""

from __future__ import annotations

import numpy as np
from choclo.prism import gravity_u
from numba import njit
from numpy.typing import NDArray
from random_ground import Field
from scipy.signal import fftconvolve

Float = NDArray[np.float64]

_MICROGAL = 1e8


@njit
def _boxes(stations: Float, centre: Float, half: Float, density: Float) -> Float:
    out = np.zeros((len(stations), density.shape[1]))
    for i in range(len(stations)):
        for j in range(len(centre)):
            unit = -_MICROGAL * gravity_u(
                stations[i, 0],
                stations[i, 1],
                stations[i, 2],
                centre[j, 0] - half[0],
                centre[j, 0] + half[0],
                centre[j, 1] - half[1],
                centre[j, 1] + half[1],
                centre[j, 2] - half[2],
                centre[j, 2] + half[2],
                1.0,
            )
            for k in range(density.shape[1]):
                out[i, k] += unit * density[j, k]
    return out


def boxes(stations: Float, centre: Float, half: Float, density: Float) -> Float:
    """Gravity of equal boxes at stations, microgal, positive down.

    Parameters
    ----------
    stations, centre : ndarray, shape (n, 3) and (m, 3)
    half : ndarray, shape (3,)
        Half-sizes in metres.
    density : ndarray, shape (m,) or (m, c)
        kg/m3; one column per case.

    Returns
    -------
    ndarray, shape (n,) or (n, c)
    """
    columns = np.ascontiguousarray(density.reshape(len(centre), -1))
    return _boxes(stations, centre, half, columns).reshape(len(stations), *density.shape[1:])


def drive_boxes(start: Float, end: Float, radius: float, voxel: float) -> tuple[Float, Float]:
    """Cut a cylinder with flat ends into cubes.

    Returns
    -------
    centre : ndarray, shape (m, 3)
    fraction : ndarray, shape (m,)
        Share of each cube inside the cylinder, from 4 x 4 x 4 points, scaled so that the whole
        volume is exact.
    """
    axis = end - start
    length = float(np.linalg.norm(axis))
    low = np.minimum(start, end) - radius
    high = np.maximum(start, end) + radius
    grid = [np.arange(a + 0.5 * voxel, b + voxel, voxel) for a, b in zip(low, high, strict=True)]
    centre = np.concatenate(
        [_near(np.array([x]), grid[1], grid[2], start, axis, radius + voxel) for x in grid[0]]
    )
    sub = (np.arange(4) - 1.5) / 4 * voxel
    offsets = np.stack(np.meshgrid(sub, sub, sub, indexing="ij"), -1).reshape(-1, 3)
    inside = np.zeros(len(centre))
    for offset in offsets:
        d = centre + offset - start
        t = d @ axis / length
        r2 = (d**2).sum(axis=1) - t**2
        inside += (t >= 0) & (t <= length) & (r2 <= radius**2)
    keep = inside > 0
    fraction = inside[keep] / len(offsets)
    fraction *= np.pi * radius**2 * length / (fraction.sum() * voxel**3)
    return centre[keep], fraction


def _near(x: Float, y: Float, z: Float, start: Float, axis: Float, reach: float) -> Float:
    p = np.stack(np.meshgrid(x, y, z, indexing="ij"), -1).reshape(-1, 3)
    t = np.clip((p - start) @ axis / (axis @ axis), 0, 1)
    return p[np.linalg.norm(p - start - t[:, None] * axis, axis=1) <= reach]


def layer_kernels(shape: tuple[int, int, int], bottom: float, cell: float, height: float) -> Float:
    """Gravity of one cell of unit density in every layer, by the offset of the station.

    Parameters
    ----------
    shape : (nx, ny, layers)
        Size of the ground in cells; offsets run from -n + 1/2 to n - 1/2 cells.
    bottom : float
        Height of the centre of the lowest layer, metres.
    cell, height : float
        Size of the cells and height of the sensor, metres.

    Returns
    -------
    ndarray, shape (layers, 2 nx, 2 ny)
        Microgal per kg/m3.
    """
    nx, ny, layers = shape
    dx, dy = (np.arange(-n, n) * cell + cell / 2 for n in (nx, ny))
    offsets = np.stack(np.meshgrid(dx, dy, indexing="ij"), -1).reshape(-1, 2)
    around = np.column_stack([offsets, np.full(len(offsets), height)])
    half, one = np.full(3, cell / 2), np.ones((1, 1))
    return np.stack(
        [
            _boxes(around, np.array([[0.0, 0.0, bottom + k * cell]]), half, one).reshape(
                2 * nx, 2 * ny
            )
            for k in range(layers)
        ]
    )


def ground_gravity(
    stations: Float, field: Field, contrast: float, kernels: Float | None = None
) -> Float:
    """Gravity of the cells of a field times `contrast` (kg/m3), stations on cell corners.

    Each node of the field is the centre of a cubic prism. The stations stand at one height and
    on corners of the cells, so that the sum over prisms is a convolution in every layer;
    `kernels` are those of `layer_kernels` if they are at hand.

    Raises
    ------
    ValueError
        A station is not on a corner of the cells.
    """
    where = (stations[:, :2] - field.low[:2]) / field.cell - 0.5
    index = np.round(where).astype(int)
    if np.abs(where - index).max() > 1e-6 or np.ptp(stations[:, 2]) > 0:
        msg = "stations must stand at one height on the corners of the cells"
        raise ValueError(msg)
    shape = field.values.shape
    if kernels is None:
        kernels = layer_kernels(shape, float(field.low[2]), field.cell, float(stations[0, 2]))
    total = np.zeros(len(stations))
    for k, kernel in enumerate(kernels):
        full = fftconvolve(field.values[:, :, k], kernel, mode="full")
        total += full[index[:, 0] + shape[0], index[:, 1] + shape[1]]
    return contrast * total
