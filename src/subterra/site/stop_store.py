"""Stop certificates as documents, frozen with their page and hashed in the journal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from subterra.inference import supported
from subterra.scene import FILLS
from subterra.search.ruled_out import ruled_out
from subterra.site.atomic import sha256_of
from subterra.site.folder import Site, commit, exclusively
from subterra.site.ruled_out_files import ruled_out_csv, ruled_out_geopackage
from subterra.site.stopping import OPEN_FILLS, Assessment

__all__ = ["Certificate", "certificate_document", "freeze_certificate"]

_FORMAT: Final = 1


@dataclass(frozen=True)
class Certificate:
    """A frozen assessment.

    Parameters
    ----------
    number : int
        Which one of the site, from 1.
    document : mapping
        Its content, as in the JSON file.
    files : tuple of str
        JSON, page and ruled-out map (CSV and GeoPackage), relative to the site folder.
    sha256 : tuple of str
        Their hashes, which the journal holds too.
    """

    number: int
    document: Mapping[str, Any]
    files: tuple[str, ...]
    sha256: tuple[str, ...]


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def certificate_document(site: Site, made: Assessment) -> dict[str, Any]:
    """Put an assessment into the document of ``stop --json``.

    Probabilities read off the scenes are held at the bound that they support; ``null`` stands for
    what cannot be supported or was not judged.
    """
    belief = made.current.belief
    n = belief.info.n_scenes

    def held(p: float | None) -> float | None:
        return None if p is None else supported(p, n, False)

    statement = (
        f"P(no target at least {made.declared.diameter_m:g} m wide above {made.declared.above_m:g} "
        f"m inside the area) >= {1.0 - made.terms.epsilon:g}"
    )
    return {
        "format": _FORMAT,
        "site": site.name,
        "crs": site.config.crs,
        "certified": made.certified,
        "statement": statement,
        "not_certified_because": list(made.reasons),
        "declared": {
            "families": list(belief.prior.targets),
            "diameter_m": made.declared.diameter_m,
            "above_m": made.declared.above_m,
            "inside": np.round(made.declared.polygon, 3).tolist(),
        },
        "epsilon": made.terms.epsilon,
        "p": held(made.found.p),
        "p_upper": made.found.upper,
        "p_prior": made.found.prior,
        "p_islands": list(made.found.islands),
        "evidence_decibans": round(made.found.decibans, 2),
        "rules": [asdict(rule) for rule in made.rules],
        "sensitivity": {
            "p0": [{"p0": p0, "p": held(p)} for p0, p in made.priors],
            "p0_needed": _finite(made.prior_needed),
            "search_worthless": [{"probability": q, "p": held(p)} for q, p in made.doubts],
            "without": {name: held(p) for name, p in made.pieces.items()},
            "holes_find_a_fifth_less": held(made.weaker_holes),
        },
        "detection": _detection(made),
        "frequentist": dict(made.frequentist),
        "not_cleared": list(made.not_cleared),
        "not_judged": dict(made.left_out),
        "belief_sha256": made.current.record.sha256,
        "evidence": dict(belief.info.evidence),
        "scenes": n,
        "ess": round(belief.info.ess, 1),
        "stale": made.current.stale,
        "calibration": "not yet calibrated",
        "made": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "version": belief.info.version,
    }


def _detection(made: Assessment) -> dict[str, Any] | None:
    found = made.detection
    if found is None:
        return None
    return {
        "length_m": found.length_m,
        "worst_open": found.worst(OPEN_FILLS)[0],
        "mean_open": found.mean(OPEN_FILLS),
        "worst_by_fill": {name: found.worst((name,))[0] for name in FILLS},
        "mean_by_means": {name: float(pod[:2].mean()) for name, pod in found.by_means.items()},
    }


def freeze_certificate(
    site: Site, made: Assessment, page: Callable[[Mapping[str, Any], str], str]
) -> tuple[Site, Certificate]:
    """Write the certificate and its page into the site and their hashes into its journal.

    Parameters
    ----------
    site : Site
        The site.
    made : Assessment
        Assessment of it. What was not certified is frozen too.
    page : callable
        Makes the HTML page from the document and its hash.

    Returns
    -------
    Site
        The changed site.
    certificate : Certificate

    Raises
    ------
    SiteError
        If the site cannot be changed.
    """
    with exclusively(site) as locked:
        number = 1 + sum(entry.verb == "stop" for entry in locked.entries)
        document = {"certificate": number, **certificate_document(locked, made)}
        content = (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("utf-8")
        html = page(document, sha256_of(content)).encode("utf-8")
        stem = f"report/stop-{number:03d}"
        ruled = ruled_out(made.current.belief)
        files = {
            f"{stem}.json": content,
            f"{stem}.html": html,
            f"{stem}-ruled-out.csv": ruled_out_csv(ruled),
            f"{stem}-ruled-out.gpkg": ruled_out_geopackage(ruled, locked.config.crs),
        }
        hashes = {name: sha256_of(data) for name, data in files.items()}
        payload = {
            "certificate": number,
            "certified": made.certified,
            "p_upper": made.found.upper,
            "belief": made.current.record.sha256,
            "files": hashes,
        }
        changed = commit(locked, [("stop", payload)], files)
    return changed, Certificate(number, document, tuple(hashes), tuple(hashes.values()))
