"""Files that must be the same at the start of a script as when they were checked.

Their content is compared before the experiment directory is locked, as that may take long. Once it
is, a change of a file since then shows in what the file system keeps of it: a writer cannot set
back `ctime`. Standard library only, Python 3.8.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def state_of(facts: os.stat_result) -> str:
    """Return what is different after any change of a file."""
    return "%d:%d:%d:%d" % (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def changed(files: Mapping[str, str]) -> str | None:
    """Return the first path whose file is not in the given state, None if all are."""
    for path, state in files.items():
        try:
            if state_of(os.stat(path)) != state:
                return path
        except OSError:
            return path
    return None
