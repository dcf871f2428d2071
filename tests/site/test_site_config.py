from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subterra.errors import InputError, SiteError
from subterra.scene import DEFAULT_FAMILIES, FamilyPrior, Plane, Prior
from subterra.search.terms import DrillTerms
from subterra.site.config import (
    build_config,
    load_config,
    parse_config,
    settings_fingerprint,
    to_prior,
    to_terms,
)
from subterra.site.toml_text import key_line, toml_text

MINIMAL = {"name": "Field", "bounds": [0, 0, 40, 30], "depth_m": 12}

number = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e4)


@st.composite
def rising(draw: st.DrawFn) -> list[float]:
    low = draw(positive)
    return [low, low * draw(st.floats(1.01, 100.0))]


@st.composite
def site_files(draw: st.DrawFn) -> dict[str, object]:
    x0, y0 = draw(number), draw(number)
    corner = st.lists(number, min_size=2, max_size=2)
    family = {
        "length_m": draw(rising()),
        "depth_m": draw(rising()),
        "radius_m": draw(rising()),
        "expected": draw(st.floats(0.0, 3.0)),
    }
    areas = st.lists(
        st.fixed_dictionaries(
            {"name": st.text(), "polygon": st.lists(corner, min_size=3, max_size=5)}
        ),
        max_size=2,
    )
    return {
        "name": draw(st.text(min_size=1)),
        "bounds": [x0, y0, x0 + draw(positive), y0 + draw(positive)],
        "depth_m": draw(positive),
        "surface": {"z0_m": draw(number), "slope_x": draw(st.floats(-1, 1))},
        "targets": {"look_for": draw(st.sampled_from([["driven"], ["working", "chamber"]]))},
        "families": {draw(st.sampled_from(["driven", "working", "chamber"])): family},
        "no_go": draw(areas),
    }


def test_defaults_are_those_of_the_scene_and_the_drill():
    config = build_config(MINIMAL)
    assert to_prior(config) == Prior((0.0, 0.0, 40.0, 30.0), 12.0)
    terms, default = to_terms(config), DrillTerms()
    assert vars(terms) == vars(default)


def test_every_number_of_the_prior_can_be_set():
    config = build_config(
        {
            **MINIMAL,
            "surface": {"z0_m": 5.0, "slope_x": 0.1, "slope_y": -0.2},
            "targets": {"look_for": ["working"], "p0": 0.25, "more": [0.5, 0.25, 0.25]},
            "host": {"density_kg_m3": [1900, 2000], "resistivity_ohmm": [20, 30]},
            "fills": {
                "water_conductivity_ratio": [2, 3],
                "rubble_conductivity_ratio": [0.5, 0.6],
                "rubble_density_deficit": [0.1, 0.2],
                "halo_sd": 0.1,
                "rubble_chimney": True,
            },
            "families": {
                "driven": {
                    "length_m": [1, 2],
                    "depth_m": [3, 4],
                    "radius_m": [5, 6],
                    "grade_sd": 7,
                    "curvature_sd_per_m": 8,
                    "fill": [0.5, 0.5, 0],
                    "expected": 9,
                    "section": "rectangular",
                    "aspect": [1.5, 1.5],
                    "lining_m": 0.2,
                    "lining_density": 2500,
                }
            },
        }
    )
    shape = ("rectangular", (1.5, 1.5), 0.2, 2500)
    driven = FamilyPrior("driven", (1, 2), (3, 4), (5, 6), 7, 8, (0.5, 0.5, 0), 9, *shape)
    assert to_prior(config) == Prior(
        bounds=(0, 0, 40, 30),
        depth_m=12,
        targets=("working",),
        p_none=0.25,
        more_targets=(0.5, 0.25, 0.25),
        families={**DEFAULT_FAMILIES, "driven": driven},
        surface=Plane(5.0, 0.1, -0.2),
        host_density=(1900, 2000),
        host_resistivity=(20, 30),
        water_ratio=(2, 3),
        rubble_ratio=(0.5, 0.6),
        rubble_deficit=(0.1, 0.2),
        halo_sd=0.1,
        rubble_chimney=True,
    )


def test_drilling_terms_and_no_go_areas_reach_the_planner():
    pond = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]]
    config = build_config(
        {
            **MINIMAL,
            "drilling": {"cost_per_m": 0.5, "inclinations_deg": [90]},
            "no_go": [{"name": "pond", "polygon": pond}],
        }
    )
    terms = to_terms(config)
    assert (terms.cost_per_m, terms.inclinations_deg) == (0.5, (90,))
    np.testing.assert_array_equal(terms.no_go[0], pond)


