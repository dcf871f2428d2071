"""The frame of a self-contained page: head, style and a content policy that forbids the rest."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from subterra.report.markup import escape

__all__ = ["html_page"]


def html_page(title: str, header: str, body: str, footer: str) -> str:
    """Make an HTML document.

    Parameters
    ----------
    title : str
        Plain text; escaped here.
    header, body, footer : str
        Finished markup.

    Returns
    -------
    str
        No scripts and no addresses to fetch; figures are ``data:`` images.
    """
    style = files("subterra.report").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<header>
{header}
</header>
<main>
{body}
</main>
<footer>{footer}</footer>
</body>
</html>
"""
