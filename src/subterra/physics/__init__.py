"""Response of an object to one instrument: closed forms, no meshes, no sampling."""

from subterra.physics.cw_radar import cw_response
from subterra.physics.gravity import G_UGAL, gravity_response, line_mass_gz, point_mass_gz
from subterra.physics.polarisation import (
    along_factor,
    bessel_k0,
    image_series,
    sphere_factor,
    transverse_factor,
)
from subterra.physics.rays import Rays, make_rays
from subterra.physics.resistivity import (
    Quadripoles,
    electrode_fields,
    geometric_sum,
    log_response,
    make_quadripoles,
    resistivity_response,
)
from subterra.physics.traveltime import TIME_UNIT_S, traveltime_response

__all__ = [
    "G_UGAL",
    "TIME_UNIT_S",
    "Quadripoles",
    "Rays",
    "along_factor",
    "bessel_k0",
    "cw_response",
    "electrode_fields",
    "geometric_sum",
    "gravity_response",
    "image_series",
    "line_mass_gz",
    "log_response",
    "make_quadripoles",
    "make_rays",
    "point_mass_gz",
    "resistivity_response",
    "sphere_factor",
    "transverse_factor",
    "traveltime_response",
]
