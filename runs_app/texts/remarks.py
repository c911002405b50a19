"""What users should know about a run besides its state."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

GPU_STRAY = TEXTS.add(
    "gpu_stray",
    _(
        "Used GPU {gpus}, which was not given to it. Leave out the device option of the script,"
        " as GPUs are given by CUDA_VISIBLE_DEVICES, or request more in the entry point."
    ),
)
DIRECTORY_GONE = TEXTS.add(
    "directory_gone",
    _(
        "Its directory was gone when it ended, or another was in its place, so it is unknown what "
        "it created or changed there."
    ),
)
DIRECTORY_NOT_LOCKED = TEXTS.add(
    "directory_not_locked",
    _(
        "Its directory could not be locked ({error}), so runs of other portals were not kept out "
        "of it."
    ),
)
DIRECTORY_LOCKED_HERE = TEXTS.add(
    "directory_locked_here",
    _(
        "Its directory is on {kind}, where it is locked on this machine only: runs of portals on "
        "other machines were not kept out of it."
    ),
)
FILES_UNKNOWN = TEXTS.add(
    "files_unknown",
    _(
        "The list of files from before its start is gone or cannot be read, so it is unknown what "
        "the script created or changed in its directory."
    ),
)
FOLDER_DELETED = TEXTS.add(
    "output_deleted",
    _("Its run folder was deleted while it ran, and with it what it had printed."),
)
NOT_COLLECTED = TEXTS.add(
    "not_collected",
    _(
        "Not everything that it made could be copied. This is tried again, once there is enough "
        "free disk space."
    ),
)
FOLDER_RESTORED = TEXTS.add(
    "folder_restored",
    _(
        "Its run folder was deleted while it ran. It was recreated with all of its output; "
        "only what the script itself had logged to MLflow before may be missing."
    ),
)
EXIT_RECORD_WRITTEN = TEXTS.add(
    "exit_record_written",
    _(
        "The script wrote to exit.json in its run folder. That was ignored: the state shown "
        "here is what its supervisor saw."
    ),
)
EXIT_RECORD_SPOILT = TEXTS.add(
    "exit_record_spoilt",
    _(
        "The file exit.json in its run folder is not a record of this version of the portal, so it "
        "does not show how the script ended."
    ),
)
FILES_UNREADABLE = TEXTS.add(
    "files_unreadable",
    _("Files that could not be read, and so were not saved: {files}"),
)
FILES_CHANGED_SINCE = TEXTS.add(
    "files_changed_since",
    _(
        "Results that were changed after the script had ended and before they were copied, and so "
        "were not saved: {files}"
    ),
)
JSON_DAMAGED = TEXTS.add("json_damaged", _("Files that are not valid JSON: {files}"))
TABLES_DAMAGED = TEXTS.add("tables_damaged", _("Tables that cannot be read to their end: {files}"))
IMAGES_DAMAGED = TEXTS.add("pictures_damaged", _("Corrupt or truncated images: {files}"))
LOG_LARGE = TEXTS.add("log_large", _("It has written more than {mib} MiB of output."))
LOG_CUT = TEXTS.add(
    "log_cut",
    _(
        "The script emptied its own log: at least {bytes} bytes that it had printed are gone. "
        "`> /dev/stderr` and open('/dev/stdout', 'w') do so; `>&2` and `>> /dev/stderr` do not."
    ),
)
LOG_MAY_BE_CUT = TEXTS.add(
    "log_may_be_cut",
    _(
        "The script opened its own log in a way that empties it, so some of what it had printed "
        "before may be gone. `> /dev/stderr` and open('/dev/stdout', 'w') do so; `>&2` and "
        "`>> /dev/stderr` do not."
    ),
)
SOURCE_CHANGED = TEXTS.add(
    "source_changed",
    _("Source files changed while it ran, by the script or by another program: {files}"),
)
FENCE_CLOSED = TEXTS.add(
    "fence_closed",
    _(
        "The fence denied access to {path}: files of the portal are closed to scripts. A saved "
        "output of a run is readable if a parameter names it; GUARDIANFLOW_FENCE=off removes the "
        "fence."
    ),
)
FENCE_FROZEN = TEXTS.add(
    "fence_frozen",
    _(
        "The fence did not let it create {path}: nothing can be created in {folder}, as "
        "the portal is below it. Create it once by hand, or move the portal "
        "(GUARDIANFLOW_HOME) out of {folder}; GUARDIANFLOW_FENCE=off removes the fence."
    ),
)
FENCE_STRICT = TEXTS.add(
    "fence_strict",
    _(
        "The fence denied access to {path}: under GUARDIANFLOW_FENCE=strict scripts write only "
        "where runs write. Name the folder in GUARDIANFLOW_FENCE_WRITE."
    ),
)
FENCE_PRIVILEGES = TEXTS.add(
    "fence_privileges",
    _(
        "The fence did not let it gain privileges, which sudo, containers and nvidia-modprobe "
        "need. Start such a program before the run, outside of the portal, or "
        "set GUARDIANFLOW_FENCE=off."
    ),
)
STRAGGLERS_ENDED = TEXTS.add(
    "stragglers_ended",
    _("Processes that it had left running were ended: {count}."),
)
STRAGGLERS_LEFT = TEXTS.add(
    "stragglers_left",
    _("Processes that it left running go on, as its entry point allows: {count}."),
)
RESULTS_FROM_BEFORE = TEXTS.add(
    "results_from_before",
    _("Rows from before its start are not counted as its results: {files}"),
)
RESULTS_WRITTEN_AGAIN = TEXTS.add(
    "results_written_again",
    _(
        "The first rows of these files existed before its start. They count: it wrote them again, "
        "or continued an earlier run: {files}"
    ),
)
METRICS_THINNED = TEXTS.add(
    "metrics_thinned",
    _("Long series are thinned; first, last, least and greatest points are kept: {names}"),
)
METRICS_SAMPLED = TEXTS.add(
    "metrics_sampled",
    _(
        "It prints faster than its output can be followed, so its metrics so far are a sample. At "
        "its end all of the output is read."
    ),
)
MORE_INPUTS = TEXTS.add(
    "more_inputs",
    _(
        "Only the first {limit} files that the command names were hashed as inputs; {count} more "
        "were not. For a promotion, none of these counts as evaluated."
    ),
)
