"""Scores of the blind sites that are done: tuning, verdicts, one table, one page.

Usage: python bench/blind/score.py [--results FOLDER] [--sites K] [--scenes 1024] | --tune

Reads the results (`bench/results/blind/`) and the truth; writes `blind.md`, `blind.html` and
`verdicts.jsonl` there. Sites that some method has not answered are left out for all and counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from compare import columns, compare
from page import write_page
from table import write_table
from truth import SITES, known, read_truth
from tune import PEERS, read_tuned, tune, write_tuned
from verdicts import (
    METHODS,
    of_chance,
    of_pattern,
    of_peer,
    of_subterra,
    read_lines,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "worlds"))
from blind_design import designs

BENCH = Path(__file__).resolve().parents[1]
RESULTS = BENCH / "results" / "blind"
PART_RESAMPLES = 1000
TUNED = Path(__file__).with_name("tuned.json")


def answered(names, ours, cost):
    """Sites that every method has answered."""
    return [n for n in names if n in ours and all((n, p) in cost for p in PEERS)]


def judge(names, ours, cost, tuned, store):
    """Verdicts by method, in the order of the names."""
    truths = [read_truth(n) for n in names]
    out = {"subterra": [of_subterra(ours[t.name], t) for t in truths]}
    for peer in PEERS:
        out[peer] = [of_peer(peer, tuned[peer], t, store, cost) for t in truths]
    out["grid"] = [of_pattern(t) for t in truths]
    out["random"] = [of_chance(t) for t in truths]
    return truths, out


def groups(truths):
    """Subsets of sites that are scored by themselves: name to a mask."""
    kind = np.array([t.facts["class"] for t in truths])
    surveys = np.array([_surveys_only(t.name) for t in truths])
    lines = np.array([(SITES / t.name / "resistivity.dat").exists() for t in truths])
    caves = np.array([known(t.name)["caves"] for t in truths])
    mines = np.array([known(t.name)["look_for"] == "working" for t in truths])
    out = {"all sites": np.ones(len(truths), bool)}
    for name in ("faint", "clear", "loud"):
        out[f"{name} targets and all null sites"] = (kind == name) | (kind == "null")
    out["surveys only: no reports, map, panel or holes"] = surveys
    out["with resistivity"] = lines
    out["with a cave beside or instead"] = caves
    out["bends of a surveyed mine"] = mines
    return out


def _surveys_only(name):
    extra = ("radar.csv", "reports.csv", "map.geojson", "collars.csv")
    return not any((SITES / name / f).exists() for f in extra)


def tune_peers(results):
    """Tune every peer on the tuning sites and keep the outcome with the results."""
    sites = [read_truth(d.name) for d in designs("tuning")]
    tuned = {p: tune(results / "peers_maps", p, sites) for p in PEERS}
    write_tuned(results / TUNED.name, tuned)
    for peer, found in tuned.items():
        print(peer, json.dumps(found.about()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=None)
    parser.add_argument("--scenes", type=int, default=1024)
    parser.add_argument("--resamples", type=int, default=4000)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--tune", action="store_true", help="tune the peers and end")
    args = parser.parse_args()
    if args.tune:
        tune_peers(args.results)
        return
    results_at = args.results
    own = results_at / TUNED.name
    ours = {
        r["site"]: r
        for r in read_lines(results_at / "subterra.jsonl")
        if r["scenes"] == args.scenes
    }
    lines = read_lines(results_at / "peers.jsonl")
    cost = {(r["site"], r["peer"]): r for r in lines if not r["problem"]}
    tuned = read_tuned(own if own.exists() else TUNED)
    wanted = [d.name for d in designs("blind")][: args.sites]
    names = answered(wanted, ours, cost)
    if not names:
        problem = "no site has been answered by every method yet"
        raise SystemExit(problem)
    truths, verdicts = judge(names, ours, cost, tuned, results_at / "peers_maps")
    there = np.array([t.void for t in truths], float)
    by_method = {m: columns(verdicts[m], there) for m in METHODS}
    results = {}
    for group, mask in groups(truths).items():
        some = {m: {k: v[mask] for k, v in c.items()} for m, c in by_method.items()}
        if 0 < there[mask].sum() < mask.sum():
            results[group] = compare(some, args.resamples if mask.all() else PART_RESAMPLES)
    failed = sorted({(r["site"], r["peer"]) for r in lines if r["problem"]} - set(cost))
    facts = {
        "asked": len(wanted),
        "failed": [f"{site} {peer}" for site, peer in failed],
        "scenes": args.scenes,
        "tuned": {p: t.about() for p, t in tuned.items()},
        "lines": ours,
    }
    with (results_at / "verdicts.jsonl").open("w") as sink:
        for k, t in enumerate(truths):
            row = {m: _plain(verdicts[m][k]) for m in METHODS}
            about = {"site": t.name, "class": t.facts["class"], "snr": t.facts["snr"]}
            sink.write(json.dumps({**about, **row}) + "\n")
    text = write_table(results_at / "blind.md", truths, verdicts, results, facts)
    write_page(results_at / "blind.html", truths, verdicts, text, facts)
    print(text)


def _plain(verdict):
    kept = {k: v for k, v in vars(verdict).items() if isinstance(v, float)}
    return {k: None if not np.isfinite(v) else round(v, 4) for k, v in kept.items()}


if __name__ == "__main__":
    main()
