"""Enumerations of the registry, with labels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.kinds import EntryPointType
from registry_app.words import Confidence, ScriptLaunch

# Including the enumerations without Django that readers of directories use too.
__all__ = [
    "IMPORTS_AT_WORK",
    "ChangeOrigin",
    "ChildDecision",
    "Confidence",
    "ConfirmedBy",
    "EntryPointType",
    "FieldSource",
    "ImportKind",
    "ImportState",
    "ProposalStatus",
    "ScriptLaunch",
    "Stage",
]


class Stage(models.IntegerChoices):
    """The five migration stages; each one includes those before it."""

    SCANNED = 1, _("Scanned")
    METADATA = 2, _("Metadata complete")
    WRAPPED = 3, _("Wrapped runs")
    STANDARD = 4, _("Standard interface")
    INTEGRATED = 5, _("Integrated")


class FieldSource(models.TextChoices):
    """Where the value of a registry field comes from."""

    SCANNED = "scanned", _("Scanned")
    CURATED = "curated", _("Curated")
    IMPORTED = "imported", _("Imported")


class ChangeOrigin(models.TextChoices):
    """The entry point of a group of changes."""

    SCAN = "scan", _("Scan")
    IMPORT = "import", _("Registry file")
    SPREADSHEET = "spreadsheet", _("Spreadsheet")
    ADMIN = "admin", _("Admin")
    PROPOSAL = "proposal", _("Proposal")
    REVIEW = "review", _("Review of guesses")
    SYNC = "sync", _("Sync with the registry file")


class ChildDecision(models.TextChoices):
    """What a person decided about a child of a root that a scan left out."""

    ADD = "add", _("Drafted by every scan")
    NEVER = "never", _("Never listed")


class ProposalStatus(models.TextChoices):
    """The state of a proposal; only an open one waits for an answer."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded by another guess")
    WITHDRAWN = "withdrawn", _("No longer needed")


class ImportKind(models.TextChoices):
    """The kind of an uploaded file: the registry file, or one of the sheets."""

    REGISTRY = "registry", _("Registry file")
    EXPERIMENTS = "experiments", _("Experiments")
    ENTRY_POINTS = "entry_points", _("Entry points")
    CUSTOMERS = "customers", _("Customers")
    SITES = "sites", _("Sites")
    ZONES = "zones", _("Zones")


class ImportState(models.TextChoices):
    """The state of an import that a worker plans and applies.

    Queued, planning, planned or refused; after the confirmation confirmed, applying, applied.
    Failed: see the error; nothing was written.
    """

    QUEUED = "queued", _("Waits for a worker")
    PLANNING = "planning", _("Is read and compared")
    PLANNED = "planned", _("Waits for your confirmation")
    REFUSED = "refused", _("Refused")
    CONFIRMED = "confirmed", _("Waits for a worker to apply it")
    APPLYING = "applying", _("Is applied")
    APPLIED = "applied", _("Applied")
    FAILED = "failed", _("Failed")


# The states in which a worker has work to do.
IMPORTS_AT_WORK = frozenset(
    {ImportState.QUEUED, ImportState.PLANNING, ImportState.CONFIRMED, ImportState.APPLYING}
)


class ConfirmedBy(models.TextChoices):
    """What counts as reading the command of an entry point."""

    UPGRADE = "upgrade", _("Upgrade of the portal")
    SCAN = "scan", _("Drafted by a scan")
    SAVE = "save", _("Saved by an engineer")
    FORM = "form", _("Confirmed before a run")
    COMMAND = "command", _("Command line")
