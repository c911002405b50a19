"""Why an entry point or a run must not set a variable."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_NAME = TEXTS.add(
    "variable_no_name",
    _("“{name}” is not a name of a variable. Use letters, digits and underscores, no digit first."),
)
LOADS_CODE = TEXTS.add(
    "variable_loads_code",
    _("The variable {name} can start other code than the script, so the portal does not set it."),
)
LOADS_PYTHON_CODE = TEXTS.add(
    "variable_loads_python_code",
    _(
        "The variable {name} can start other code than the script, so the portal does not set"
        " it. Of Python's own it sets {names}. Modules of another folder are found with the "
        "working directory."
    ),
)
SET_BY_PORTAL = TEXTS.add(
    "variable_set_by_portal",
    _("The variable {name} is set by the portal itself. Leave it out."),
)
SET_FOR_GPUS = TEXTS.add(
    "variable_set_for_gpus",
    _(
        "The variable {name} is set by the portal, with the GPUs of the run. Set the number "
        "of GPUs instead."
    ),
)
SECRET = TEXTS.add(
    "variable_secret",
    _(
        "The variable {name} looks like a secret, and variables are not kept secret: they are in "
        "files, histories and records of runs. Let the script read it from a file."
    ),
)
NO_VALUE = TEXTS.add(
    "variable_no_value",
    _("The value of {name} holds line breaks or control characters. Take them out."),
)
TOO_LONG = TEXTS.add(
    "variable_too_long",
    _("The value of {name} is longer than {limit} characters."),
)
TOO_MANY = TEXTS.add(
    "variable_too_many",
    _("At most {limit} variables can be set."),
)
