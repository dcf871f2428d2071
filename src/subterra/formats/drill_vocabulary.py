"""From what a driller or a geologist wrote to the words of a log: a documented vocabulary.

English, as in AGS files. A text that is one of the words of a log is that word. Otherwise every
phrase of `PHRASES` that occurs and is not denied ("no voids", "without loss of flush") counts, and
the word that says most is taken. Voids of millimetres and void ratios are no voids.
"""

from __future__ import annotations

import re
from typing import Final

from subterra.tables import LOG_WORDS, WORD_STRENGTH

__all__ = ["PHRASES", "word_of"]

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (
        "rod drop",
        r"\b(?:drill(?:ing)? )?(?:rods?|string|bit|tools?) (?:suddenly )?(?:drop\w*|fell)\b"
        r"|\b(?:sudden )?drop of (?:the )?(?:drill(?:ing)? )?(?:rods?|string|bit|tools?)"
        r"|\brod drops?\b",
    ),
    (
        "void",
        r"\bvoids?\b(?! ratio)|\bcavit(?:y|ies)\b|\b(?:open|old|abandoned|mine|flooded) workings?\b"
        r"|\bworkings?\b(?= (?:encountered|met|entered|open))",
    ),
    (
        "goaf",
        r"\bgoa(?:f|ved)\b|\bgob\b|\b(?:collapsed|caved) (?:\w+ )?workings?\b|\bcaved waste\b",
    ),
    (
        "packed waste",
        r"\bpack(?:ed)? waste\b|\bwaste pack\w*|\bstow(?:ed|age|ing)\b"
        r"|\bbackfilled (?:\w+ )?workings?",
    ),
    (
        "timber",
        r"\btimber(?:s|ing)?\b|\bpit ?props?\b|\bwood(?:en)? (?:props?|supports?|chocks?)\b",
    ),
    ("pillar", r"\bpillars?\b"),
    (
        "flush loss",
        r"\b(?:loss|losses|lost|losing) (?:of )?(?:all |total |partial )?(?:the )?"
        r"(?:flush|circulation|returns?|water|air)\b"
        r"|\b(?:flush|circulation|returns?) (?:\w+ )?(?:loss|lost)\b"
        r"|\bno (?:flush |water |air )?returns?\b",
    ),
    ("broken", r"\bbroken\b|\bshattered\b|\bloose (?:ground|rock)\b|\bcollaps(?:ed|ing) ground\b"),
    (
        "unknown",
        r"\bno recovery\b|\bnot (?:recovered|logged|recorded)\b|\bcore loss\b|\bno record\b"
        r"|\bazcl\b",
    ),
)
"""Word and the phrases that mean it, as regular expressions of lower-case text."""

_COMPILED: Final = tuple((word, re.compile(pattern)) for word, pattern in PHRASES)
_DENIED: Final = re.compile(
    r"\b(?:no|not|nor|without|nil|never|free (?:of|from)|absence of)\b[^.;]*$"
)
_TINY: Final = re.compile(r"^[^.;,]{0,25}?\d ?mm\b|^ (?:in|of) (?:the )?(?:matrix|cement)\b")
_BEFORE: Final = 40
_MOST_TEXT: Final = 2000


def word_of(text: str) -> str | None:
    """Find the word of a log that a text says.

    Parameters
    ----------
    text : str
        A description or a remark; what is beyond 2,000 characters is not looked at.

    Returns
    -------
    str or None
        One of `subterra.tables.LOG_WORDS`; None where it says none of them, so that a described
        stratum is intact and a remark says nothing.
    """
    plain = " ".join(text[:_MOST_TEXT].lower().split())
    if plain.rstrip(".") in LOG_WORDS:
        return plain.rstrip(".")
    found = {
        word
        for word, pattern in _COMPILED
        for match in pattern.finditer(plain)
        if _means(word, plain, match)
    }
    return min(found, key=WORD_STRENGTH.index) if found else None


def _means(word: str, text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if word != "unknown" and _DENIED.search(before):
        return False
    return not (word == "void" and _TINY.search(text[match.end() :]))
