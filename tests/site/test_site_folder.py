from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from site_samples import COLLARS, GRAVITY, INTERVALS, REPORTS, tree

from subterra.errors import InputError, SiteError
from subterra.site import Site, add_files, open_site, retract
from subterra.site.adding import examine
from subterra.site.atomic import writing
from subterra.site.config import build_config
from subterra.site.folder import commit, exclusively

UNIFIED = (
    "5\n# x y z\n0 5 0\n2 5 0\n4 5 0\n6 5 0\n8 5 0\n"
    "2\n# a b m n rhoa\n1 2 3 4 100\n2 3 4 5 110\n0\n"
)


def test_a_new_site_has_its_parts_and_opens(site: Site):
    assert (site.path / "site.toml").is_file()
    assert {p.name for p in site.path.iterdir() if p.is_dir()} == {
        "evidence",
        "belief",
        "plan",
        "report",
        "cache",
    }
    again = open_site(site.path)
    assert again.config == site.config
    assert [e.verb for e in again.entries] == ["new"]
    assert again.items == ()


def test_a_site_is_not_made_over_something(tmp_path: Path, site: Site):
    before = tree(site.path)
    with pytest.raises(SiteError, match="something here already"):
        Site.create(site.path, site.config)
    assert tree(site.path) == before
    (tmp_path / "file").touch()
    with pytest.raises(SiteError, match="something here already"):
        Site.create(tmp_path / "file", site.config)
    with pytest.raises(SiteError, match="cannot be written"):
        Site.create(tmp_path / "file" / "inside", site.config)


def test_a_site_is_made_in_an_empty_folder_and_below_missing_ones(tmp_path: Path):
    config = build_config({"name": "a", "bounds": [0, 0, 1, 1], "depth_m": 2})
    (tmp_path / "empty").mkdir()
    assert Site.create(tmp_path / "empty", config).name == "a"
    assert Site.create(tmp_path / "x" / "y", config).name == "a"


def test_no_site_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(SiteError, match="subterra new"):
        Site.open(tmp_path / "nowhere")
    with pytest.raises(SiteError, match="not a site"):
        Site.open(tmp_path)


@pytest.mark.parametrize("name", ["site.toml", "journal.jsonl"])
def test_a_half_written_site_says_what_to_do(site: Site, name: str):
    (site.path / name).unlink()
    with pytest.raises(SiteError, match=rf"half-written: {name} is missing; restore"):
        Site.open(site.path)


def test_files_are_kept_as_they_were_given(site: Site, given):
    path = given("Größe 1.csv", GRAVITY.replace("\n", "\r\n"))
    changed, (item,) = add_files(site, [path])
    stored = site.path / item.file
    assert stored.read_bytes() == path.read_bytes()
    assert stored.name == f"{item.sha256[:12]}-Größe-1.csv"
    assert (item.id, item.kind, item.what) == ("Größe-1", "gravity", "20 gravity stations")
    assert Site.open(site.path) == changed
    assert changed.items == (item,)


def test_kinds_are_told_by_content(site: Site, given):
    files = {
        "a": GRAVITY,
        "b": COLLARS,
        "c": INTERVALS,
        "d": REPORTS,
        "e": UNIFIED,
    }
    _, items = add_files(site, [given(name, text) for name, text in files.items()])
    assert [i.kind for i in items] == [
        "gravity",
        "boreholes",
        "intervals",
        "reports",
        "resistivity",
    ]


def test_all_or_nothing(site: Site, given):
    good, bad = given("good.csv", GRAVITY), given("bad.csv", GRAVITY.replace(",3\n", ",x\n", 1))
    before = tree(site.path)
    with pytest.raises(InputError, match=r"bad\.csv, line 2, column 5"):
        add_files(site, [good, bad])
    assert tree(site.path) == before


