"""Write the tables of ``docs/results.md`` from the JSON lines in ``bench/results``.

    python bench/write_results.py

Text between a pair of ``<!-- table NAME -->`` and ``<!-- end -->`` is replaced; the rest is prose.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "results.md"


def rows_of(name):
    path = HERE / "results" / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(header, rows):
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return "\n".join(lines + [f"| {' | '.join(str(c) for c in row)} |" for row in rows])


def gallery():
    rows = rows_of("gallery.jsonl")
    header = ["ground model", "seeds", "P(adit)", "P(resistive)", "P(compact body)", "hole 1 off m"]
    header += ["azimuth °", "depth m"]
    out = []
    for model in dict.fromkeys(r["model"] for r in rows):
        some = [r for r in rows if r["model"] == model]

        def span(key, digits=2, some=some):
            values = [r[key] for r in some]
            return f"{min(values):.{digits}f}–{max(values):.{digits}f}"

        cells = [model, len(some), span("p_adit"), span("p_resistive"), span("p_compact")]
        cells += [span("hole_off_m", 1), span("azimuth_deg", 0), span("depth_m", 1)]
        out.append(cells)
    return table(header, out)


def foreign_rows():
    """The rows with most scenes of each survey, field and seed."""
    best = {}
    for r in rows_of("foreign.jsonl"):
        key = (r["kind"], r["void"], r["seed"])
        if key not in best or r["scenes"] > best[key]["scenes"]:
            best[key] = r
    return list(best.values())


def foreign():
    header = ["survey", "field", "n", "mean P(any)", "largest / smallest", "P > 0.8", "P > 0.9"]
    header += ["axis ≤ 1 m", "both"]
    out = []
    for kind in ("gravity", "resistivity"):
        for void in (False, True):
            some = [r for r in foreign_rows() if r["kind"] == kind and r["void"] == void]
            p = np.array([r["p_any"] for r in some])
            near = np.array([r.get("axis_m", np.inf) <= 1.0 for r in some])
            extreme = f"{p.min():.2f}" if void else f"{p.max():.2f}"
            cells = [kind, "void" if void else "null", len(some), f"{p.mean():.2f}", extreme]
            cells += [int((p > 0.8).sum()), int((p > 0.9).sum())]
            cells += [int(near.sum()), int((near & (p > 0.9)).sum())] if void else ["", ""]
            out.append(cells)
    return table(header, out)


def foreign_seeds():
    header = ["survey", "seed", "ground", "sd", "null P(any)", "fill", "SNR", "void P(any)"]
    header += ["axis m", "its sd m", "scenes"]
    found = {(r["kind"], r["void"], r["seed"]): r for r in foreign_rows()}
    out = []
    for (kind, void, seed), r in sorted(found.items()):
        if not void:
            continue
        null = found.get((kind, False, seed), {"p_any": float("nan")})
        cells = [kind, seed, r["kernel"], f"{r['ground_sd']:g}", f"{null['p_any']:.2f}", r["fill"]]
        cells += [f"{r['snr']:.1f}", f"{r['p_any']:.2f}", f"{r.get('axis_m', np.nan):.2f}"]
        cells += [f"{r.get('axis_sd_m', np.nan):.2f}", r["scenes"]]
        out.append(cells)
    return table(header, out)


def demo():
    header = [
        "seed",
        "SNR gravity",
        "SNR resistivity",
        "P(any)",
        "P(hit) of hole 1",
        "met the drive",
        "converged",
    ]
    out = []
    for r in sorted(rows_of("demo_seeds.jsonl"), key=lambda r: r["seed"]):
        cells = [r["seed"], r["snr"]["gravity"], r["snr"]["resistivity"], f"{r['p_any']:.2f}"]
        told = ["yes" if r[key] else "**no**" for key in ("hit", "converged")]
        out.append([*cells, f"{r['p_hit'] or 0.0:.2f}", *told])
    return table(header, out)


def home():
    """Ranks of the truth on the model's own worlds, and of beliefs shrunk by a quarter."""
    from home_calibration import LEVEL, NAMES, calibration_of, inside_bands, uniformity

    rows = rows_of("home_calibration.jsonl")
    fair, shrunk = (calibration_of(rows, key) for key in ("rank", "rank_shrunk"))
    inside, passes = (inside_bands(c, LEVEL) for c in (fair, shrunk))
    p, out = uniformity(fair), []
    for k, name in enumerate(NAMES):
        rank = fair.rank[:, k][np.isfinite(fair.rank[:, k])]
        cells = [name.replace("_", " "), len(rank), f"{p[name]:.3f}"]
        cells += ["inside" if inside[name] else "**outside**"]
        cells += [f"{100 * np.mean(rank > 0.9):.0f} %", f"{100 * np.mean(rank < 0.1):.0f} %"]
        out.append([*cells, "passes" if passes[name] else "found out"])
    header = ["quantity", "worlds", "p", "99 % band", "truth in top tenth", "in bottom tenth"]
    return table([*header, "shrunk by 25 %"], out)


TABLES = {
    "gallery": gallery,
    "foreign": foreign,
    "foreign-seeds": foreign_seeds,
    "demo": demo,
    "home": home,
}


def main():
    text = PAGE.read_text()
    for name, make in TABLES.items():
        pattern = rf"(<!-- table {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda m, make=make: f"{m[1]}{make()}\n{m[2]}", text, flags=re.S)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
