"""Forecasts of kinds from outside, and of an object that the belief suspects."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from types import SimpleNamespace

import numpy as np
import pytest

from subterra.errors import InputError
from subterra.evidence import gravity_evidence
from subterra.formats import read_planned_gravity
from subterra.ground import posterior_nodes, snr_by_node
from subterra.physics import gravity_response
from subterra.scene import make_scene, slot
from subterra.site import ForecastTerms, Site, add_files, forecast, infer, plan_grid, read_planned
from subterra.site.forecast_summary import document, limit_rows, sees_nothing
from subterra.site.kinds import ENTRY_POINTS, Format, Kind, Planned, kinds
from subterra.tables import GravityTable

SOUNDINGS = "SOUNDINGS\n" + "\n".join(f"{4 * i};{4 * j}" for i in range(6) for j in range(4))


def read_soundings(path, options):
    rows = [line.split(";") for line in path.read_text().splitlines()[1:]]
    x, y = np.array(rows, float).T
    return GravityTable(tuple(f"s{k}" for k in range(len(x))), x, y, None, np.zeros(len(x)))


def build(tables, setting, name):
    evidence = gravity_evidence(tables["soundings"], setting.prior, id=name)
    return replace(evidence, kind="soundings")


# A kind that knows neither where it measures nor how it is planned.
BARE = Kind(
    "soundings",
    "sounding",
    (Format("soundings", lambda head: head.startswith(b"SOUNDINGS"), read_soundings),),
    "soundings",
    build,
)


@pytest.fixture
def from_outside(monkeypatch):
    def install(kind):
        kinds.cache_clear()
        entry = EntryPoint("e", "outside:e", ENTRY_POINTS)
        found = [SimpleNamespace(value=entry.value, load=lambda: kind)]

        def some(**wanted):
            return found if wanted.get("group") == ENTRY_POINTS else entry_points(**wanted)

        monkeypatch.setattr("importlib.metadata.entry_points", some)

    yield install
    monkeypatch.undo()
    kinds.cache_clear()


def test_a_kind_from_outside_is_forecast_once_it_is_measured(site: Site, given, from_outside):
    from_outside(BARE)
    site, _ = add_files(site, [given("a.txt", SOUNDINGS)])
    made = forecast(site)
    (survey,) = made.surveys
    assert (survey.name, survey.planned, survey.n_data) == ("soundings", False, 24)
    # Its area is the site's, for want of better.
    assert survey.points.min(axis=0).tolist() == [0.0, 0.0]
    assert survey.points.max(axis=0).tolist() == [20.0, 15.0]
    assert document(made)["surveys"][0]["kind"] == "soundings"


def test_a_kind_that_cannot_be_planned_says_so(site: Site, given, from_outside):
    from_outside(BARE)
    with pytest.raises(InputError, match="kind soundings cannot be planned in a file"):
        read_planned(given("a.txt", SOUNDINGS), kind="soundings")


def test_a_kind_from_outside_can_be_planned(site: Site, given, from_outside):
    form = Format(
        "planned",
        lambda head: head.startswith(b"station,x,y,depth"),
        lambda path, options: read_planned_gravity(path),
    )
    plan = Planned((form,), lambda table, error: table, "ns", "ns", 1.0, "m/ns")
    from_outside(replace(BARE, planned=plan))
    rows = "".join(f"s{i}{j},{4 * i},{4 * j},1\n" for i in range(6) for j in range(4))
    path = given("plan.csv", "station,x,y,depth\n" + rows)
    # Gravity knows the columns too: the user says which it is.
    with pytest.raises(InputError, match="is no planned survey"):
        read_planned(path)
    made = forecast(site, [read_planned(path, kind="soundings")])
    assert made.surveys[0].kind.name == "soundings"


def test_more_noise_is_never_seen_deeper(site: Site):
    plan = [plan_grid((0.0, 0.0, 20.0, 15.0), 2.5)]
    rows = [
        limit_rows(forecast(site, plan, ForecastTerms(error=e)).surveys[0], 0.9)
        for e in (1.0, 4.0, 500.0)
    ]
    for fine, coarse in zip(rows[0], rows[1], strict=True):
        assert (fine.quiet.down_to_m or 0.0) >= (coarse.quiet.down_to_m or 0.0)
    assert not sees_nothing(rows[0])
    assert sees_nothing(rows[2])


def test_a_drive_that_the_belief_suspects_is_put_to_the_plan(site: Site, given):
    """A loud drive is found; a good plan would show it, a bad one would not."""
    x, y = (v.ravel() for v in np.meshgrid(np.arange(0.0, 21.0, 2.5), np.arange(0.0, 16.0, 2.5)))
    axis = [(-60.0, 8.0, -4.0), (80.0, 8.0, -4.0)]
    scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.2}])
    g = gravity_response(slot(scene, 0), x, y, np.full(len(x), 0.3))[0]
    g = g + np.random.default_rng(3).normal(0.0, 2.0, len(x))
    rows = "".join(f"s{k},{x[k]},{y[k]},{g[k]:.3f},2\n" for k in range(len(x)))
    path = given("gravity.csv", "station,x,y,g_ugal,sd_ugal\n" + rows)
    site, _ = add_files(site, [path])
    infer(site, n_scenes=512)
    site = Site.open(site.path)
    good, bad = (
        forecast(site, [plan_grid((0.0, 0.0, 20.0, 15.0), 2.5)], ForecastTerms(error=e))
        for e in (2.0, 500.0)
    )
    assert good.stale is False
    seen, unseen = good.surveys[0].suspected[0], bad.surveys[0].suspected[0]
    assert seen.p > 0.9
    assert seen.pod > 0.5 > 0.01 > unseen.pod
    assert seen.snr[0] < seen.snr[1] < seen.snr[2]
    # What measured it shows it, too, in the ground that is left when it is taken out.
    (own,) = forecast(site).surveys
    with_belief = own.suspected[0].snr[1]
    assert with_belief > 7.0
    nodes = posterior_nodes(own.evidence.models)
    bare = snr_by_node(own.evidence.models, nodes, response(own))[0] @ nodes.weight
    assert with_belief > 2.0 * bare


def response(survey):
    """Response of the first suspected object."""
    axis = survey.suspected[0].axis
    scene = make_scene([{"family": "driven", "fill": "air", "axis": axis, "radius": 1.0}])
    return survey.evidence.object_response(slot(scene, 0))
