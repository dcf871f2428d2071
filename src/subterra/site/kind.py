"""What a kind of evidence is: how its files are recognised, read and turned into evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from subterra.errors import InputError
from subterra.formats.text import MAX_BYTES
from subterra.site.schema import SurveysConfig

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from subterra.evidence import Evidence, ReportTerms, SignTerms
    from subterra.scene import Prior
    from subterra.search import DrillTerms

__all__ = ["Format", "Kind", "Planned", "Setting", "plain", "positive", "taking"]


@dataclass(frozen=True)
class Format:
    """One file format of a kind.

    Parameters
    ----------
    name : str
        Short name, stable: it is kept in journals.
    sniff : callable
        Says of the first bytes of a file whether they are this format.
    read : callable
        Turns a file and the user's options, already parsed, into a table.
    max_bytes : int
        Size beyond which a file is refused.
    """

    name: str
    sniff: Callable[[bytes], bool]
    read: Callable[[Path, Mapping[str, Any]], Any]
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Setting:
    """What the site says about how its evidence is to be understood.

    Parameters
    ----------
    prior : Prior
        What is believed before the evidence; it knows the surface.
    terms : DrillTerms
        How well the drill finds voids, among others.
    cache_dir : Path or None
        Folder for ground models.
    layers : str or None
        Level layers of the ground as text, for files that say none themselves.
    water_table_m : float or None
        Depth of the water table in metres, where it is known.
    report_terms, sign_terms : ReportTerms, SignTerms or None
        How far reports and signs are believed; by default as their evidence says.
    crs : str or None
        Coordinate reference system of the site; None for a local frame.
    lining_ratio : float or None
        Conductivity of linings over the host's, where it is known.
    background : str
        ``even`` or ``mesh``, for resistivity files that say nothing themselves.
    surveys : SurveysConfig
        What is known of surveys beyond their files.
    """

    prior: Prior
    terms: DrillTerms
    cache_dir: Path | None
    layers: str | None = None
    water_table_m: float | None = None
    report_terms: ReportTerms | None = None
    sign_terms: SignTerms | None = None
    crs: str | None = None
    lining_ratio: float | None = None
    background: str = "even"
    surveys: SurveysConfig = field(default_factory=SurveysConfig)


@dataclass(frozen=True)
class Planned:
    """How a survey of a kind is described before it is made.

    Parameters
    ----------
    formats : tuple of Format
        Files without data; reading gives a table with stand-ins.
    with_error : callable
        Puts another standard error into a table, in the unit of its error column.
    error_unit : str
        That unit, in words after a number.
    sd_unit, sd_scale : str, float
        Unit in which the errors that the likelihood uses are said, and what to multiply them by.
    ground_unit : str
        Unit of the amplitude of its ground models, in words after a number.
    """

    formats: tuple[Format, ...]
    with_error: Callable[[Any, float], Any]
    error_unit: str
    sd_unit: str
    sd_scale: float
    ground_unit: str


@dataclass(frozen=True)
class Kind:
    """A kind of evidence.

    Parameters
    ----------
    name : str
        Name for ``--kind``, stable.
    noun : str
        What one row is.
    formats : tuple of Format
        At least one; the first one's reader is tried where the user forces the kind and no
        sniffer knows the file.
    group : str
        Kinds of one group become one piece of evidence and share ``build``.
    build : callable
        Gets the tables by kind, the site's setting and the identity; returns the evidence, or
        None where the tables carry no information.
    place : callable or None
        Plan coordinates (x, y) of a table in metres, to tell a file in another frame.
    options : mapping of str to callable
        Parser of each option's text; it raises ``ValueError`` with what was expected.
    part : callable or None
        Physical property of a table, where a kind has several: those of each are built apart, with
        the property in the identity.
    planned : Planned or None
        How its surveys are planned; without it only what was measured can be forecast.
    nouns : str
        What several rows are; by default the noun with an s.
    reduced_to : str
        Kind that its data become before they are weighed, whose units they then have.
    """

    name: str
    noun: str
    formats: tuple[Format, ...]
    group: str
    build: Callable[[Mapping[str, Sequence[Any]], Setting, str], Evidence | None]
    place: Callable[[Any], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] | None = None
    options: Mapping[str, Callable[[str], Any]] = field(
        default_factory=dict[str, Callable[[str], Any]]
    )
    part: Callable[[Any], str] | None = None
    planned: Planned | None = None
    nouns: str = ""
    reduced_to: str = ""


def plain(reader: Callable[[Path], Any]) -> Callable[[Path, Mapping[str, Any]], Any]:
    """Reader of a format that has no options."""
    return lambda path, _: reader(path)


def taking(reader: Callable[..., Any], *names: str) -> Callable[[Path, Mapping[str, Any]], Any]:
    """Reader of a format that takes some of its kind's options and refuses the others."""

    def read(path: Path, options: Mapping[str, Any]) -> Any:
        strange = sorted(set(options) - set(names))
        if strange:
            problem = f"files of this format have no option {strange[0]!r}"
            raise InputError(problem, path=path)
        return reader(path, **options)

    return read


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    """Parser of an option that is one of a few words."""
    choice = " or ".join(known) if len(known) == 2 else f"one of {', '.join(known)}"

    def parse(text: str) -> str:
        if text not in known:
            problem = f"expected {choice}"
            raise ValueError(problem)
        return text

    return parse


def positive(what: str) -> Callable[[str], float]:
    """Parser of an option that is a positive number of something."""

    def parse(text: str) -> float:
        problem = f"expected {what}, a number above 0"
        try:
            value = float(text)
        except ValueError as error:
            raise ValueError(problem) from error
        if not 0.0 < value < 1e9:
            raise ValueError(problem)
        return value

    return parse
