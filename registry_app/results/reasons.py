"""Messages: why a file or a value yielded no numbers, and how a long series was shortened."""

from __future__ import annotations

from registry_app.messages import TEXTS, Message
from registry_app.messages import marked as _

SETTINGS_FILE = TEXTS.add("result_settings_file", _("a settings file, not results"))
NOT_A_RESULT = TEXTS.add("result_not_a_result", _("not a kind of file that holds results"))
NO_AXIS = TEXTS.add(
    "result_no_axis", _("a table without a column that counts epochs or steps, and no summary")
)
PREDICTIONS = TEXTS.add(
    "result_predictions", _("a table of predictions or data, a row for each item")
)
NO_HEADER = TEXTS.add("result_no_header", _("a table without names of its columns"))
EMPTY = TEXTS.add("result_empty", _("empty"))
NO_NUMBERS = TEXTS.add("result_no_numbers", _("no number under the name of a metric"))
DATA = TEXTS.add("result_data", _("data or annotations, not results"))
TOO_LARGE = TEXTS.add("result_too_large", _("skipped: larger than {mebibytes} MiB"))
BROKEN_JSON = TEXTS.add("result_broken_json", _("invalid JSON (line {line})"))
BROKEN_YAML = TEXTS.add("result_broken_yaml", _("invalid YAML (line {line})"))
BROKEN_EVENTS = TEXTS.add("result_broken_events", _("not a readable event file"))
THINNED = TEXTS.add("result_thinned", _("{name}: {points} of {count} points kept"))
TOO_MANY_NAMES = TEXTS.add(
    "result_too_many_names", _("{names} metric names saved, {left_out} more skipped")
)

# Why one value was not taken.
SETTING = TEXTS.add("result_setting", _("a setting"))
NEVER = TEXTS.add("result_never", _("a time, an amount of memory or a count"))
PARAMETER = TEXTS.add("result_parameter", _("a parameter of the run"))
NO_METRIC = TEXTS.add("result_no_metric", _("not the name of a metric"))
LIMIT = TEXTS.add("result_limit", _("a goal, a limit or an earlier result"))
SEVERAL = TEXTS.add("result_several", _("several numbers under one name"))
TOO_MANY = TEXTS.add("result_too_many", _("too many numbers"))
HUGE = TEXTS.add("result_huge", _("a number that is too large"))
TRUTH = TEXTS.add("result_truth", _("true or false, not a number"))
NOT_A_NUMBER = TEXTS.add("result_not_a_number", _("not a number: {text}"))
NO_STEP = TEXTS.add("result_no_step", _("in a row without a step"))
DAMAGED = TEXTS.add("result_damaged", _("damaged"))

# What happened to a part of a file.
NUMBERS_AS_TEXT = TEXTS.add(
    "result_numbers_as_text", _("{count} numbers that were written as text were read")
)
BROKEN_LINES = TEXTS.add(
    "result_broken_lines", _("{count} lines were not readable, the first is line {line}")
)
LONG_LINES = TEXTS.add("result_long_lines", _("{count} lines were too long to be read"))

MAX_SHOWN = 40


def not_a_number(text: str) -> Message:
    """Return why a text was not taken; what is long of it is cut."""
    shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return NOT_A_NUMBER(text=shown)
