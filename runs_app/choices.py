"""States of a run, and which changes between them are legal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunStatus(models.TextChoices):
    """Failed: the script failed. Errored: the portal failed. Lost: no record of the end exists."""

    QUEUED = "queued", _("Queued")
    STARTING = "starting", _("Starting")
    RUNNING = "running", _("Running")
    FINALIZING = "finalizing", _("Finalizing")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    ERRORED = "errored", _("Errored")
    CANCELLED = "cancelled", _("Cancelled")
    TIMED_OUT = "timed_out", _("Timed out")
    LOST = "lost", _("Lost")


# On a machine: processes of this run may be alive there, and its directory is taken.
ON_HOST = frozenset({RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING})
ACTIVE = ON_HOST | {RunStatus.QUEUED}
TERMINAL = frozenset(RunStatus) - ACTIVE
# The script may be alive.
OBSERVED = frozenset({RunStatus.STARTING, RunStatus.RUNNING})
# Nothing of the script runs or will run.
ENDED = TERMINAL | {RunStatus.FINALIZING}
# These need a user's attention.
ENDED_BADLY = TERMINAL - {RunStatus.SUCCEEDED, RunStatus.CANCELLED}

# Every legal change. Only LOST may be corrected: its exit record can still turn up.
TRANSITIONS: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.STARTING, RunStatus.CANCELLED, RunStatus.ERRORED}),
    RunStatus.STARTING: frozenset({RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.FINALIZING}),
    RunStatus.RUNNING: frozenset({RunStatus.FINALIZING}),
    RunStatus.FINALIZING: TERMINAL,
    RunStatus.LOST: frozenset({RunStatus.FINALIZING}),
}


class MlflowState(models.TextChoices):
    """How much of a run has been sent to MLflow."""

    PENDING = "pending", _("Pending")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")


class FileChange(models.TextChoices):
    """What a run did to a file of the experiment."""

    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")


class InputHow(models.TextChoices):
    """How it is known that a run was started with a file."""

    NAMED = "named", _("named")


class SetKind(models.TextChoices):
    """What a run set was made from."""

    BATCH = "batch", _("batch")
    GRID = "grid", _("grid of values")
    CHAIN = "chain", _("chain")
    SCENARIO = "scenario", _("scenario")


class ScheduleKind(models.TextChoices):
    """What a schedule starts."""

    RUN = "run", _("run")
    SCENARIO = "scenario", _("scenario")
    PIPELINE = "pipeline", _("pipeline")
    SCAN = "scan", _("scan")
    SYNC = "sync", _("sync")


class TimeState(models.TextChoices):
    """What became of a time of a schedule."""

    STARTING = "starting", _("Starting")
    STARTED = "started", _("Started")
    SKIPPED = "skipped", _("Skipped")
    MISSED = "missed", _("Missed")
    FAILED = "failed", _("Failed")


class SetState(models.TextChoices):
    """States of a run set."""

    ACTIVE = "active", _("Going on")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# A chain in these can be resumed.
RESUMABLE = frozenset({SetState.FAILED, SetState.CANCELLED})


class StepState(models.TextChoices):
    """States of a step. Queued: it has a run that has not ended. Refused: it never got one."""

    WAITING = "waiting", _("Waiting")
    QUEUED = "queued", _("In the queue or running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


# A step in these is decided; a resumed chain decides those that did not succeed once more.
STEP_ENDED = frozenset(StepState) - {StepState.WAITING, StepState.QUEUED}


class Direction(models.TextChoices):
    """Which values of a metric are better."""

    UP = "up", _("higher")
    DOWN = "down", _("lower")
    BY_NAME = "name", _("by the name: losses, errors and times lower, others higher")


class ParityRole(models.TextChoices):
    """The part that a run plays in a comparison of an old and a new side."""

    OLD = "old", _("old")
    NEW = "new", _("new")
    CONTROL = "control", _("control")


class ParityState(models.TextChoices):
    """How far a comparison is."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class ParityOutcome(models.TextChoices):
    """What a comparison found. Nothing: it could not have seen a difference."""

    EQUAL = "equal", _("equal")
    WITHIN = "within", _("within the tolerance")
    OUTSIDE = "outside", _("outside the tolerance")
    NOTHING = "nothing", _("proves nothing")


class ParityTier(models.TextChoices):
    """By which comparison an outcome was found."""

    SAME_SEED = "same_seed", _("same seed")
    SPREAD = "spread", _("spread of several seeds")
    SAME_COMMAND = "same_command", _("same command")


class ParityControl(models.TextChoices):
    """What the control showed. Impossible: no parameter is known that would change the result."""

    FELL_OUT = "fell_out", _("fell out")
    STAYED_IN = "stayed_in", _("did not fall out")
    IMPOSSIBLE = "impossible", _("no control")
    NOT_RUN = "not_run", _("not run")


# Outcomes that prove that old and new train alike.
PROVEN = frozenset({ParityOutcome.EQUAL, ParityOutcome.WITHIN})


class PromotionState(models.TextChoices):
    """How far a promotion is. Promoted: in MLflow, and on a branch of the core repository."""

    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    PROMOTED = "promoted", _("Promoted")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWING = "withdrawing", _("Being withdrawn")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REPLACED = "replaced", _("Replaced")
