"""The site folder: site file, evidence, journal, beliefs and plans on disk, in open formats."""

from subterra.site.adding import add_files, examine, retract
from subterra.site.assemble import assemble, tables_in_force
from subterra.site.believe import infer, infer_site, unfinished
from subterra.site.config import SiteConfig, build_config, to_prior, to_terms
from subterra.site.folder import Item, Site, open_site
from subterra.site.kinds import Format, Kind, kinds

__all__ = [
    "Format",
    "Item",
    "Kind",
    "Site",
    "SiteConfig",
    "add_files",
    "assemble",
    "build_config",
    "examine",
    "infer",
    "infer_site",
    "kinds",
    "open_site",
    "retract",
    "tables_in_force",
    "to_prior",
    "to_terms",
    "unfinished",
]
