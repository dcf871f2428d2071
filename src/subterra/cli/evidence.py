"""Verbs about what is in a site: ``new``, ``scan``, ``add``, ``retract``, ``status``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.counting import counted
from subterra.errors import InputError, SubterraError

if TYPE_CHECKING:
    from subterra.site import Item, Site
    from subterra.site.belief_store import BeliefRecord
    from subterra.site.heights import HeightNote
    from subterra.site.plan_store import Plan
    from subterra.site.terrain import Ground

__all__ = ["add", "new", "pairs", "retract", "scan", "status"]

_UNEVEN_M: Final = 1.0
"""Height over the plane beyond which it is said that the ground is not one."""

_Kind = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="Say what the files are, such as gravity, resistivity, boreholes, reports or terrain.",
    ),
]
_Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="k=v",
        help="How to read them: origin=x,y and rotation_deg=r place a local frame; "
        "layers=RHO1:H1,RHO2 says the ground under resistivity; crs=EPSG:n, vertical=, sd_m=, "
        "units=m|ft|us-ft and nodata= say what a terrain does not.",
    ),
]


def new(
    site: SiteArgument,
    bounds: Annotated[
        tuple[float, float, float, float],
        typer.Option(metavar="X0 Y0 X1 Y1", help="Search area, metres."),
    ],
    depth: Annotated[
        float, typer.Option(metavar="D", help="Metres under the ground down to which to search.")
    ],
    crs: Annotated[
        str | None, typer.Option(metavar="EPSG:n", help="Projected coordinate system in metres.")
    ] = None,
    look_for: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAMILY",
            help="Target: driven, working, chamber, shaft or conduit; may be repeated [driven].",
        ),
    ] = None,
    natural: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAMILY",
            help="What may explain data without being the target, such as chamber or conduit; may "
            "be repeated [chamber].",
        ),
    ] = None,
    p0: Annotated[
        float, typer.Option(metavar="P", help="Probability, before evidence, of no target.")
    ] = 0.5,
    surface: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Heights of the ground (GeoTIFF, LAS, ESRI ASCII grid, points x y z), of which "
            "only the plane is kept; with subterra add the site keeps them.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Title of the site [its folder's name].")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a site: a folder that will hold all evidence and answers."""
    from subterra.site import Site, build_config
    from subterra.site.crs import check_crs

    out = Output(json)
    data: dict[str, Any] = {
        "name": name or Path(site).resolve().name or site,
        "bounds": list(bounds),
        "depth_m": depth,
        "targets": {"look_for": list(dict.fromkeys(look_for or ["driven"])), "p0": p0},
    }
    if natural is not None:
        data["families"] = _competing(data["targets"]["look_for"], natural)
    if crs is not None:
        data["crs"] = check_crs(crs)
    if surface is not None:
        data["surface"] = _fitted(out, surface, bounds, data.get("crs"))
    made = Site.create(site, build_config(data))
    config = made.config
    out.say(f"Made the site {made.path}.")
    out.say(
        f"It looks for: {', '.join(config.targets.look_for)}, down to {config.depth_m:g} m; "
        f"P(no target) before evidence is {config.targets.p0:g}."
    )
    out.say(f"Every number of the prior can be edited in {made.path / 'site.toml'}.")
    out.say(f"Next: subterra add {made.path} FILE...")
    out.document(_config_facts(made))


def _competing(targets: list[str], natural: list[str]) -> dict[str, dict[str, Any]]:
    """Families of a new site in which those named, and no others, compete with the targets.

    Raises
    ------
    InputError
        For an unknown family, or one that is a target.
    """
    from subterra.scene import DEFAULT_FAMILIES, family_code
    from subterra.site.schema import default_families

    for name in natural:
        family_code(name)
        if name in targets:
            problem = f"{name} is looked for: it cannot explain data without being the target"
            raise InputError(problem)
    rate = DEFAULT_FAMILIES["chamber"].expected
    return {
        name: {**family.model_dump(), "expected": rate if name in natural else 0.0}
        for name, family in default_families().items()
    }


