"""The django-q2 cluster of a worker, made to fail loudly.

Stock django-q2 replaces a worker, pusher or monitor that was killed. But a process that died while
reading from a queue holds that queue's lock forever: the cluster then does nothing and reports
nothing. Here any such death ends the whole cluster, and the parent starts a new one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import Any

from runs_app.system.parent_death import forks_die_with_us

logger = logging.getLogger(__name__)

BROKEN_STATUS = 70
DESERTED_S = 2.0
# What django-q2 writes into a worker's timer when it ends it on purpose.
_TIMED_OUT, _RECYCLED = 0, -2


def run_cluster() -> int:
    """Run the cluster until SIGTERM; return its exit status, nonzero if it broke."""
    from django_q.cluster import Cluster, Sentinel

    replace = Sentinel.reincarnate

    def replace_or_break(sentinel: Any, process: Any) -> None:
        if _ended_on_purpose(process):
            replace(sentinel, process)
            return
        logger.error("the task cluster failed: one of its processes died name=%s", process.name)
        os._exit(BROKEN_STATUS)

    Sentinel.reincarnate = replace_or_break
    forks_die_with_us()
    cluster = Cluster()
    cluster.start()
    sentinel = cluster.sentinel
    threading.Thread(target=_leave_when_deserted, args=[sentinel.pid], daemon=True).start()
    sentinel.join()
    status = sentinel.exitcode
    return BROKEN_STATUS if status is None or status < 0 else int(status)


def _leave_when_deserted(sentinel_pid: int) -> None:
    """End this process soon after its sentinel, even if it hangs.

    Service managers and terminals send SIGTERM to every process at once. That ends the sentinel
    while django-q2's own handler in this process waits for its answer, forever.
    """
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_PID, sentinel_pid, os.WEXITED | os.WNOWAIT)
    time.sleep(DESERTED_S)
    os._exit(BROKEN_STATUS)


def _ended_on_purpose(process: Any) -> bool:
    """Whether django-q2 itself ended a worker; only workers have a timer."""
    timer = getattr(process, "timer", None)
    return timer is not None and int(timer.value) in {_TIMED_OUT, _RECYCLED}
