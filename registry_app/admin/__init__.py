"""Pages of the registry: what people curate, what scans saw, and what changed when."""

from registry_app.admin.change_sets import ChangeSetAdmin
from registry_app.admin.experiments import ExperimentAdmin
from registry_app.admin.places import CustomerAdmin, SiteAdmin, ZoneAdmin
from registry_app.admin.proposals import ProposalAdmin
from registry_app.admin.scan import ScanJobAdmin

__all__ = [
    "ChangeSetAdmin",
    "CustomerAdmin",
    "ExperimentAdmin",
    "ProposalAdmin",
    "ScanJobAdmin",
    "SiteAdmin",
    "ZoneAdmin",
]
