"""Numbers that the theory pages state are those of the code."""

from __future__ import annotations

import re

import pytest
from docs_pages import DOCS, text_of

from subterra.evidence import cw_radar, gravity, resistivity, traveltime
from subterra.evidence.report_terms import DEPTH_BLUNDERS, RELIABILITY
from subterra.ground import gravity_grid, resistivity_grid
from subterra.inference import moves, proposals, smc
from subterra.search.detectability import MARGIN

THEORY = DOCS / "theory"


def page(name: str) -> str:
    return text_of(THEORY / f"{name}.md")


def rows(text: str, first: str) -> list[list[str]]:
    """Cells of the table whose header begins with the given words, header and rule left out."""
    table = text[text.index(f"| {first} |") :].split("\n\n")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def numbers(text: str) -> list[float]:
    return [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_moves_and_their_shares():
    told = {row[0]: float(row[1]) for row in rows(page("inference"), "move")}
    assert told == dict(zip(moves.MOVES, moves._CHANCE.tolist(), strict=True))


def test_ladder_and_births():
    text = page("inference")
    assert float(re.search(r"\\ge ([\d.]+) \.", text)[1]) == smc._ESS_SHARE
    assert f"falls below {smc._MEMORY}" in " ".join(text.split())
    births = re.search(r"\*\*Births\.\*\*.*?\n\n", text, re.DOTALL)[0]
    shares = [v for v in numbers(births) if 0.0 < v < 1.0]
    assert shares == proposals._SHARES.tolist()


def test_nuisance_grids():
    told = {row[0]: row for row in rows(page("ground"), "survey")}
    for name, module in (
        ("gravity", gravity),
        ("resistivity", resistivity),
        ("travel times", traveltime),
        ("levels", cw_radar),
    ):
        grid, row = module._GRID, told[name]
        amplitude = numbers(row[1])
        if "from" in row[1]:
            assert amplitude[0] == len(grid.amplitude)
            amplitude = amplitude[1:]
            assert amplitude == pytest.approx(grid.amplitude[[0, -1]])
        else:
            assert amplitude == grid.amplitude.tolist()
        assert numbers(row[2]) == grid.noise.tolist()
        assert numbers(row[3]) == [grid.kappa]


def test_ground_kernels():
    half = str.maketrans({"½": ".5"})
    told = rows(page("ground"), "gravity | resistivity")
    for column, kernels in enumerate((gravity_grid(1.0), resistivity_grid(1.0))):
        found = [numbers(re.sub(r"(?<!\d)\.5", "0.5", row[column].translate(half))) for row in told]
        assert found == [pytest.approx([k.horizontal_m, k.ratio, k.smoothness]) for k in kernels]


def test_people():
    text = page("people")
    (letters,) = rows(text, "letter")
    told = [tuple(numbers(cell)) for cell in letters[1:]]
    assert told == [RELIABILITY[letter] for letter in "ABCDEF"]
    factors = numbers(text[text.index("| factor $c_b$ |") :].split("\n")[0])
    (shares,) = rows(text, "factor $c_b$")
    assert list(zip(factors, numbers(" ".join(shares[1:])), strict=True)) == [
        pytest.approx(pair) for pair in DEPTH_BLUNDERS
    ]


def test_margin_of_a_forecast():
    assert f"m = {MARGIN}" in page("search")
