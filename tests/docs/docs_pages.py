"""The pages of the documentation as tests read them: code blocks, files, commands, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = tuple(sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.parts))
READ_ALONE = (*PAGES, ROOT / "README.md", ROOT / "bench" / "README.md")

_FENCE = re.compile(
    r"^(?P<ticks>`{3,})\{?(?P<kind>[\w-]*)\}?[ ]?(?P<argument>[^\n]*)\n(?P<body>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)
_CAPTION = re.compile(r"^:caption: (\S+)\n")
_INLINE = re.compile(r"(?<!`)`(?!`)([^`]+)`(?!`)")
_COMMAND = re.compile(r"^\$ subterra (.+)$", re.MULTILINE)
_MENTION = re.compile(r"^(?:\$ )?subterra (.+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language or directive, argument, file name if captioned, and text."""

    kind: str
    argument: str
    name: str
    body: str

    @property
    def commands(self) -> list[str]:
        """Commands of a console, without the program's name."""
        return _COMMAND.findall(self.body) if self.kind == "console" else []


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of a page, in order; a captioned one is a file of that name."""
    out = []
    for match in _FENCE.finditer(text_of(page)):
        body, name = match["body"], ""
        if match["kind"] == "code-block" and (caption := _CAPTION.match(body)):
            name, body = caption[1], body[caption.end() :]
        out.append(Block(match["kind"], match["argument"].strip(), name, body))
    return out


def mentions(page: Path) -> list[str]:
    """Everything that a page calls ``subterra …``, in blocks and in the text."""
    text = text_of(page)
    lines = [line for block in blocks(page) for line in block.body.splitlines()]
    lines += [" ".join(code.split()) for code in _INLINE.findall(_FENCE.sub("", text))]
    # Indented blocks.
    lines += [line.strip() for line in text.splitlines() if line.startswith("    subterra ")]
    return [found[1] for line in lines if (found := _MENTION.match(line.strip()))]


def prose(page: Path) -> str:
    """A page without its code."""
    return _INLINE.sub("", _FENCE.sub("", text_of(page)))
