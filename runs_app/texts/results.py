"""What was done with the results of a run, and why none were collected."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

UNTOUCHED = TEXTS.add(
    "result_untouched",
    _("it existed before the start with the same content and was not written again"),
)
ROWS_FROM_BEFORE = TEXTS.add(
    "result_rows_from_before", _("{count} values from before the start were skipped")
)
LINES_FROM_BEFORE = TEXTS.add(
    "result_lines_from_before", _("{count} lines from before the start were skipped")
)
ALSO_BEFORE = TEXTS.add(
    "result_also_before",
    _("its first {count} values existed before the start as well; they count anyway"),
)
BEFORE_UNKNOWN = TEXTS.add(
    "result_before_unknown",
    _("it existed before the start with unknown content; all its values count"),
)
REPEATED = TEXTS.add("result_repeated", _("{source} has the same values ({names})"))
GONE = TEXTS.add(
    "result_gone", _("it was deleted or not saved; these values were read while the script ran")
)
NOT_KEPT = TEXTS.add("result_not_kept", _("not saved, so it could not be read"))
NOT_LOOKED_AT = TEXTS.add(
    "result_not_looked_at", _("{count} more files of these kinds were not examined")
)
TOO_MANY_POINTS = TEXTS.add(
    "result_too_many_points", _("not read, as other files of this run have so many points")
)
UNREADABLE = TEXTS.add("result_unreadable", _("it could not be read: {error}"))
LOG_CUT = TEXTS.add(
    "result_log_cut", _("only its first {first} MiB and its last {last} MiB were read")
)
