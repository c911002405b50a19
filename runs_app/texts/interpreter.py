"""What is wrong with the interpreter of a script, or with the user that scripts run as."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

UNREADABLE_ENVIRONMENT = TEXTS.add("unreadable_environment", _("{path} cannot be read: {error}"))
UNKNOWN_HOME = TEXTS.add(
    "unknown_home",
    _("The interpreter {path} names a user that this machine does not know; write the whole path."),
)
NO_CONDA_ENVIRONMENT = TEXTS.add(
    "conda_environment_unknown",
    _(
        "There is no conda environment {name}. `conda env list` shows those that are there; the "
        "interpreter may also be a path."
    ),
)
NOT_THERE = TEXTS.add(
    "interpreter_not_there",
    _(
        "The interpreter {path} does not exist or is not executable. Repair the environment, or "
        "set another interpreter for the entry point."
    ),
)
NOT_STARTED = TEXTS.add(
    "interpreter_not_started",
    _(
        "The interpreter {path} cannot be started: {error}. Repair the environment, or set "
        "another interpreter for the entry point."
    ),
)
NOT_ASKED = TEXTS.add(
    "interpreter_not_asked", _("The interpreter {path} cannot be asked as user {user}: {error}")
)
TOO_SLOW = TEXTS.add(
    "interpreter_too_slow", _("The interpreter {path} did not respond within {seconds} s.")
)
NO_ANSWER = TEXTS.add(
    "interpreter_no_answer",
    _("The interpreter {path} did not respond (exit status {code}): {said}"),
)
SILENT = TEXTS.add(
    "interpreter_silent",
    _("The interpreter {path} did not respond (exit status {code}), and printed nothing."),
)
SENSELESS = TEXTS.add("interpreter_senseless", _("{path} gave an invalid answer."))
NO_ANSWER_IN_TIME = TEXTS.add("no_answer_in_time", _("no answer within {seconds} s"))
OTHER_ANSWER = TEXTS.add("other_answer", _("not the answer of a Python (exit status {code})"))
NOT_A_PYTHON = TEXTS.add(
    "not_a_python", _("The interpreter {path} does not respond as a Python: {why}.")
)
NOT_A_PYTHON_REFUSED = TEXTS.add(
    "not_a_python_refused",
    _(
        "The interpreter {path} does not respond as a Python: {why}. Name another interpreter in "
        "the entry point."
    ),
    on_page=_("If it starts scripts like a Python, tick “Queue anyway”."),
    in_terminal=_("If it starts scripts like a Python, repeat the command with --force."),
)

NO_USER = TEXTS.add("no_user", _("this machine has no user {name}"))
OWN_USER = TEXTS.add("own_user", _("{name} is the portal's own user; name another"))
HELPER_OF_ANOTHER = TEXTS.add(
    "helper_of_another",
    _("the helper runs as {user} (correct User= of its unit), not as {name}"),
)
HELPER_ENDED = TEXTS.add("helper_ended", _("the helper was ended"))

CONDA_NOT_USED = TEXTS.add(
    "conda_not_used",
    _(
        "{file} names the conda environment {name}, but the script is started with {interpreter}. "
        "Set conda:{name} as interpreter of the entry point, or portal if this Python is meant."
    ),
)
CONDA_NOT_HERE = TEXTS.add(
    "conda_not_here",
    _(
        "{file} names the conda environment {name}, which this machine does not have; the script "
        "is started with {interpreter}. Create the environment, or set portal as interpreter of "
        "the entry point if this Python is meant."
    ),
)
ENVIRONMENT_GONE = TEXTS.add(
    "environment_gone",
    _(
        "The Python of the virtual environment {folder} is gone: it leads to {target}, which is "
        "not on this machine. {fix}"
    ),
)
ENVIRONMENT_OF_WINDOWS = TEXTS.add(
    "environment_of_windows",
    _(
        "The virtual environment {folder} was made on Windows; this machine cannot start its "
        "Python. {fix}"
    ),
)
ENVIRONMENT_WITHOUT_PYTHON = TEXTS.add(
    "environment_without_python",
    _("The virtual environment {folder} has no Python: bin/python is missing. {fix}"),
)
MAKE_ENVIRONMENT = TEXTS.add(
    "make_environment",
    _(
        "Recreate the environment on this machine, or name another interpreter for the entry "
        "point: `portal` is the portal's own Python (GUARDIANFLOW_PYTHON)."
    ),
)
