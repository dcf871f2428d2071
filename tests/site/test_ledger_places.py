"""A file that only says where others measured is no item of the ledger."""

from __future__ import annotations

from pathlib import Path

from subterra.site import Site, add_files, build_config
from subterra.site.ledger import _files_of, _items

WALK = Path(__file__).parents[2] / "docs" / "first-walk"


def test_stations_of_a_dump_are_weighed_with_it(tmp_path):
    config = build_config(
        {"name": "walk", "bounds": [400000, 5600000, 400040, 5600030], "depth_m": 10}
    )
    site = Site.create(tmp_path / "walk", config)
    site, items = add_files(site, [WALK / "stations.csv", WALK / "dump.txt"])
    assert [item.kind for item in items] == ["gravity-stations", "gravity-readings"]
    survey = _Survey()
    files = _files_of(site, {"gravity": survey})
    assert files == {"gravity": (items[1].id,)}
    (item,), _ = _items({"gravity": survey}, files)
    assert item.label == "the gravity survey"


class _Survey:
    """Evidence that is not made of items."""

    kind = "gravity"
