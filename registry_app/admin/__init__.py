"""Pages of the registry: what users curate, what scans found, and what changed when."""

from registry_app.admin.experiments import ExperimentAdmin
from registry_app.admin.history_pages.change_sets import ChangeSetAdmin
from registry_app.admin.places import CustomerAdmin, SiteAdmin, ZoneAdmin
from registry_app.admin.review.proposals import ProposalAdmin
from registry_app.admin.scans.jobs import ScanJobAdmin
from registry_app.admin.sync import SyncQuestionAdmin
from registry_app.admin.vocabulary import VocabularyWordAdmin

__all__ = [
    "ChangeSetAdmin",
    "CustomerAdmin",
    "ExperimentAdmin",
    "ProposalAdmin",
    "ScanJobAdmin",
    "SiteAdmin",
    "SyncQuestionAdmin",
    "VocabularyWordAdmin",
    "ZoneAdmin",
]
