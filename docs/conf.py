"""Sphinx configuration of the documentation; ``make docs`` builds it."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE / "_ext"))
# Autodoc reads functions; without this it would meet their compiled forms.
os.environ["NUMBA_DISABLE_JIT"] = "1"

project = "Subterra"
author = "The Subterra developers"
project_copyright = author
version = release = installed_version("subterra")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "mathml",
    "pictures",
    "typed",
]
source_suffix = {".md": "markdown"}
# Sphinx has a page of its own named search; ours is read through searching.md.
exclude_patterns = ["_build", "_ext", "first-walk", "search.md"]
root_doc = "index"

nitpicky = True

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
maximum_signature_line_length = 80
autodoc_preserve_defaults = True
autodoc_member_order = "alphabetical"
autosummary_generate = False
numpydoc_show_class_members = False
add_module_names = False

html_theme = "furo"
html_title = f"Subterra {release}"
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"},
    "dark_css_variables": {"color-brand-primary": "#56b4e9", "color-brand-content": "#56b4e9"},
}

_ELSEWHERE = {"../bench/README.md": "benchmarks.md", "search.md": "searching.md"}
"""Links of pages that are read on their own, too, and where they lead within the site."""


def _stay_inside(app: Any, page: str, source: list[str]) -> None:
    del app
    top = "../" * page.count("/")
    for there, here in _ELSEWHERE.items():
        source[0] = source[0].replace(f"]({top}{there}", f"]({top}{here}")


def setup(app: Any) -> None:
    """Connect what is particular to this site."""
    app.connect("source-read", _stay_inside)
