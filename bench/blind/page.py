"""The blind sites as one self-contained page: the tables, the curves, a picture per site."""

from __future__ import annotations

import base64
import html
import io
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import numpy as np
from matplotlib import pyplot as plt
from numpy.typing import NDArray
from table import NAMES
from truth import SITES, Truth
from verdicts import PEERS, Verdict

Float = NDArray[np.float64]

SIDE = 60.0
TRUTH, OURS, PEER, CAVE = "#ffffff", "#e69f00", "#56b4e9", "#cc79a7"
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px;
  padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; font-size: 12.5px; display: block; overflow-x: auto; }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { background: #f2f2f2; } td strong { color: #00543d; } td strong.behind { color: #a33b00; }
.sites { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 1rem; }
figure { margin: 0; } figure img { width: 100%; } figcaption { font-size: 12px; }
code { font-size: 12px; overflow-wrap: anywhere; }
"""


def _as_image(figure: Any) -> str:
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=110)
    plt.close(figure)
    return "data:image/png;base64," + base64.b64encode(sink.getvalue()).decode("ascii")


def _axes_of(truth: Truth, verdicts: dict[str, Verdict], poc: Float) -> Any:
    figure, ax = plt.subplots(figsize=(3.4, 3.5), constrained_layout=True)
    shade = ax.imshow(
        poc, origin="lower", extent=(0, SIDE, 0, SIDE), cmap="cividis", vmin=0, vmax=1
    )
    figure.colorbar(shade, ax=ax, fraction=0.046, pad=0.03, label="P(target below)")
    electrodes = truth.facts["electrodes"]
    if electrodes is not None:
        ax.plot(*np.array(electrodes).T, ".", color="#999999", ms=1.5)
    if truth.facts["decoy"] is not None:
        ax.plot(*np.array(truth.facts["decoy"])[:, :2].T, "--", color=CAVE, lw=1.6)
    if truth.chain is not None:
        ax.plot(*truth.chain[:, :2].T, "-", color="#000000", lw=3.4)
        ax.plot(*truth.chain[:, :2].T, "-", color=TRUTH, lw=1.8)
    best = verdicts["smooth"]
    for verdict, colour, mark in ((best, PEER, "s"), (verdicts["subterra"], OURS, "o")):
        for k, (x, y) in enumerate(verdict.first):
            ax.plot(x, y, mark, color=colour, mec="black", ms=8, mew=0.6)
            ax.annotate(str(k + 1), (x, y), ha="center", va="center", fontsize=5.5)
    ax.annotate(
        "N", (0.955, 0.985), (0.955, 0.865), "axes fraction", "axes fraction", ha="center",
        color="white", fontsize=8, arrowprops={"arrowstyle": "->", "color": "white"},
    )  # fmt: skip
    ax.set(xlim=(0, SIDE), ylim=(0, SIDE), xlabel="x east, m", ylabel="y north, m")
    ax.tick_params(labelsize=7)
    return figure


def _caption(truth: Truth, verdicts: dict[str, Verdict], line: dict[str, Any]) -> str:
    f = truth.facts
    what = f"{f['model']} target, {f['fill']}" if truth.void else "no target"
    if f["decoy"] is not None:
        what += f", {f['decoy_model']} conduit"
    ground = f["ground"]
    snr = f", SNR {f['snr']['total']:.1f} ({f['class']})" if truth.void else ""
    files = sorted(p.stem for p in (SITES / truth.name).iterdir() if p.suffix != ".json")
    p = ", ".join(f"{NAMES[m]} {verdicts[m].p:.2f}" for m in ("subterra", *PEERS))
    if truth.void:
        found = ", ".join(
            f"{NAMES[m]} {_count(verdicts[m].holes)}" for m in ("subterra", *PEERS, "grid")
        )
        drilled = f"Holes to the first hit: {found}."
    else:
        drilled = f"Dry holes of Subterra: {len(line['holes'])}."
    words = (
        f"<b>{truth.name}</b>: {what}{snr}; {ground['kernel']} ground, "
        f"noise {ground['noise_ugal']:.1f} µGal; {', '.join(files)}."
        f"<br>P(target): {p}.<br>{drilled}"
    )
    return words


def _count(holes: float) -> str:
    return "40 or more" if holes >= 40 else f"{holes:.0f}"


def curve(truths: list[Truth], verdicts: dict[str, list[Verdict]]) -> str:
    """P(target) against matched signal-to-noise, one point per site."""
    figure, ax = plt.subplots(figsize=(7.4, 3.6), constrained_layout=True)
    for name, colour, mark in (("smooth", PEER, "s"), ("subterra", OURS, "o")):
        x = [t.facts["snr"]["total"] if t.void else 0.0 for t in truths]
        nudge = 0.12 if name == "smooth" else -0.12
        y = [v.p for v in verdicts[name]]
        ax.plot(
            np.array(x) + nudge, y, mark, color=colour, mec="black", mew=0.4, ms=5,
            label=NAMES[name],
        )  # fmt: skip
    ax.axhline(0.5, color="#999999", lw=0.8)
    ax.set(xlabel="matched SNR of the target (0: none there)", ylabel="P(target)", ylim=(0, 1.02))
    ax.legend(loc="lower right", fontsize=8)
    return _as_image(figure)


def _to_html(markdown: str) -> str:
    """Headings, tables, lists and paragraphs of our own tables; no other Markdown."""
    out = []
    for block in markdown.strip().split("\n\n"):
        lines = block.split("\n")
        if lines[0].startswith("#"):
            level = len(lines[0]) - len(lines[0].lstrip("#"))
            out.append(f"<h{level}>{html.escape(lines[0].lstrip('# '))}</h{level}>")
        elif lines[0].startswith("|"):
            out.append(_html_table(lines))
        elif lines[0].startswith("- "):
            items = "".join(f"<li>{_inline(v[2:])}</li>" for v in lines)
            out.append(f"<ul>{items}</ul>")
        else:
            out.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "\n".join(out)


def _html_table(lines: list[str]) -> str:
    rows = [[c.strip() for c in v.strip("|").split("|")] for v in lines]
    head = "".join(f"<th>{_inline(c)}</th>" for c in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(c)}</td>" for c in row) + "</tr>" for row in rows[2:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    safe = html.escape(text, quote=False)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    safe = safe.replace("<strong>behind", '<strong class="behind">behind')
    return re.sub(r"`(.+?)`", r"<code>\1</code>", safe)


def write_page(
    path: Path,
    truths: list[Truth],
    verdicts: dict[str, list[Verdict]],
    text: str,
    facts: dict[str, Any],
) -> None:
    """Write the page."""
    figures = []
    for k in np.argsort([t.name for t in truths]):
        truth, mine = truths[k], {m: v[k] for m, v in verdicts.items()}
        line = facts["lines"][truth.name]
        image = _as_image(_axes_of(truth, mine, np.array(line["poc"])))
        alt = f"Site {truth.name}: map of P(target below), truth and first holes"
        figures.append(
            f'<figure><img src="{image}" alt="{alt}">'
            f"<figcaption>{_caption(truth, mine, line)}</figcaption></figure>"
        )
    key = (
        "Shade: Subterra's probability that a target lies below, before drilling. White line: the "
        "target; dashed: natural conduit; small dots: electrodes. Numbered: the first five holes "
        f"in turn of Subterra (orange discs; fewer where one hit) and of the {NAMES['smooth']} "
        "(blue squares). North is up."
    )
    alt = "P(target) of every site against the matched signal-to-noise of its target"
    body = (
        f'{_to_html(text)}<h2>Every site</h2><img src="{curve(truths, verdicts)}" alt="{alt}">'
        f'<p>{key}</p><div class="sites">{"".join(figures)}</div>'
    )
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Blind sites</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        encoding="utf-8",
    )
