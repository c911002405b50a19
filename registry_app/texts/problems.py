"""What is wrong in a registry file."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

ON_LINE = TEXTS.add("problem_on_line", _("line {line}: {problem}"))
# The subject of a problem that concerns no single key.
THE_FILE = TEXTS.add("file_itself", _("The file"))

# YAML
TOO_LARGE = TEXTS.add(
    "yaml_too_large", _("The file is too large; a registry file has at most {most} MiB.")
)
NOT_UTF8 = TEXTS.add("yaml_not_utf8", _("The file is not UTF-8. Save it as UTF-8."))
CONTROL_IN_FILE = TEXTS.add(
    "yaml_control_characters", _("The file holds control characters. Take them out.")
)
ANCHOR = TEXTS.add(
    "yaml_anchor", _("Anchors and aliases (& and *) are not supported. Write the value out.")
)
NOT_YAML = TEXTS.add("not_yaml", _("This is not YAML: {problem}."))
TOO_DEEP = TEXTS.add("yaml_too_deep", _("The file is nested too deeply for a registry file."))
NO_KEY = TEXTS.add("yaml_no_key", _("A key is a word, not a list or a mapping."))
DUPLICATE_KEY = TEXTS.add(
    "yaml_duplicate_key", _("Duplicate key {key}; the first is on line {line}.")
)
UNREADABLE = TEXTS.add("yaml_unreadable", _("{text} cannot be read. Put it in quotes."))
TAG = TEXTS.add("yaml_tag", _("{tag} is not read; only texts, numbers, lists and mappings are."))

# The kinds of values
NO_MAPPING = TEXTS.add("file_no_mapping", _("{where} must be a mapping of keys."))
NO_TEXT = TEXTS.add("file_no_text", _("{where} must be a text; put it in quotes."))
TOO_LONG = TEXTS.add("field_too_long", _("{where} is longer than {limit} characters."))
CONTROL = TEXTS.add("field_control_characters", _("{where} holds control characters."))
EMPTY_ENTRY = TEXTS.add("file_empty_entry", _("{where} holds an empty entry."))
NO_LIST = TEXTS.add("file_no_list", _("{where} must be a list, like [a, b]."))
NO_NUMBER = TEXTS.add("file_no_number", _("{where} must be a whole number from {least} to {most}."))
NO_FLAG = TEXTS.add("file_no_flag", _("{where} must be true or false."))
NO_SCALAR = TEXTS.add("file_no_scalar", _("{where} must be a single value."))
UNKNOWN_KEY = TEXTS.add("file_unknown_key", _("{where} has no key {key}. {hint}"))
DID_YOU_MEAN = TEXTS.add("file_did_you_mean", _("Did you mean {names}?"))
KNOWN_ARE = TEXTS.add("file_known_are", _("Available: {names}."))

# The content of a registry file
EMPTY = TEXTS.add("registry_file_empty", _("{name} is empty; the key experiments is required."))
NEEDS_EXPERIMENTS = TEXTS.add("needs_experiments", _("The file has no key experiments."))
CUSTOMER_NAME = TEXTS.add(
    "customer_name_invalid", _("A customer's name has at most 100 printable characters.")
)
EXPERIMENT_NAME = TEXTS.add(
    "experiment_name_invalid", _("An experiment's name has 1 to 200 printable characters.")
)
SAME_DIRECTORY = TEXTS.add(
    "file_same_directory",
    _("{name} and {other} name the same directory; each directory is one experiment."),
)
PATTERN_LEADS_OUT = TEXTS.add(
    "file_pattern_leads_out", _("The pattern “{pattern}” leads out of the directory.")
)
NAMED_TWICE = TEXTS.add("file_named_twice", _("{where} names {name} twice."))
PARAMETER_WITHOUT_NAME = TEXTS.add("parameter_without_name", _("A parameter needs a name."))
NO_DEFAULT = TEXTS.add("file_no_default", _("A default is a value or a list."))
