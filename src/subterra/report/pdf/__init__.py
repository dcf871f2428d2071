"""A document as a PDF, written without anything but Matplotlib and the font tools it comes with."""

from __future__ import annotations

from subterra.report.pdf.layout import pdf_of

__all__ = ["pdf_of"]
