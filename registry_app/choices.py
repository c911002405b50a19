"""Words of the registry, each with a label for people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryPointType(models.TextChoices):
    """What a script is started for; the order is the order of the registry file."""

    TRAIN = "train", _("Train")
    INFER = "infer", _("Infer")
    QUANT = "quant", _("Quantize")
    EVAL = "eval", _("Evaluate")
    DATA = "data", _("Prepare data")
    DEMO = "demo", _("Demo")


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


class Confidence(models.TextChoices):
    """How far a guess of the scan can be trusted."""

    SURE = "sure", _("Sure")
    LIKELY = "likely", _("Likely")
    UNSURE = "unsure", _("Unsure")


class ScriptLaunch(models.TextChoices):
    """How a script starts its work."""

    MAIN_GUARD = "main_guard", _("Main guard")
    TOP_LEVEL = "top_level", _("Top-level body")
    PACKAGE_MAIN = "package_main", _("Package main")
    NOTEBOOK = "notebook", _("Notebook")
    SHELL = "shell", _("Shell launcher")
    BATCH = "batch", _("Batch launcher")
    LIBRARY = "library", _("Library module")


class ChangeOrigin(models.TextChoices):
    """The door through which a group of changes came."""

    SCAN = "scan", _("Scan")
    IMPORT = "import", _("Registry file")
    SPREADSHEET = "spreadsheet", _("Spreadsheet")
    ADMIN = "admin", _("Admin")
    PROPOSAL = "proposal", _("Proposal")


class ProposalStatus(models.TextChoices):
    """What became of a proposal; only an open one waits for an answer."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded by another guess")
    WITHDRAWN = "withdrawn", _("No longer needed")


class ImportKind(models.TextChoices):
    """What an uploaded file holds: the registry file, or one of the sheets."""

    REGISTRY = "registry", _("Registry file")
    EXPERIMENTS = "experiments", _("Experiments")
    ENTRY_POINTS = "entry_points", _("Entry points")
    CUSTOMERS = "customers", _("Customers")
    SITES = "sites", _("Sites")
    ZONES = "zones", _("Zones")


class ImportState(models.TextChoices):
    """How far an import is that a worker plans and applies.

    Queued, planning, planned or refused; after the confirmation confirmed, applying, applied.
    Failed: what the error says; nothing was written.
    """

    QUEUED = "queued", _("Waits for a worker")
    PLANNING = "planning", _("Is read and compared")
    PLANNED = "planned", _("Waits for your confirmation")
    REFUSED = "refused", _("Refused")
    CONFIRMED = "confirmed", _("Waits for a worker to apply it")
    APPLYING = "applying", _("Is applied")
    APPLIED = "applied", _("Applied")
    FAILED = "failed", _("Failed")


# The states in which a worker has something to do.
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
