"""What may lie below a site: objects, scenes, and the prior over them.

The arrays of a population of ``n`` scenes (``S = N_SLOTS`` object slots, ``V = N_VERTICES``
vertices of an axis, ``P = N_PARAMETERS`` parameters):

===================== =========== ======= ======================================================
field                 shape       type    meaning
===================== =========== ======= ======================================================
family                (n, S)      int8    index into FAMILIES: 0 empty, 1 driven, 2 working, …
fill                  (n, S)      int8    0 air, 1 water, 2 rubble
x, y, z               (n, S, V)   float64 axis vertices, m, site frame, z up; equal for a chamber
radius                (n, S)      float32 m, circle of the section's area
density_contrast      (n, S)      float32 kg/m³, fill minus host; a void is negative
conductivity_ratio    (n, S)      float32 σ_fill / σ_host; 0 for air
halo_gravity          (n, S)      float32 factor on the gravity response, median 1
halo_resistivity      (n, S)      float32 factor on the resistivity response, median 1
rectangular           (n, S)      bool    section of a line: rectangle, else circle
aspect                (n, S)      float32 height over width of a rectangle; of a chamber (spheroid)
lining_m              (n, S)      float32 thickness of a lining around the void, m; 0 is none
lining_contrast       (n, S)      float32 kg/m³, lining minus host
chimney_m             (n, S)      float32 height of the caved zone over the roof, m; 0 is none
branch                (n, S)      int8    second chain: 0 none, 1 goes on, 2 forks off
branch_x, _y, _z      (n, S, V)   float64 vertices of the second chain, m; 0 without one
host_density          (n,)        float64 site state, kg/m³
host_resistivity      (n,)        float64 site state, Ω·m
unit                  (n, S, P)   float64 the same objects as quantiles of their prior, in [0, 1]
site_unit             (n, 2)      float64 host density and resistivity as quantiles
===================== =========== ======= ======================================================

Places are double precision because projected coordinates run to millions of metres; kernels take
them relative to their survey, in single precision.

``rectangular`` to ``chimney_m`` shape gravity alone. They and the second chain may be left out of
``Objects``; what is left out is a round section or a sphere without lining that has not caved in,
and one chain. Area or volume is always that of ``radius``: a rectangle is a√(π/aspect) wide and
a√(π·aspect) high, a spheroid has the semi-axes a·aspect^(−1/3) across and a·aspect^(2/3) up. A
caved-in line carries the whole of its caved zone in ``density_contrast``, ``chimney_m`` higher than
the void was.

The columns of ``unit`` are named by ``PARAMETERS``; a prior turns them into the other fields.

A second chain is a branch of a working, which starts at the wall of the main drive so that no rock
is taken out twice, or the other half of a conduit, whose first vertex is the last one of the first
half. ``parts`` turns both into objects of one chain each: responses that add need to know no more
(``add_parts``), and an object without a second chain costs nothing. A shaft has its mouth at the
first vertex and ends flat at both; ``round_ends`` gives the capsule that fits between them.
"""

from subterra.scene.base_rate import updated_p_none
from subterra.scene.collide import collide
from subterra.scene.decode import decode_objects, decode_scenes, fold, used_parameters
from subterra.scene.families import (
    DEFAULT_FAMILIES,
    FAMILIES,
    FILLS,
    FORKING,
    HEADED,
    FamilyPrior,
    family_code,
    fill_code,
)
from subterra.scene.parts import add_parts, parts, round_ends, segments
from subterra.scene.prior import (
    Plane,
    Prior,
    log_count_table,
    object_counts,
    prior_any,
    target_mask,
)
from subterra.scene.restate import ALIKE, fill_contrasts, restate
from subterra.scene.sample import empty_scenes, sample_independent, sample_prior
from subterra.scene.scenes import (
    CONTINUED,
    FORKED,
    N_PARAMETERS,
    N_SLOTS,
    N_VERTICES,
    PARAMETERS,
    Objects,
    Scenes,
    concatenate,
    make_scene,
    slot,
    take,
)

__all__ = [
    "ALIKE",
    "CONTINUED",
    "DEFAULT_FAMILIES",
    "FAMILIES",
    "FILLS",
    "FORKED",
    "FORKING",
    "HEADED",
    "N_PARAMETERS",
    "N_SLOTS",
    "N_VERTICES",
    "PARAMETERS",
    "FamilyPrior",
    "Objects",
    "Plane",
    "Prior",
    "Scenes",
    "add_parts",
    "collide",
    "concatenate",
    "decode_objects",
    "decode_scenes",
    "empty_scenes",
    "family_code",
    "fill_code",
    "fill_contrasts",
    "fold",
    "log_count_table",
    "make_scene",
    "object_counts",
    "parts",
    "prior_any",
    "restate",
    "round_ends",
    "sample_independent",
    "sample_prior",
    "segments",
    "slot",
    "take",
    "target_mask",
    "updated_p_none",
    "used_parameters",
]
