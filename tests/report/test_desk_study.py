"""The desk study: what goes back to one origin, and where signs were looked for."""

from __future__ import annotations

from dataclasses import replace

from spoken_blocks import spoken

from subterra.report.anchors import anchors_of
from subterra.report.blocks import Table
from subterra.report.content import LookedArea
from subterra.report.desk import desk_section
from subterra.report.sightings import looked_areas, sightings
from subterra.site import Site, add_files, build_config

SITE = {"name": "Field", "bounds": [0, 0, 40, 40], "depth_m": 8}
SIGNS = """id,kind,x,y,sd_m,p_notice,area,origin,season,weather
S1,entrance,10,8,2,,,,,
S2,spoil,14,9,2,,,,,
S3,steam,30,30,5,,,,winter,frost
S4,subsidence,35,9,2,,,a farmer,,
L1,looked,20,20,12,0.6,,,summer,dry
L2,looked,20,20,1,0.5,"0 0, 9 0, 9 5",,,
"""


def test_signs_of_one_hand_show_it_and_areas_say_where(tmp_path):
    path = tmp_path / "signs.csv"
    path.write_text(SIGNS)
    site, _ = add_files(Site.create(tmp_path / "field", build_config(SITE)), [path])
    found = sightings(site, site.evidence())
    assert [(s.id, s.origin) for s in found] == [
        ("S1", "sign S1"),
        ("S2", "sign S1"),
        ("S3", ""),
        ("S4", "a farmer"),
    ]
    assert looked_areas(site) == (
        LookedArea("L1", "within 12 m of E 20, N 20", "summer, dry", "", 0.6),
        LookedArea("L2", "polygon of 3 corners in E 0 to 9, N 0 to 5", "", "", 0.5),
    )


def test_an_origin_lists_its_reports_and_its_signs(content):
    report = content.reports[0]
    sign = replace(report, id="S9", source="seen", grade="", kind="spoil", is_sign=True)
    area = LookedArea("L1", "within 12 m of E 20, N 20", "summer", "walked", 0.6)
    both = replace(content, reports=(report, sign), looked=(area,))
    blocks = desk_section(both, anchors_of(both), str).blocks
    (origins,) = [b for b in blocks if isinstance(b, Table) and b.caption.startswith("By origin")]
    assert spoken([origins]).splitlines()[-5:] == ["o0", "source 0", "B2", "2", "r1, S9"]
    markup = spoken(blocks)
    assert "Areas that were searched" in markup
    assert "within 12 m of E 20, N 20" in markup
    bare = replace(content, reports=(report,))
    assert "Signs on the surface" not in spoken(desk_section(bare, anchors_of(bare), str).blocks)
