"""Objects of a PDF file (ISO 32000-1, 7.3 and 7.5), written once at the end."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

__all__ = ["PdfObjects", "dictionary", "text_string"]


def dictionary(entries: Mapping[str, str]) -> str:
    """Write a dictionary; values are finished syntax."""
    return f"<< {' '.join(f'/{name} {value}' for name, value in entries.items())} >>"


def text_string(text: str) -> str:
    """Write text for a dictionary, as UTF-16 in hexadecimal digits: nothing needs an escape."""
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


class PdfObjects:
    """Numbered objects of one file, in memory until `finished` writes them."""

    def __init__(self) -> None:
        self._bodies: list[bytes | None] = []

    def reserve(self, count: int = 1) -> int:
        """Give out numbers for objects that are put later; returns the first."""
        first = len(self._bodies) + 1
        self._bodies += [None] * count
        return first

    def put(self, body: str | bytes, number: int | None = None) -> int:
        """Put an object under a new number, or under one that was reserved."""
        number = self.reserve() if number is None else number
        self._bodies[number - 1] = body.encode("ascii") if isinstance(body, str) else body
        return number

    def stream(
        self, data: bytes, entries: Mapping[str, str] | None = None, number: int | None = None
    ) -> int:
        """Put a stream, deflated, with further entries of its dictionary."""
        packed = zlib.compress(data, 9)
        head = dictionary({**(entries or {}), "Filter": "/FlateDecode", "Length": str(len(packed))})
        return self.put(head.encode("ascii") + b"\nstream\n" + packed + b"\nendstream", number)

    def finished(self, catalog: int, info: int) -> bytes:
        """Write the file.

        Parameters
        ----------
        catalog, info : int
            Numbers of the catalogue and of the dictionary of metadata.

        Returns
        -------
        bytes

        Raises
        ------
        ValueError
            If a reserved number was never used.
        """
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places: list[int] = []
        for number, body in enumerate(self._bodies, start=1):
            if body is None:
                problem = f"object {number} of the PDF was reserved and not put"
                raise ValueError(problem)
            places.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        start = len(out)
        size = len(self._bodies) + 1
        out += b"xref\n0 %d\n0000000000 65535 f \n" % size
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        trailer = dictionary({"Size": str(size), "Root": f"{catalog} 0 R", "Info": f"{info} 0 R"})
        return bytes(out) + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode("ascii")
