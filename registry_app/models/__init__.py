"""Rows of the registry: Customer > Site > Zone > Experiment > EntryPoint, and what a scan saw.

Parts of a site that nobody knows yet are empty names, shown as "unknown", so that the hierarchy
stays one chain. What people decided lives in Experiment and EntryPoint; what a scan saw lives in
Script and FactSheet; FieldProvenance ties each decided value to where it came from; a Proposal is
a guess that waits beside a decided value; a Confirmation is what an engineer has read of a command.
"""

from registry_app.models.changes import ChangeSet
from registry_app.models.confirmations import Confirmation
from registry_app.models.experiments import EntryPoint, Experiment
from registry_app.models.imports import ImportJob
from registry_app.models.places import Customer, Site, Zone
from registry_app.models.proposals import Proposal
from registry_app.models.scans import (
    EnvironmentCheck,
    FactSheet,
    FieldProvenance,
    ScanJob,
    Script,
)

__all__ = [
    "ChangeSet",
    "Confirmation",
    "Customer",
    "EntryPoint",
    "EnvironmentCheck",
    "Experiment",
    "FactSheet",
    "FieldProvenance",
    "ImportJob",
    "Proposal",
    "ScanJob",
    "Script",
    "Site",
    "Zone",
]