def _fitted(
    out: Output, path: Path, bounds: tuple[float, float, float, float], crs: str | None
) -> dict[str, float]:
    """Fit the site's plane to a terrain file and say how well it fits."""
    from subterra.formats import read_terrain
    from subterra.site.terrain import fit_plane, site_points

    points, _ = site_points(read_terrain(path), crs)
    plane = fit_plane(points, bounds)
    out.say(
        f"The ground is the plane through {plane.n_points} points of {path.name}: they are off it "
        f"by {plane.rms_m:.2f} m (rms), {plane.largest_m:.2f} m at most."
    )
    if plane.largest_m > _UNEVEN_M:
        out.warn(
            "depths are counted from this plane, not from the ground itself: give stations, "
            "electrodes and collars their z"
        )
    return {"z0_m": plane.z0_m, "slope_x": plane.slope_x, "slope_y": plane.slope_y}


def scan(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files to look at.")],
    kind: _Kind = None,
    option: _Options = None,
    json: JsonFlag = False,
) -> None:
    """Say what files are and whether they can be read, without a site."""
    from subterra.site import examine

    out = Output(json)
    found = [examine(path, kind=kind, options=pairs(option)) for path in files]
    for file in found:
        out.say(f"{file.path}: {file.what} ({file.format.name}, {len(file.content):,} bytes)")
    out.document(
        [
            {
                "file": str(file.path),
                "kind": file.kind.name,
                "format": file.format.name,
                "rows": len(file.table),
                "bytes": len(file.content),
            }
            for file in found
        ]
    )


def add(
    site: SiteArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files of evidence.")],
    kind: _Kind = None,
    option: _Options = None,
    json: JsonFlag = False,
) -> None:
    """Add files of evidence, all of them or none. What they are is told from their content."""
    from subterra.site import Site, add_files

    out = Output(json)
    changed, items = add_files(Site.open(site), files, kind=kind, options=pairs(option))
    for item in items:
        out.say(f"Added {item.id}: {item.what} ({item.format}) from {item.original}.")
    heights = _say_ground(out, changed, items)
    out.say(f"Next: subterra infer {site}")
    out.document(
        {
            "added": [_described(item) for item in items],
            "heights": heights,
            "stale": _stale(changed),
        }
    )


def _say_ground(out: Output, site: Site, added: tuple[Item, ...]) -> list[dict[str, Any]]:
    """Say what a new terrain is, and how heights of files go with the terrain in force."""
    from subterra.site.ground_files import ground_of, height_notes
    from subterra.site.terrain_kinds import TERRAIN_KIND

    ground = ground_of(site)
    if ground is None:
        return []
    new_terrain = any(item.kind == TERRAIN_KIND for item in added)
    if new_terrain:
        for words in ground.words():
            out.say(words)
    names = None if new_terrain else {item.id for item in added}
    notes = height_notes(site, names)
    for note in notes:
        (out.warn if note.doubt else out.say)(f"{note.words}.")
    return [asdict(note) for note in notes]


def retract(
    site: SiteArgument,
    evidence: Annotated[
        str, typer.Argument(metavar="EVIDENCE", help="Name of the evidence, or of a logged hole.")
    ],
    json: JsonFlag = False,
) -> None:
    """Withdraw one piece of evidence; the journal keeps that it was there."""
    from subterra.site import Site
    from subterra.site import retract as withdraw

    out = Output(json)
    changed, items = withdraw(Site.open(site), evidence.strip())
    for item in items:
        out.say(f"Withdrew {item.id}: {item.what}.")
    out.say(f"Next: subterra infer {site}")
    out.document({"retracted": [_described(item) for item in items], "stale": _stale(changed)})


def status(site: SiteArgument, json: JsonFlag = False) -> None:
    """Say what is in, whether the belief is current and whether everything verifies."""
    from subterra.site import Site
    from subterra.site.belief_store import latest_record
    from subterra.site.ground_files import ground_of, height_notes
    from subterra.site.plan_store import current_plan
    from subterra.site.verify import problems_of

    out = Output(json)
    opened = Site.open(site)
    problems = problems_of(opened)
    record = latest_record(opened)
    plan = None if problems else current_plan(opened)
    ground = None if problems else ground_of(opened)
    notes = () if problems else height_notes(opened)
    _say_status(out, opened, record, plan)
    for words in () if ground is None else ground.words():
        out.say(words)
    for note in (n for n in notes if n.doubt):
        out.warn(f"{note.words}.")
    for problem in problems:
        out.warn(problem)
    out.document(
        {
            **_config_facts(opened),
            "evidence": [_described(item) for item in opened.items],
            "belief": None if record is None else _belief_facts(record),
            "plan": None if plan is None else _plan_facts(plan),
            "terrain": None if ground is None else _ground_facts(ground, notes),
            "journal": {"lines": len(opened.entries), "verified": True},
            "problems": problems,
            "stale": _stale(opened),
        }
    )
    if problems:
        problem = f"{site}: what does not verify: {counted(len(problems), 'thing')}, named above"
        raise SubterraError(problem)


