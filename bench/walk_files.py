"""Make the files of docs/first-walk: a simulated tunnel as instruments would have written it.

The ground is drawn from the priors of the evidence (seed 1, the first one tried), the tunnel is
given. Gravity goes out as a Scintrex CG-5 dump with heights, tide and drift left in, resistivity
as a Res2DInv general array with topography, terrain as an ESRI ASCII grid. An old plan (DXF) draws
the tunnel 12 m too far east, and two holes of an earlier campaign (AGS4) are dry.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from subterra.evidence import gravity_evidence, resistivity_evidence
from subterra.evidence.gravity_reduction import FREE_AIR_UGAL_PER_M
from subterra.physics import G_UGAL
from subterra.physics.tides import tide_ugal
from subterra.scene import Plane, Prior, make_scene
from subterra.tables import GravityTable, ResistivityTable

X0, Y0, SLOPE = 400000.0, 5600000.0, 0.02
BOUNDS = (X0, Y0, X0 + 40.0, Y0 + 30.0)
LATITUDE, LONGITUDE = 50.53, 13.59
DENSITY = 2000.0
DRIFT_UGAL_PER_H = 35.0
SHIFT = np.array([12.0, 0.0])
BEGIN = datetime(2026, 2, 18, 7, 30)
HEADER = """\
/\tCG-5 SURVEY
/\tSurvey name:   \twalk
/\tInstrument S/N:\t40001
/\tClient:        \tDefault
/\tOperator:      \tDefault
/\tDate:          \t2026/ 2/18
/\tTime:          \t08:20:00
/\tLONG:        \t13.5900000 E
/\tLAT:         \t50.5300000 N
/\tZONE:        \t33
/\tGMT DIFF.:   \t-1.0

