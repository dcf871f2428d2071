"""Public batteries that every reader and every kind of evidence must pass."""

from subterra.testing.evidence import check_evidence, check_normalised
from subterra.testing.readers import check_reader

__all__ = ["check_evidence", "check_normalised", "check_reader"]
