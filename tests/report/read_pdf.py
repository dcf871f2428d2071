"""As much of a PDF reader as the tests need: objects by the table, text by the font's own map."""

from __future__ import annotations

import re
import zlib


class Pdf:
    """Objects of a file with one plain cross-reference table."""

    def __init__(self, data):
        self.data = data
        start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
        head, size, *rows = data[start:].split(b"\n")
        assert head == b"xref"
        count = int(size.split()[1])
        assert rows[0] == b"0000000000 65535 f "
        self.objects = {}
        for number, row in enumerate(rows[1:count], start=1):
            place = int(row.split()[0])
            assert data[place:].startswith(b"%d 0 obj\n" % number), number
            body = data[place + len(b"%d 0 obj\n" % number) :]
            self.objects[number] = body[: body.index(b"\nendobj")]
        trailer = data[start:]
        self.catalog = self.objects[self.number(trailer, "Root")]
        kids = re.search(rb"/Kids \[([^\]]*)\]", self.objects[self.number(self.catalog, "Pages")])
        self.pages = [int(n) for n in re.findall(rb"(\d+) 0 R", kids[1])]

    @staticmethod
    def number(body, name):
        return int(re.search(rb"/%s (\d+) 0 R" % name.encode(), body)[1])

    def stream(self, number):
        head, _, rest = self.objects[number].partition(b"\nstream\n")
        length = int(re.search(rb"/Length (\d+)\b(?! 0 R)", head)[1])
        return zlib.decompress(rest[:length])

    def letters(self, name):
        """Characters by glyph number of the document's font of a name."""
        fonts = re.search(rb"/Font << ([^>]*) >>", self.objects[self.pages[0]])[1]
        font = self.objects[self.number(fonts, name)]
        table = self.stream(self.number(font, "ToUnicode")).decode()
        return {
            glyph: bytes.fromhex(char).decode("utf-16-be")
            for glyph, char in re.findall(r"<([0-9A-F]{4})> <([0-9a-f]+)>", table)
        }

    def lines(self, page):
        """Runs of text of a page, in the order in which they are drawn."""
        fonts = {"R": self.letters("R"), "B": self.letters("B")}
        content = self.stream(self.number(self.objects[self.pages[page]], "Contents")).decode()
        out = []
        for font, codes in re.findall(r"/([RB]) [\d.]+ Tf [^<]*<([0-9A-F]*)> Tj", content):
            out.append("".join(fonts[font][codes[k : k + 4]] for k in range(0, len(codes), 4)))
        return out

    def text(self, page):
        return " ".join(self.lines(page))

    @property
    def links(self):
        """Page numbers, from 0, from which and to which each link leads."""
        out = []
        for k, page in enumerate(self.pages):
            listed = re.search(rb"/Annots \[([^\]]*)\]", self.objects[page])[1]
            for number in re.findall(rb"(\d+) 0 R", listed):
                to = re.search(rb"/Subtype /Link [^>]*/Dest \[(\d+) 0 R", self.objects[int(number)])
                out.append((k, self.pages.index(int(to[1]))))
        return out

    def marked(self, page):
        """Text of a page by the number of its marked content; all else is an artifact."""
        fonts = {"R": self.letters("R"), "B": self.letters("B")}
        content = self.stream(self.number(self.objects[self.pages[page]], "Contents")).decode()
        out = {}
        for head, body in re.findall(
            r"(\S+ <<[^>]*>> BDC|/Artifact BMC)\n(.*?)\nEMC", content, re.S
        ):
            content = content.replace(f"{head}\n{body}\nEMC", "", 1)
            if (number := re.search(r"/MCID (\d+)", head)) is None:
                continue
            shown = re.findall(r"/([RB]) [\d.]+ Tf [^<]*<([0-9A-F]*)> Tj", body)
            assert int(number[1]) not in out
            out[int(number[1])] = " ".join(
                "".join(fonts[font][codes[k : k + 4]] for k in range(0, len(codes), 4))
                for font, codes in shown
            )
        assert not content.strip(), "something is drawn outside of all marks"
        return out

    def tree(self):
        """The structure: kind, words for it, and what it holds, elements or text."""
        marks = {number: self.marked(k) for k, number in enumerate(self.pages)}
        root = self.objects[self.number(self.catalog, "StructTreeRoot")]

        def element(number, parent):
            body = self.objects[number]
            assert self.number(body, "P") == parent
            kind = re.search(rb"/S /(\w+)", body)[1].decode()
            alt = re.search(rb"/Alt <FEFF([0-9A-F]*)>", body)
            kids = []
            held = body[body.index(b"/K [") :]
            for mark, obj, kid in re.findall(
                rb"<< /Type /MCR /Pg (\d+ 0 R /MCID \d+) >>|/Obj (\d+) 0 R|(\d+) 0 R", held
            ):
                if mark:
                    page, _, _, _, mcid = mark.split()
                    kids.append(marks[int(page)].pop(int(mcid)))
                elif kid:
                    kids.append(element(int(kid), number))
                else:
                    assert b"/Subtype /Link" in self.objects[int(obj)]
            said = "" if alt is None else bytes.fromhex(alt[1].decode()).decode("utf-16-be")
            return kind, said, kids

        made = element(self.number(root, "K"), self.number(self.catalog, "StructTreeRoot"))
        assert not any(marks.values()), "marked content that the structure does not hold"
        return made

    @property
    def outline(self):
        titles = [
            re.search(rb"/Title <FEFF([0-9A-F]+)>", body)
            for body in self.objects.values()
            if b"/Parent" in body and b"/Dest" in body and b"/Title" in body
        ]
        return [bytes.fromhex(t[1].decode()).decode("utf-16-be") for t in titles]

    @property
    def forms(self):
        return [n for n, body in self.objects.items() if b"/Subtype /Form" in body[:300]]
