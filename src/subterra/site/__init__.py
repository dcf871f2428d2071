"""The site folder: site file, evidence, journal, beliefs and plans on disk, in open formats."""

from subterra.site.adding import add_files, examine, retract
from subterra.site.assemble import assemble, tables_in_force
from subterra.site.believe import SiteBelief, infer, infer_site, unfinished
from subterra.site.config import SiteConfig, build_config, to_prior, to_terms
from subterra.site.estimate import estimate_background, estimate_cost, estimate_discrepancy
from subterra.site.folder import Item, Site, open_site
from subterra.site.kinds import Format, Kind, kinds
from subterra.site.planned import PlannedSurvey, plan_grid, plan_lines, read_planned
from subterra.site.survey_forecast import Forecast, ForecastTerms, forecast

__all__ = [
    "Forecast",
    "ForecastTerms",
    "Format",
    "Item",
    "Kind",
    "PlannedSurvey",
    "Site",
    "SiteBelief",
    "SiteConfig",
    "add_files",
    "assemble",
    "build_config",
    "estimate_background",
    "estimate_cost",
    "estimate_discrepancy",
    "examine",
    "forecast",
    "infer",
    "infer_site",
    "kinds",
    "open_site",
    "plan_grid",
    "plan_lines",
    "read_planned",
    "retract",
    "tables_in_force",
    "to_prior",
    "to_terms",
    "unfinished",
]
