"""HTML building blocks; every piece of text that enters a page passes ``escape`` here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = [
    "bullets",
    "escape",
    "figure",
    "first_upper",
    "numbered",
    "paragraph",
    "section",
    "table",
    "tiles",
]


def paragraph(text: str, css: str = "") -> str:
    """Return one escaped paragraph."""
    return f"<p{_class(css)}>{escape(text)}</p>"


def first_upper(words: str) -> str:
    """Begin a sentence with a phrase, the rest as it stands."""
    return words[:1].upper() + words[1:]


def bullets(items: Iterable[str], css: str = "") -> str:
    """Return an escaped list, or nothing for no items."""
    rows = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul{_class(css)}>{rows}</ul>" if rows else ""


def numbered(items: Iterable[str]) -> str:
    """Return an escaped list with numbers, or nothing for no items."""
    rows = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ol>{rows}</ol>" if rows else ""


def section(anchor: str, heading: str, *parts: str) -> str:
    """Return a section of the page; ``parts`` are finished markup."""
    body = "\n".join(part for part in parts if part)
    return f'<section id="{escape(anchor)}">\n<h2>{escape(heading)}</h2>\n{body}\n</section>'


def figure(uri: str, alt: str, caption: str = "", css: str = "") -> str:
    """Return a figure from a ``data:`` address; ``alt`` says in words what it shows."""
    note = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure{_class(css)}><div class="scroll">'
        f'<img src="{escape(uri)}" alt="{escape(alt)}"></div>{note}</figure>'
    )


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words: Iterable[int] = (),
    empty: str = "",
) -> str:
    """Return a table that scrolls sideways on a narrow screen.

    Parameters
    ----------
    caption : str
        Says what the table is.
    header : sequence of str
        Column heads with their units.
    rows : iterable of sequences of str
        Plain text; escaped here.
    words : iterable of int
        Columns of text, set left; the others are numbers, set right.
    empty : str
        What to say instead when there are no rows; nothing at all by default.

    Returns
    -------
    str
        Markup.
    """
    left = set(words)

    def cells(row: Sequence[str], tag: str) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        return "".join(
            f"<{tag}{scope}{_class('words' if k in left else '')}>{escape(text)}</{tag}>"
            for k, text in enumerate(row)
        )

    body = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    if not body:
        return paragraph(empty, "empty") if empty else ""
    return (
        f'<div class="scroll" tabindex="0"><table><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{cells(header, 'th')}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def tiles(items: Iterable[tuple[str, str, str]]) -> str:
    """Return the key numbers: (label, number, remark) each."""
    body = "".join(
        f"<div><dt>{escape(label)}</dt><dd><strong>{escape(number)}</strong>"
        f"<span>{escape(remark)}</span></dd></div>"
        for label, number, remark in items
    )
    return f'<dl class="tiles">{body}</dl>'


def _class(css: str) -> str:
    return f' class="{escape(css)}"' if css else ""
