"""The layout of the gallery survey: the published table of detectability, and what it limits."""

import os
from pathlib import Path

import numpy as np
import pytest

from subterra.evidence import resistivity_evidence
from subterra.formats import read_unified
from subterra.ground import (
    GroundKernel,
    NuisanceGrid,
    eigenbases,
    factorise,
    make_mesh,
    prior_nodes,
    resistivity_covariance,
    sensitivity,
    snr_by_node,
)
from subterra.scene import Prior
from subterra.search.detectability import depth_limit, detectability, search_threshold
from subterra.search.drives import Placements, cross_drives, drive_objects

pytestmark = pytest.mark.field

PRIOR = Prior((0.0, 0.0, 20.0, 32.5), 12.0)
DEPTH_M = np.array([3.0, 4.0, 5.0, 6.0, 8.0])


@pytest.fixture(scope="module")
def table():
    folder = os.environ.get("SUBTERRA_DATA")
    if not folder:
        pytest.skip("the gallery survey is found through SUBTERRA_DATA, which is not set")
    survey = Path(folder) / "ert_gallery_freiberg" / "gallery3d.dat"
    if not survey.exists():
        pytest.skip(f"{survey} does not exist")
    return read_unified(survey)


@pytest.fixture(scope="module")
def survey(table):
    return resistivity_evidence([table], PRIOR)


@pytest.mark.parametrize(
    ("error", "ground_sd", "published"),
    [(0.02, 0.2, [17.0, 9.9, 5.8, 3.5, 1.4]), (0.05, 0.4, [7.9, 4.5, 2.6, 1.6, 0.6])],
)
def test_published_ratios_of_a_2_m_air_filled_drive(survey, error, ground_sd, published):
    """East-west drive at northing 15, isotropic exponential ground of 12 m, no model floor.

    The table does not say its ground; this one gives it, bedded and shorter ones give 10 to 25 %
    less. At radius/depth 1/3 (3 m) our response has terms that the table's has not.
    """
    mesh = make_mesh(survey.layout, 2.5)
    rows = sensitivity(survey.layout, mesh)
    covariance = resistivity_covariance(rows, mesh, GroundKernel(12.0, 1.0, 0.5))
    n = len(survey.sd)
    sd = np.full(n, error)
    grid = NuisanceGrid(np.array([ground_sd]), np.array([1.0]), 0.0)
    bases = eigenbases(sd, survey.models.trend * survey.models.sd[:, None], [covariance])
    models = factorise(np.zeros(n), sd, bases, ["isotropic"], grid)
    place = Placements(np.array([90.0]), np.array([10.0]), np.array([15.0]))
    drives = cross_drives(["air"], np.array([2.0]), DEPTH_M, place)
    response = survey.combine(survey.object_response(drive_objects(drives, PRIOR)))
    found = snr_by_node(models, prior_nodes(models), response)[:, 0]
    assert found[0] == pytest.approx(published[0], rel=0.1)
    assert found[1:] == pytest.approx(np.array(published[1:]), rel=0.06, abs=0.05)


def test_depth_limits_lie_where_practice_has_them(table, survey):
    """Surface methods see an open cavity to about two of its diameters, at best to four."""
    points = np.column_stack([table.electrode_x_m, table.electrode_y_m])
    nodes = prior_nodes(survey.models)
    threshold = search_threshold(survey, PRIOR, points, nodes)
    assert 4.0 < threshold.tau < 5.0
    found = detectability(survey, PRIOR, points, nodes, fills=["air"], diameter_m=[2.0, 3.0])
    for d, diameter in enumerate((2.0, 3.0)):
        middling, quiet = (
            depth_limit(found.depth_m, found.over_ground(q)[0, d], threshold.needed()).down_to_m
            for q in (0.5, 0.9)
        )
        assert 1.0 <= middling / diameter <= 2.2
        assert 1.4 <= quiet / diameter <= 4.1
