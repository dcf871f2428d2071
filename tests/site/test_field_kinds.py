"""Field files in a site: they find each other, become evidence, and what is amiss is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from subterra.cli import main
from subterra.errors import InputError
from subterra.site import Site, add_files, retract
from subterra.site.kinds import recognise

NOT_EVIDENCE = {
    "grid.asc", "points.xyz", "control.csv", "mine.svx", "lines.kml", "centreline.csv",
}  # fmt: skip
SAMPLES = Path(__file__).parents[1] / "formats" / "samples"


@pytest.fixture
def site(tmp_path):
    bounds = ["--bounds", "0", "0", "40", "40"]
    assert main(["new", str(tmp_path / "s"), *bounds, "--depth", "10"]) == 0
    return Site.open(tmp_path / "s")


def test_a_dump_with_its_stations_is_gravity(site):
    changed, _ = add_files(site, [SAMPLES / "stations.csv", SAMPLES / "cg5.txt"])
    (gravity,) = changed.evidence()
    assert gravity.kind == "gravity"
    np.testing.assert_array_equal(gravity.x_m, [10, 15, 20, 10, 15])
    with pytest.raises(InputError, match="no coordinates for the stations 1, 2, 3"):
        retract(changed, "stations")


def test_options_of_a_dump_reach_the_anomaly(site):
    stations, _ = add_files(site, [SAMPLES / "stations.csv"])
    assert stations.evidence() == []
    plain, _ = add_files(stations, [SAMPLES / "cg5.txt"], options={"density": "0"})
    denser, _ = add_files(
        retract(plain, "cg5")[0], [SAMPLES / "cg5.txt"], options={"density": "2000"}
    )
    change = denser.evidence()[0].observed - plain_observed(site, plain)
    # The slab under 0.1 m more of height weighs 8.4 µGal.
    assert change[1] - change[0] == pytest.approx(-8.387, abs=0.01)


def plain_observed(site, plain):
    """The first survey as it was, read again from a copy of its options."""
    from subterra.evidence import gravity_evidence, reduce_gravity
    from subterra.formats import read_cg5, read_stations

    readings = read_cg5(SAMPLES / "cg5.txt", density=0.0)
    table = reduce_gravity(readings, [read_stations(SAMPLES / "stations.csv")]).table
    return gravity_evidence([table], site.prior).observed


def test_a_dump_without_its_stations_is_refused(site):
    with pytest.raises(InputError, match="no coordinates") as caught:
        add_files(site, [SAMPLES / "cg5.txt"])
    assert caught.value.path == str(SAMPLES / "cg5.txt")
    with pytest.raises(InputError, match="instrument or longman"):
        add_files(site, [SAMPLES / "cg5.txt"], options={"tide": "moon"})


def test_radar_profiles_and_picks_are_evidence(site):
    changed, _ = add_files(site, [SAMPLES / "radar_lines.csv", SAMPLES / "radar_picks.csv"])
    (radar,) = changed.evidence()
    assert radar.kind == "radar-picks"
    assert len(radar.s) == 2
    with pytest.raises(InputError, match="need the profiles"):
        retract(changed, "radar_lines")
    without, _ = retract(changed, "radar_picks")
    assert len(without.evidence()[0].s) == 0
    site, _ = retract(without, "radar_lines")
    with pytest.raises(InputError, match="need the profiles"):
        add_files(site, [SAMPLES / "radar_picks.csv"])
    options = {"p_detect": "0.9", "false_per_100_m": "1"}
    sure, _ = add_files(site, [SAMPLES / "radar_lines.csv"], options=options)
    assert sure.evidence()[0].terms.p_detect == 0.9
    with pytest.raises(InputError, match="a number above 0"):
        add_files(site, [SAMPLES / "radar_lines.csv"], options={"p_detect": "-1"})


def written_by_all(folder):
    """One dipole-dipole line as four programs write it."""
    rows = [(k + 1, k, k + 1 + n, k + 2 + n) for n in (1, 2) for k in range(7)]
    data = [(*(2 * e for e in row), 90.0 + 3 * k) for k, row in enumerate(rows)]
    abmn = "a,b,m,n,rhoa,err\n" + "".join(f"{a},{b},{m},{n},{v},0.02\n" for a, b, m, n, v in data)
    syscal = "Spa.1\tSpa.2\tSpa.3\tSpa.4\tRho\tDev.\n" + "".join(
        "\t".join(map(str, (*row, 2.0))) + "\n" for row in data
    )
    names = "\t".join(f"{role}({axis})" for role in "ABMN" for axis in "xyz")
    terrameter = f"Filename: x\nMeasID\t{names}\tRhoa\tVar(%)\n" + "".join(
        "\t".join(["1", *(f"{e / 2}\t1\t1" for e in row[:4]), str(row[4]), "2.0"]) + "\n"
        for row in data
    )
    general = ["title", "2.0", "11", "0", "Type", "0", "14", "1", "0"]
    general += ["Error estimate for data present", "Type of error estimate", "0"]
    general += [
        "4 " + " ".join(f"{e} 0" for e in row[:4]) + f" {row[4]} {0.02 * row[4]}" for row in data
    ]
    texts = {
        "abmn.csv": abmn,
        "syscal.txt": syscal,
        "terrameter.txt": terrameter,
        "res2dinv.dat": "\n".join([*general, "0", "0", "0", "0"]) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def test_resistivity_of_any_make_is_the_same_survey(site, tmp_path):
    found = []
    for path in written_by_all(tmp_path):
        options = {"origin": "5,5", **({"spacing": "2"} if "terra" in path.name else {})}
        changed, (item,) = add_files(site, [path], options=options)
        (survey,) = changed.evidence()
        found.append(survey)
        site, _ = retract(changed, item.id)
    for other in found[1:]:
        np.testing.assert_allclose(other.observed, found[0].observed)
        np.testing.assert_allclose(other.models.sd, found[0].models.sd)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("res2dinv_general.dat", {"spacing": "2"}),
        ("unified.ohm", {"spacing": "2"}),
        ("cg6.txt", {"origin": "0,0"}),
    ],
)
def test_an_option_of_another_format_is_refused(site, name, options):
    with pytest.raises(InputError, match="files of this format have no option"):
        add_files(site, [SAMPLES / name], options=options)


def test_every_sample_is_one_kind_only():
    """No two sniffers claim a file."""
    for path in sorted(SAMPLES.iterdir()):
        if path.name not in NOT_EVIDENCE:
            recognise(path)


def test_the_errors_of_gravimeter_readings_have_a_unit(site):
    from subterra.site.forecast_summary import assumption_words
    from subterra.site.survey_forecast import forecast

    changed, _ = add_files(site, [SAMPLES / "stations.csv", SAMPLES / "cg5.txt"])
    words = assumption_words(forecast(changed).surveys[0], 0.9)
    assert "µGal (model error included)" in words
    assert "kg/m³" in words
