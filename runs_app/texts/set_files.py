"""What is wrong with a file of a scenario or a pipeline, and with what it names."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

NO_CORE = TEXTS.add(
    "set_file_no_core",
    _("There is no core repository, so there is no folder {folder}. Set GUARDIANFLOW_CORE_URL."),
    in_terminal=_("Or name a folder with --from."),
)
NO_FILE = TEXTS.add("set_file_not_there", _("There is no {name} in {folder}; there are: {names}."))
BAD_FILE_NAME = TEXTS.add(
    "set_file_bad_file_name",
    _("'{name}' is no name of a file: use letters, digits, dots, - and _."),
)
TOO_LONG = TEXTS.add("set_file_too_long", _("{file} is larger than {mib} MiB."))
UNREADABLE = TEXTS.add("set_file_unreadable", _("{path} cannot be read: {reason}."))
NOT_VALID = TEXTS.add("set_file_not_valid", _("{file} is not valid:\n{problems}"))
NO_RUNS = TEXTS.add("set_file_no_runs", _("{where} lists nothing."))
NO_KIND = TEXTS.add("set_file_no_type", _("{where} has no type; write one of {types}."))
WHICH = TEXTS.add(
    "set_file_which", _("{where} names no experiment. Write experiment: NAME, or where: …")
)
BOTH = TEXTS.add("set_file_both", _("{where} has both experiment and where. Write one."))
NO_STEP_NAME = TEXTS.add("set_file_no_step_name", _("{where} has no name."))
TWICE = TEXTS.add("set_file_twice", _("There are two steps named {name}."))
BAD_NAME = TEXTS.add(
    "set_file_bad_name", _("{name} is no name of a step: use letters, digits, dots, - and _.")
)
BAD_VALUE = TEXTS.add(
    "set_file_bad_value",
    _("{where} is no value. Write a text, a number, a list of them, or from and file."),
)
BAD_VARIABLE = TEXTS.add(
    "set_file_bad_variable", _("{where} is no value. Write a text or a number.")
)
NO_CONDITION = TEXTS.add(
    "set_file_no_condition", _("{where} has no value. Write one, or leave the key out.")
)
TOO_MANY_ENTRIES = TEXTS.add(
    "set_file_too_many_entries",
    _("{where} lists {count}, and a file may list {limit}. Divide it into several files."),
)
BAD_PICK = TEXTS.add("set_file_bad_pick", _("{where} is first or last."))
NEVER_CONFIRMED = TEXTS.add("set_file_never_confirmed", _("No engineer has confirmed {file} yet."))
CHANGED = TEXTS.add("set_file_changed", _("{file} was changed since it was confirmed on {when}."))
CHANGED_SINCE = TEXTS.add(
    "set_file_changed_since", _("{file} was changed since {user} confirmed it on {when}.")
)
WOULD_START = TEXTS.add("set_file_would_start", _("It would start:"))
MATCHES_NONE = TEXTS.add("set_file_matches_none", _("No experiment has {where}."))