/\tCG-5 OPTIONS
/\tTide Correction:    YES
/\tRaw Data:           YES
/ Line\t   0.000S
/------LINE-----STATION-----ALT.------GRAV.---SD.--TILTX--TILTY-TEMP---TIDE---DUR-REJ-----\
TIME----DEC.TIME+DATE--TERRAIN---DATE
"""


def surface(x: np.ndarray) -> np.ndarray:
    return 312.0 + SLOPE * (x - X0)


def gravity(prior: Prior, scene, rng: np.random.Generator, folder: Path) -> None:
    grid = np.meshgrid(X0 + np.arange(0.0, 41.0, 4.0), Y0 + np.arange(3.0, 30.0, 6.0))
    x, y = (v.ravel() for v in grid)
    n = len(x)
    z = surface(x) + 0.3
    layout = GravityTable(
        tuple(str(k + 1) for k in range(n)), x, y, z, np.zeros(n), np.full(n, 5.0)
    )
    anomaly = gravity_evidence([layout], prior).simulate(scene, rng).observed
    # What the reduction takes out goes in.
    slab = 2.0 * np.pi * G_UGAL * DENSITY
    north = 0.8122 * np.sin(np.radians(2.0 * LATITUDE)) * (y - y.mean())
    value = anomaly - (FREE_AIR_UGAL_PER_M - slab) * (z - z[0]) + north
    rows = []
    minute = 0.0
    for k in range(n):
        # Back to the first station once an hour, and at the end.
        for station in [0, k] if k % 10 == 0 else [k]:
            rows.append((station, minute))
            minute += 5.0
    rows.append((0, minute))
    lines = [reading(station, minute, value[station], rng) for station, minute in rows]
    (folder / "dump.txt").write_text(HEADER + "\n".join(lines) + "\n")
    places = enumerate(zip(x, y, z, strict=True), start=1)
    table = ["station,x,y,z", *(f"{k},{a:.2f},{b:.2f},{c:.3f}" for k, (a, b, c) in places)]
    (folder / "stations.csv").write_text("\n".join(table) + "\n")


def reading(station: int, minute: float, value: float, rng: np.random.Generator) -> str:
    utc = BEGIN + timedelta(minutes=minute)
    hours = np.array([(utc - datetime(2000, 1, 1)).total_seconds() / 3600.0])
    tide = float(tide_ugal(hours, LATITUDE, LONGITUDE)[0])
    shown = 4859.0 + (value + DRIFT_UGAL_PER_H * minute / 60.0 + 3.0 * rng.standard_normal()) / 1e3
    local = utc + timedelta(hours=1)
    return (
        f" 0.0000000 {station + 1:11.7f}    0.0000 {shown:10.3f} {0.02 + 0.01 * rng.random():.3f}"
        f"    0.0    0.0 -1.00 {tide / 1e3:6.3f}  60   0 {local:%H:%M:%S}     46039.00000    0.0000"
        f"  {local:%Y/%m/%d}"
    )


def resistivity(prior: Prior, scene, rng: np.random.Generator, folder: Path) -> None:
    along = np.arange(25) * 1.5
    x = X0 + 2.0 + along
    abmn = np.array(
        [(k, k + a, k + a + a * m, k + 2 * a + a * m)
         for a in (1, 2, 3) for m in range(1, 6) for k in range(25) if k + 2 * a + a * m < 25]
    )  # fmt: skip
    abmn = abmn[:, [1, 0, 2, 3]].astype(np.int32)
    n = len(abmn)
    layout = ResistivityTable(
        x, np.full(25, Y0 + 15.0), surface(x), abmn, np.full(n, 150.0), np.full(n, 0.02)
    )
    data = np.exp(resistivity_evidence([layout], prior).simulate(scene, rng).observed)
    if len(data) != n:
        sys.exit("some data were combined: the files would not be what was simulated")
    out = ["First walk", "1.5", "11", "0", "Type of measurement (0=app. resistivity,1=resistance)",
           "0", str(n), "1", "0"]  # fmt: skip
    for row, value in zip(abmn, data, strict=True):
        places = " ".join(f"{along[e]:.2f} 0.00" for e in row)
        # Responses are in single precision, of which processors differ in the last bit: fewer
        # digits than those are the same everywhere.
        out.append(f"4 {places} {value:.2f}")
    out += ["Topography in separate list", "1", "2"]
    out += [f"{a:.2f} {float(surface(np.array(X0 + 2.0 + a))):.3f}" for a in (0.0, 36.0)]
    (folder / "line.dat").write_text("\n".join([*out, "1", "0", "0"]) + "\n")


def terrain(rng: np.random.Generator, folder: Path) -> None:
    x = X0 - 4.0 + 2.0 * np.arange(25)
    rows = [
        " ".join(f"{v:.2f}" for v in surface(x) + 0.05 * rng.standard_normal(25)) for _ in range(20)
    ]
    head = ["ncols 25", "nrows 20", f"xllcenter {x[0]:.1f}", f"yllcenter {Y0 - 4.0:.1f}",
            "cellsize 2.0", "NODATA_value -9999"]  # fmt: skip
    (folder / "terrain.asc").write_text("\n".join([*head, *rows]) + "\n")


def old_plan(axis: np.ndarray, folder: Path) -> None:
    """Draw the tunnel as a plan of unsure registration would."""
    codes = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1009", "9",
             "$INSUNITS", "70", "6", "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]  # fmt: skip
    for (x0, y0), (x1, y1) in zip(axis[:-1] + SHIFT, axis[1:] + SHIFT, strict=True):
        codes += ["0", "LINE", "8", "ACCESS", "10", f"{x0:.1f}", "20", f"{y0:.1f}",
                  "11", f"{x1:.1f}", "21", f"{y1:.1f}"]  # fmt: skip
    (folder / "plan.dxf").write_text("\n".join([*codes, "0", "ENDSEC", "0", "EOF"]) + "\n")


def holes(folder: Path) -> None:
    """Log two holes that missed: one beside the tunnel, one where the plan draws it."""
    places = {"BH1": (X0 + 8.0, Y0 + 20.0), "BH2": (X0 + 31.5, Y0 + 10.0)}
    loca = [
        f'"{name}","{x:.2f}","{y:.2f}","{float(surface(np.array(x))):.2f}","9.00"'
        for name, (x, y) in places.items()
    ]
    geol = [
        f'"{name}",{span}'
        for name in places
        for span in ('"0.00","1.20","Firm brown sandy CLAY."',
                     '"1.20","9.00","Dense grey SAND, no voids."')
    ]  # fmt: skip
    groups = {
        "PROJ": (["PROJ_ID,PROJ_NAME", ",", "ID,X"], ['"W1","First walk"']),
        "TRAN": (
            ["TRAN_ISNO,TRAN_DATE,TRAN_AGS", ",yyyy-mm-dd,", "X,DT,X"],
            ['"1","2026-02-18","4.1.1"'],
        ),
        "LOCA": (
            ["LOCA_ID,LOCA_NATE,LOCA_NATN,LOCA_GL,LOCA_FDEP", ",m,m,m,m", "ID,2DP,2DP,2DP,2DP"],
            loca,
        ),
        "GEOL": (["LOCA_ID,GEOL_TOP,GEOL_BASE,GEOL_DESC", ",m,m,", "ID,2DP,2DP,X"], geol),
    }
    lines: list[str] = []
    for name, (heads, rows) in groups.items():
        lines.append(f'"GROUP","{name}"')
        for word, head in zip(("HEADING", "UNIT", "TYPE"), heads, strict=True):
            quoted = ",".join(f'"{cell}"' for cell in head.split(","))
            lines.append(f'"{word}",{quoted}')
        lines += [f'"DATA",{row}' for row in rows]
        lines.append("")
    (folder / "holes.ags").write_text("\r\n".join(lines))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/first-walk")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    prior = Prior(BOUNDS, 10.0, surface=Plane(312.0 - SLOPE * X0, SLOPE, 0.0))
    axis = np.array([[X0 + 17.0, Y0 - 10.0], [X0 + 20.0, Y0 + 15.0], [X0 + 23.0, Y0 + 40.0]])
    depth = surface(axis[:, 0]) - 3.5
    scene = make_scene(
        [{"family": "driven", "fill": "air", "axis": np.column_stack([axis, depth]),
          "radius": 1.0}]
    )  # fmt: skip
    gravity(prior, scene, rng, folder)
    resistivity(prior, scene, rng, folder)
    terrain(rng, folder)
    old_plan(axis[:, :2], folder)
    holes(folder)


if __name__ == "__main__":
    main()
