"""Why a run is in its state. Codes are at most 30 characters, as its column."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

WAITS_FOR_WORKER = TEXTS.add("waits_for_worker", _("Waits for a worker."))
WAITS_UNTIL = TEXTS.add("waits_until", _("Waits until {when}, as requested."))
WAITS_FOR_RUN = TEXTS.add("waits_for_run", _("Waits for run {run}, which uses the same directory."))
WAITS_FOR_SLOT = TEXTS.add("waits_for_slot", _("Waits for a free slot on {host}."))
WAITS_WHILE_DRAINED = TEXTS.add(
    "waits_while_drained",
    _("Waits because {host} takes no new runs now."),
    on_page=_("“Take runs again” in the list of machines ends that."),
    in_terminal=_("`guardianflow drain --off` ends that."),
)
WAITS_FOR_GPU = TEXTS.add("waits_for_gpu", _("Waits for free GPUs ({gpus}) on {host}."))
WAITS_FOR_GPU_MEMORY = TEXTS.add(
    "waits_for_gpu_memory",
    _("Waits for {mib} MiB of free GPU memory ({gpus} GPUs) on {host}."),
)
WAITS_BEHIND_RUN = TEXTS.add(
    "waits_behind_run",
    _("Waits behind run {run}, which the free GPUs are reserved for."),
)
WAITS_FOR_GPU_HOST = TEXTS.add(
    "waits_for_gpu_host",
    _("Waits for the worker of {host}, which has the GPUs."),
)
WAITS_FOR_GPU_DRIVER = TEXTS.add(
    "waits_for_gpu_driver",
    _("The GPU driver of {host} does not respond; run `guardianflow doctor` there."),
)
NO_SUCH_HOST = TEXTS.add(
    "no_such_host",
    _(
        "Needs {gpus} GPUs; no host has that many. Lower the number in the entry point "
        "and queue it again, or start a worker on a larger host."
    ),
)
NO_SUCH_GPU = TEXTS.add(
    "no_such_gpu",
    _(
        "Needs {gpus} GPUs with {mib} MiB; no host has them. Lower the numbers in the "
        "entry point and queue it again, or start a worker on a larger host."
    ),
)
NO_GPUS_THERE = TEXTS.add(
    "no_gpus_there",
    _(
        "Needs {gpus} GPUs, and {host}, which alone has what it needs, does not have them. To run "
        "it there without, set 0 GPUs in the entry point, cancel it and queue it again."
    ),
)
WAITS_FOR_SECRETS = TEXTS.add(
    "waits_for_secrets",
    _("Waits for a worker of {host}: its secret values are only there."),
    on_page=_("To run it elsewhere, queue it from there."),
    in_terminal=_("To run it elsewhere, queue it there with `guardianflow run --queue`."),
)
WAITS_FOR_FILES = TEXTS.add(
    "waits_for_files",
    _("Waits for a worker of {host}: the files of the step before are only there."),
)
WAITS_FOR_DISK = TEXTS.add(
    "waits_for_disk",
    _("Waits until {mib} MiB are free at {path} on {host}. Free some space there."),
)
WAITS_FOR_USER = TEXTS.add(
    "waits_for_user",
    _(
        "Waits until scripts can be started as user {user} on {host}: {error}. Run "
        "`guardianflow doctor` there."
    ),
)
WAITS_FOR_PORTAL = TEXTS.add(
    "waits_for_portal",
    _("Waits for a run of another portal on {host}, which uses the same directory."),
)
STARTING = TEXTS.add("starting", _("The supervisor on {host} is starting the script."))
RUNNING = TEXTS.add("running", _("The script is running on {host}."))
COLLECTING = TEXTS.add("collecting", _("The script has ended; its results are being collected."))
EXITED_ZERO = TEXTS.add("exited_zero", _("The script ended with exit status 0."))
EXITED_NONZERO = TEXTS.add("exited_nonzero", _("The script ended with exit status {code}."))
KILLED_BY_SIGNAL = TEXTS.add("killed_by_signal", _("The script was ended by signal {signal}."))
CANCELLED_QUEUED = TEXTS.add("cancelled_queued", _("Cancelled by {user} before it started."))
CANCELLED = TEXTS.add("cancelled", _("Cancelled by {user}. All its processes have exited."))
STOPPED_BY_SIGNAL = TEXTS.add(
    "stopped_by_signal",
    _("A signal stopped its supervisor, as at a shutdown. All its processes have exited."),
)
ENDED_BY_SCRIPT = TEXTS.add(
    "ended_by_script",
    _(
        "The script sent a signal to its parent process, which ended all of its processes. A "
        "script must not end the process that started it."
    ),
)
TIMED_OUT = TEXTS.add("timed_out", _("Stopped after its time limit of {duration}."))
LOG_LIMIT = TEXTS.add("log_limit", _("Stopped because it wrote more than {mib} MiB of output."))
LAUNCH_FAILED = TEXTS.add("launch_failed", _("The script could not be started: {error}"))
REFUSED = TEXTS.add("refused", _("Refused before the start: {error}"))
COLLECT_FAILED = TEXTS.add("collect_failed", _("Its results could not be collected: {error}"))
SUPERVISOR_DIED = TEXTS.add(
    "supervisor_died",
    _("The supervisor died without leaving an exit record."),
)
FOLDER_DELETED = TEXTS.add(
    "folder_deleted",
    _("The run folder was deleted during the run, so its outcome is unknown."),
)
HOST_REBOOTED = TEXTS.add("host_rebooted", _("The machine {host} restarted during the run."))
NEVER_STARTED = TEXTS.add("never_started", _("The supervisor did not start in {tries} tries."))
