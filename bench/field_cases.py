"""Field cases on one page, with the scores of the blind sites where the truth is known.

    SUBTERRA_DATA=... python bench/field_cases.py [--seeds 1-3] [--scenes 2048] [--page]

Documented truth is what the data's authors or public sources say; derived truth is somebody else's
smooth inversion. A line per case and seed in ``bench/results/field_cases.jsonl``; what is there is
not done again. The table and the picture of ``docs/field-cases.md`` are made from it at the end,
or alone with ``--page``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib.pyplot as plt
import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "blind"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "field"))
import test_crosshole as crosshole
import test_reiche_zeche as shaft
from scores import brier, gospa, log_score, plan_distance

import gallery as adit
from subterra.evidence import resistivity_evidence, traveltime_evidence
from subterra.formats import read_unified
from subterra.inference import infer, summarise
from subterra.scene import Prior
from subterra.search import plan_holes, poc_grid

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "field_cases.jsonl"
PAGE = HERE.parent / "docs" / "field-cases.md"
PICTURE = HERE.parent / "docs" / "figures" / "field-cases.png"
DATA = Path(os.environ.get("SUBTERRA_DATA", ""))
DERIVED_DEPTH_M = 3.65
"""Middle of the depths, 3 to 4.3 m, at which smooth inversions of the gallery peak."""
CHAMBER_DEPTH_M = 4.65
CHAMBER_UGAL = -181.0
CELL_M = 0.5
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"


def scored(p, there):
    """Log and Brier score of one probability."""
    p, there = np.array([p]), np.array([float(there)])
    return {
        "log": round(float(log_score(p, there)[0]), 3),
        "brier": round(float(brier(p, there)[0]), 3),
    }


def gallery(n_scenes, seed):
    """The adit: documented that it is there, derived where."""
    prior = Prior((0.0, 0.0, 20.0, 32.5), 12.0, targets=("working",))
    survey = read_unified(DATA / "ert_gallery_freiberg" / "gallery3d.dat")
    evidence = resistivity_evidence([survey], prior, cache_dir=HERE / "results" / "cache")
    belief = infer(prior, [evidence], n_scenes=n_scenes, seed=seed)
    found, hole = summarise(belief), plan_holes(belief, 1)[0]
    axes = [np.array(o["axis"]) for o in found["objects"] if o["p"] >= 0.5]
    cut = [_between(a, adit.LINE[0, 0], adit.LINE[1, 0]) for a in axes]
    cut = [a for a in cut if len(a)]
    line = _between(np.column_stack([adit.LINE, [-DERIVED_DEPTH_M] * 2]), -np.inf, np.inf)
    poc = poc_grid(belief, CELL_M)
    return {
        "p": found["p_any"],
        "converged": found["converged"],
        **scored(found["p_any"], True),
        "axis_m": round(plan_distance(cut[0], line), 2) if cut else None,
        "depth_off_m": round(float(-cut[0][:, 2].mean()) - DERIVED_DEPTH_M, 2) if cut else None,
        "gospa_m": round(gospa(cut, [line]), 2),
        "hole_off_m": round(adit.hole_distance(hole)[1], 2),
        "p_compact": round(adit.measures(belief)["p_compact"], 3),
        "hole": [hole.x, hole.y],
        "poc": np.round(poc.poc, 3).tolist(),
        "poc_x": np.asarray(poc.x_m).tolist(),
        "poc_y": np.asarray(poc.y_m).tolist(),
    }


def _between(axis, low, high):
    """Points a quarter of a metre apart of what of an axis lies between two eastings."""
    parts = []
    for a, b in pairwise(axis):
        t = np.linspace(0.0, 1.0, max(2, int(np.linalg.norm(b - a) / 0.25)))[:, None]
        parts.append(a + t * (b - a))
    points = np.concatenate(parts)
    return points[(points[:, 0] >= low) & (points[:, 0] <= high)]


def reiche_zeche(_, seed):
    """The wheel chamber: that there is one below P2 is given, its size and depth are documented."""
    folder = DATA / "grav_mine_reiche_zeche"
    readings = shaft.read_shaft([folder / f"group{k}.csv" for k in range(1, 5)])
    found = shaft.chamber_under_p2(readings, seed=seed)
    return {k: v if np.isscalar(v) else np.round(v, 2).tolist() for k, v in found.items()}


def _no_void(table, prior, n_scenes, seed):
    belief = infer(prior, [traveltime_evidence([table], prior)], n_scenes=n_scenes, seed=seed)
    found = summarise(belief)
    p = found["p_any"]
    return {"p": p, "converged": found["converged"], **scored(p, False)}


def arrenaes(name):
    """Radar in layered sand: documented that there is no void."""

    def run(n_scenes, seed):
        table = crosshole.arrenaes(name)
        return _no_void(table, crosshole.site_around(table), n_scenes, seed)

    return run


def grimsel(n_scenes, seed):
    """P times between two tunnels: documented that there is no void between them."""
    return _no_void(crosshole.grimsel(), crosshole.GRIMSEL, n_scenes, seed)


CASES = {
    "gallery": gallery,
    "reiche-zeche": reiche_zeche,
    "grimsel": grimsel,
    "arrenaes-AM13": arrenaes("AM13"),
    "arrenaes-AM24": arrenaes("AM24"),
    "arrenaes-AM1234": arrenaes("AM1234"),
}
NAMES = {
    "gallery": "Rothschönberg gallery, resistivity",
    "reiche-zeche": "Reiche Zeche, gravity in a shaft",
    "grimsel": "Grimsel, P times in granite",
    "arrenaes-AM13": "Arrenæs AM13, radar in sand",
    "arrenaes-AM24": "Arrenæs AM24, radar in sand",
    "arrenaes-AM1234": "Arrenæs, both panels",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2048)
    parser.add_argument("--seeds", default="1-3")
    parser.add_argument("--page", action="store_true", help="only the table and the picture")
    args = parser.parse_args()
    first, last = (int(v) for v in args.seeds.split("-"))
    rows = [json.loads(v) for v in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {(r["case"], r["seed"], r["scenes"]) for r in rows}
    seeds = () if args.page else range(first, last + 1)
    for seed in seeds:
        for case, run in CASES.items():
            if (case, seed, args.scenes) in done:
                continue
            row = {"case": case, "seed": seed, "scenes": args.scenes, **run(args.scenes, seed)}
            rows.append(row)
            with RESULTS.open("a") as sink:
                sink.write(json.dumps(row) + "\n")
            print(json.dumps({k: v for k, v in row.items() if "poc" not in k}), flush=True)
    write_page(rows)


def span(rows, key, digits=2):
    """Smallest and largest of the seeds, in words of one table cell."""
    values = [r[key] for r in rows if r.get(key) is not None]
    if not values:
        return "–"
    low, high = (f"{v:.{digits}f}" for v in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def write_page(rows):
    """Put the table into the page and draw the picture."""
    lines = [
        "| case | truth | seeds | P(target) | log score | Brier | axis off, m | depth off, m "
        "| GOSPA, m | hole 1 off, m |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    truth = {
        "gallery": "there (documented); where (derived)",
        "reiche-zeche": "given; how deep (documented)",
    }
    for case, name in NAMES.items():
        some = [r for r in rows if r["case"] == case]
        if not some:
            continue
        if case == "reiche-zeche":
            some = [{**r, "depth_off_m": r["depth_m"][1] - CHAMBER_DEPTH_M} for r in some]
        cells = [name, truth.get(case, "no void (documented)"), str(len(some))]
        cells += [span(some, k) for k in ("p", "log", "brier")]
        cells += [span(some, k, 1) for k in ("axis_m", "depth_off_m", "gospa_m", "hole_off_m")]
        lines.append("| " + " | ".join(cells) + " |")
    page = PAGE.read_text(encoding="utf-8")
    block = "<!-- table field-cases -->\n" + "\n".join(lines) + "\n<!-- end -->"
    PAGE.write_text(
        re.sub(r"<!-- table field-cases -->.*?<!-- end -->", block, page, flags=re.S),
        encoding="utf-8",
    )
    draw(rows)


def draw(rows):
    """The gallery's map, the chamber's depth, and what is said where there is nothing."""
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(13.0, 5.4), width_ratios=(1.1, 1, 1.3)
    )
    _draw_gallery(figure, left, [r for r in rows if r["case"] == "gallery"])
    _draw_chamber(middle, [r for r in rows if r["case"] == "reiche-zeche"])
    _draw_nothing(right, rows)
    figure.tight_layout()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=110)
    plt.close(figure)


def _draw_gallery(figure, axes, rows):
    row = rows[0]
    x, y = (np.array(row[k]) for k in ("poc_x", "poc_y"))
    image = axes.pcolormesh(
        x, y, np.array(row["poc"]), cmap="cividis", vmin=0.0, vmax=1.0, shading="nearest"
    )
    axes.plot(*adit.LINE.T, color="white", lw=2.0, ls="--", label="adit (derived by others)")
    axes.plot(*adit.COMPACT[:2], "s", mfc="none", mec="white", ms=9, label="compact body (derived)")
    for r in rows:
        axes.plot(
            *r["hole"], "o", color=ORANGE, ms=6, label="hole 1, by seed" if r is row else None
        )
    axes.annotate(
        "N",
        (0.06, 0.97),
        (0.06, 0.87),
        xycoords="axes fraction",
        ha="center",
        va="center",
        color="white",
        arrowprops={"arrowstyle": "->", "color": "white"},
    )
    axes.set(
        aspect="equal", xlabel="x, m east", ylabel="y, m north", title="Gallery: P(target below)"
    )
    axes.legend(
        loc="upper right", fontsize=7, framealpha=0.85, facecolor="#555555", labelcolor="white"
    )
    figure.colorbar(image, ax=axes, shrink=0.75, label=f"probability per {CELL_M} m cell")


def _draw_chamber(axes, rows):
    for k, r in enumerate(rows):
        low, mid, high = r["depth_m"]
        axes.plot([k, k], [low, high], color=BLUE, lw=3)
        axes.plot(k, mid, "o", color=BLUE, ms=7)
    before = rows[0]["depth_before_m"]
    axes.plot([-1, -1], before[::2], color=GREY, lw=3)
    axes.plot(-1, before[1], "o", color=GREY, ms=7)
    axes.axhspan(0.3, 9.0, color=ORANGE, alpha=0.15, label="chamber (documented)")
    axes.axhline(CHAMBER_DEPTH_M, color=ORANGE, label="its middle (documented)")
    axes.set_xticks(range(-1, len(rows)), ["prior", *(f"seed {r['seed']}" for r in rows)])
    axes.invert_yaxis()
    axes.set(ylabel="depth of the middle below P2, m", title="Reiche Zeche: 5, 50 and 95 %")
    axes.legend(loc="lower right", fontsize=8)


def _draw_nothing(axes, rows):
    names = [c for c in NAMES if c.startswith(("arrenaes", "grimsel"))]
    for k, case in enumerate(names):
        for r in (r for r in rows if r["case"] == case):
            mark = {"mfc": BLUE} if r["converged"] else {"mfc": "white"}
            axes.plot(r["p"], k, "o", color=BLUE, ms=9, **mark)
    axes.axvline(0.5, color=GREY, ls="--")
    axes.text(0.5, len(names) - 0.55, "prior", color=GREY, ha="center")
    axes.set_yticks(range(len(names)), [NAMES[c].replace(", ", ",\n") for c in names])
    axes.set(
        xlim=(0.0, 1.0),
        ylim=(-0.5, len(names) - 0.3),
        xlabel="P(target); open: not converged",
        title="No void there (documented)",
    )
    axes.grid(axis="x", alpha=0.3)


if __name__ == "__main__":
    main()
