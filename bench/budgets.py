"""The time budgets of the design on this machine, measured in one run.

    [SUBTERRA_DATA=...] python bench/budgets.py [--only gravity ...] [--scenes 4096] [--threads N]

Beliefs are computed by ``subterra.infer`` itself, evidence ready and kernels compiled (a first run
with few scenes is outside the clock). The survey of 753 data is the real one over the gallery where
SUBTERRA_DATA is given, else the foreign world of the same layout. Ground models are made without
any cache. Wall-clock seconds decide; processor seconds over all threads stand beside them, because
on a busy machine only they can be compared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from foreign import gravity_case
from gravity_speed import speeds as gravity_speeds
from measure import HERE, clocked, describe, machine, save, table, yes
from plan_speed import PRIOR as PLAN_PRIOR
from plan_speed import candidates, drive_scenes
from resistivity_speed import load as load_resistivity
from resistivity_speed import scene_rates, shallow_objects
from subterra.cli.demo import crossing, field_config, read_field, write_field
from subterra.evidence import borehole_evidence, resistivity_evidence
from subterra.formats import read_unified, write_map_geojson
from subterra.inference import infer, update
from subterra.scene import Prior, sample_prior
from subterra.search import DrillTerms, Hole, plan_holes, score_holes, start_pending
from subterra.search.axes import gather_axes
from subterra.site import Site, add_files, assemble
from subterra.tables import BoreholeTable, IntervalTable, MineMapTable, ResistivityTable

BOUNDS = (0.0, 0.0, 20.0, 32.5)
CACHE = HERE / "results" / "cache"
WARM_SCENES = 128


@dataclass(frozen=True)
class Row:
    """One budget: ``measured`` and ``budget`` in ``unit``; a rate must reach, seconds must keep."""

    work: str
    measured: float
    budget: float
    unit: str = "s"
    processor: float | None = None
    note: str = ""

    @property
    def met(self):
        return self.measured >= self.budget if self.unit != "s" else self.measured <= self.budget


def timed(work, run, budget, note=""):
    """Run once inside the clock; return the row and what it made."""
    made = []
    wall, used = clocked(lambda: made.append(run()))
    return Row(work, wall, budget, processor=used, note=note), made[0]


def kernel_rows(options):
    pairs = gravity_speeds(options.threads)["chain of 4 segments"]
    evidence = load_resistivity()
    rates = scene_rates(evidence, shallow_objects(options.scenes), options.threads)
    rows = [Row("gravity, segment × station per second", pairs[0], 1.5e9, "1/s")]
    for models in ("1 model", "6 models"):
        name = f"resistivity scenes per second with likelihood, {models}"
        rows.append(Row(name, rates[f"both, {models}"][0], 1e4, "1/s", note="drives 2-3 m deep"))
    return rows


def gravity_rows(options):
    world = np.load(HERE / "worlds" / "data" / "gravity_01.npz", allow_pickle=False)
    prior, evidence = gravity_case(world, "void_snr8")
    infer(prior, [evidence], n_scenes=WARM_SCENES, threads=options.threads)
    row, _ = timed(
        f"belief from {len(world['x'])} gravity stations, {options.scenes} scenes",
        lambda: infer(prior, [evidence], n_scenes=options.scenes, threads=options.threads),
        10.0,
        f"gravity_01 with void, {len(evidence.models.labels)} ground models",
    )
    return [row]


def survey():
    """Table, prior and name of the survey of 753 data."""
    data = os.environ.get("SUBTERRA_DATA")
    if data:
        path = Path(data) / "ert_gallery_freiberg" / "gallery3d.dat"
        return read_unified(path), Prior(BOUNDS, 12.0, targets=("working",)), "gallery"
    world = np.load(HERE / "worlds" / "data" / "resistivity_01.npz", allow_pickle=False)
    x, y = world["electrodes"].T
    rhoa, err = world["rhoa_void_snr8_ohm_m"], world["err"]
    content = ResistivityTable(x, y, None, world["abmn"].astype(np.int32), rhoa, err)
    return content, Prior(BOUNDS, 12.0, targets=("driven",)), "resistivity_01 with void"


def resistivity_rows(options):
    content, prior, name = survey()
    n_data = len(content.rhoa_ohmm)
    made, evidence = timed(
        f"ground models of {n_data} data, first time",
        lambda: resistivity_evidence([content], prior, cache_dir=None),
        30.0,
        "no cache",
    )
    infer(prior, [evidence], n_scenes=WARM_SCENES, threads=options.threads)
    row, belief = timed(
        f"belief from {n_data} resistivity data, {options.scenes} scenes",
        lambda: infer(prior, [evidence], n_scenes=options.scenes, threads=options.threads),
        60.0,
        f"{name}, {len(evidence.models.labels)} ground models",
    )
    return [row, made, *update_rows(options, belief, evidence)]


def drilled(hole, hit, prior):
    """Evidence of one planned hole: a void where the target was expected, or nothing."""
    one = {v: np.array([getattr(hole, v)]) for v in ("azimuth_deg", "inclination_deg", "length_m")}
    place = {f"{v}_m": np.array([getattr(hole, v)]) for v in "xyz"}
    collar = BoreholeTable(hole=("H1",), **place, **one)
    ends, log = [0.0, hole.length_m], ["intact"]
    if hit:
        top = 0.5 * (hole.target_from_m + hole.target_to_m)
        ends, log = [0.0, top, top + 1.0], ["intact", "void"]
    top, base = np.array(ends[:-1]), np.array(ends[1:])
    return borehole_evidence(
        collar, IntervalTable(("H1",) * len(log), top, base, tuple(log)), prior
    )


def update_rows(options, belief, evidence):
    holes = plan_holes(belief, 1, threads=options.threads)
    if not holes:
        problem = "the belief holds no target to drill at"
        raise SystemExit(problem)
    few = infer(belief.prior, [evidence], n_scenes=WARM_SCENES, threads=options.threads)
    rows = []
    for outcome in (True, False):
        new = drilled(holes[0], outcome, belief.prior)
        update(few, [evidence, new], [new], threads=options.threads)
        row, _ = timed(
            f"update after one hole, {'hit' if outcome else 'miss'}",
            lambda new=new: update(belief, [evidence, new], [new], threads=options.threads),
            5.0,
            f"P(hit) was {holes[0].p_hit:.2f}",
        )
        rows.append(row)
    return rows


def plan_rows(options):
    """The slowest of two beliefs: scenes of the prior, and a drive known to 0.3 m."""
    rng = np.random.default_rng(1)
    terms = DrillTerms()
    holes = candidates(100_000, terms, rng)
    found = []
    for name, scenes in (
        ("prior", sample_prior(PLAN_PRIOR, options.scenes, rng)),
        ("drive, sd 0.3 m", drive_scenes(options.scenes, 0.3, rng)),
    ):
        axes = gather_axes(scenes, PLAN_PRIOR, terms.p_detect)
        pending = start_pending(np.full(len(scenes), 1.0 / len(scenes)))
        few = type(holes)(*(v[:50] for v in vars(holes).values()))
        score_holes(axes, few, pending, terms)
        row, _ = timed(
            f"plan: 100,000 holes × {options.scenes} scenes",
            lambda axes=axes, pending=pending: score_holes(
                axes, holes, pending, terms, threads=options.threads
            ),
            10.0,
            name,
        )
        found.append(row)
    return [max(found, key=lambda r: r.measured)]


def whole_site(folder, seed=3):
    """Both surveys of the demo field, 20 reports, a map of three lines and 10 holes, as files."""
    rng = np.random.default_rng(seed)
    field = read_field()
    reports = [dict(r) for r in field["reports"]]
    for k in range(len(reports), 20):
        x, y = rng.uniform(10.0, 110.0, 2)
        grade = {"reliability": "BCDEF"[k % 5], "credibility": 2 + k % 5}
        reports.append(
            {"id": f"R{k + 1}", "source": f"source {k % 9}", "origin": f"origin {k % 12}", **grade}
            | {"x": x, "y": y, "sd_m": float(rng.choice([25.0, 50.0, 100.0]))}
        )
    dry = [dict(h) for h in field["dry_holes"]]
    while len(dry) < 10:
        x, y = rng.uniform(5.0, 115.0, 2)
        hole = Hole(f"X{len(dry)}", x, y, 0.0, 0.0, 90.0, 15.0)
        if crossing(hole, field["truth"]) is None:
            dry.append({"hole": hole.name, "x": x, "y": y, "z": 0.0, "length_m": 15.0})
    paths = write_field({**field, "reports": reports, "dry_holes": dry}, folder)
    lines = np.array([[20, 0], [30, 120], [70, -40], [90, 150], [-30, 60], [160, 75]], float)
    sheet = MineMapTable(
        line=("old drive", "road", "level"),
        sheet=("sheet 1",) * 3,
        tie=("features",) * 3,
        level=("upper",) * 3,
        date=("",) * 3,
        start=np.array([0, 2, 4, 6], np.int32),
        x=lines[:, 0],
        y=lines[:, 1],
        z_m=np.full(6, -8.0),
        level_sd_m=np.full(3, 2.0),
        sd_m=np.zeros(3),
    )
    write_map_geojson(sheet, folder / "sheet.geojson")
    return field_config(field), [*paths, folder / "sheet.geojson"]


def site_rows(options):
    """The answer that `infer` gives on its first run: no further effort, all evidence at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files").mkdir()
        config, paths = whole_site(folder / "files")
        site, _ = add_files(Site.create(folder / "site", config), paths)
        infer(site.prior, assemble(site), n_scenes=WARM_SCENES, threads=options.threads)
        row, _ = timed(
            "whole site: both surveys, 20 reports, one map, 10 holes",
            lambda: infer(
                site.prior, assemble(site), n_scenes=options.scenes, threads=options.threads
            ),
            120.0,
            f"demo field, {options.scenes} scenes, ground models cached",
        )
    return [row]


