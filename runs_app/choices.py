"""States of a run, which changes between them are legal, and the sentence for each reason."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunStatus(models.TextChoices):
    """Failed: the script said no. Errored: the portal could not. Lost: no witness is left."""

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


# On a machine: something of this run may be alive there, and its directory is taken.
ON_HOST = frozenset({RunStatus.STARTING, RunStatus.RUNNING, RunStatus.FINALIZING})
ACTIVE = ON_HOST | {RunStatus.QUEUED}
TERMINAL = frozenset(RunStatus) - ACTIVE
# Nothing of the script runs or will run.
ENDED = TERMINAL | {RunStatus.FINALIZING}
# Somebody should look at these.
ENDED_BADLY = TERMINAL - {RunStatus.SUCCEEDED, RunStatus.CANCELLED}

# Every legal change; LOST alone may be corrected, when its exit record turns up after all.
TRANSITIONS: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset({RunStatus.STARTING, RunStatus.CANCELLED, RunStatus.ERRORED}),
    RunStatus.STARTING: frozenset({RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.FINALIZING}),
    RunStatus.RUNNING: frozenset({RunStatus.FINALIZING}),
    RunStatus.FINALIZING: TERMINAL,
    RunStatus.LOST: frozenset({RunStatus.FINALIZING}),
}


class StatusReason(models.TextChoices):
    """Why a run is in its state; `Run.status_reason` fills the placeholders."""

    WAITS_FOR_WORKER = "waits_for_worker", _("Waits for a worker.")
    WAITS_FOR_RUN = "waits_for_run", _("Waits for run {run}, which uses the same directory.")
    WAITS_FOR_SLOT = "waits_for_slot", _("Waits for a free slot on {host}.")
    WAITS_WHILE_DRAINED = (
        "waits_while_drained",
        _("Waits because {host} takes no new runs now; `guardianflow drain --off` ends that."),
    )
    WAITS_FOR_GPU = "waits_for_gpu", _("Waits for free GPUs ({gpus}) on {host}.")
    WAITS_FOR_GPU_MEMORY = (
        "waits_for_gpu_memory",
        _("Waits until other programs leave {mib} MiB free on GPUs ({gpus}) of {host}."),
    )
    WAITS_BEHIND_RUN = (
        "waits_behind_run",
        _("Waits behind run {run}, for which the free GPUs are kept."),
    )
    WAITS_FOR_GPU_HOST = (
        "waits_for_gpu_host",
        _("Waits for the worker of {host}, which has the GPUs."),
    )
    WAITS_FOR_GPU_DRIVER = (
        "waits_for_gpu_driver",
        _("The GPU driver of {host} does not answer; `guardianflow doctor` there tells more."),
    )
    NO_SUCH_HOST = (
        "no_such_host",
        _(
            "Wants {gpus} GPUs, and no machine has so many. Lower the number in the entry point "
            "and queue it again, or start a worker on a larger machine."
        ),
    )
    NO_SUCH_GPU = (
        "no_such_gpu",
        _(
            "Wants {gpus} GPUs of {mib} MiB, and no machine has them. Lower the numbers in the "
            "entry point and queue it again, or start a worker on a larger machine."
        ),
    )
    WAITS_FOR_SECRETS = (
        "waits_for_secrets",
        _(
            "Waits for a worker of {host}, which alone has its secret values. To run it elsewhere, "
            "queue it there with `guardianflow run --queue`."
        ),
    )
    WAITS_FOR_DISK = (
        "waits_for_disk",
        _("Waits until {mib} MiB are free at {path} on {host}. Make room there."),
    )
    WAITS_FOR_USER = (
        "waits_for_user",
        _(
            "Waits until scripts can be started as user {user} on {host}: {error}. "
            "`guardianflow doctor` there tells more."
        ),
    )
    STARTING = "starting", _("The supervisor on {host} is starting the script.")
    RUNNING = "running", _("The script is running on {host}.")
    COLLECTING = "collecting", _("The script has ended; its results are being collected.")
    EXITED_ZERO = "exited_zero", _("The script ended with exit status 0.")
    EXITED_NONZERO = "exited_nonzero", _("The script ended with exit status {code}.")
    KILLED_BY_SIGNAL = "killed_by_signal", _("The script was ended by signal {signal}.")
    CANCELLED_QUEUED = "cancelled_queued", _("Cancelled by {user} before it started.")
    CANCELLED = "cancelled", _("Cancelled by {user}; nothing of it is left running.")
    STOPPED_BY_SIGNAL = (
        "stopped_by_signal",
        _("Its supervisor was told to stop by a signal, as at a shutdown; nothing of it is left."),
    )
    TIMED_OUT = "timed_out", _("Stopped after its time limit of {duration}.")
    LOG_LIMIT = "log_limit", _("Stopped because it wrote more than {mib} MiB of output.")
    LAUNCH_FAILED = "launch_failed", _("The script could not be started: {error}")
    REFUSED = "refused", _("Refused before the start: {error}")
    COLLECT_FAILED = "collect_failed", _("Its results could not be collected: {error}")
    SUPERVISOR_DIED = "supervisor_died", _("The supervisor died without leaving an exit record.")
    FOLDER_DELETED = (
        "folder_deleted",
        _("The run folder was deleted during the run; without it nothing tells how it ended."),
    )
    HOST_REBOOTED = "host_rebooted", _("The machine {host} restarted during the run.")
    NEVER_STARTED = "never_started", _("The supervisor did not start in {tries} tries.")


class Notice(models.TextChoices):
    """What people should know of a run beside its state; `notices` stores and words them."""

    GPU_STRAY = (
        "gpu_stray",
        _(
            "Used GPU {gpus}, which was not given to it. Leave out the device option of the "
            "script, as GPUs are given by CUDA_VISIBLE_DEVICES, or let the entry point want more."
        ),
    )
    DIRECTORY_GONE = (
        "directory_gone",
        _("Its directory was gone when it ended, so nobody knows what it made or changed there."),
    )
    FILES_UNKNOWN = (
        "files_unknown",
        _(
            "The list of files from before its start is gone or cannot be read, so it is not known "
            "what the script made or changed in its directory."
        ),
    )
    FOLDER_DELETED = (
        "folder_deleted",
        _("Its run folder was deleted while it ran, and with it what it had printed."),
    )
    FOLDER_RESTORED = (
        "folder_restored",
        _(
            "Its run folder was deleted while it ran. It was made anew, with all that it printed; "
            "only what the script itself had logged to MLflow before may be missing."
        ),
    )
    EXIT_RECORD_WRITTEN = (
        "exit_record_written",
        _(
            "The script wrote to exit.json in its run folder. That was ignored: the state shown "
            "here is what its supervisor saw."
        ),
    )
    EXIT_RECORD_SPOILT = (
        "exit_record_spoilt",
        _(
            "The file exit.json in its run folder is not a record of this version of the portal, "
            "so it does not tell how the script ended."
        ),
    )
    FILES_UNREADABLE = (
        "files_unreadable",
        _("Files that could not be read, and so were not kept: {files}"),
    )
    JSON_DAMAGED = "json_damaged", _("Files that are no valid JSON: {files}")
    TABLES_DAMAGED = "tables_damaged", _("Tables that cannot be read to their end: {files}")
    PICTURES_DAMAGED = "pictures_damaged", _("Pictures that are damaged or cut off: {files}")
    LOG_LARGE = "log_large", _("It has written more than {mib} MiB of output.")
    SOURCE_CHANGED = (
        "source_changed",
        _("Source files changed while it ran, by the script or by somebody else: {files}"),
    )
    FENCE_CLOSED = (
        "fence_closed",
        _(
            "The fence kept it from {path}: files of the portal are closed to scripts. A kept "
            "output of a run can be read where a parameter names it; GUARDIANFLOW_FENCE=off "
            "takes the fence away."
        ),
    )
    FENCE_FROZEN = (
        "fence_frozen",
        _(
            "The fence kept it from making {path}: nothing new can be made in {folder}, as the "
            "portal lies below it. Make it once by hand, or move the portal (GUARDIANFLOW_HOME) "
            "out of {folder}; GUARDIANFLOW_FENCE=off takes the fence away."
        ),
    )
    FENCE_STRICT = (
        "fence_strict",
        _(
            "The fence kept it from {path}: under GUARDIANFLOW_FENCE=strict scripts write only "
            "where runs write. Name the folder in GUARDIANFLOW_FENCE_WRITE."
        ),
    )
    FENCE_PRIVILEGES = (
        "fence_privileges",
        _(
            "The fence kept it from gaining rights (no new privileges), as sudo, containers and "
            "nvidia-modprobe need. Start such a program before the run, outside of the portal, or "
            "set GUARDIANFLOW_FENCE=off."
        ),
    )
    STRAGGLERS_ENDED = (
        "stragglers_ended",
        _("Processes that it had left running were ended: {count}."),
    )
    STRAGGLERS_LEFT = (
        "stragglers_left",
        _("Processes that it left running go on, as its entry point allows: {count}."),
    )


class MlflowState(models.TextChoices):
    """How far MLflow knows about a run."""

    PENDING = "pending", _("Pending")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")


class FileChange(models.TextChoices):
    """What a run did to a file of the experiment."""

    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
