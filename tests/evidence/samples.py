"""Small surveys, holes and reports over one field of 40 m, and scenes to score."""

from __future__ import annotations

import numpy as np

from subterra.evidence import (
    DrillLogTerms,
    ReportTerms,
    SourceRecord,
    borehole_evidence,
    cw_radar_evidence,
    gravity_evidence,
    report_evidence,
    resistivity_evidence,
    sign_evidence,
    traveltime_evidence,
)
from subterra.scene import Prior, concatenate, make_scene, sample_prior
from subterra.tables import (
    BoreholeTable,
    CwRadarTable,
    GravityTable,
    IntervalTable,
    ReportTable,
    ResistivityTable,
    SignTable,
    TravelTimeTable,
)

PRIOR = Prior(bounds=(0.0, 0.0, 40.0, 40.0), depth_m=15.0, targets=("driven", "working"))


def tunnel(x=20.0, depth=5.0, radius=1.0, *, fill="air", family="driven", y=(-30.0, 70.0), **more):
    """Scene with one straight tunnel along y."""
    axis = [[x, y[0], -depth], [x, y[1], -depth]]
    item = {"family": family, "fill": fill, "axis": axis, "radius": radius, **more}
    return make_scene([item])


def chamber(x=20.0, y=20.0, depth=5.0, radius=1.0, fill="air"):
    return make_scene(
        [{"family": "chamber", "fill": fill, "axis": [[x, y, -depth]], "radius": radius}]
    )


def nothing():
    return make_scene([])


def prior_scenes(n=24, seed=0):
    """Scenes of the prior, of which some have several objects."""
    return sample_prior(PRIOR, n, np.random.default_rng(seed))


def gravity_table(n=5, sd=6.0, datum=-120.0, seed=1, pitch=8.0):
    x, y = (v.ravel() + 2.0 for v in np.meshgrid(*2 * (pitch * np.arange(n),)))
    g = datum + 0.4 * x + np.random.default_rng(seed).normal(0.0, sd, len(x))
    names = tuple(f"s{i}" for i in range(len(x)))
    return GravityTable(names, x, y, None, g, np.full(len(x), sd))


def dipole_dipole(n_electrode=12, levels=4):
    return np.array(
        [
            [i + 1, i, i + 1 + n, i + 2 + n]
            for n in range(1, levels + 1)
            for i in range(n_electrode - n - 2)
        ]
    )


def resistivity_table(n_electrode=12, spacing=2.0, levels=4, seed=2, host=150.0):
    x = 8.0 + spacing * np.arange(n_electrode)
    abmn = dipole_dipole(n_electrode, levels)
    rhoa = host * np.exp(np.random.default_rng(seed).normal(0.0, 0.06, len(abmn)))
    return ResistivityTable(x, 0 * x + 20.0, None, abmn, rhoa)


def hole_pair(depths, x=(12.0, 27.0), y=20.0):
    """Every depth of one hole to every depth of the other: six columns."""
    source, receiver = (v.ravel() for v in np.meshgrid(depths, depths, indexing="ij"))
    one = np.ones(len(source))
    return x[0] * one, y * one, -source, x[1] * one, y * one, -receiver


def traveltime_table(medium="radar", depths=(1.0, 3.0, 5.0, 7.0, 9.0), seed=4, shots=False):
    ends = hole_pair(np.array(depths))
    length = np.sqrt((ends[3] - ends[0]) ** 2 + (ends[5] - ends[2]) ** 2)
    speed, sd = (0.115, 1.0) if medium == "radar" else (4.0, 0.03)
    time = length / speed + np.random.default_rng(seed).normal(0.0, sd, len(length))
    return TravelTimeTable(
        medium,
        "ns" if medium == "radar" else "ms",
        *ends,
        time,
        np.full(len(time), sd),
        shot=tuple(f"{z:g}" for z in ends[2]) if shots else None,
    )


def cw_radar_table(seed=5, frequency=40.0):
    depths = np.arange(1.0, 11.0, 0.5)
    one = np.ones(len(depths))
    level = -60.0 + np.random.default_rng(seed).normal(0.0, 1.0, len(depths))
    return CwRadarTable(
        12.0 * one, 20.0 * one, -depths, 27.0 * one, 20.0 * one, -depths, frequency * one, level
    )


