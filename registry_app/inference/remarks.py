"""The sentences in which the scan says what it could not read."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

READ_AS = TEXTS.add("read_as", _("read as {encoding}, not as UTF-8"))
NO_PYTHON = TEXTS.add("no_python", _("line {line}: no Python 3 syntax ({problem})"))
NOT_PARSED = TEXTS.add("not_parsed", _("cannot be parsed ({problem})"))
NO_NOTEBOOK = TEXTS.add("no_notebook", _("is no readable notebook"))
ONLY_NAME = TEXTS.add("only_name", _("too large to be read; only its name was looked at"))
UNREAD_PARAMETER = TEXTS.add(
    "unread_parameter", _("{place}: only a run knows the name of this parameter")
)
UNSEEN_FAILURE = TEXTS.add(
    "unseen_failure",
    _("a failure of {script} goes unseen behind a pipe; “set -o pipefail” shows it"),
)
UNREADABLE = TEXTS.add("unreadable", _("cannot be read ({problem})"))
TOO_MANY = TEXTS.add("too_many", _("more than {count} files worth reading; the rest was left"))
DATA_FOLDER = TEXTS.add("data_folder", _("thousands of data files, not read"))
TOO_DEEP = TEXTS.add("too_deep", _("too many folders deep, not read further"))
NO_UTF_8 = TEXTS.add("no_utf_8", _("the name is no UTF-8, so it cannot be listed"))
LINK_OUT = TEXTS.add("link_out", _("a link out of the directory, not followed"))
TOO_LARGE = TEXTS.add("too_large", _("larger than {mebibytes} MiB, not read"))
TOO_LONG = TEXTS.add(
    "too_long", _("took longer than {seconds} s; what was not read by then was left")
)
TOO_SLOW = TEXTS.add("too_slow", _("left out, because reading it took longer than {seconds} s"))
HUNG = TEXTS.add("hung", _("left out, because reading it did not come further for {seconds} s"))
TOO_MUCH_MEMORY = TEXTS.add(
    "too_much_memory", _("left out, because reading it takes too much memory")
)
READER_DIED = TEXTS.add(
    "reader_died", _("left out, because it ended the process that read it ({problem})")
)
NOT_UNDERSTOOD = TEXTS.add(
    "not_understood", _("left out, because the scan failed at it ({problem})")
)
BAD_NAME = TEXTS.add(
    "bad_name", _("the name is too long or holds signs that cannot be shown, so it is left out")
)
NO_ROOT = TEXTS.add("no_root", _("there is no such folder; make it or change GUARDIANFLOW_ROOTS"))
