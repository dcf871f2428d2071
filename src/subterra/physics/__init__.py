"""Response of an object to one instrument: closed forms, no meshes, no sampling."""

from subterra.physics.gravity import G_UGAL, gravity_response, line_mass_gz, point_mass_gz
from subterra.physics.polarisation import (
    along_factor,
    bessel_k0,
    image_series,
    sphere_factor,
    transverse_factor,
)
from subterra.physics.resistivity import (
    Quadripoles,
    electrode_fields,
    geometric_sum,
    log_response,
    make_quadripoles,
    resistivity_response,
)

__all__ = [
    "G_UGAL",
    "Quadripoles",
    "along_factor",
    "bessel_k0",
    "electrode_fields",
    "geometric_sum",
    "gravity_response",
    "image_series",
    "line_mass_gz",
    "log_response",
    "make_quadripoles",
    "point_mass_gz",
    "resistivity_response",
    "sphere_factor",
    "transverse_factor",
]
