"""The verb ``estimate``: numbers of the ground and the discrepancy, from the site's own data."""

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
    seed: Annotated[int, typer.Option(metavar="S", help="Of the grounds of --discrepancy.")] = 1,
    json: JsonFlag = False,
) -> None:
    """Estimate the layered background or the model discrepancy of the site's resistivity."""
    from subterra.site import Site

    if background == discrepancy:
        problem = "say what to estimate: --background or --discrepancy"
        raise InputError(problem)
    if write and discrepancy:
        problem = "--write goes with --background; a measured discrepancy is only said"
        raise InputError(problem)
    out = Output(json)
    opened = Site.open(site)
    out.document(_layers(out, opened, most, write) if background else _study(out, opened, seed))


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
