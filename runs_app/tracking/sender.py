"""The process of a worker that tells MLflow about ended runs.

It imports MLflow and nothing else does so in a worker, as those imports take seconds and a hundred
megabytes: no launch waits for them. It ends when there has been nothing to send for a while, and
after many runs, which gives its memory back; the ticker starts it again when a run is due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import Error, connections

from runs_app.tracking import outbox

logger = logging.getLogger(__name__)

POLL_S = 0.5
# The next run often ends soon after the last: keep the imports that took seconds.
IDLE_LIMIT_S = 20
MAX_SENT = 500


def serve(
    *, wait: Callable[[float], object] = time.sleep, now_s: Callable[[], float] = time.monotonic
) -> None:
    """Send the ended runs of this machine until none was due for a while, or many were sent."""
    sent, busy_s = 0, now_s()
    while sent < MAX_SENT and now_s() - busy_s < IDLE_LIMIT_S:
        try:
            if just_sent := outbox.send_due():
                sent, busy_s = sent + just_sent, now_s()
        except Error as error:
            logger.warning("the database did not respond error=%s", error)
            connections.close_all()
        wait(POLL_S)
