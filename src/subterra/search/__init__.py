"""What a belief says about where to look: containment, the next holes, what they would tell."""

from subterra.search.hit import HoleHits, hit_probability
from subterra.search.holes import Hole, Holes, as_arrays, direction
from subterra.search.plan import PlannedHole, plan_holes
from subterra.search.poc import PocGrid, poc_grid, poc_xarray, query
from subterra.search.score import Pending, Scores, score_holes, start_pending, with_hole
from subterra.search.terms import DrillTerms

__all__ = [
    "DrillTerms",
    "Hole",
    "HoleHits",
    "Holes",
    "Pending",
    "PlannedHole",
    "PocGrid",
    "Scores",
    "as_arrays",
    "direction",
    "hit_probability",
    "plan_holes",
    "poc_grid",
    "poc_xarray",
    "query",
    "score_holes",
    "start_pending",
    "with_hole",
]
