"""Becomes a program inside the fence: `python -I -S start_fenced.py FENCE PROGRAM ARGUMENT...`

FENCE is what `fence.restrict` takes, as JSON. The program has this process's environment, standard
streams and working directory; no file that it writes grows beyond LARGEST_FILE_BYTES. If it
cannot be started, this prints MARK and the reason on standard error, and exits with NOT_STARTED.
It is a separate program because threads of the portal cannot fork into the fence themselves.
"""

from __future__ import annotations

import json
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from runs_app.runner.isolation import fence

MARK = "guardianflow-start "
NOT_STARTED = 125
LARGEST_FILE_BYTES = 2**24


def main(text: str, argv: list[str]) -> None:
    try:
        fence.restrict(json.loads(text), keep_fds=())
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, LARGEST_FILE_BYTES))
        os.execve(argv[0], argv, os.environ)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write("%s%s\n" % (MARK, error.strerror or error))
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import fence  # type: ignore[no-redef]  # the same file

    main(sys.argv[1], sys.argv[2:])