def test_the_same_content_twice_is_refused(site: Site, given):
    one, two = given("one.csv", GRAVITY), given("two.csv", GRAVITY)
    with pytest.raises(InputError, match="'one'"):
        add_files(site, [one, two])
    site, _ = add_files(site, [one])
    before = tree(site.path)
    with pytest.raises(InputError, match="same content is in the site already, as 'one'"):
        add_files(site, [two])
    assert tree(site.path) == before


def test_withdrawn_evidence_stays_on_disk_and_can_come_back(site: Site, given):
    path = given("gravity.csv", GRAVITY)
    site, (item,) = add_files(site, [path])
    site, gone = retract(site, "gravity")
    assert gone == (item,)
    assert site.items == ()
    assert (site.path / item.file).is_file()
    site, (back,) = add_files(site, [path])
    assert back.id == "gravity-2"
    assert Site.open(site.path).items == (back,)


@pytest.mark.parametrize("by", ["id", "file", "original", "sha256"])
def test_evidence_goes_by_several_names(site: Site, given, by: str):
    site, (item, _) = add_files(site, [given("g.csv", GRAVITY), given("r.csv", REPORTS)])
    name = getattr(item, by)[:10] if by == "sha256" else getattr(item, by)
    _, gone = retract(site, name)
    assert gone == (item,)


def test_an_unknown_name_lists_what_there_is(site: Site, given):
    site, _ = add_files(site, [given("g.csv", GRAVITY), given("r.csv", REPORTS)])
    with pytest.raises(InputError, match="in force: g, r"):
        retract(site, "x")


def test_an_ambiguous_name_is_refused(site: Site, given):
    other = GRAVITY.replace("s00", "s99")
    site, _ = add_files(site, [given("g.csv", GRAVITY)])
    (site.path.parent / "given" / "g.csv").write_text(other)
    site, _ = add_files(site, [site.path.parent / "given" / "g.csv"])
    with pytest.raises(InputError, match="any of g, g-2"):
        retract(site, "g.csv")


def test_an_interval_needs_its_collar(site: Site, given):
    lone = given("log.csv", INTERVALS)
    with pytest.raises(InputError, match="need the collars"):
        add_files(site, [lone])
    wrong = given("log2.csv", INTERVALS + "B9,0,1,intact\n")
    with pytest.raises(InputError, match=r"log2\.csv, line 3, column 1: .*'B9' has no collar"):
        add_files(site, [given("collars.csv", COLLARS), wrong])
    site, _ = add_files(site, [given("collars.csv", COLLARS)])
    site, _ = add_files(site, [lone])
    with pytest.raises(InputError, match="need the collars"):
        retract(site, "collars")
    site, _ = retract(site, "log")
    retract(site, "collars")


def test_intervals_of_one_hole_in_two_files_must_not_overlap(site: Site, given):
    first = "hole,from_m,to_m,log\nB1,0,6,intact\n"
    site, _ = add_files(site, [given("c.csv", COLLARS), given("day1.csv", first)])
    late = given("day2.csv", "hole,from_m,to_m,log\nB1,5,10,intact\n")
    with pytest.raises(InputError, match=r"day2\.csv: .*overlaps 0-6 m"):
        add_files(site, [late])
    fine = given("day2b.csv", "hole,from_m,to_m,log\nB1,6,10,void\n")
    add_files(site, [fine])


def test_a_hole_or_report_is_given_once(site: Site, given):
    site, _ = add_files(site, [given("c.csv", COLLARS), given("r.csv", REPORTS)])
    with pytest.raises(InputError, match="hole 'B1' is given in"):
        add_files(site, [given("c2.csv", COLLARS + "B3,1,1,0,0,90,5\n")])
    with pytest.raises(InputError, match="report 'R1' is given in"):
        add_files(site, [given("r2.csv", REPORTS.replace("R2", "R3"))])


