"""Gravity of a blind site: prisms, 16 x 16 stations at 4 m, difficulty set exactly.

Heterogeneity and noise are scaled by one factor so that the target's matched signal-to-noise, in a
host of even density, is the number that was drawn for the site. A null site is scaled by the same
rule for a drive that is then left out: nothing but the void tells the two kinds apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from chains import Chain, chain_boxes
from matched import ground_covariance, matched_snr
from numpy.typing import NDArray
from prisms import boxes, ground_gravity, layer_kernels
from random_ground import Field, draw

Float = NDArray[np.float64]

SIDE, SPACING, SENSOR_HEIGHT = 60.0, 4.0, 0.3
CELL, MARGIN_CELLS, LAYERS = 1.0, 40, 30
VOXEL = 0.25
WATER_KG_M3 = 1000.0


@dataclass(frozen=True)
class GravityGround:
    """Stations over a drawn density field.

    Attributes
    ----------
    stations : ndarray, shape (256, 3)
    host, sd : float
        Mean and standard deviation of the density, kg/m3.
    field : Field
        Unit variance.
    unit_gravity : ndarray, shape (256,)
        Gravity of the unit field, microgal per kg/m3.
    covariance : ndarray, shape (256, 256)
        Ground and noise, microgal squared.
    noise : float
        Microgal.
    kernel : str
    length, ratio : float
    """

    stations: Float
    host: float
    sd: float
    field: Field
    unit_gravity: Float
    covariance: Float
    noise: float
    kernel: str
    length: float
    ratio: float

    def effect(self, chain: Chain, fill: str) -> Float:
        """Gravity of a void in this ground, microgal."""
        even, uneven = _unit_effects(self.stations, chain, self.field)
        water = WATER_KG_M3 if fill == "water" else 0.0
        return -((self.host - water) * even + self.sd * uneven)

    def snr(self, effect: Float) -> float:
        """Matched signal-to-noise, plane trend projected out."""
        return matched_snr(effect, self.covariance, trend(self.stations))

    def survey(self, student: bool, rng: np.random.Generator) -> Float:
        """Readings over the ground without voids, microgal."""
        n = len(self.stations)
        noise = rng.standard_t(5, n) / np.sqrt(5 / 3) if student else rng.standard_normal(n)
        regional = rng.uniform(-100, 100) + self.stations[:, :2] @ rng.uniform(-0.5, 0.5, 2)
        return self.sd * self.unit_gravity + regional + self.noise * noise

    def about(self) -> dict[str, Any]:
        """Numbers for the record."""
        return {
            "kernel": self.kernel,
            "host_density": round(self.host),
            "density_sd": round(self.sd, 1),
            "length_m": round(self.length, 2),
            "horizontal_to_vertical": self.ratio,
            "noise_ugal": round(self.noise, 2),
            "ground_effect_sd_ugal": round(float(self.sd * self.unit_gravity.std()), 2),
        }


def trend(stations: Float) -> Float:
    """Columns of a plane, shape (n, 3)."""
    return np.column_stack([np.ones(len(stations)), stations[:, :2] - SIDE / 2])


def draw_ground(
    kernel: str, rng: np.random.Generator, target: Chain, fill: str, aim: float
) -> GravityGround:
    """Draw the ground and scale it and the noise so that the target's figure is `aim`."""
    line = np.arange(0.0, SIDE + 0.1, SPACING)
    x, y = np.meshgrid(line, line, indexing="ij")
    stations = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, SENSOR_HEIGHT)])
    host = float(rng.uniform(2000.0, 2600.0))
    length = float(np.exp(rng.uniform(np.log(2.0), np.log(15.0))))
    ratio = float(rng.choice([1.0, 2.0, 4.0]))
    sd, noise = rng.uniform(20.0, 80.0), rng.uniform(3.0, 6.0)
    edge = (MARGIN_CELLS - 0.5) * CELL
    low = np.array([-edge, -edge, -(LAYERS - 0.5) * CELL])
    high = np.array([SIDE + edge, SIDE + edge, -0.5 * CELL])
    field = draw(kernel, rng, (low, high), CELL, length, ratio)
    kernels = _kernels(field.values.shape, float(low[2]))
    covariance = sd**2 * ground_covariance(stations, kernels, CELL, kernel, length, ratio)
    covariance += noise**2 * np.eye(len(stations))
    even = _unit_effects(stations, target, field)[0]
    mass = host - (WATER_KG_M3 if fill == "water" else 0.0)
    factor = matched_snr(mass * even, covariance, trend(stations)) / aim
    return GravityGround(
        stations,
        host,
        factor * sd,
        field,
        ground_gravity(stations, field, 1.0, kernels),
        factor**2 * covariance,
        factor * noise,
        kernel,
        length,
        ratio,
    )


@lru_cache(maxsize=1)
def _kernels(shape: tuple[int, int, int], bottom: float) -> Float:
    return layer_kernels(shape, bottom, CELL, SENSOR_HEIGHT)


def _unit_effects(stations: Float, chain: Chain, field: Field) -> tuple[Float, Float]:
    """Gravity of a body of 1 kg/m3, and of one as dense as the unit field, microgal."""
    centre, share = chain_boxes(chain, VOXEL)
    columns = np.column_stack([share, share * field(centre)])
    out = boxes(stations, centre, np.full(3, VOXEL / 2), columns)
    return out[:, 0], out[:, 1]
