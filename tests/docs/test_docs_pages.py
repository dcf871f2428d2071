"""The site holds together without being built: links, contents, names of the front door."""

from __future__ import annotations

import re
import unicodedata

import pytest
from docs_pages import DOCS, PAGES, READ_ALONE, ROOT, blocks, prose, text_of

import subterra

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_TARGET = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)


def anchors(page) -> set[str]:
    """Names that a link into a page can end in, as GitHub and MyST make them of headings."""
    out = set(_TARGET.findall(text_of(page)))
    for heading in _HEADING.findall(text_of(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        kept = "".join(c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LNM")
        out.add(kept.replace(" ", "-"))
    return out


@pytest.mark.parametrize("page", READ_ALONE, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        to = (page.parent / path).resolve() if path else page
        where = references if not path and (references := DOCS / "theory" / "references.md") else to
        assert to.exists(), f"{page.name}: {link}"
        if anchor and to.suffix == ".md":
            assert anchor in anchors(to) | (anchors(where) if not path else set()), (
                f"{page.name}: {link}"
            )


@pytest.mark.parametrize("page", READ_ALONE, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_line_is_taken_for_a_comment(page):
    """MyST drops lines that begin with a percent sign, without a word."""
    assert not re.search(r"^\s*%(?!%)", prose(page), re.MULTILINE)


def test_every_page_is_in_the_contents():
    listed = set()
    for page in PAGES:
        for block in blocks(page):
            if block.kind == "include":
                listed.add((page.parent / block.argument).resolve())
            if block.kind == "toctree":
                names = [line.strip() for line in block.body.splitlines()]
                listed |= {
                    (page.parent / f"{name}.md").resolve()
                    for name in names
                    if name and not name.startswith(":")
                }
    listed.add((DOCS / "index.md").resolve())
    assert {p.resolve() for p in PAGES} <= listed


def test_every_reference_is_cited_and_every_citation_listed():
    listed = set(_TARGET.findall(text_of(DOCS / "theory" / "references.md")))
    cited = {
        link.removeprefix("#")
        for page in PAGES
        for link in _LINK.findall(text_of(page))
        if re.fullmatch(r"#[a-z]+\d{4}", link)
    }
    assert listed == cited


def test_the_front_door_is_told():
    page = text_of(DOCS / "api" / "index.md")
    told = set(re.findall(r"^   ~subterra\.[\w.]+\.(\w+)$", page, re.MULTILINE))
    assert told == set(subterra.__all__) - {"__version__"}


def test_every_public_package_has_its_page():
    packages = {p.parent.name for p in (ROOT / "src" / "subterra").glob("*/__init__.py")}
    told = {p.stem for p in (DOCS / "api").glob("*.md")} - {"index", "errors"}
    assert told == packages - {"cli"}
