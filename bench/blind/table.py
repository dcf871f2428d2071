"""The table of the blind sites as Markdown."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from compare import Comparison, difference_table, score_table, spoken
from designs_of_holes import best_pattern
from scores import Interval
from truth import Truth
from verdicts import METHODS, Verdict

NAMES = {
    "subterra": "Subterra",
    "residual": "kriged residual, peaks",
    "smooth": "smooth inversion",
    "compact": "compact inversion",
    "ucb": "Bayesian optimisation (GP-UCB)",
    "grid": "best pattern of holes",
    "random": "holes by chance",
}
SNR_EDGES = (0.0, 3.5, 5.0, 6.5, 8.0, 10.0, np.inf)


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows])


def snr_rows(truths: list[Truth], verdicts: dict[str, list[Verdict]]) -> list[list[str]]:
    """P(any) and holes by matched signal-to-noise of the target."""
    snr = np.array([t.facts["snr"]["total"] for t in truths])
    void = np.array([t.void for t in truths])
    ours = verdicts["subterra"]
    p, holes, soon = (np.array([getattr(v, n) for v in ours]) for n in ("p", "holes", "soon"))
    rows = []
    if (~void).any():
        null = p[~void]
        share = f"{(null > 0.8).sum()} of {len(null)}"
        rows.append(["no target", str(len(null)), f"{null.mean():.2f}", share, "", ""])
    for low, high in pairwise(SNR_EDGES):
        mine = void & (snr >= low) & (snr < high)
        if not mine.any():
            continue
        label = f"{low:g}–{high:g}" if np.isfinite(high) else f"from {low:g}"
        row = [label, str(mine.sum()), f"{p[mine].mean():.2f}"]
        row += [f"{(p[mine] > 0.8).sum()} of {mine.sum()}"]
        rows.append([*row, f"{holes[mine].mean():.1f}", f"{soon[mine].mean():.2f}"])
    return rows


def cost_rows(verdicts: dict[str, list[Verdict]], facts: dict[str, Any]) -> list[list[str]]:
    """Seconds and memory per site of every method that computes."""
    rows = []
    for m in METHODS:
        seconds = np.array([v.cpu_seconds for v in verdicts[m]])
        wall = np.array([v.seconds for v in verdicts[m]])
        memory = np.array([v.peak_mib for v in verdicts[m]])
        if seconds.max() > 0.0:
            row = [NAMES[m], f"{np.median(seconds):.1f}", f"{seconds.max():.0f}"]
            row += [f"{np.median(wall):.1f}"]
            rows.append([*row, f"{memory.max():.0f}"])
    drilled = [r["drilling_cpu_seconds"] / max(len(r["holes"]), 1) for r in facts["lines"].values()]
    rows[0].append(f"{np.median(drilled):.1f}")
    for row in rows[1:]:
        row.append("–")
    return rows


def write_table(
    path: Path,
    truths: list[Truth],
    verdicts: dict[str, list[Verdict]],
    results: dict[str, Comparison],
    facts: dict[str, Any],
) -> str:
    """Write the Markdown and return it."""
    whole = results.get("all sites")
    if whole is None:
        text = f"{len(truths)} sites answered; scores need some with and some without a target.\n"
        path.write_text(text, encoding="utf-8")
        return text
    pattern, _, alone = best_pattern()
    done = f"{len(truths)} of {facts['asked']} sites ({whole.n_void} with a target)"
    parts = [
        "# Blind sites: Subterra beside its peers",
        f"{done}, {facts['scenes']} scenes, one thread per site. "
        "95 % intervals by bootstrap over sites, differences paired by site. "
        '"Ahead" and "behind" only where the interval of the difference excludes 0. '
        "Probabilities of peers are their alarms through a logistic curve fitted on ten other "
        "sites; the pattern and chance have no opinion (P = 1/2). "
        "What limits the fairness of this stands in `bench/blind/README.md`.",
    ]
    if facts["failed"]:
        failed = ", ".join(facts["failed"])
        parts.append(
            f"No answer from: {failed}. A site without an answer is left out for all; where only "
            "the lines failed, gravity answers alone."
        )
    parts += ["## Scores", markdown(*score_table(whole, NAMES))]
    parts += ["## Differences", markdown(*difference_table(whole, NAMES))]
    parts += ["\n".join(f"- {line}" for line in spoken(whole, NAMES))]
    slopes = [
        [NAMES[m], *(t for i in (whole.slope[m], whole.shift[m]) for t in _two(i))]
        for m in whole.slope
    ]
    parts += [
        "## Calibration of P(target)",
        "Slope of a logistic fit of what was there to the stated log odds: 1 is calibrated, less "
        "is too sure of itself, more too timid. Shift of the log odds after which as many targets "
        "are there as promised: 0 is calibrated, less than 0 too ready to say that there is one. "
        "Peers have theirs from ten other sites; Subterra has never seen one.",
        markdown(["method", "slope", "95 %", "shift", "95 %"], slopes),
        "## P(target) of Subterra against matched signal-to-noise",
        "Gravity and resistivity together, true ground and noise; the radar panel is not in it.",
        markdown(
            ["matched SNR", "sites", "mean P", "P > 0.8", "holes to first hit", "by hole 5"],
            snr_rows(truths, verdicts),
        ),
        "## Cost per site",
        "Processor seconds to the first answer, one thread (wall-clock time feels what else the "
        "machine does); memory of the process at its peak.",
        markdown(
            ["method", "median s", "longest s", "median wall s", "most MiB", "s per hole drilled"],
            cost_rows(verdicts, facts),
        ),
        "## Parts of the sites",
    ]
    for group, result in results.items():
        if group == "all sites":
            continue
        parts += [f"### {group} ({result.n_void} with a target, {result.n_null} without)"]
        parts += [markdown(*difference_table(result, NAMES))]
    parts += [
        "## Peers as tuned",
        "\n".join(f"- {NAMES[p]}: `{json.dumps(t)}`" for p, t in facts["tuned"].items()),
        f"- {NAMES['grid']}: {pattern}; over drives drawn at random {alone:.1f} holes.",
    ]
    text = "\n\n".join(parts) + "\n"
    path.write_text(text, encoding="utf-8")
    return text


def _two(i: Interval) -> list[str]:
    return [f"{i.value:.2f}", f"{i.low:.2f} to {i.high:.2f}" if np.isfinite(i.low) else "–"]
