"""What is wrong with the values, the template or the extra arguments of a command."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

# What a value belongs to, if that is not a parameter.
EXTRA_ARGUMENT = TEXTS.add("extra_argument", _("An extra argument"))
WORD_OF_TEMPLATE = TEXTS.add("word_of_template", _("The argument template"))
VERSION = TEXTS.add("version", _("The version"))

NO_ASSIGNMENT = TEXTS.add(
    "no_assignment", _("'{pair}' is not a parameter. Write NAME=VALUE, for example epochs=10.")
)
GIVEN_TWICE = TEXTS.add(
    "given_twice", _("{name} is given twice, as '{name}' and as '{other}'; drop one.")
)
NO_SINGLE_VALUE = TEXTS.add(
    "no_single_value", _("{name}: give text, a number or true/false, not {value}.")
)
IMPOSSIBLE_CHARACTER = TEXTS.add(
    "impossible_character",
    _(
        "{name}: the value holds the character {character}, which cannot be passed. Remove it, or "
        "put the text into a file and name the file."
    ),
)
VALUE_TOO_LONG = TEXTS.add(
    "value_too_long",
    _("{name}: the value is longer than 128 KiB. Put it into a file and name the file."),
)
NO_SWITCH = TEXTS.add("no_switch", _("{name} is a switch: give true or false, not '{value}'."))
NO_COUNT = TEXTS.add("no_count", _("{name} is counted: give {least} to 99, not '{value}'."))
NO_WHOLE_NUMBER = TEXTS.add("no_whole_number", _("{name}: give a whole number, not '{value}'."))
NO_NUMBER = TEXTS.add("no_number", _("{name}: give a number, not '{value}'."))
NO_TRUTH = TEXTS.add("no_truth", _("{name}: give true or false, not '{value}'."))
NO_CHOICE = TEXTS.add("no_choice", _("{name}: choose one of {offered}, not '{value}'."))
TAKES_ONE_VALUE = TEXTS.add("takes_one_value", _("{name} takes 1 value, not {count}: {values}."))
TAKES_VALUES = TEXTS.add(
    "takes_values",
    _("{name} takes {wanted} values, not {count}: {values}."),
    in_terminal=_("Repeat the option for each: --param {name}=VALUE --param {name}=VALUE."),
)
ONE_VALUE_IN_TEMPLATE = TEXTS.add(
    "one_value_in_template",
    _(
        "{name}: the argument template takes one value here, not {count}. Write {{{name}}} as a "
        "word of its own."
    ),
)
SECRET_NOT_TAKEN = TEXTS.add(
    "secret_not_taken",
    _(
        "{name}: the script does not take this value, which is secret and not shown. Check its "
        "kind ({kind}), its choices and how many values it takes."
    ),
)
SECRET_IS_MASK = TEXTS.add(
    "secret_is_mask",
    _("{name}: *** only represents the secret value, which is not kept. Give the value again."),
)
DEFAULT_LIKE_OPTION = TEXTS.add(
    "default_like_option",
    _(
        "{name}: its default '{value}' begins with a dash and would be taken for an option. "
        "Correct the default, or give a value."
    ),
)
VALUE_LIKE_OPTION = TEXTS.add(
    "value_like_option",
    _(
        "{name}: '{value}' would be taken for an option, because it is one of several values. Give "
        "one value, or write it as an extra argument."
    ),
    in_terminal=_("Extra arguments follow --."),
)
NEEDS_PARAMETER = TEXTS.add(
    "needs_parameter",
    _("The script needs {name}."),
    on_page=_("Give it in the form."),
    in_terminal=_("Give it as --param {name}=VALUE."),
)
NEEDS_SECRET = TEXTS.add(
    "needs_secret",
    _("The script needs the secret {name}."),
    on_page=_("Give it in the form."),
    in_terminal=_("Give it as --secret {name}."),
)
NEEDS_SECRET_AGAIN = TEXTS.add(
    "needs_secret_again",
    _("Run {run} had the secret {name}, whose value is not kept."),
    on_page=_("Give it again in the form."),
    in_terminal=_("Give it again as --secret {name}."),
)
NEEDS_BEFORE = TEXTS.add(
    "needs_before",
    _("{name} follows {missing} on the command line; give {missing} as well."),
)
IN_ONE_WORD = TEXTS.add(
    "in_one_word",
    _("{name} is in one word with {missing} in the argument template; give {missing} as well."),
)
_GIVE_UNKNOWN = {
    "on_page": _("What the portal does not know can be written as an extra argument."),
    "in_terminal": _("What the portal does not know can be written after --."),
}
UNKNOWN_NEAR = TEXTS.add(
    "unknown_parameter_near",
    _("The script has no parameter '{name}'; did you mean {names}?"),
    **_GIVE_UNKNOWN,
)
UNKNOWN = TEXTS.add(
    "unknown_parameter",
    _("The script has no parameter '{name}'; it takes {names}."),
    **_GIVE_UNKNOWN,
)
UNKNOWN_OF_NONE = TEXTS.add(
    "unknown_parameter_of_none",
    _("The script has no parameter '{name}'; it takes none."),
    **_GIVE_UNKNOWN,
)
NO_OPTION_NAME = TEXTS.add("no_option_name", _("'{name}' cannot be the name of an option."))
NO_OPTION_KNOWN = TEXTS.add(
    "no_option_known",
    _(
        "{name} has no known option. Put {{{name}}} into the argument template, or write it as an "
        "extra argument."
    ),
    in_terminal=_("Extra arguments follow --."),
)
OMITTED_FROM_TEMPLATE = TEXTS.add(
    "left_out_of_template",
    _("'{{{name}}}' in the argument template is ignored: the script has no parameter '{name}'."),
)
PASSED_UNCHECKED = TEXTS.add(
    "passed_unchecked",
    _("The parameters of this script could not be read; {name} is passed as {flag}, unchecked."),
)
START_FOR_PYTHON = TEXTS.add(
    "start_for_python",
    _("{script} cannot be started as {start}: only Python scripts can. Clear “start”."),
)
NO_MODULE = TEXTS.add(
    "start_no_module",
    _(
        "{script} cannot be started as a module: a module's name has letters, digits and "
        "underscores only. Choose another start, or the folder above its package as the working "
        "directory."
    ),
)
CANNOT_BE_STARTED = TEXTS.add(
    "cannot_be_started", _("{script} cannot be started: only scripts and notebooks can.")
)