@settings(deadline=None)
@given(site_files())
def test_a_written_site_file_reads_back_the_same(data):
    config = build_config(data)
    assert parse_config(toml_text(config)) == config


def test_the_written_file_explains_itself_and_its_examples_are_valid():
    text = toml_text(build_config(MINIMAL))
    assert "NO target" in text
    examples = text.replace("# crs =", "crs =").replace("# no_go =", "no_go =")
    config = parse_config(examples)
    assert config.crs is not None
    assert config.no_go[0].name == "pond"


@pytest.mark.parametrize(
    ("old", "new", "key", "after"),
    [
        ("p0 = 0.5", "p0 = 1.5", "targets.p0", "less than 1, found 1.5"),
        ("p0 = 0.5", "p9 = 0.5", "targets.p9", "misspelt"),
        ("p0 = 0.5", "p0 = nan", "targets.p0", "finite"),
        ('name = "Field"', 'nam = "Field"', "nam", "misspelt"),
        ("expected = 0.3", 'expected = "few"', "families.chamber.expected", "found 'few'"),
        ("[families.chamber]", "[families.chambr]", "families.chambr", "misspelt|'chamber'"),
        ("more = [0.8", "more = [0.7", "targets.more", "sum to 1"),
        ("[0.0, 0.0, 40.0, 30.0]", "[0.0, 40.0, 40.0, 30.0]", "bounds", "x0 < x1"),
        ("radius_m = [0.5, 4.0]", "radius_m = [4.0, 0.5]", "families.chamber.radius_m", "smaller"),
        ("format = 1", "format = 2", "format", "expected 1, found 2"),
        ("max_length_m = 100.0", "max_length_m = -1.0", "drilling.max_length_m", "than 0"),
        ("p0 = 0.5", "p0 = ", "not TOML", "Invalid value"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old, new, key, after):
    text = toml_text(build_config(MINIMAL))
    assert text.count(old) == 1
    path = tmp_path / "site.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(InputError, match=after) as caught:
        load_config(path)
    assert caught.value.path == str(path)
    assert caught.value.line == line
    assert key in caught.value.problem


def test_a_missing_key_is_named():
    with pytest.raises(InputError, match="depth_m: this key is missing"):
        build_config({"name": "Field", "bounds": [0, 0, 1, 1]})


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path):
    path = tmp_path / "site.toml"
    path.write_bytes(b'name = "a"\nbounds = "\xff"\n')
    with pytest.raises(InputError, match="UTF-8") as caught:
        load_config(path)
    assert caught.value.line == 2


def test_a_missing_file_is_a_site_error(tmp_path: Path):
    with pytest.raises(SiteError, match="cannot be read"):
        load_config(tmp_path / "site.toml")


def test_targets_without_a_prior_contradict():
    text = 'name="a"\nbounds=[0,0,1,1]\ndepth_m=2\n[targets]\nlook_for=[]\n'
    with pytest.raises(InputError, match="look_for"):
        parse_config(text)


def test_lines_of_keys_in_tables_and_arrays_of_tables():
    text = '\na = 1\n[b]\nc = 2\n[[d]]\ne = 1\n[[d]]\ne = 2\n[b.f]\n"g" = 3\n'
    tomllib.loads(text)
    assert key_line(text, ("a",)) == 2
    assert key_line(text, ("b", "c")) == 4
    assert key_line(text, ("d", 1, "e")) == 8
    assert key_line(text, ("b", "f", "g")) == 10
    assert key_line(text, ("b", "f", "missing")) == 9
    assert key_line(text, ("nowhere",)) is None


def test_the_fingerprint_is_of_what_a_belief_depends_on():
    def fingerprint(**changes: object) -> str:
        return settings_fingerprint(build_config({**MINIMAL, **changes}))

    same = fingerprint()
    assert fingerprint(name="Other") == same
    assert fingerprint(drilling={"cost_per_m": 9}, notes=["x"]) == same
    assert fingerprint(drilling={"p_detect": [0.9, 0.9, 0.5]}) != same
    assert fingerprint(fills={"halo_sd": 0.31}) != same
    assert fingerprint(surface={"slope_y": 0.01}) != same
