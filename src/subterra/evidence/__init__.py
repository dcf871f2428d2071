"""Everything with a likelihood of scenes: one file per kind."""

from subterra.evidence.borehole import BoreholeEvidence, DrillLogTerms, borehole_evidence
from subterra.evidence.gravity import GravityEvidence, LoopErrors, gravity_evidence
from subterra.evidence.protocol import AdditiveEvidence, Evidence, SurveyFit, focus_survey
from subterra.evidence.reciprocal import (
    ReciprocalErrors,
    combine_reciprocals,
    reciprocal_words,
)
from subterra.evidence.report import RELIABILITY, ReportEvidence, report_evidence
from subterra.evidence.resistivity import ResistivityEvidence, resistivity_evidence
from subterra.evidence.robust import RobustEvidence, fit_words, refine_survey, set_aside

__all__ = [
    "RELIABILITY",
    "AdditiveEvidence",
    "BoreholeEvidence",
    "DrillLogTerms",
    "Evidence",
    "GravityEvidence",
    "LoopErrors",
    "ReciprocalErrors",
    "ReportEvidence",
    "ResistivityEvidence",
    "RobustEvidence",
    "SurveyFit",
    "borehole_evidence",
    "combine_reciprocals",
    "fit_words",
    "focus_survey",
    "gravity_evidence",
    "reciprocal_words",
    "refine_survey",
    "report_evidence",
    "resistivity_evidence",
    "set_aside",
]
