"""Why a run is refused before it starts, and what may be missing for it."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

_ANYWAY = {
    "on_page": _("To queue it anyway, tick “Queue anyway”."),
    "in_terminal": _("To run it anyway, repeat the command with --force."),
}

NO_SUCH_TYPE = TEXTS.add("no_such_type", _("There is no type {type}; use one of {types}."))
NO_DEFAULT_SCRIPT_NEAR = TEXTS.add(
    "no_default_script_near",
    _("{experiment} has no default script for {type}."),
    on_page=_("Choose one, for example {script}."),
    in_terminal=_("Specify one with --script, for example {script}."),
)
NO_DEFAULT_SCRIPT = TEXTS.add(
    "no_default_script",
    _(
        "{experiment} has no default script for {type}. Choose one in the entry point, "
        "or scan again if the directory has a new one."
    ),
    in_terminal=_("Or specify one with --script."),
)
NO_DEFAULT_SCRIPT_AMONG = TEXTS.add(
    "no_default_script_among",
    _("{experiment} has no default script for {type}. Its directory has {scripts}."),
    on_page=_("Choose one in the entry point."),
    in_terminal=_("Specify one with --script."),
)
NO_SCRIPTS = TEXTS.add(
    "no_scripts",
    _(
        "{experiment} has no script that can be started. Programs in other languages, such as C++, "
        "need a launcher: add a .py or .sh file to the directory and scan again, or archive the "
        "experiment."
    ),
)
BAD_PRIORITY = TEXTS.add("bad_priority", _("The priority is a whole number from -100 to 100."))
LABEL_TOO_LONG = TEXTS.add(
    "label_too_long", _("{what} is longer than {limit} characters. Shorten it.")
)
MATCHES_NO_PATTERN = TEXTS.add(
    "matches_no_pattern", _("{script} matches none of the patterns for {type}.")
)
VERSION_ELSEWHERE = TEXTS.add(
    "version_elsewhere",
    _("{script} carries the version {version}, but {started} is started."),
    on_page=_("A version is a label; choose the script above."),
    in_terminal=_("A version is a label; choose the script with --script {script}."),
)
COPY_OF_ANOTHER = TEXTS.add(
    "copy_of_another",
    _(
        "{file} is a copy that run {run} was given by its chain, and what is written beside it "
        "belongs to that run. Start or resume the chain, or name a kept file."
    ),
)
SECRETS_NOT_KEPT = TEXTS.add(
    "secrets_not_kept", _("The secret values cannot be kept in {folder}: {reason}.")
)
SECRETS_NOT_HERE = TEXTS.add(
    "secrets_not_here",
    _(
        "The secret values of this run are not on {host}: no backup holds them. Queue it again "
        "and give them."
    ),
)
DIRECTORY_NOT_THERE = TEXTS.add(
    "directory_not_there",
    _(
        "The directory {path} of {experiment} does not exist. Restore it, or correct the "
        "path of the experiment."
    ),
)
DIRECTORY_CLOSED = TEXTS.add(
    "directory_closed", _("{path} is not readable. Grant this user read access.")
)
DIRECTORY_LED_ELSEWHERE = TEXTS.add(
    "directory_led_elsewhere",
    _(
        "The path of {experiment} pointed to {before} when this run was queued and now "
        "points to {now}. Queue it again if that is intended."
    ),
)
CANNOT_BE_READ = TEXTS.add("cannot_be_read", _("{name} cannot be read: {problem}"))
SCRIPT_NOT_THERE = TEXTS.add(
    "script_not_there",
    _(
        "The script {script} is not in {directory}. Scan the directory again to see which scripts "
        "it has."
    ),
)
SCRIPT_NOT_THERE_NEAR = TEXTS.add(
    "script_not_there_near",
    _("The script {script} is not in {directory}. Did you mean {names}?"),
)
SCRIPT_OF_WINDOWS = TEXTS.add(
    "script_of_windows",
    _(
        "{script} is a Windows script and cannot run here. Choose the Python script that "
        "it starts, or rewrite it for bash as a .sh file."
    ),
)
SCRIPT_OF_NO_KIND = TEXTS.add(
    "script_of_no_kind",
    _(
        "{script} cannot be started. Scripts are .py or .sh files, packages with a __main__.py, "
        "and notebooks (.ipynb)."
    ),
)
NO_JUPYTER = TEXTS.add(
    "no_jupyter",
    _(
        "{script} is a notebook, and {interpreter} has no {missing} to execute it. Install Jupyter "
        "there (`{interpreter} -m pip install nbclient ipykernel`), or write the notebook as a "
        "script with `jupyter nbconvert --to script`."
    ),
)
DISK_FULL = TEXTS.add(
    "no_room",
    _(
        "{path} has {free} MiB free; {wanted} MiB are required. Free some space there, "
        "or set GUARDIANFLOW_MIN_FREE_MIB."
    ),
    **_ANYWAY,
)
LOW_DISK_SPACE = TEXTS.add("little_room", _("Only {free} MiB are free at {path}."))
MODULES_UNKNOWN = TEXTS.add(
    "modules_unknown", _("Could not check whether its modules are installed: {error}")
)
MODULES_UNCHECKED = TEXTS.add(
    "modules_unchecked",
    _("Whether its modules are installed is checked when the run is queued."),
)
MODULES_MISSING = TEXTS.add(
    "modules_missing",
    _(
        "{script} imports {modules}, which {interpreter} does not have. Install them there "
        "(`{interpreter} -m pip install {distributions}`), or name another interpreter in the "
        "entry point."
    ),
    **_ANYWAY,
)
MODULES_LACKED = TEXTS.add(
    "modules_lacked", _("{script} imports {modules}, which {interpreter} does not have.")
)
MODULES_PERHAPS_LACKED = TEXTS.add(
    "modules_perhaps_lacked",
    _("Parts of {script} import {modules}, which {interpreter} does not have."),
)
GPU_NOT_SEEN = TEXTS.add(
    "gpu_not_seen",
    _(
        "{name}={value} is out of range: the run is allocated {count} GPUs, numbered "
        "from 0. Omit it, or request more GPUs in the entry point."
    ),
)
NOT_SCANNED = TEXTS.add(
    "not_scanned", _("The scripts of {name} have not been scanned yet. Scan first.")
)
START_UNKNOWN = TEXTS.add(
    "start_unknown",
    _(
        "{script} has several modes, and it is not known how to select this one "
        "({kind}); it may run another ({other_kind}). Choose it as the default script of "
        "the entry point with the arguments it needs."
    ),
    **_ANYWAY,
)
VARIABLES_NOT_SET = TEXTS.add(
    "variables_not_set",
    _(
        "{script} reads {names} from the environment without a default, and no value is "
        "set. Set values in the entry point; secrets belong in the environment of the "
        "worker."
    ),
    on_page=_("For one run alone, set them in its form."),
    in_terminal=_("For one run alone, use --env NAME=VALUE."),
)
FOLDER_NOT_THERE = TEXTS.add(
    "working_directory_not_there",
    _(
        "The working directory {folder} is not in {directory}, or cannot be entered. Correct it "
        "in the entry point."
    ),
)
