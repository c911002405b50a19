"""Causes: why a run failed, and what speaks against one that ended with exit status 0."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

CUDA_OUT_OF_MEMORY = TEXTS.add(
    "cuda_out_of_memory", _("The memory of the GPU ran out (CUDA out of memory).")
)
SHARED_MEMORY = TEXTS.add(
    "shared_memory",
    _("The shared memory (/dev/shm) of the data loaders ran out; fewer workers need less."),
)
KILLED_FOR_MEMORY = TEXTS.add(
    "killed_for_memory", _("The system killed it because the memory of the machine ran out.")
)
KILLED = TEXTS.add(
    "killed", _("It was killed (SIGKILL), as the system does when the memory runs out.")
)
OUT_OF_MEMORY = TEXTS.add("out_of_memory", _("The memory of the machine ran out."))
DISK_FULL = TEXTS.add("disk_full", _("The disk is full, or the quota is used up."))
LFS_POINTER = TEXTS.add(
    "lfs_pointer_loaded",
    _("A file that it loaded is a pointer of Git LFS; `git lfs pull` fetches the file itself."),
)
WINDOWS_LINE_ENDS = TEXTS.add(
    "windows_line_ends",
    _("The launcher has Windows line ends (CRLF), which its shell does not understand."),
)
NO_GPU = TEXTS.add("no_gpu", _("No GPU could be used: {problem}"))
GPU_ERROR = TEXTS.add("gpu_error", _("The GPU reported an error: {problem}"))
WEIGHTS_MISMATCH = TEXTS.add("weights_mismatch", _("The weights do not fit the model {name}."))
DAMAGED_FILE = TEXTS.add("damaged_file", _("A file that it read is corrupt or truncated."))
MISSING_MODULE = TEXTS.add("missing_module", _("The Python module {name} is missing."))
MISSING_NAME = TEXTS.add(
    "missing_name", _("{module} has no {name}; another version of it is expected.")
)
MISSING_LIBRARY = TEXTS.add("missing_library", _("The system library {name} is missing."))
MISSING_PROGRAM = TEXTS.add("missing_program", _("The program {name} is missing."))
NOT_ACTIVATED = TEXTS.add(
    "environment_not_activated", _("The environment {name} could not be activated.")
)
MISSING_FILE = TEXTS.add("missing_file", _("File missing: {path}"))
NO_PERMISSION = TEXTS.add("no_permission", _("It has no permission to access {path}."))
BAD_ARGUMENT = TEXTS.add("bad_argument", _("An argument is wrong: {problem}"))
NETWORK = TEXTS.add("no_network", _("The network, or a server that it needs, cannot be reached."))
PORT_TAKEN = TEXTS.add("port_taken", _("A network port that it needs is in use."))
CRASHED = TEXTS.add("crashed", _("The program crashed: {problem}"))
SHELL_SYNTAX = TEXTS.add(
    "shell_syntax", _("The shell does not understand line {number}: {problem}")
)
NAN = TEXTS.add("nan", _("{name} is NaN from epoch {epoch} on."))
NAN_VALUES = TEXTS.add("nan_values", _("Values became NaN."))
EXCEPTION = TEXTS.add("exception", _("It ended with {exception}"))
LAST_MESSAGE = TEXTS.add("last_message", _("Its last message: {problem}"))

# Of a run that succeeded.
TRACEBACK_AT_END = TEXTS.add(
    "traceback_at_end",
    _("It ended with exit status 0, but its output ends with a traceback: {line}"),
)
USAGE_AT_END = TEXTS.add(
    "usage_at_end",
    _(
        "It ended with exit status 0, but printed how it is used at "
        "its end, as scripts do that were "
        "called wrongly: {line}"
    ),
)
FAILURE_AT_END = TEXTS.add(
    "failure_at_end",
    _("It ended with exit status 0, but its output ends with a failure: {line}"),
)
NAN_TO_END = TEXTS.add(
    "nan_to_end", _("It ended with exit status 0, but {name} is NaN from epoch {epoch} on.")
)
# The codes of doubts about a run that succeeded.
DOUBTS = frozenset(
    text.code for text in (TRACEBACK_AT_END, USAGE_AT_END, FAILURE_AT_END, NAN_TO_END)
)
