"""Everything with a likelihood of scenes: one file per kind."""

from subterra.evidence.borehole import BoreholeEvidence, DrillLogTerms, borehole_evidence
from subterra.evidence.gravity import GravityEvidence, gravity_evidence
from subterra.evidence.protocol import AdditiveEvidence, Evidence, SurveyFit, focus_survey
from subterra.evidence.report import RELIABILITY, ReportEvidence, report_evidence
from subterra.evidence.resistivity import ResistivityEvidence, resistivity_evidence

__all__ = [
    "RELIABILITY",
    "AdditiveEvidence",
    "BoreholeEvidence",
    "DrillLogTerms",
    "Evidence",
    "GravityEvidence",
    "ReportEvidence",
    "ResistivityEvidence",
    "SurveyFit",
    "borehole_evidence",
    "focus_survey",
    "gravity_evidence",
    "report_evidence",
    "resistivity_evidence",
]
