"""A document as one self-contained HTML page; all text that enters a page is escaped here."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files

from subterra.report.blocks import (
    SHORT,
    Block,
    Bullets,
    Document,
    Heading,
    Link,
    Paragraph,
    Picture,
    Row,
    Section,
    Table,
    Tile,
    Tiles,
    Words,
    check_links,
)
from subterra.report.style import figure_uri

__all__ = ["html_page"]


def html_page(document: Document) -> str:
    """Make the page.

    Parameters
    ----------
    document : Document
        What to show.

    Returns
    -------
    str
        No scripts and no addresses to fetch; figures are ``data:`` images, and a content policy
        forbids everything else.

    Raises
    ------
    ValueError
        If a link of the document leads nowhere.
    """
    check_links(document)
    style = files("subterra.report").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    links = "\n".join(
        f'<li><a href="#{escape(part.anchor)}">{escape(part.heading)}</a></li>'
        for part in document.sections
    )
    opening = "\n".join(_block(block) for block in document.opening)
    body = "\n".join(_section(k, part) for k, part in enumerate(document.sections, start=1))
    good = " good" if document.good else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(document.title)}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{escape(document.title)}</h1>
<p class="sub">{escape(document.facts)}</p>
<p class="badge{good}">{escape(document.badge)}</p>
</header>
<main>
{opening}
<nav aria-label="Contents"><ol>
{links}
</ol></nav>
{body}
</main>
<footer><p>{escape(document.footer)}</p></footer>
</body>
</html>
"""


def _section(number: int, part: Section) -> str:
    body = "\n".join(_block(block) for block in part.blocks)
    return (
        f'<section id="{escape(part.anchor)}">\n'
        f'<h2><span class="number">{number}</span> {escape(part.heading)}</h2>\n{body}\n</section>'
    )


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p{_class(block.look)}>{_words(block.words)}</p>"
    if isinstance(block, Heading):
        return f"<h3{_id(block.anchor)}>{escape(block.words)}</h3>"
    if isinstance(block, Bullets):
        tag = "ol" if block.numbered else "ul"
        items = "".join(f"<li>{_words(item)}</li>" for item in block.items)
        return f"<{tag}{_class(block.look)}>{items}</{tag}>"
    if isinstance(block, Tiles):
        return f'<dl class="tiles">{"".join(_tile(item) for item in block.items)}</dl>'
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        return _picture(block, block.look)
    inside = "".join(_picture(item, "") for item in block.items)
    return f'<div class="columns{block.columns}">{inside}</div>'


def _tile(item: Tile) -> str:
    number = escape(item.number)
    if item.to:
        number = f'<a href="#{escape(item.to)}">{number}</a>'
    return (
        f"<div><dt>{escape(item.label)}</dt><dd><strong>{number}</strong>"
        f"<span>{escape(item.remark)}</span></dd></div>"
    )


def _picture(item: Picture, look: str) -> str:
    uri = figure_uri(item.draw, item.width_in, item.height_in)
    note = f"<figcaption>{escape(item.caption)}</figcaption>" if item.caption else ""
    return (
        f'<figure{_class(look)}><div class="scroll">'
        f'<img src="{escape(uri)}" alt="{escape(item.alt)}"></div>{note}</figure>'
    )


def _table(block: Table) -> str:
    """Write a table that scrolls sideways on a narrow screen and can be scrolled by keys."""
    head = "".join(
        f'<th scope="col"{_class("words" if k in block.left else "")}>{escape(text)}</th>'
        for k, text in enumerate(block.header)
    )
    body = "\n".join(_row(row, block.left) for row in block.rows)
    return (
        f'<figure class="table"><figcaption>{escape(block.caption)}</figcaption>\n'
        f'<div class="scroll" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div></figure>"
    )


def _row(row: Row, left: frozenset[int]) -> str:
    cells = "".join(
        f"<td{_class('words' if k in left else '')}>{_words(cell)}</td>"
        for k, cell in enumerate(row.cells)
    )
    return f"<tr{_id(row.anchor)}>{cells}</tr>"


def _words(words: Words) -> str:
    parts = (words,) if isinstance(words, str | Link) else words
    return "".join(
        f'<a href="#{escape(part.to)}">{escape(_together(part.words))}</a>'
        if isinstance(part, Link)
        else escape(part)
        for part in parts
    )


def _together(words: str) -> str:
    """Keep a number with its sign and unit in one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}") if len(words) <= SHORT else words


def _class(name: str) -> str:
    return f' class="{escape(name)}"' if name and name != "plain" else ""


def _id(anchor: str) -> str:
    return f' id="{escape(anchor)}"' if anchor else ""
