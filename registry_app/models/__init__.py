"""Rows of the registry: Customer > Site > Zone > Experiment > EntryPoint, and results of scans.

Unknown parts of a site have empty names, shown as "unknown", so that the hierarchy stays one
chain. Experiment and EntryPoint have what users decided; Script and FactSheet have what a scan
found. FieldProvenance links each decided value to its origin. A Proposal is a guess for a field
that is already decided. A Confirmation is the command that an engineer has read. A Note is an
entry of an experiment's journal. SyncLink and SyncQuestion are what the portal and a registry file
agree on, and what is open between them. A VocabularyWord is a word of the company by which a scan
knows a task. A LeftOutChild is what a scan found and did not draft, a ScanDecision what a person
decided about such a child. A DecidedGuess counts whether a person kept a scan's guess.
"""

from registry_app.models.changes import ChangeSet
from registry_app.models.confirmations import Confirmation
from registry_app.models.core import CoreTrainer
from registry_app.models.decided_guesses import DecidedGuess
from registry_app.models.experiments import EntryPoint, Experiment
from registry_app.models.imports import ImportJob
from registry_app.models.left_out import LeftOutChild, ScanDecision
from registry_app.models.notes import Note
from registry_app.models.origins import OriginChange
from registry_app.models.places import Customer, Site, Zone
from registry_app.models.proposals import Proposal
from registry_app.models.scans import (
    EnvironmentCheck,
    FactSheet,
    FieldProvenance,
    ScanJob,
    Script,
)
from registry_app.models.sync import SyncedFile, SyncLink, SyncQuestion
from registry_app.models.vocabulary import VocabularyWord

__all__ = [
    "ChangeSet",
    "Confirmation",
    "CoreTrainer",
    "Customer",
    "DecidedGuess",
    "EntryPoint",
    "EnvironmentCheck",
    "Experiment",
    "FactSheet",
    "FieldProvenance",
    "ImportJob",
    "LeftOutChild",
    "Note",
    "OriginChange",
    "Proposal",
    "ScanDecision",
    "ScanJob",
    "Script",
    "Site",
    "SyncLink",
    "SyncQuestion",
    "SyncedFile",
    "VocabularyWord",
    "Zone",
]
