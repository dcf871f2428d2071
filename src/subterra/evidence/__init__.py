"""Everything with a likelihood of scenes: one file per kind."""

from subterra.evidence.borehole import BoreholeEvidence, DrillLogTerms, borehole_evidence
from subterra.evidence.crosshole import CrossholeEvidence
from subterra.evidence.cw_radar import CwRadarEvidence, cw_radar_evidence
from subterra.evidence.effects import EffectTest, effect_test
from subterra.evidence.gravity import GravityEvidence, LoopErrors, gravity_evidence
from subterra.evidence.gravity_reduction import GravityReduction, reduce_gravity
from subterra.evidence.items import ItemisedEvidence
from subterra.evidence.mesh_ground import mesh_ground
from subterra.evidence.mine_map import MapSheet, MineMapEvidence, Registration, mine_map_evidence
from subterra.evidence.mine_map_terms import BLUNDERS, TIES, Blunder, MapTerms, Tie, share_words
from subterra.evidence.origins import OriginEvidence, count_origins_once
from subterra.evidence.protocol import (
    AdditiveEvidence,
    Evidence,
    Suggesting,
    SurveyFit,
    focus_survey,
)
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
from subterra.evidence.report import ReportEvidence, report_evidence
from subterra.evidence.report_terms import RELIABILITY, ReportTerms, SourceRecord
from subterra.evidence.resistivity import ResistivityEvidence, resistivity_evidence
from subterra.evidence.robust import (
    Judgement,
    RobustEvidence,
    as_judged,
    fit_words,
    judge_survey,
    judgement_words,
    refine_survey,
    set_aside,
)
from subterra.evidence.sign import SignEvidence, sign_evidence
from subterra.evidence.sign_rates import SIGN_RATES, SignRate, SignTerms
from subterra.evidence.survey import SurveyEvidence
from subterra.evidence.traveltime import TravelTimeEvidence, traveltime_evidence

__all__ = [
    "BLUNDERS",
    "RELIABILITY",
    "SIGN_RATES",
    "TIES",
    "AdditiveEvidence",
    "Blunder",
    "BoreholeEvidence",
    "CrossholeEvidence",
    "CwRadarEvidence",
    "DrillLogTerms",
    "EffectTest",
    "Evidence",
    "GravityEvidence",
    "GravityReduction",
    "ItemisedEvidence",
    "Judgement",
    "LoopErrors",
    "MapSheet",
    "MapTerms",
    "MineMapEvidence",
    "OriginEvidence",
    "RadarPickEvidence",
    "RadarPickTerms",
    "ReciprocalErrors",
    "Registration",
    "ReportEvidence",
    "ReportTerms",
    "ResistivityEvidence",
    "RobustEvidence",
    "SignEvidence",
    "SignRate",
    "SignTerms",
    "SourceRecord",
    "Suggesting",
    "SurveyEvidence",
    "SurveyFit",
    "Tie",
    "TravelTimeEvidence",
    "as_judged",
    "borehole_evidence",
    "combine_reciprocals",
    "count_origins_once",
    "cw_radar_evidence",
    "effect_test",
    "fit_words",
    "focus_survey",
    "gravity_evidence",
    "judge_survey",
    "judgement_words",
    "mesh_ground",
    "mine_map_evidence",
    "radar_pick_evidence",
    "reciprocal_words",
    "reduce_gravity",
    "refine_survey",
    "report_evidence",
    "resistivity_evidence",
    "set_aside",
    "share_words",
    "sign_evidence",
    "traveltime_evidence",
]
