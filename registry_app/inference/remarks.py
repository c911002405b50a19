"""The words in which the scan says what it could not read: kept as written, shown as one reads."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from registry_app.inference.phrases import Phrases

READ_AS = _("read as {encoding}, not as UTF-8")
NO_PYTHON = _("line {line}: no Python 3 syntax ({problem})")
NOT_PARSED = _("cannot be parsed ({problem})")
NO_NOTEBOOK = _("is no readable notebook")
ONLY_NAME = _("too large to be read; only its name was looked at")
UNREAD_PARAMETER = _("{place}: only a run knows the name of this parameter")
UNSEEN_FAILURE = _("a failure of {script} goes unseen behind a pipe; “set -o pipefail” shows it")
UNREADABLE = _("cannot be read ({problem})")
TOO_MANY = _("more than {count} files worth reading; the rest was left")
DATA_FOLDER = _("thousands of data files, not read")
TOO_DEEP = _("too many folders deep, not read further")
NO_UTF_8 = _("the name is no UTF-8, so it cannot be listed")
LINK_OUT = _("a link out of the directory, not followed")
TOO_LARGE = _("larger than {mebibytes} MiB, not read")
TOO_LONG = _("took longer than {seconds} s; what was not read by then was left")
TOO_SLOW = _("left out, because reading it took longer than {seconds} s")
HUNG = _("left out, because reading it did not come further for {seconds} s")
TOO_MUCH_MEMORY = _("left out, because reading it takes too much memory")
READER_DIED = _("left out, because it ended the process that read it ({problem})")
NOT_UNDERSTOOD = _("left out, because the scan failed at it ({problem})")
BAD_NAME = _("the name is too long or holds signs that cannot be shown, so it is left out")

_PHRASES = Phrases(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)
)


def shown(warning: str) -> str:
    """Return a warning in the present language; names before it (`train.py: ...`) stay."""
    known = _PHRASES.shown(warning)
    if known is not None:
        return known
    name, colon, rest = warning.partition(": ")
    return f"{name}{colon}{shown(rest)}" if colon else warning
