"""Types of the keys of the site file: their ranges, and the base of its tables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = [
    "Anisotropy",
    "BelowOne",
    "Bounds",
    "Chance",
    "Family",
    "Layers",
    "Model",
    "NotNegative",
    "Positive",
    "PositiveRange",
    "Record",
    "Share",
    "Shares",
]


def _rising(pair: tuple[float, float]) -> tuple[float, float]:
    if not pair[0] < pair[1]:
        problem = f"the first of two bounds must be the smaller, found {list(pair)}"
        raise ValueError(problem)
    return pair


def _counted(record: tuple[float, float]) -> tuple[float, float]:
    if not record[0] <= record[1]:
        problem = f"expected hits and then at least as many sites, found {list(record)}"
        raise ValueError(problem)
    return record


def _sums_to_one(shares: tuple[float, float, float]) -> tuple[float, float, float]:
    if abs(sum(shares) - 1.0) > 1e-6:
        problem = f"probabilities must sum to 1, found {list(shares)}"
        raise ValueError(problem)
    return shares


def _bounds_in_order(
    bounds: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = bounds
    if not (x0 < x1 and y0 < y1):
        problem = f"expected x0, y0, x1, y1 with x0 < x1 and y0 < y1, found {list(bounds)}"
        raise ValueError(problem)
    return bounds


def _layered(text: str) -> str:
    from subterra.physics import parse_layers

    parse_layers(text)
    return text


Family = Literal["driven", "working", "chamber", "shaft", "conduit"]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
BelowOne = Annotated[float, Field(ge=0.0, lt=1.0)]
Chance = Annotated[float, Field(gt=0.0, lt=1.0)]
Record = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_counted)]
PositiveRange = Annotated[tuple[Positive, Positive], AfterValidator(_rising)]
Anisotropy = Literal["none", "elliptical", "weak"]
Shares = Annotated[tuple[Share, Share, Share], AfterValidator(_sums_to_one)]
Layers = Annotated[str, AfterValidator(_layered)]
Bounds = Annotated[tuple[float, float, float, float], AfterValidator(_bounds_in_order)]


class Model(BaseModel):
    """Base of all tables of the site file: immutable, strict, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=False
    )