def _say_status(out: Output, site: Site, record: BeliefRecord | None, plan: Plan | None) -> None:
    from subterra.cli.words import stated

    looked_for = ", ".join(site.config.targets.look_for)
    out.say(f"{site.name} (folder {site.path}): looks for {looked_for}.")
    if site.items:
        rows = [(i.id, i.kind, i.what, i.original) for i in site.items]
        out.table(("evidence", "kind", "what", "file"), rows)
    else:
        out.say(f"No evidence yet. Next: subterra add {site.path} FILE...")
    if record is None:
        out.say(f"No belief yet. Next: subterra infer {site.path}")
    else:
        age = "older than the evidence; run infer again" if record.stale else "current"
        out.say(
            f"Belief of {record.time}: P(any target) {stated(record.p_any, record.scenes)}; {age}."
        )
        for words in record.judged:
            out.say(f"After a first belief, {words}.")
    if plan is not None:
        age = "made from an older belief" if plan.outdated else "current"
        out.say(f"Plan {plan.number} of {plan.time}: {counted(len(plan.holes), 'hole')}; {age}.")
    out.say(f"Journal: {counted(len(site.entries), 'line')}, chain verified.")


def _config_facts(site: Site) -> dict[str, Any]:
    config = site.config
    return {
        "site": str(site.path),
        "name": config.name,
        "bounds": list(config.bounds),
        "depth_m": config.depth_m,
        "crs": config.crs,
        "look_for": list(config.targets.look_for),
        "p0": config.targets.p0,
    }


def _belief_facts(record: BeliefRecord) -> dict[str, Any]:
    from subterra.inference import supported

    return {
        "file": record.file,
        "time": record.time,
        "p_any": supported(record.p_any, record.scenes, False),
        "scenes": record.scenes,
        "seed": record.seed,
        "stale": record.stale,
        "judged": list(record.judged),
    }


def _plan_facts(plan: Plan) -> dict[str, Any]:
    return {
        "number": plan.number,
        "time": plan.time,
        "holes": [hole.hole for hole in plan.holes],
        "files": list(plan.files),
        "outdated": plan.outdated,
    }


def _ground_facts(ground: Ground, notes: tuple[HeightNote, ...]) -> dict[str, Any]:
    plane = ground.plane
    return {
        "surface": {"z0_m": plane.z0_m, "slope_x": plane.slope_x, "slope_y": plane.slope_y},
        "relief_rms_m": plane.rms_m,
        "relief_largest_m": plane.largest_m,
        "covered": ground.covered,
        "vertical": ground.vertical or None,
        "files": [
            {
                "file": file.name,
                "spacing_m": file.spacing_m,
                "sd_m": file.sd_m,
                "sd_stated": file.stated,
                "crs": file.crs or None,
                "accuracy_m": file.accuracy_m,
            }
            for file in ground.files
        ],
        "heights": [asdict(note) for note in notes],
    }


def _described(item: Item) -> dict[str, Any]:
    return {
        "evidence": item.id,
        "kind": item.kind,
        "format": item.format,
        "what": item.what,
        "file": item.file,
        "original": item.original,
        "sha256": item.sha256,
        "hole": item.hole,
    }


def _stale(site: Site) -> bool | None:
    """Whether the belief is older than the evidence; None where there is no belief."""
    from subterra.site.belief_store import latest_record

    record = latest_record(site)
    return None if record is None else record.stale


def pairs(options: list[str] | None) -> dict[str, str]:
    """Turn the texts of ``--option k=v`` into a mapping."""
    found: dict[str, str] = {}
    for option in options or []:
        name, equals, value = option.partition("=")
        if not equals or not name.strip():
            problem = f"--option {option}: expected k=v, for example --option origin=100,200"
            raise InputError(problem)
        found[name.strip()] = value.strip()
    return found