def test_a_file_in_another_frame_is_refused(site: Site, given):
    far = given("far.csv", "station,x,y,g_ugal\na,4500000,5600000,1\nb,4500010,5600000,2\n")
    with pytest.raises(InputError, match="in or near the site's bounds"):
        add_files(site, [far])
    local = given("line.dat", UNIFIED.replace(" 5 0", " 5000 0"))
    with pytest.raises(InputError, match="--option origin=x,y"):
        add_files(site, [local])
    placed, _ = add_files(site, [local], options={"origin": "0,-4990"})
    assert Site.open(placed.path).items[0].options == {"origin": "0,-4990"}


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("radar", {}, "unknown kind 'radar'; known: gravity, resistivity"),
        (None, {"origin": "1,2"}, "gravity has no option 'origin'; it has: none"),
        ("resistivity", {"origin": "1;2"}, "option origin: expected x,y in metres, found '1;2'"),
        ("resistivity", {"rotation_deg": "east"}, "expected degrees"),
    ],
)
def test_wrong_kinds_and_options_are_refused(site: Site, given, kind, options, message):
    before = tree(site.path)
    with pytest.raises(InputError, match=message):
        add_files(site, [given("g.csv", GRAVITY)], kind=kind, options=options)
    assert tree(site.path) == before


def test_changed_or_missing_evidence_is_found(site: Site, given):
    site, (item,) = add_files(site, [given("g.csv", GRAVITY)])
    stored = site.path / item.file
    stored.write_bytes(stored.read_bytes().replace(b",3\n", b",4\n", 1))
    with pytest.raises(SiteError, match=r"'g' was changed after it was added.*subterra retract"):
        site.content(item)
    stored.unlink()
    with pytest.raises(SiteError, match=r"'g' cannot be read"):
        site.content(item)
    retract(site, "g")


def test_a_second_writer_waits_for_nothing_and_changes_nothing(site: Site, given):
    path = given("g.csv", GRAVITY)
    before = tree(site.path)
    with writing(site.path), pytest.raises(SiteError, match="another process"):
        add_files(site, [path])
    assert tree(site.path) == before


def test_a_change_starts_from_the_folder_not_from_memory(site: Site, given):
    add_files(site, [given("g.csv", GRAVITY)])
    changed, _ = add_files(site, [given("r.csv", REPORTS)])
    assert [i.id for i in changed.items] == ["g", "r"]


def test_an_interrupted_change_leaves_the_site_as_it_was(site: Site, monkeypatch):
    before = tree(site.path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with exclusively(site) as current:
        monkeypatch.setattr("subterra.site.folder.append_entries", interrupted)
        with pytest.raises(KeyboardInterrupt):
            commit(current, [("add", {})], {"evidence/a": b"1", "plan/b": b"2"})
    assert tree(site.path) == before


def test_the_fingerprint_follows_evidence_and_prior_only(site: Site, given):
    empty = site.fingerprint
    site, _ = add_files(site, [given("g.csv", GRAVITY), given("r.csv", REPORTS)])
    both = site.fingerprint
    assert both != empty
    site, _ = retract(site, "g")
    site, _ = add_files(site, [given("other name.csv", GRAVITY)])
    assert site.fingerprint == both
    text = (site.path / "site.toml").read_text()
    (site.path / "site.toml").write_text(text.replace("cost_per_m = 0.05", "cost_per_m = 1.0"))
    assert Site.open(site.path).fingerprint == both
    (site.path / "site.toml").write_text(text.replace("p0 = 0.5", "p0 = 0.6"))
    assert Site.open(site.path).fingerprint != both


def test_reciprocal_pairs_are_said(tmp_path):
    rng = np.random.default_rng(0)
    quads = [(i, i + 1, i + 2, i + 3) for i in range(1, 13)]
    both = [*quads, *((m, n, b, a) for a, b, m, n in quads)]
    rows = [f"{' '.join(map(str, q))} {100 * np.exp(rng.normal(0, 0.02)):.3f}" for q in both]
    text = ["15", "# x y z", *(f"{2 * i} 0 0" for i in range(15)), str(len(both)), "# a b m n rhoa"]
    path = tmp_path / "both.dat"
    path.write_text("\n".join([*text, *rows]) + "\n")
    what = examine(path).what
    assert what.startswith("24 ")
    assert "12 reciprocal pairs: errors" in what
