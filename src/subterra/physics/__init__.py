"""Response of an object to one instrument: closed forms, no meshes, no sampling."""

from subterra.physics.background import Background, layered_background, layered_sum
from subterra.physics.cw_radar import cw_response
from subterra.physics.electrode_fields import electrode_fields
from subterra.physics.gravity import gravity_response
from subterra.physics.gravity_box import box_field
from subterra.physics.gravity_cylinder import cylinder_field
from subterra.physics.gravity_ellipsoid import ellipsoid_field
from subterra.physics.gravity_gradient import gradient_response
from subterra.physics.gravity_line import (
    G_EOTVOS,
    G_UGAL,
    line_mass_gz,
    line_mass_gzz,
    point_mass_gz,
    point_mass_gzz,
)
from subterra.physics.layered import (
    LayeredEarth,
    layered_gradient,
    layered_potential,
    parse_layers,
)
from subterra.physics.lining import (
    Fillings,
    filled_ratio,
    leakage_length,
    lined_across,
    lined_along,
    lined_radius,
    rubble_ratio,
)
from subterra.physics.polarisation import (
    along_factor,
    bessel_k0,
    image_series,
    sphere_factor,
    transverse_factor,
)
from subterra.physics.quadripoles import Quadripoles, geometric_sum, make_quadripoles
from subterra.physics.rays import Rays, make_rays
from subterra.physics.resistivity import log_response, resistivity_response
from subterra.physics.traveltime import TIME_UNIT_S, traveltime_response

__all__ = [
    "G_EOTVOS",
    "G_UGAL",
    "TIME_UNIT_S",
    "Background",
    "Fillings",
    "LayeredEarth",
    "Quadripoles",
    "Rays",
    "along_factor",
    "bessel_k0",
    "box_field",
    "cw_response",
    "cylinder_field",
    "electrode_fields",
    "ellipsoid_field",
    "filled_ratio",
    "geometric_sum",
    "gradient_response",
    "gravity_response",
    "image_series",
    "layered_background",
    "layered_gradient",
    "layered_potential",
    "layered_sum",
    "leakage_length",
    "line_mass_gz",
    "line_mass_gzz",
    "lined_across",
    "lined_along",
    "lined_radius",
    "log_response",
    "make_quadripoles",
    "make_rays",
    "parse_layers",
    "point_mass_gz",
    "point_mass_gzz",
    "resistivity_response",
    "rubble_ratio",
    "sphere_factor",
    "transverse_factor",
    "traveltime_response",
]
