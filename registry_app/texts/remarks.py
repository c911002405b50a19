"""The scan's remarks on what it could not read."""

from __future__ import annotations

from registry_app.messages import TEXTS
from registry_app.messages import marked as _

READ_AS = TEXTS.add("read_as", _("read as {encoding}, not as UTF-8"))
NO_PYTHON = TEXTS.add("no_python", _("line {line}: not Python 3 syntax ({problem})"))
NOT_PARSED = TEXTS.add("not_parsed", _("cannot be parsed ({problem})"))
NO_NOTEBOOK = TEXTS.add("no_notebook", _("not a readable notebook"))
ONLY_NAME = TEXTS.add("only_name", _("too large to be read; only its name was used"))
UNREAD_PARAMETER = TEXTS.add(
    "unread_parameter", _("{place}: only a run knows the name of this parameter")
)
READS_VARIABLE = TEXTS.add(
    "reads_variable", _("line {line}: reads {name} from the environment without a default")
)
UNSEEN_FAILURE = TEXTS.add(
    "unseen_failure",
    _("a failure of {script} goes unseen behind a pipe; “set -o pipefail” shows it"),
)
UNCHECKED_FAILURE = TEXTS.add(
    "unchecked_failure",
    _(
        "a failure of {script} is lost, as the launcher goes on and ends well; “set -e” at its "
        "beginning makes it fail"
    ),
)
IN_BACKGROUND = TEXTS.add(
    "in_background",
    _(
        "{script} is started in the background (&, nohup) and not "
        "waited for; what is left when the "
        "launcher ends is ended with it. Choose {script} itself as the script, or let the launcher "
        "“wait”"
    ),
)
CRLF_LAUNCHER = TEXTS.add(
    "crlf_launcher",
    _("has Windows line ends (CRLF), at which its shell fails; “dos2unix” takes them away"),
)
LFS_POINTERS = TEXTS.add(
    "lfs_pointers",
    _(
        "only a pointer of Git LFS is there, and not the file itself; “git lfs pull” fetches it "
        "(in all: {count})"
    ),
)
UNREADABLE = TEXTS.add("unreadable", _("cannot be read ({problem})"))
TOO_MANY = TEXTS.add("too_many", _("more than {count} files worth reading; the rest was left"))
DATA_FOLDER = TEXTS.add("data_folder", _("skipped: thousands of data files"))
TOO_DEEP = TEXTS.add("too_deep", _("nested too deeply; skipped"))
NO_UTF_8 = TEXTS.add("no_utf_8", _("the name is not UTF-8, so it cannot be listed"))
LINK_OUT = TEXTS.add("link_out", _("a link out of the directory, not followed"))
TOO_LARGE = TEXTS.add("too_large", _("skipped: larger than {mebibytes} MiB"))
TOO_LONG = TEXTS.add("too_long", _("took longer than {seconds} s; the rest was not read"))
TOO_SLOW = TEXTS.add("too_slow", _("skipped: reading it took longer than {seconds} s"))
HUNG = TEXTS.add("hung", _("skipped: reading it made no progress for {seconds} s"))
TOO_MUCH_MEMORY = TEXTS.add("too_much_memory", _("skipped: reading it takes too much memory"))
READER_DIED = TEXTS.add(
    "reader_died", _("skipped: it crashed the process that read it ({problem})")
)
NOT_UNDERSTOOD = TEXTS.add("not_understood", _("skipped: the scan failed on it ({problem})"))
BAD_CODEC = TEXTS.add(
    "bad_codec", _("declares an encoding that cannot read it; read as {encoding} instead")
)
NO_CONDA_ENVIRONMENT = TEXTS.add(
    "no_conda_environment",
    _("{file} names the conda environment {name}, which this machine does not have"),
)
NO_ROOT = TEXTS.add("no_root", _("there is no such folder; make it or change GUARDIANFLOW_ROOTS"))
