"""Resistivity about a background keeps the protocol; an even background changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from samples import PRIOR, nothing, resistivity_table, scenes_of_all_sorts, tunnel

from subterra.errors import InputError
from subterra.evidence import resistivity_evidence
from subterra.ground import mesh_background
from subterra.physics import Fillings, LayeredEarth
from subterra.tables import ResistivityTable
from subterra.testing import check_evidence, check_normalised

LAYERS = LayeredEarth((40.0, 300.0), (2.0,))


def even(layout, spacing):
    return mesh_background(
        layout, lambda place: np.full(len(place), 70.0), spacing_m=spacing, deepest_m=8.0
    )


def test_evidence_over_layers():
    evidence = resistivity_evidence(
        [resistivity_table()], PRIOR, layers=LAYERS, fillings=Fillings(water_table_m=3.0)
    )
    check_evidence(evidence, scenes_of_all_sorts())


def test_layered_likelihoods_are_densities():
    evidence = resistivity_evidence([resistivity_table(9, 2.0, 3)], PRIOR, layers=LAYERS)
    check_normalised(evidence, tunnel(16.0, 4.0, 0.7), nothing(), draws=1000)


def test_an_even_mesh_changes_nothing():
    plain = resistivity_evidence([resistivity_table()], PRIOR)
    mesh = resistivity_evidence([resistivity_table()], PRIOR, ground=even)
    scenes = scenes_of_all_sorts()
    assert mesh.log_likelihood(scenes) == pytest.approx(plain.log_likelihood(scenes), abs=0.01)


def test_a_survey_has_one_background():
    with pytest.raises(InputError, match="one background"):
        resistivity_evidence([resistivity_table()], PRIOR, layers=LAYERS, ground=even)


def test_electrodes_on_a_hill_need_a_ground_that_knows_it():
    """A ridge under the line, on a mesh that follows it; a plane refuses such electrodes."""
    flat = resistivity_table()
    x = np.asarray(flat.electrode_x_m)
    rise = 1.0 * np.exp(-((x - x.mean()) ** 2) / 18.0)
    hilly = ResistivityTable(x, flat.electrode_y_m, rise, flat.abmn, flat.rhoa_ohmm)
    with pytest.raises(InputError, match="above the site's surface"):
        resistivity_evidence([hilly], PRIOR)

    def ridge(layout, spacing):
        middle = x.mean() - layout.origin[0]
        return mesh_background(
            layout,
            lambda place: np.full(len(place), 70.0),
            spacing_m=spacing,
            deepest_m=8.0,
            height=lambda px, py: 1.0 * np.exp(-((px - middle) ** 2) / 18.0),
        )

    evidence = resistivity_evidence([hilly], PRIOR, ground=ridge)
    # Over a crest current has less room, at the feet of a ridge more: the flat factor sees both.
    assert 0.02 < np.ptp(evidence.offset) < 1.0
    assert np.isfinite(evidence.log_likelihood(scenes_of_all_sorts())).all()
