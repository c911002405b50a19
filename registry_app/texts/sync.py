"""What a sync with the registry file did, and why it could not do more."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

SYNCED = TEXTS.add("synced", _("Synced with the registry file"))
DELETED_IN_FILE = TEXTS.add("deleted_in_file", _("Its entry was deleted in the registry file."))
DOES_NOT_FIT = TEXTS.add("does_not_fit", _("Another experiment has this name or this directory."))
ARCHIVED_HERE = TEXTS.add(
    "archived_here",
    _(
        "It is archived in the portal. The file's answer restores it, the portal's removes its "
        "entry from the file."
    ),
)
FILE_GONE = TEXTS.add(
    "synced_file_gone",
    _(
        "{file} does not exist any more. Nothing was changed: restore it, or set "
        "GUARDIANFLOW_REGISTRY to where it is."
    ),
)
FILE_UNREADABLE = TEXTS.add("synced_file_unreadable", _("{file} cannot be read: {problem}"))
FILE_UNWRITABLE = TEXTS.add("synced_file_unwritable", _("{file} cannot be written: {problem}"))
FILE_INVALID = TEXTS.add(
    "synced_file_invalid",
    _("{file} has problems, so nothing is imported or exported: {problems}"),
)
FILE_EMPTY = TEXTS.add(
    "synced_file_empty",
    _(
        "{file} is empty now. Nothing was changed: restore it. To archive all experiments, write "
        "`experiments: {{}}`."
    ),
)
KEEPS_CHANGING = TEXTS.add(
    "synced_file_keeps_changing", _("{file} changed again and again during the sync. Try again.")
)
NO_SUCH_QUESTION = TEXTS.add("no_such_question", _("There is no open question {number}."))
ANSWER_REFUSED = TEXTS.add(
    "answer_refused",
    _("{question}: the answer does not fit, as another experiment has this name or directory."),
)
ANSWER_LATE = TEXTS.add(
    "answer_late", _("{question} changed after it was shown. Look at it once more.")
)
NO_VALUE_FOR_WHOLE = TEXTS.add(
    "no_value_for_whole", _("{question} is answered with portal or file.")
)
