"""Annexes: every input with its hash, and what is needed to compute the answer again."""

from __future__ import annotations

from subterra.report.blocks import Heading, Row, Section, paragraph, section, table
from subterra.report.content import ReportContent

__all__ = ["annex_section"]


def annex_section(content: ReportContent) -> Section:
    """List files with their SHA-256, the state of the site, and lines to sign on."""
    files = [
        Row((s.id, s.kind, s.name, f"{s.size:,}" if s.size else "–", s.fingerprint), f"file-{k}")
        for k, s in enumerate(content.sources, start=1)
    ]
    facts = [[name, value] for name, value in content.provenance.items()]
    lines = ("_" * 26, "_" * 12, "_" * 26)
    signed = [(who, *lines) for who in ("prepared", "checked", "approved")]
    return section(
        "annex",
        "Annexes: files, checksums, signatures",
        Heading("Files of evidence"),
        table(
            "As given, kept unchanged; a hash changes with any byte of the file",
            ("id", "kind", "file", "bytes", "SHA-256"),
            files,
            words=(0, 1, 2, 4),
            empty="No files are recorded.",
        ),
        Heading("State of the site and of the program"),
        table(
            "What gives this answer again: the files above, the site file, the program and the "
            "seed; the journal's head stands for every change since the site was made",
            ("what", "value"),
            facts,
            words=(0, 1),
            empty="Nothing is recorded.",
        ),
        paragraph(
            "subterra export writes holes, map and plan as AGS4, CSV, GeoPackage, KML, GeoTIFF and "
            "VTK from the same belief.",
            "note",
        ),
        Heading("Signatures"),
        table(
            "A probability speaks for the prior, the evidence and the model named here; whoever "
            "signs judges whether these fit the ground",
            ("", "name", "date", "signature"),
            signed,
            words=range(4),
        ),
    )
