"""What the marks on the pages mean: the structure of a tagged file (ISO 32000-1, 14.7, 14.8).

A reader aloud follows the tree and not the order of drawing: headings, lists, tables with their
heads, figures with words for them. What has no place in it (rules, boxes, heads and feet of pages)
is an artifact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from subterra.report.pdf.objects import PdfObjects, dictionary, text_string

__all__ = ["Element", "Mark", "put_structure"]

_KEPT: Final = ("TH", "TD")
"""What is told even where it is empty: every row of a table has all of its cells."""


@dataclass(eq=False)
class Mark:
    """Drawing commands of one page that belong together.

    Attributes
    ----------
    sheet : int
        Page, from 0.
    owner : Element or None
        What they show; None for an artifact.
    number : int
        Number of the marked content on its page; without meaning for an artifact.
    commands : list of str
        In order.
    """

    sheet: int
    owner: Element | None
    number: int
    commands: list[str] = field(default_factory=list[str])

    def written(self) -> str:
        """Write the commands between the operators that mark them."""
        begin = (
            "/Artifact BMC"
            if self.owner is None
            else f"/{self.owner.kind} << /MCID {self.number} >> BDC"
        )
        return "\n".join([begin, *self.commands, "EMC"])


@dataclass(eq=False)
class Element:
    """One element of the structure.

    Attributes
    ----------
    kind : str
        Standard structure type, such as ``P``, ``H1``, ``TH``.
    alt : str
        Words for what cannot be read.
    attributes : str
        Finished syntax of the attribute dictionary, or nothing.
    kids : list
        Elements and marks in reading order; of a link, last, the number of its annotation.
    """

    kind: str
    alt: str = ""
    attributes: str = ""
    kids: list[Element | Mark | int] = field(default_factory=list["Element | Mark | int"])


def put_structure(
    objects: PdfObjects, root: Element, first: int, n_sheets: int, links: list[Element]
) -> int:
    """Put the tree and the table from marks to elements into a file.

    Parameters
    ----------
    objects : PdfObjects
        The file.
    root : Element
        The document.
    first : int
        Number of the first page's object; the others follow.
    n_sheets : int
        Number of pages, whose keys in the table are 0, 1, ….
    links : list of Element
        Links in the order of their keys, which follow those of the pages.

    Returns
    -------
    int
        Number of the structure's root.
    """
    top = objects.reserve()
    numbers: dict[int, int] = {}
    by_mark: list[dict[int, int]] = [{} for _ in range(n_sheets)]

    def put(element: Element, parent: int) -> int:
        number = objects.reserve()
        numbers[id(element)] = number
        kids: list[str] = []
        for kid in element.kids:
            if isinstance(kid, Mark):
                by_mark[kid.sheet][kid.number] = number
                page = f"/Pg {first + kid.sheet} 0 R"
                kids.append(f"<< /Type /MCR {page} /MCID {kid.number} >>")
            elif isinstance(kid, int):
                kids.append(f"<< /Type /OBJR /Obj {kid} 0 R >>")
            elif kid.kids or kid.kind in _KEPT:
                kids.append(f"{put(kid, number)} 0 R")
        held = {"Type": "/StructElem", "S": f"/{element.kind}", "P": f"{parent} 0 R"}
        held |= {"Alt": text_string(element.alt)} if element.alt else {}
        held |= {"A": element.attributes} if element.attributes else {}
        objects.put(dictionary({**held, "K": f"[{' '.join(kids)}]"}), number)
        return number

    document = put(root, top)
    pages = [
        f"{k} [{' '.join(f'{marks[m]} 0 R' for m in range(len(marks)))}]"
        for k, marks in enumerate(by_mark)
    ]
    of_links = [f"{n_sheets + k} {numbers[id(link)]} 0 R" for k, link in enumerate(links)]
    table = objects.put(dictionary({"Nums": f"[{' '.join(pages + of_links)}]"}))
    objects.put(
        dictionary(
            {
                "Type": "/StructTreeRoot",
                "K": f"{document} 0 R",
                "ParentTree": f"{table} 0 R",
                "ParentTreeNextKey": str(n_sheets + len(links)),
            }
        ),
        top,
    )
    return top
