"""Media for waves: the speed of light, the permittivity of water, the pores of rubble."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from subterra.scene import Objects

__all__ = ["LIGHT_M_PER_S", "WATER_PERMITTIVITY", "pore_share"]

LIGHT_M_PER_S: Final = 299792458.0
WATER_PERMITTIVITY: Final = 81.0
"""Relative, at 10 °C."""
_SOLID_KG_M3: Final = 2400.0


def pore_share(objects: Objects) -> npt.NDArray[Any]:
    """Share (n,) of air in the rubble of each object: its lost density over that of the solid."""
    return np.clip(-objects.density_contrast.astype(np.float64) / _SOLID_KG_M3, 0.02, 0.6)
