"""The demo of an old plan: workings drawn 100 m ahead of a face lie 8 m ahead of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from subterra.cli.demo_steps import Steps
    from subterra.evidence import MapTerms
    from subterra.inference import Belief
    from subterra.site import SiteConfig

__all__ = ["old_map_config", "p_from_shares", "p_within", "plan_lines", "work_old_map"]

_FACE: Final = (60.0, 120.0, -100.0)
_NEAR_M: Final = 15.0
_RADIUS_M: Final = 1.5
_TRUE_X: Final = _FACE[0] + 8.0 + _RADIUS_M
_DRAWN_X: Final = _FACE[0] + 100.0 + _RADIUS_M
_FALSE_VOID_PER_M: Final = 0.0002
_PROBES: Final = (
    ("probe 1", 0.0, 25.0, None, "after probe hole 1, along the rib: 25 m of solid coal"),
    ("probe 2", 90.0, 11.0, (8.0, 11.0), "after probe hole 2, straight ahead: a void at 8 m"),
)
"""Name, azimuth, length, void and words of each probe hole from the face, level."""


def work_old_map(steps: Steps, seed: int) -> dict[str, Any]:
    """Work the old plan: believe it, drill a dry probe hole, then one that meets a void at 8 m.

    Parameters
    ----------
    steps : Steps
        What has been done so far, and where.
    seed : int
        Seed of the inference.

    Returns
    -------
    dict
        Facts for ``--json``.
    """
    from subterra.cli.words import stated
    from subterra.evidence import MapTerms, share_words
    from subterra.formats import write_map_geojson

    steps.say(
        "Old plan: a face is being driven towards old workings that the plan draws 100 m ahead.\n"
        "How the plan was tied to the ground is not known."
    )
    terms = MapTerms()
    steps.say(f"Shares that are assumed (docs/mine-maps.md): {share_words(terms)}.")
    steps.make(old_map_config())
    with tempfile.TemporaryDirectory(prefix="subterra-") as folder:
        path = Path(folder) / "old-plan.geojson"
        write_map_geojson(plan_lines(), path)
        steps.add([path])
    shares = p_from_shares(100.0, _NEAR_M, terms)
    said = {"from_shares": shares}

    def tell(words: str) -> None:
        belief = steps.infer(seed)
        said[words] = p_within(belief, _FACE, _NEAR_M)
        p = stated(said[words], belief.info.n_scenes)
        steps.say(f"P(workings within {_NEAR_M:g} m of the face) {p}: {words}.")

    tell("map alone")
    steps.say(
        f"From the shares alone, a real line drawn 100 m ahead lies within {_NEAR_M:g} m with "
        f"{shares:.3f}; the rest is workings that the plan does not show."
    )
    for name, azimuth, length, void, words in _PROBES:
        steps.add_hole(name, (*_FACE, azimuth, 0.0), length, void)
        tell(words)
    return {"p_within_15_m": said, **steps.finish()}


def old_map_config() -> SiteConfig:
    """Return the site file, with what is published of Gretley and what is invented."""
    from subterra.site import build_config
    from subterra.site.schema import default_families

    working = default_families()["working"].model_copy(
        update={
            "length_m": (150.0, 600.0),
            "depth_m": (98.0, 102.0),
            "radius_m": (1.0, 2.0),
            "grade_sd": 0.002,
            "curvature_sd_per_m": 0.0003,
            "fill": (0.2, 0.7, 0.1),
        }
    )
    chamber = default_families()["chamber"].model_copy(update={"expected": 0.0})
    return build_config(
        {
            "name": "Old plan",
            "bounds": [0.0, 0.0, 240.0, 240.0],
            "depth_m": 110.0,
            "targets": {"look_for": ["working"], "p0": 0.1, "more": [1.0, 0.0, 0.0]},
            "families": {
                "working": working.model_dump(),
                "chamber": chamber.model_dump(),
            },
            "drilling": {"false_void_per_m": _FALSE_VOID_PER_M},
            "notes": [
                "Published: at Gretley colliery in 1996 the approved plan placed old workings more "
                "than 100 m away from where miners cut into them; they were 7 to 8 m away.",
                "Invented: coordinates, the seam's depth of 100 m, one old drive of 3 m, and both "
                "probe holes. That the plan's tie is unknown stands for what nobody had checked.",
                f"Invented: one false void in {1.0 / _FALSE_VOID_PER_M:,.0f} m of probe hole in "
                "solid coal. With the default of one in 500 m a single void says less.",
            ],
            "known": [
                {
                    "label": "where the old drive is, in this story",
                    "axis": [[_TRUE_X, 10.0, -100.0], [_TRUE_X, 230.0, -100.0]],
                }
            ],
        }
    )


def plan_lines() -> Any:
    """Return the plan: the drive that matters, and the pit bottom beyond the site."""
    import numpy as np

    from subterra.tables import MineMapTable

    lines = (
        ("edge drive", [(_DRAWN_X, 10.0), (_DRAWN_X, 230.0)]),
        ("pit bottom", [(620.0, 60.0), (760.0, 80.0)]),
        ("main road", [(640.0, 10.0), (640.0, 230.0)]),
    )
    n = len(lines)
    points = np.array([point for _, points in lines for point in points])
    return MineMapTable(
        line=tuple(name for name, _ in lines),
        sheet=("record tracing",) * n,
        tie=("unknown",) * n,
        level=("old seam",) * n,
        date=("",) * n,
        start=2 * np.arange(n + 1, dtype=np.int32),
        x=points[:, 0],
        y=points[:, 1],
        z_m=np.full(len(points), -100.0),
        level_sd_m=np.full(n, 2.0),
        sd_m=np.zeros(n),
    )


def p_from_shares(distance_m: float, near_m: float, terms: MapTerms) -> float:
    """P(a real line drawn straight across the way, at a distance ahead, lies within another).

    The shift across the line is normal, so that each tie and blunder gives a difference of two
    normal probabilities, weighted by the shares. A sheet with a wrong unit or in mirror writing
    lies far away and counts as no.

    Parameters
    ----------
    distance_m : float
        Distance ahead at which the near wall is drawn.
    near_m : float
        Distance within which it may lie, ahead or behind.
    terms : MapTerms
        Shares and standard deviations.

    Returns
    -------
    float
    """
    import numpy as np
    from scipy.special import ndtr

    whole = sum(tie.share for tie in terms.ties.values())
    total = 0.0
    for tie in terms.ties.values():
        for blunder in terms.blunders.values():
            if blunder.mirrored or blunder.factor != 1.0:
                continue
            sd = float(np.hypot(tie.sd_m, blunder.extra_sd_m))
            low, high = (distance_m - near_m) / sd, (distance_m + near_m + 2.0 * _RADIUS_M) / sd
            total += tie.share / whole * blunder.share * float(ndtr(high) - ndtr(low))
    return total


def p_within(belief: Belief, point: tuple[float, float, float], distance_m: float) -> float:
    """P(the wall of some target lies within a distance of a point), from a belief's scenes."""
    from subterra.search.standoff import Face, clearances

    away = clearances(belief.scenes, Face(point, point), families=belief.prior.targets)
    return float(belief.weight @ (away <= distance_m))
