"""Messages about how a run ended, where its results went, and launchers before a start."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

WORK_ENDED = TEXTS.add(
    "work_ended",
    _(
        "The script ended while {work} still ran in the background, "
        "and that was ended with it. Choose "
        "{work} itself as the script, or let the launcher wait for it."
    ),
)
OUTPUTS_BEHIND_LINK = TEXTS.add(
    "outputs_behind_link",
    _(
        "{path} is a link to {target}, outside of the directory and "
        "the roots: what was written there is not saved. Add that folder to GUARDIANFLOW_ROOTS to "
        "save it."
    ),
)
OUTPUTS_ELSEWHERE = TEXTS.add(
    "outputs_elsewhere",
    _(
        "Results were written outside of the directory and are not saved: "
        "{paths}. A parameter or a setting "
        "of the framework (such as `runs_dir` of Ultralytics) names that folder."
    ),
)
TRACKED_ELSEWHERE = TEXTS.add(
    "tracked_elsewhere",
    _("It names an MLflow store of its own, from which nothing is copied: {uri}"),
)
MLFLOW_NAME_KEPT = TEXTS.add(
    "mlflow_name_kept",
    _(
        "The MLflow experiment keeps the name {name}, as others use it or "
        "{wanted} is taken; so its history is not split."
    ),
)
FILES_REFUSED = TEXTS.add(
    "files_refused", _("Files that MLflow did not accept; their copies are here: {files}")
)
NO_ENVIRONMENT = TEXTS.add(
    "no_environment",
    _("{script} activates the environment {name}, which this machine does not have."),
)
ENVIRONMENT_BROKEN = TEXTS.add(
    "environment_broken",
    _(
        "{script} activates the environment {name}, whose Python {python} is not on this machine, "
        "so that its commands run with another Python. Recreate the environment where it is now."
    ),
)
OTHER_ENVIRONMENT = TEXTS.add(
    "other_environment",
    _(
        "{script} activates the environment {name}: its commands run with {python}. Modules were "
        "looked for in the Python of this run, {interpreter}. Set the right one as interpreter of "
        "the entry point."
    ),
)
OTHER_PYTHON = TEXTS.add(
    "other_python",
    _("{script} starts Python as {program}, and not the one of this run ({interpreter})."),
)
NO_SHELL = TEXTS.add(
    "no_shell",
    _(
        "{script} is written for {program}, as its first line (#!) says, "
        "and this machine does not have that. "
        "Install it, or choose the script that it starts."
    ),
)
