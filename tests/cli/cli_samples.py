"""Small files of evidence, a look at a folder and a way to run commands, for tests of the CLI."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from subterra.cli import main

FILES = {
    "gravity.csv": "station,x,y,g_ugal,sd_ugal\n"
    + "".join(
        f"s{i}{j},{5 * i},{5 * j},{(7 * i + 3 * j) % 11},3\n" for i in range(5) for j in range(4)
    ),
    "collars.csv": "hole,x,y,z,azimuth_deg,inclination_deg,length_m\n"
    "B1,5,5,0,0,90,10\nB2,9,5,0,0,90,10\n",
    "log.csv": "hole,from_m,to_m,log\nB1,0,10,intact\n",
    "reports.csv": "id,source,reliability,credibility,origin,x,y,sd_m\n"
    "R1,shepherd,C,3,shepherd,10,8,5\nR2,map,B,2,map,14,9,8\n",
    "line.dat": "5\n# x y z\n0 5 0\n2 5 0\n4 5 0\n6 5 0\n8 5 0\n"
    "2\n# a b m n rhoa\n1 2 3 4 100\n2 3 4 5 110\n0\n",
}


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def run_with(capsys, *arguments: object) -> Ran:
    """Run a command in this process."""
    capsys.readouterr()
    code = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return Ran(code, captured.out, captured.err)


def tree(folder: Path) -> dict[str, str]:
    """Hash of every file of a folder, and its folders."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        if p.is_file()
        else "folder"
        for p in sorted(folder.rglob("*"))
    }
