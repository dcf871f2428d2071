"""Everything with a likelihood of scenes: one file per kind."""

from subterra.evidence.borehole import BoreholeEvidence, DrillLogTerms, borehole_evidence
from subterra.evidence.crosshole import CrossholeEvidence
from subterra.evidence.cw_radar import CwRadarEvidence, cw_radar_evidence
from subterra.evidence.effects import EffectTest, effect_test
from subterra.evidence.gravity import GravityEvidence, LoopErrors, gravity_evidence
from subterra.evidence.gravity_reduction import GravityReduction, reduce_gravity
from subterra.evidence.protocol import AdditiveEvidence, Evidence, SurveyFit, focus_survey
from subterra.evidence.radar_picks import (
    RadarPickEvidence,
    RadarPickTerms,
    radar_pick_evidence,
)
from subterra.evidence.reciprocal import (
    ReciprocalErrors,
    combine_reciprocals,
    reciprocal_words,
)
from subterra.evidence.report import RELIABILITY, ReportEvidence, report_evidence
from subterra.evidence.resistivity import ResistivityEvidence, resistivity_evidence
from subterra.evidence.robust import RobustEvidence, fit_words, refine_survey, set_aside
from subterra.evidence.traveltime import TravelTimeEvidence, traveltime_evidence

__all__ = [
    "RELIABILITY",
    "AdditiveEvidence",
    "BoreholeEvidence",
    "CrossholeEvidence",
    "CwRadarEvidence",
    "DrillLogTerms",
    "EffectTest",
    "Evidence",
    "GravityEvidence",
    "GravityReduction",
    "LoopErrors",
    "RadarPickEvidence",
    "RadarPickTerms",
    "ReciprocalErrors",
    "ReportEvidence",
    "ResistivityEvidence",
    "RobustEvidence",
    "SurveyFit",
    "TravelTimeEvidence",
    "borehole_evidence",
    "combine_reciprocals",
    "cw_radar_evidence",
    "effect_test",
    "fit_words",
    "focus_survey",
    "gravity_evidence",
    "radar_pick_evidence",
    "reciprocal_words",
    "reduce_gravity",
    "refine_survey",
    "report_evidence",
    "resistivity_evidence",
    "set_aside",
    "traveltime_evidence",
]
