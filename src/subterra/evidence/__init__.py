"""Everything with a likelihood of scenes: one file per kind."""

from subterra.evidence.borehole import BoreholeEvidence, DrillLogTerms, borehole_evidence
from subterra.evidence.crosshole import CrossholeEvidence
from subterra.evidence.cw_radar import CwRadarEvidence, cw_radar_evidence
from subterra.evidence.gravity import GravityEvidence, gravity_evidence
from subterra.evidence.protocol import AdditiveEvidence, Evidence, SurveyFit, focus_survey
from subterra.evidence.report import RELIABILITY, ReportEvidence, report_evidence
from subterra.evidence.resistivity import ResistivityEvidence, resistivity_evidence
from subterra.evidence.structure import StructureTest, structure_test
from subterra.evidence.traveltime import TravelTimeEvidence, traveltime_evidence

__all__ = [
    "RELIABILITY",
    "AdditiveEvidence",
    "BoreholeEvidence",
    "CrossholeEvidence",
    "CwRadarEvidence",
    "DrillLogTerms",
    "Evidence",
    "GravityEvidence",
    "ReportEvidence",
    "ResistivityEvidence",
    "StructureTest",
    "SurveyFit",
    "TravelTimeEvidence",
    "borehole_evidence",
    "cw_radar_evidence",
    "focus_survey",
    "gravity_evidence",
    "report_evidence",
    "resistivity_evidence",
    "structure_test",
    "traveltime_evidence",
]