def drilled(*holes, intervals=(), terms=None, prior=PRIOR):
    """Boreholes from (name, x, y, azimuth, inclination, length), intact unless said otherwise."""
    names, x, y, azimuth, inclination, length = zip(*holes, strict=True)
    collars = BoreholeTable(names, x, y, None, azimuth, inclination, length)
    rows = list(intervals) or [(h[0], 0.0, h[5], "intact") for h in holes]
    table = IntervalTable(*zip(*rows, strict=True))
    return borehole_evidence(collars, table, prior, terms=terms or DrillLogTerms())


NO_RUMOUR = {"p_rumour": 0.0}


def reports(*items, prior=PRIOR, records=None, terms=None):
    """Reports from dicts with x, y and what differs from a plain report of a B source.

    Nobody talks of what is not there more than sources err, unless ``terms`` says otherwise.
    """
    terms = terms or ReportTerms(**NO_RUMOUR)
    n = len(items)
    columns = {
        "id": [f"r{i}" for i in range(n)],
        "source": "patrol",
        "reliability": "B",
        "credibility": [1 + "ABCDEF".index(i.get("reliability", "B")) for i in items],
        "origin": [f"o{i}" for i in range(n)],
        "x_m": 20.0,
        "y_m": 20.0,
        "sd_m": 4.0,
        "kind": "tunnel",
        "heading_deg": np.nan,
        "heading_sd_deg": np.nan,
        "depth_m": np.nan,
        "depth_sd_m": np.nan,
        "date": "",
        "text": "",
    }
    values = []
    for name, default in columns.items():
        key = name.removesuffix("_m") if name in ("x_m", "y_m") else name
        each = default if isinstance(default, list) else [default] * n
        values.append(tuple(item.get(key, each[i]) for i, item in enumerate(items)))
    return report_evidence(ReportTable(*values), prior, records=records, terms=terms)


def signs(*rows, prior=PRIOR, terms=None):
    """Signs and areas from dicts with x, y and what differs from a plain spoil heap."""
    n = len(rows)
    columns = {
        "id": [f"s{i}" for i in range(n)],
        "kind": "spoil",
        "x_m": 20.0,
        "y_m": 20.0,
        "sd_m": 4.0,
        "volume_m3": np.nan,
        "p_notice": np.nan,
        "origin": "",
        "season": "",
        "weather": "",
        "area": "",
        "date": "",
        "text": "",
    }
    values = []
    for name, default in columns.items():
        key = name.removesuffix("_m") if name in ("x_m", "y_m") else name
        each = default if isinstance(default, list) else [default] * n
        values.append(tuple(row.get(key, each[i]) for i, row in enumerate(rows)))
    return sign_evidence(SignTable(*values), prior, terms=terms)


def looked(radius=5000.0, p_notice=0.8, **more):
    """Row of an area that was looked at, by default far beyond the site."""
    return {"kind": "looked", "sd_m": radius, "p_notice": p_notice, **more}


def gravity():
    return gravity_evidence(
        [gravity_table(), gravity_table(3, datum=9.8e8, seed=3, pitch=11.0)], PRIOR
    )


def resistivity():
    return resistivity_evidence([resistivity_table()], PRIOR)


def boreholes():
    return drilled(
        ("h1", 20.0, 20.0, 0.0, 90.0, 12.0),
        ("h2", 8.0, 30.0, 90.0, 55.0, 18.0),
        ("h3", 30.0, 9.0, 310.0, 70.0, 15.0),
        intervals=[
            ("h1", 0.0, 4.0, "intact"),
            ("h1", 4.0, 6.0, "void"),
            ("h1", 6.0, 12.0, "intact"),
            ("h2", 0.0, 7.5, "intact"),
            ("h2", 9.0, 18.0, "intact"),
            ("h3", 2.0, 3.0, "void"),
            ("h3", 3.0, 15.0, "intact"),
        ],
    )