def start_rows(_options):
    """Shortest of five fresh processes, after one that warms the disk cache."""
    command = str(Path(sys.executable).parent / "subterra")
    rows = []
    for name, words in (
        ("import subterra", [sys.executable, "-c", "import subterra"]),
        ("subterra --help", [command, "--help"]),
    ):

        def start(words=words):
            subprocess.run(words, check=True, capture_output=True)

        start()
        wall = min(clocked(start)[0] for _ in range(5))
        rows.append(Row(name, wall, 0.5, note="shortest of 5"))
    return rows


PARTS = {
    "kernels": kernel_rows,
    "gravity": gravity_rows,
    "resistivity": resistivity_rows,
    "site": site_rows,
    "plan": plan_rows,
    "start": start_rows,
}


def shown(row):
    if row.unit == "s":
        used = "" if row.processor is None else f"{row.processor:.2f} s"
        return [row.work, f"{row.measured:.2f} s", used, f"≤ {row.budget:g} s", yes(row.met)]
    return [row.work, f"{row.measured:,.0f}", "", f"≥ {row.budget:,.0f}", yes(row.met)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--scenes", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    about = machine()
    rows = [row for name in options.only for row in PARTS[name](options)]
    print(f"\n## Budgets, {options.threads} threads")
    print(describe(about))
    header = ["work", "measured", "processor time", "budget", "met", "case"]
    print(table(header, [[*shown(row), row.note] for row in rows]))
    save(
        "budgets.json",
        {
            "machine": about,
            "threads": options.threads,
            "scenes": options.scenes,
            "rows": [asdict(row) | {"met": bool(row.met)} for row in rows],
        },
    )


if __name__ == "__main__":
    main()
