from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from site_samples import COLLARS, GRAVITY, REPORTS

from subterra.errors import InputError, SiteError
from subterra.formats import read_boreholes, read_reports
from subterra.scene import Plane
from subterra.site import Format, Kind, Site, add_files, examine, kinds
from subterra.site.join import join_collars, join_reports
from subterra.site.kinds import ENTRY_POINTS


@dataclass(frozen=True)
class Stones:
    """A table of a kind from outside."""

    x_m: Any
    y_m: Any

    def __len__(self) -> int:
        return len(self.x_m)


def read_stones(path: Path, options: Any) -> Stones:
    rows = [line.split(";") for line in path.read_text().splitlines()[1:]]
    return Stones(*np.array(rows, float).T)


STONES = Kind(
    name="stones",
    noun="stone",
    formats=(Format("stones", lambda head: head.startswith(b"STONES"), read_stones),),
    group="stones",
    build=lambda tables, setting, name: SimpleNamespace(
        id=name, kind="stones", fingerprint=str(len(tables["stones"]))
    ),
    place=lambda table: (table.x_m, table.y_m),
)


@pytest.fixture
def from_outside(monkeypatch) -> Iterator[Any]:
    """Let the installation have entry points to the given objects."""

    def install(*objects: object) -> None:
        kinds.cache_clear()
        found = []
        for number, thing in enumerate(objects):
            entry = EntryPoint(f"e{number}", f"outside:e{number}", ENTRY_POINTS)
            found.append(SimpleNamespace(value=entry.value, load=lambda thing=thing: thing))
        monkeypatch.setattr("importlib.metadata.entry_points", lambda group: found)

    yield install
    monkeypatch.undo()
    kinds.cache_clear()


def test_a_kind_from_outside_is_recognised_read_and_built(site: Site, given, from_outside):
    from_outside(STONES)
    site, (item,) = add_files(site, [given("a.txt", "STONES\n1;2\n3;4\n")])
    assert (item.kind, item.what) == ("stones", "2 stones")
    assert [e.id for e in Site.open(site.path).evidence()] == ["stones"]


def test_evidence_of_a_kind_that_is_no_longer_installed_says_so(site, given, from_outside):
    from_outside(STONES)
    site, _ = add_files(site, [given("a.txt", "STONES\n1;2\n")])
    from_outside()
    with pytest.raises(InputError, match="unknown kind 'stones'"):
        site.evidence()


def test_a_file_that_two_kinds_know_needs_kind(given, from_outside):
    from_outside(STONES, replace(STONES, name="rocks"))
    path = given("a.txt", "STONES\n1;2\n")
    with pytest.raises(InputError, match="could be any of stones, rocks; say which with --kind"):
        examine(path)
    assert examine(path, kind="rocks").kind.name == "rocks"


@pytest.mark.parametrize("thing", [object(), replace(STONES, name="gravity")])
def test_an_entry_point_that_is_no_new_kind_is_refused(from_outside, thing):
    from_outside(thing)
    with pytest.raises(SiteError, match="outside:e0"):
        kinds()


def test_a_forced_kind_reads_with_its_own_messages(given):
    path = given("a.csv", "place,value\n1,2\n")
    with pytest.raises(InputError, match="missing columns station"):
        examine(path, kind="gravity")
    assert examine(given("g.csv", GRAVITY), kind="gravity").what == "20 gravity stations"


def test_gravity_and_gradients_are_one_survey_group(site: Site, given):
    rows = "".join(f"E{i},{5 + i},10,{-3 * i}\n" for i in range(6))
    site, _ = add_files(site, [given("g.csv", GRAVITY)])
    alone = site.evidence()[0]
    site, (item,) = add_files(site, [given("e.csv", "station,x,y,gzz_eotvos\n" + rows)])
    assert (item.kind, item.what) == ("gravity-gradient", "6 gravity gradients")
    (joint,) = site.evidence()
    assert joint.gradient.sum() == 6
    assert len(joint.observed) == len(alone.observed) + 6
    only, _ = add_files(Site.open(site.path), [])
    assert [e.fingerprint for e in only.evidence()] == [joint.fingerprint]


def test_joined_collars_without_z_lie_on_the_surface(given):
    with_z = read_boreholes(given("a.csv", COLLARS))
    flat = COLLARS.replace(",z,", ",").replace(",0,0,90", ",0,90").replace("B", "C")
    without = read_boreholes(given("b.csv", flat))
    joined = join_collars([with_z, without], Plane(100.0, 1.0, 0.0))
    assert joined.hole == ("B1", "B2", "C1", "C2")
    np.testing.assert_array_equal(joined.z_m, [0.0, 0.0, 105.0, 109.0])


def test_joined_reports_keep_extra_columns_of_either_file(given):
    first = read_reports(given("a.csv", REPORTS.replace("sd_m", "sd_m,page", 1).replace(
        "8,5\n", "8,5,12\n").replace("9,8\n", "9,8,13\n")))  # fmt: skip
    second = read_reports(given("b.csv", REPORTS.replace("R1", "R3").replace("R2", "R4")))
    joined = join_reports([first, second])
    assert joined.id == ("R1", "R2", "R3", "R4")
    assert joined.extra == {"page": ("12", "13", "", "")}
