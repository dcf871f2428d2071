"""What is looked at before and on the ladder points at objects that are there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_site import gravity_table

from subterra.evidence import Evidence, gravity_evidence
from subterra.inference.again import look_again
from subterra.inference.outlook import Outlook, look
from subterra.inference.pairs import pair_density
from subterra.inference.population import populate, score_scenes, scorer
from subterra.inference.scan import scan_density
from subterra.scene import (
    FAMILIES,
    N_PARAMETERS,
    N_SLOTS,
    PARAMETERS,
    Prior,
    Scenes,
    decode_scenes,
    take,
)

DRIVEN = FAMILIES.index("driven")


@pytest.fixture(scope="module")
def prior() -> Prior:
    return Prior((0.0, 0.0, 40.0, 40.0), 8.0)


def drives(prior: Prior, places: list[tuple[float, float]]) -> Scenes:
    """Long drives at (heading, offset) quantiles, two and a half metres deep."""
    unit = np.full((1, N_SLOTS, N_PARAMETERS), 0.5)
    family, fill = np.zeros((2, 1, N_SLOTS), np.int8)
    for k, (heading, offset) in enumerate(places):
        unit[0, k, :2] = heading, offset
        unit[0, k, PARAMETERS.index("length")] = 0.9
        unit[0, k, PARAMETERS.index("depth")] = 0.15
        unit[0, k, PARAMETERS.index("radius")] = 0.9
        family[0, k] = DRIVEN
    return decode_scenes(prior, family, fill, unit, np.full((1, 2), 0.5))


@pytest.fixture(scope="module")
def truth(prior: Prior) -> Scenes:
    return drives(prior, [(0.03, 0.35), (0.55, 0.62)])


@pytest.fixture(scope="module")
def evidence(prior: Prior, truth: Scenes) -> list[Evidence]:
    table = gravity_table()
    table = replace(table, sd_ugal=np.full(len(table), 1.5))
    survey = gravity_evidence([table], prior)
    return [survey.simulate(truth, np.random.default_rng(4))]


@pytest.fixture(scope="module")
def outlook(prior: Prior, evidence: list[Evidence]) -> Outlook:
    with scorer(prior, evidence, threads=2) as engine:
        return look(engine, np.random.default_rng(1))


def test_two_drives_are_likelier_together_than_each_alone(outlook: Outlook, truth: Scenes) -> None:
    code = np.array([DRIVEN], np.int8)
    first, second = truth.unit[:, 0], truth.unit[:, 1]
    together = pair_density(outlook.single, outlook.pair, code, code, first, second)
    alone = scan_density(outlook.single, code, first) + scan_density(outlook.single, code, second)
    assert together[0] > 30.0
    assert np.log(together[0]) > alone[0]


def test_pairs_of_every_two_families_of_the_prior_are_known(outlook: Outlook) -> None:
    known = np.array([[len(mass) > 0 for mass in row] for row in outlook.pair.mass])
    seen = np.array([logs.size > 0 for logs in outlook.single.log_density])
    assert np.array_equal(known, np.outer(seen, seen))


def test_a_second_look_finds_what_is_beside(
    prior: Prior, evidence: list[Evidence], outlook: Outlook, truth: Scenes
) -> None:
    """Beside the first drive the second is seen, and the first is not looked for once more."""
    one = take(drives(prior, [(0.03, 0.35)]), np.zeros(32, int))
    code = np.array([DRIVEN], np.int8)
    with scorer(prior, evidence, threads=2) as engine:
        population = populate(engine, one, score_scenes(engine, one))
        rng = np.random.default_rng(2)
        again, _ = look_again(engine, population, outlook.single, rng)
    found = scan_density(again, code, truth.unit[:, 1])[0]
    assert found > np.log(10.0)
    assert found > scan_density(again, code, truth.unit[:, 0])[0] + np.log(5.0)


def test_a_full_scene_is_not_looked_beside(
    prior: Prior, evidence: list[Evidence], outlook: Outlook
) -> None:
    full = take(drives(prior, [(0.1, 0.2), (0.4, 0.5), (0.7, 0.8)]), np.zeros(8, int))
    with scorer(prior, evidence, threads=1) as engine:
        population = populate(engine, full, score_scenes(engine, full))
        rng = np.random.default_rng(3)
        again = look_again(engine, population, outlook.single, rng)
    assert again == (outlook.single, outlook.single)
