"""Fonts of the document: DejaVu Sans as it comes with Matplotlib, measured, cut and embedded.

Text is written by glyph numbers with a table back to Unicode, so that every character can be
selected, searched and copied.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any, Final

from subterra.report.pdf.objects import PdfObjects, dictionary
from subterra.report.style import drawable

__all__ = ["Face"]

_EM: Final = 1000.0
_LACKING: Final = ord("\N{WHITE SQUARE}")


class Face:
    """One face: widths of its characters, and those that were used.

    Parameters
    ----------
    bold : bool
        Weight.
    """

    def __init__(self, *, bold: bool) -> None:
        from fontTools.ttLib import TTFont
        from matplotlib import font_manager

        wanted = font_manager.FontProperties(
            family="DejaVu Sans", weight="bold" if bold else "normal"
        )
        self._program = Path(font_manager.findfont(wanted)).read_bytes()
        font: Any = TTFont(io.BytesIO(self._program))
        metrics, scale = font["hmtx"], _EM / font["head"].unitsPerEm
        self._font = font
        self._scale = scale
        self._glyph = {code: font.getGlyphID(name) for code, name in font.getBestCmap().items()}
        self._advance = {
            code: metrics[name][0] * scale for code, name in font.getBestCmap().items()
        }
        self._used: set[int] = set()

    def width(self, text: str, size: float) -> float:
        """Width of a line of text in the units of ``size``."""
        return size / _EM * sum(self._advance[code] for code in self._known(text))

    def _known(self, text: str) -> list[int]:
        """Characters of a line of text, a white square for each that this face lacks."""
        return [code if code in self._glyph else _LACKING for code in map(ord, drawable(text))]

    def codes(self, text: str) -> str:
        """Glyph numbers of a line of text in hexadecimal digits; they will be embedded."""
        known = self._known(text)
        self._used.update(known)
        return "".join(f"{self._glyph[code]:04X}" for code in known)

    def embed(self, objects: PdfObjects, number: int) -> None:
        """Put the font with the glyphs that were used under a reserved number."""
        used = sorted(self._used | {0x20})
        name = f"/SUBSET+{self._font['name'].getDebugName(6)}"
        descendant = objects.put(
            dictionary(
                {
                    "Type": "/Font",
                    "Subtype": "/CIDFontType2",
                    "BaseFont": name,
                    "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
                    "FontDescriptor": f"{self._descriptor(objects, name, used)} 0 R",
                    "W": f"[{self._widths(used)}]",
                    "CIDToGIDMap": "/Identity",
                }
            )
        )
        objects.put(
            dictionary(
                {
                    "Type": "/Font",
                    "Subtype": "/Type0",
                    "BaseFont": name,
                    "Encoding": "/Identity-H",
                    "DescendantFonts": f"[{descendant} 0 R]",
                    "ToUnicode": f"{objects.stream(self._to_unicode(used))} 0 R",
                }
            ),
            number,
        )

    def _widths(self, used: list[int]) -> str:
        return " ".join(f"{self._glyph[c]} [{self._advance[c]:.0f}]" for c in used)

    def _descriptor(self, objects: PdfObjects, name: str, used: list[int]) -> int:
        """Put the font's measures and its program, cut to some characters."""
        head, line, scale = self._font["head"], self._font["hhea"], self._scale
        program = self._subset(used)
        file = objects.stream(program, {"Length1": str(len(program))})
        corners = (head.xMin, head.yMin, head.xMax, head.yMax)
        return objects.put(
            dictionary(
                {
                    "Type": "/FontDescriptor",
                    "FontName": name,
                    "Flags": "32",
                    "FontBBox": f"[{' '.join(str(round(v * scale)) for v in corners)}]",
                    "ItalicAngle": "0",
                    "Ascent": str(round(line.ascent * scale)),
                    "Descent": str(round(line.descent * scale)),
                    "CapHeight": "729",
                    "StemV": "80",
                    "FontFile2": f"{file} 0 R",
                }
            )
        )

    def _subset(self, used: list[int]) -> bytes:
        """Cut the font to some characters; glyphs keep their numbers."""
        from fontTools import subset
        from fontTools.ttLib import TTFont

        # What is dropped is what is meant to be.
        logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
        options: Any = subset.Options(
            retain_gids=True, hinting=False, layout_features=[], notdef_outline=True,
            recalc_timestamp=False,
        )  # fmt: skip
        options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB", "kern", "name", "post"]
        font: Any = TTFont(io.BytesIO(self._program), recalcTimestamp=False)
        cutter: Any = subset.Subsetter(options)
        cutter.populate(unicodes=used)
        cutter.subset(font)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()

    def _to_unicode(self, used: list[int]) -> bytes:
        rows = [f"<{self._glyph[c]:04X}> <{chr(c).encode('utf-16-be').hex()}>" for c in used]
        # A block holds a hundred rows at most.
        blocks = [rows[k : k + 100] for k in range(0, len(rows), 100)]
        body = "\n".join(
            f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar" for some in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")
