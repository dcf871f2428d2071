"""What the number of reports may say: reports over the `study` sites, whose truth is known.

Usage: python bench/blind/rumour.py OUT.jsonl [--workers 2] [--table]

Each study site is inferred once without its reports. Then reports are drawn over it, 20 times by
each of two sorts of people, and the scenes are weighted with every `p_rumour`, the probability that
a site without a target is talked of as much as one with a target:

* `promising`: the people of the blind sites, whose letters promise more than comes true (of B
  items 37 % are true on a site with a target, not 80 %);
* `honest`: letters in proportion to the rates that they promise.

False reports are as frequent on sites without a target as on sites with one. A line per site.
`--table` says log score, Brier score and the shift that the log odds would need.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from ours import FILES, config_of
from scipy.optimize import brentq
from truth import SITES, known, read_truth

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "worlds"))
from blind_design import designs
from blind_people import LETTERS, reports
from chains import Chain

from subterra.evidence import RELIABILITY, ReportTerms, report_evidence
from subterra.inference import p_any
from subterra.scene import target_mask
from subterra.site import Site, add_files, infer_site
from subterra.tables import ReportTable

SEED = 20261204
TIMES = 20
RUMOURS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
ROW = "| {:.2f} | {:.3f} | {:+.3f} to {:+.3f} | {:.3f} | {:+.2f} |"


def honest():
    """Letters that promise what comes true: shares in proportion to r and to 1 - r."""
    mean = np.array([a / (a + b) for a, b in RELIABILITY.values()])
    letters = "".join(RELIABILITY)
    return tuple((letters, (share / share.sum()).tolist()) for share in (mean, 1.0 - mean))


PEOPLE = {"promising": LETTERS, "honest": honest()}


def table_of(items):
    """Reports as the package holds them."""
    columns = ("id", "source", "reliability", "credibility", "origin", "x", "y", "sd_m")
    values = [tuple(item[c] for item in items) for c in columns]
    n, unknown = len(items), (np.nan,) * len(items)
    return ReportTable(*values, ("tunnel",) * n, *[unknown] * 4, ("",) * n, ("",) * n)


def chances(belief, items):
    """P(any target) by variant: the scenes weighted by what the reports say of them."""
    target = target_mask(belief.prior)[belief.scenes.objects.family].any(axis=1)
    out = []
    for p_rumour in RUMOURS:
        terms = ReportTerms(p_rumour=p_rumour)
        evidence = report_evidence(table_of(items), belief.prior, terms=terms)
        log = evidence.log_likelihood(belief.scenes)
        weight = belief.weight * np.exp(log - log.max())
        out.append(round(float(weight[target].sum() / weight.sum()), 5))
    return out


def work(name):
    """One site: P without reports, and by sort of people, time and variant with them."""
    truth, folder = read_truth(name), SITES / name
    bare = dict(known(name))
    with tempfile.TemporaryDirectory() as where:
        site = Site.create(Path(where) / "site", config_of(bare))
        files = [folder / f for f in FILES if f != "reports.csv" and (folder / f).exists()]
        site, _ = add_files(site, files)
        _, belief = infer_site(site, n_scenes=1024, seed=int(name[1:]), threads=1)
    if truth.void:
        chain = Chain(np.array(truth.facts["chain"]), truth.radius)
    else:
        chain = Chain(np.array([[-9.0, -9.0, -5.0], [-9.0, -8.0, -5.0]]), 1.0)
    side = bare["bounds"][2]
    row = {"site": name, "void": truth.void, "without": p_any(belief)}
    for k, (sort, letters) in enumerate(PEOPLE.items()):
        said = []
        for time in range(TIMES):
            rng = np.random.default_rng([SEED, int(name[1:]), k, time])
            items = reports(chain, truth.void, side, rng, letters)
            said.append(chances(belief, items) if items else [p_any(belief)] * len(RUMOURS))
        row[sort] = said
    return row


def losses(p, void):
    """Log score and Brier score of probabilities (n_site, ...)."""
    t = void.reshape((-1,) + (1,) * (p.ndim - 1))
    p = np.clip(p, 0.01, 0.99)
    return -np.log(np.where(t, p, 1.0 - p)), (t - p) ** 2


def shift(p, void):
    """Shift of the log odds (n_site, n_time) after which as many targets are there as promised."""
    p = np.clip(p, 0.01, 0.99)
    odds = np.log(p / (1.0 - p))
    return brentq(lambda a: np.sum(1.0 / (1.0 + np.exp(-odds - a)) - void[:, None]), -12.0, 12.0)


def table(rows):
    """Print the scores of every variant."""
    void = np.array([r["void"] for r in rows])
    rng = np.random.default_rng(SEED)
    picks = rng.integers(len(rows), size=(2000, len(rows)))
    bare = np.array([r["without"] for r in rows])[:, None]
    log, brier = losses(bare, void)
    print(f"{len(rows)} sites, reports {TIMES} times; without reports:", end=" ")
    print(f"log {log.mean():.3f}, Brier {brier.mean():.3f}, shift {shift(bare, void):+.2f}")
    for sort in PEOPLE:
        p = np.array([r[sort] for r in rows])
        log, brier = losses(p, void)
        plain = log[:, :, 0].mean(axis=1)
        print(f"\n| {sort}: p_rumour | log score | less that of 0 | Brier | shift of log odds |")
        print("|---|---|---|---|---|")
        for v, p_rumour in enumerate(RUMOURS):
            less = (log[:, :, v].mean(axis=1) - plain)[picks].mean(axis=1)
            low, high = np.quantile(less, [0.025, 0.975])
            told = (log[:, :, v].mean(), low, high, brier[:, :, v].mean(), shift(p[:, :, v], void))
            print(ROW.format(p_rumour, *told))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    rows = [json.loads(line) for line in lines]
    if args.table:
        table(rows)
        return
    done = {r["site"] for r in rows}
    names = [d.name for d in designs("study") if d.name not in done]
    context = get_context("spawn")
    pool = ProcessPoolExecutor(args.workers, mp_context=context, max_tasks_per_child=1)
    with pool, args.out.open("a") as sink:
        for run in as_completed([pool.submit(work, name) for name in names]):
            row = run.result()
            sink.write(json.dumps(row) + "\n")
            sink.flush()
            print(row["site"], row["void"], round(row["without"], 3), flush=True)


if __name__ == "__main__":
    main()
