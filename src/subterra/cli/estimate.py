"""The verb ``estimate``: what a run will take, or numbers of the ground and the discrepancy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from subterra.cli.output import JsonFlag, Output, SiteArgument
from subterra.errors import InputError

if TYPE_CHECKING:
    from subterra.site import Site

__all__ = ["estimate"]


def estimate(
    site: SiteArgument,
    background: Annotated[
        bool, typer.Option("--background", help="Fit level layers to all resistivity.")
    ] = False,
    discrepancy: Annotated[
        bool,
        typer.Option(
            "--discrepancy",
            help="Measure on a mesh the error floor and the error of responses of this layout.",
        ),
    ] = False,
    most: Annotated[
        int, typer.Option("--layers", metavar="N", min=1, max=6, help="Most layers to try.")
    ] = 4,
    write: Annotated[
        bool, typer.Option("--write", help="Put the layers into the site file; else only say.")
    ] = False,
    scenes: Annotated[
        int, typer.Option(metavar="N", min=128, help="Scenes of the run that is asked about.")
    ] = 4096,
    seed: Annotated[
        int, typer.Option(metavar="S", help="Of the pilot, or of the grounds of --discrepancy.")
    ] = 1,
    json: JsonFlag = False,
) -> None:
    """Estimate time and memory of infer; or the resistivity's layers or model discrepancy."""
    from subterra.site import Site

    if background and discrepancy:
        problem = "say what to estimate: --background or --discrepancy"
        raise InputError(problem)
    if write and not background:
        problem = "--write goes with --background; other estimates are only said"
        raise InputError(problem)
    out = Output(json)
    opened = Site.open(site)
    if background:
        out.document(_layers(out, opened, most, write))
    elif discrepancy:
        out.document(_study(out, opened, seed))
    else:
        out.document(_cost(out, opened, scenes, seed))


def _cost(out: Output, site: Site, scenes: int, seed: int) -> dict[str, Any]:
    from subterra.inference.estimate import SPREAD
    from subterra.site import estimate_cost

    found = estimate_cost(site, n_scenes=scenes, seed=seed)
    run, mb = found.run, 1.0 / 2**20
    parts = (("scan", run.scan_s), ("starting scenes", run.start_s), ("moves", run.moves_s))
    out.table(
        ("infer", "about"),
        [
            ("reading, ground models (done and kept)", _seconds(found.reading_s)),
            *((name, _seconds(value)) for name, value in parts),
            ("one run", _seconds(run.seconds)),
            ("memory of the evidence", f"{run.evidence_bytes * mb:,.0f} MB"),
            ("memory of the run beside it", f"{run.run_bytes * mb:,.0f} MB"),
        ],
    )
    out.say(
        f"One run with {scenes:,} scenes takes about {_seconds(run.seconds)} and "
        f"{(run.evidence_bytes + run.run_bytes) * mb:,.0f} MB, each within a factor of {SPREAD:g}, "
        f"from a pilot of {_seconds(run.pilot_s)} and {run.steps} steps. A run that does not "
        "converge goes on, up to --effort times as long; surveys judged anew run again."
    )
    return {
        "scenes": run.n_scenes,
        "seconds": run.seconds,
        "seconds_by_part": dict(parts),
        "seconds_reading": found.reading_s,
        "seconds_pilot": run.pilot_s,
        "ladder_steps": run.steps,
        "evidence_bytes": run.evidence_bytes,
        "run_bytes": run.run_bytes,
        "within_factor": SPREAD,
    }


def _seconds(value: float) -> str:
    if value < 10.0:
        return f"{value:.1f} s"
    return f"{value:.0f} s" if value < 120.0 else f"{value / 60.0:.0f} min"


def _layers(out: Output, site: Site, most: int, write: bool) -> dict[str, Any]:
    from subterra.site import estimate_background

    _, found = estimate_background(site, most=most, write=write)
    rows = [
        (str(n), fit.earth.text(), f"{fit.bic:.1f}", f"{fit.misfit:.2f}")
        for n, fit in enumerate(found.fits, start=1)
    ]
    out.table(("layers", "Ω·m:metres from the top", "BIC", "misfit"), rows)
    best = found.fits[found.best].earth.text()
    out.say(
        f"Best by BIC: {found.best + 1} layer(s), {best}, "
        f"from {found.arrangements} arrangements of electrodes."
    )
    if found.written:
        out.say(f"Written into {site.path / 'site.toml'}. Next: subterra infer {site.path}")
    else:
        out.say("To use it, run again with --write, or set layers under [host] in site.toml.")
    return {
        "layers": best,
        "arrangements": found.arrangements,
        "written": found.written,
        "fits": [
            {
                "resistivity_ohmm": list(fit.earth.resistivity_ohmm),
                "thickness_m": list(fit.earth.thickness_m),
                "bic": fit.bic,
                "misfit": fit.misfit,
            }
            for fit in found.fits
        ],
    }


def _study(out: Output, site: Site, seed: int) -> dict[str, Any]:
    from subterra.site import estimate_discrepancy

    found = estimate_discrepancy(site, seed=seed)
    rows = [(f"{row.ground_sd:g}", f"{100 * row.unmodelled:.1f} %") for row in found.floors]
    out.table(("sd of ln ρ", "unmodelled null, rms of ln ρa"), rows)
    rows = [
        (row.fill, f"{row.radius_over_depth:.2f}", f"{row.kappa:.2f}", f"{row.scale:.2f}")
        for row in found.responses
    ]
    out.table(("fill", "radius/depth", "κ", "best scale"), rows)
    out.say(
        f"Floor {100 * found.floor:.1f} % of ρa, κ {found.kappa:.2f}; the defaults are 5 % and 0.2."
    )
    return found.document()