def site_reports():
    return reports(
        {"x": 18.0, "y": 25.0},
        {"x": 22.0, "y": 12.0, "origin": "o0"},
        {"x": 33.0, "y": 6.0, "source": "drunk", "reliability": "E", "kind": "entrance"},
        {
            "x": 21.0,
            "y": 30.0,
            "source": "miner",
            "reliability": "A",
            "heading_deg": 5.0,
            "heading_sd_deg": 15.0,
            "depth_m": 5.0,
            "depth_sd_m": 2.0,
        },
        {"x": 200.0, "y": 25.0, "source": "miner", "reliability": "A"},
    )


def all_sorts_of_reports():
    """One report of each kind, one told before, one of a source with a record."""
    return reports(
        {"x": 18.0, "y": 25.0, "kind": "course", "heading_deg": 5.0, "heading_sd_deg": 15.0},
        {"x": 22.0, "kind": "depth", "depth_m": 0.05, "depth_sd_m": 0.02, "source": "old"},
        {"x": 24.0, "kind": "noise", "source": "old", "credibility": 1, "reliability": "C"},
        {"x": 15.0, "kind": "time", "date": "1974", "source": "guard", "reliability": "F"},
        {"y": -20.0, "kind": "entrance", "source": "guard", "origin": "o3", "reliability": "F"},
        {"x": 10.0, "kind": "nothing", "sd_m": 8.0, "reliability": "C", "source": "walker"},
        records={"old": SourceRecord(1, 6)},
        terms=ReportTerms(datum_shift_m=(12.0, -9.0)),
    )


def site_signs():
    return signs(
        {"x": 19.0, "y": 12.0, "kind": "steam", "season": "winter", "weather": "frost"},
        {"x": 21.0, "y": 30.0, "kind": "subsidence", "sd_m": 2.0},
        {"x": 30.0, "y": 39.0, "volume_m3": 150.0, "origin": "a hand"},
        {"x": 31.0, "y": 38.0, "kind": "entrance", "origin": "a hand"},
        looked(30.0, 0.6, season="summer", weather="dry"),
        looked(1.0, 0.9, area="0 0, 20 0, 20 40, 0 40"),
    )


def traveltime_radar():
    return traveltime_evidence(
        [traveltime_table(shots=True), traveltime_table(depths=(2.0, 4.0, 6.0), seed=7)], PRIOR
    )


def traveltime_seismic():
    return traveltime_evidence([traveltime_table("seismic")], PRIOR)


def cw_radar():
    return cw_radar_evidence([cw_radar_table(), cw_radar_table(6, 80.0)], PRIOR)


def told_evenly(at, side, tail):
    """Density of clutter along one axis: even over 0 … side, 1/(1 + d/tail)² of that beyond."""
    beyond = np.maximum(np.maximum(-np.asarray(at), np.asarray(at) - side), 0.0)
    return (1.0 + beyond / tail) ** -2.0 / (side + 2.0 * tail)


def clutter_density(x, y, sd, kind="tunnel"):
    """Density of a false report of the field of 40 m, 1/m²; entrances fade over a quarter of it."""
    tail = np.sqrt(np.pi / 2.0) * sd + (10.0 if kind == "entrance" else 0.0)
    return told_evenly(x, 40.0, tail) * told_evenly(y, 40.0, tail)


KINDS = {
    "gravity": gravity,
    "resistivity": resistivity,
    "traveltime-radar": traveltime_radar,
    "traveltime-seismic": traveltime_seismic,
    "cw-radar": cw_radar,
    "boreholes": boreholes,
    "reports": site_reports,
    "reports of all kinds": all_sorts_of_reports,
    "signs": site_signs,
}


def scenes_of_all_sorts():
    """Prior scenes with some by hand that every kind reacts to."""
    two = make_scene(
        [
            {
                "family": "driven",
                "fill": "air",
                "axis": [[20, -20, -5], [20, 60, -5]],
                "radius": 1.0,
            },
            {"family": "chamber", "fill": "water", "axis": [[30, 9, -6]], "radius": 2.0},
        ]
    )
    return concatenate(
        [two, tunnel(), tunnel(21.0, 5.2, fill="water"), chamber(29.0, 10.0, 4.0), prior_scenes()]
    )
