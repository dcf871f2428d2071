"""The page: sections in the order in which a client reads them, in one file without scripts."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Final

from subterra.report import answer, support
from subterra.report.calibration import calibration_section
from subterra.report.content import ReportContent, verdict_words
from subterra.report.findings import best_object, key_numbers, printer_of, warnings
from subterra.report.markup import bullets, escape, tiles
from subterra.report.posterior import object_posterior
from subterra.report.ruled_out import ruled_out_section

__all__ = ["render_page"]

_CONTENTS: Final = (
    ("findings", "Findings"),
    ("map", "Map"),
    ("object", "Best object"),
    ("plan", "Drill plan"),
    ("evidence", "Evidence"),
    ("surveys", "Surveys"),
    ("ruled-out", "Ruled out"),
    ("limits", "Not covered"),
    ("trust", "Trust"),
    ("calibration", "Calibration"),
    ("sources", "Sources"),
)


def render_page(content: ReportContent) -> str:
    """Make the whole HTML document.

    Parameters
    ----------
    content : ReportContent
        What to show.

    Returns
    -------
    str
        A self-contained page: no scripts, no addresses to fetch, figures as ``data:`` images, and
        a content policy that forbids everything else.
    """
    printer = printer_of(content)
    item = best_object(content)
    best = None if item is None else object_posterior(content.belief, item)
    cuts = answer.section_cuts(content, best)
    sections = [
        answer.findings_section(content, printer, best),
        answer.map_section(content, printer, cuts),
        answer.object_section(content, printer, best, cuts),
        answer.plan_section(content, printer),
        support.evidence_section(content),
        support.survey_section(content),
        ruled_out_section(content.belief),
        support.limits_section(content),
        support.trust_section(content, printer),
        calibration_section(content),
        support.source_section(content),
    ]
    return _document(
        content,
        bullets(warnings(content), "warnings"),
        tiles(key_numbers(content, printer, best)),
        *sections,
    )


def _document(content: ReportContent, *body: str) -> str:
    style = files("subterra.report").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    good = " good" if content.calibrated else ""
    verdict = escape(verdict_words(content, short=True))
    badge = f'<p class="badge{good}">{verdict}</p>'
    links = " ".join(f'<a href="#{anchor}">{escape(name)}</a>' for anchor, name in _CONTENTS)
    x0, y0, x1, y1 = content.belief.prior.bounds
    facts = (
        f"Coordinates in metres ({content.crs}) · searched area {x1 - x0:g} m × {y1 - y0:g} m, to "
        f"{content.belief.prior.depth_m:g} m depth"
    ) + (f" · made {content.made}" if content.made else "")
    text = "\n".join(part for part in body if part)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(content.title)}: where to look for voids</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{escape(content.title)}: where to look for voids</h1>
<p class="sub">{escape(facts)}</p>
{badge}
<nav aria-label="Contents">{links}</nav>
</header>
<main>
{text}
</main>
<footer><p>Made by Subterra {escape(content.belief.info.version)}. Depth is vertical below the
ground surface unless it is said to run along a hole; inclination is positive down from
horizontal; azimuth is clockwise from grid north.</p></footer>
</body>
</html>
"""
