"""Small files of evidence and a look at a folder, for the tests of the site."""

from __future__ import annotations

import hashlib
from pathlib import Path

GRAVITY = "station,x,y,g_ugal,sd_ugal\n" + "".join(
    f"s{i}{j},{5 * i},{5 * j},{(7 * i + 3 * j) % 11},3\n" for i in range(5) for j in range(4)
)
COLLARS = "hole,x,y,z,azimuth_deg,inclination_deg,length_m\nB1,5,5,0,0,90,10\nB2,9,5,0,0,90,10\n"
INTERVALS = "hole,from_m,to_m,log\nB1,0,10,intact\n"
REPORTS = (
    "id,source,reliability,credibility,origin,x,y,sd_m\n"
    "R1,shepherd,C,3,shepherd,10,8,5\nR2,map,B,2,map,14,9,8\n"
)


def tree(folder: Path) -> dict[str, str]:
    """Hash of every file of a folder, and its folders."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        if p.is_file()
        else "folder"
        for p in sorted(folder.rglob("*"))
    }
