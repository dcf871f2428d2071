"""Simulation-based calibration of all that people give at once: reports, signs, a map and a hole.

    python bench/people_sbc.py [--worlds 60] [--scenes 512] [--folder results/people-site]

Makes a small site of 40 m with three reports of two sources (one with a record), two signs, a look
that takes in part of the site, a sheet of a mine map and a hole with a driller's words, and
calibrates it as ``subterra calibrate`` does: truth and data from the site's own prior and
likelihoods, the whole inference on each, ranks of the truth. Finished worlds are kept in the folder
of the site: the same command goes on where it was stopped, more worlds are added to those that are
there. Seed 1, fixed before looking. Writes ``results/people_sbc.json`` and ``people_sbc.png``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from measure import HERE, RESULTS, describe, machine, save, table
from subterra.formats import write_map_geojson
from subterra.inference.quantities import QUANTITY_WORDS
from subterra.inference.ranks import rank_bands
from subterra.site import Site, add_files, build_config
from subterra.site.calibrating import calibrate_site
from subterra.site.calibration_store import AS_ASSUMED, FOLDER
from subterra.site.world_log import WorldLog, world_key
from subterra.tables import MineMapTable

SEED = 1
LEVEL = 0.99
FILES = {
    "reports.csv": (
        "id,source,reliability,credibility,origin,x,y,sd_m,kind,depth_m,depth_sd_m\n"
        "R1,shepherd,C,3,shepherd,12,18,8,tunnel,,\n"
        "R2,miner,D,4,miner,30,8,6,entrance,,\n"
        "R3,miner,D,4,miner again,22,25,10,depth,4,2\n"
    ),
    "sources.csv": "source,confirmed,false\nminer,1,2\n",
    "signs.csv": (
        "id,kind,x,y,sd_m,volume_m3,p_notice,area\n"
        "S1,spoil,8,30,6,40,,\nS2,steam,25,12,5,,,\n"
        'L1,looked,20,20,1,,0.7,"0 0, 26 0, 26 40, 0 40"\n'
    ),
    "collars.csv": "hole,x,y,z,azimuth_deg,inclination_deg,length_m\nB1,14,22,0,0,90,8\n",
    "log.csv": "hole,from_m,to_m,log\nB1,0,5,intact\nB1,5,5.5,broken\nB1,5.5,8,intact\n",
}


def sheet():
    """One drive of a sheet that is tied to a geologic quadrangle, ±46 m."""
    return MineMapTable(
        line=("drive",), sheet=("tracing",), tie=("geologic",), level=("",), date=("",),
        start=np.array([0, 2]), x=np.array([16.0, 24.0]), y=np.array([-20.0, 70.0]),
        z_m=np.full(2, -5.0), level_sd_m=np.array([3.0]), sd_m=np.zeros(1),
    )  # fmt: skip


def people_site(folder):
    """Open the site, or make it."""
    if (folder / "site.toml").exists():
        return Site.open(folder)
    config = build_config(
        {
            "name": "People",
            "bounds": [0.0, 0.0, 40.0, 40.0],
            "depth_m": 8.0,
            "targets": {"look_for": ["driven", "working"], "p0": 0.5},
        }
    )
    site = Site.create(folder, config)
    given = folder.parent / f"{folder.name}-files"
    given.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (given / name).write_text(text)
    write_map_geojson(sheet(), given / "map.geojson")
    return add_files(site, [given / name for name in (*FILES, "map.geojson")])[0]


def draw(rank, path):
    """ECDF of ranks less the diagonal, with the simultaneous band of all quantities together."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 5, figsize=(13, 5.2), sharex=True, sharey=True)
    for ax in axes.flat[len(rank) :]:
        ax.set_axis_off()
    for ax, (name, values) in zip(axes.flat, rank.items(), strict=False):
        u = np.sort(values[np.isfinite(values)])
        place, low, high = rank_bands(len(u), 1.0 - (1.0 - LEVEL) / len(rank))
        ax.fill_between(place, low - place, high - place, color="#56B4E9", alpha=0.35, lw=0)
        ax.axhline(0.0, color="0.5", lw=0.8)
        found = np.searchsorted(u, place, side="right") / len(u)
        ax.step(place, found - place, where="post", color="#D55E00")
        ax.set_title(f"{QUANTITY_WORDS.get(name, name)} (n = {len(u)})", fontsize=8)
    figure.supxlabel("rank of the truth")
    figure.supylabel("share of worlds below, less the rank")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--scenes", type=int, default=512)
    parser.add_argument("--folder", type=Path, default=HERE / "results" / "people-site")
    options = parser.parse_args()
    site = people_site(options.folder)
    kinds = sorted({e.kind for e in site.evidence()})
    _, found = calibrate_site(
        site,
        n_worlds=options.worlds,
        n_scenes=options.scenes,
        seed=SEED,
        progress=lambda _, words: print(words, flush=True),
        tell=print,
    )
    one = found[AS_ASSUMED]
    about = machine()
    print(f"\n## {', '.join(kinds)}: {options.worlds} worlds, {options.scenes} scenes each")
    print(describe(about))
    rows = [(QUANTITY_WORDS.get(name, name), f"{p:.3f}") for name, p in one.uniform.items()]
    print(table(["quantity", "P(ranks as far from uniform)"], rows))
    print(one.words())
    content = {
        "machine": about, "worlds": options.worlds, "scenes": options.scenes, "seed": SEED,
        "kinds": kinds, "uniform": dict(one.uniform), "with_target": one.with_target,
        "brier": one.brier, "slope": one.line.slope, "intercept": one.line.intercept,
        "calibrated": bool(one.calibrated), "words": one.words(),
    }  # fmt: skip
    save("people_sbc.json", content)
    key = world_key(site.prior, site.evidence(), options.scenes, SEED, None)
    verdicts = WorldLog(options.folder / FOLDER, key).verdicts
    worlds = [verdicts[k] for k in range(options.worlds)]
    rank = {name: np.array([v.rank[name] for v in worlds]) for name in one.uniform}
    draw(rank, RESULTS / "people_sbc.png")


if __name__ == "__main__":
    main()
