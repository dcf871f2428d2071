"""What a document says, without drawing it."""

from __future__ import annotations

from subterra.report.blocks import (
    Bullets,
    Heading,
    Link,
    Paragraph,
    Picture,
    Pictures,
    Table,
    Tiles,
    plain,
)


def words_in(block):
    """Every piece of running text of a block, with its links."""
    if isinstance(block, Paragraph):
        return [block.words]
    if isinstance(block, Heading):
        return [block.words]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Tiles):
        return [w for t in block.items for w in (t.label, t.number, t.remark)]
    if isinstance(block, Table):
        return [block.caption, *block.header, *(c for row in block.rows for c in row.cells)]
    if isinstance(block, Picture):
        return [block.alt, block.caption]
    assert isinstance(block, Pictures)
    return [w for item in block.items for w in (item.alt, item.caption)]


def spoken(blocks):
    return "\n".join(plain(words) for block in blocks for words in words_in(block))


def said_by(document):
    return "\n".join([document.title, document.facts, document.badge, spoken(document.blocks)])


def links_of(blocks):
    parts = [w for block in blocks for words in words_in(block) for w in _parts(words)]
    return [w for w in parts if isinstance(w, Link)]


def _parts(words):
    return (words,) if isinstance(words, str | Link) else words


def tables_of(blocks):
    return [block for block in blocks if isinstance(block, Table)]
