"""Follows the scripts that run on this machine: their metrics live, here and in MLflow.

No script waits for it, and it is optional: the process that closes a run reads its result files
once more. Points are sent to MLflow in batches; after an outage, all missed points are sent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connections
from django.db.models import QuerySet
from django.utils import timezone

from runs_app.choices import RunStatus
from runs_app.exceptions import RunnerError, TrackingError
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.models.moments import not_after
from runs_app.records.live_metrics import LOOK_EVERY_S, Follower
from runs_app.system import locks
from runs_app.texts.remarks import METRICS_SAMPLED
from runs_app.tracking import outbox, writer
from runs_app.tracking import record as tracking_record
from runs_app.tracking.metric_keys import Keys

logger = logging.getLogger(__name__)

# Shorter runs are sent when they have ended, and start no follower.
AFTER_S = 10
POLL_S = LOOK_EVERY_S
FIND_EVERY_S = 20
SEND_EVERY_S = 10
# The next script often begins soon after the last: keep the imports that took seconds.
IDLE_LIMIT_S = 60
FIRST_WAIT_S = 30
MAX_WAIT_S = 600


def followed(host: str) -> QuerySet[Run]:
    """Return the runs of `host` whose metrics are worth following."""
    since = timezone.now() - timedelta(seconds=AFTER_S)
    return Run.objects.filter(not_after("started_at", since), status=RunStatus.RUNNING, host=host)


def follow(
    host: str,
    *,
    wait: Callable[[float], object] = time.sleep,
    now_s: Callable[[], float] = time.monotonic,
) -> None:
    """Follow the runs of `host` until there was none for a minute."""
    watch = Watch(host, now_s=now_s)
    busy_s = now_s()
    while now_s() - busy_s < IDLE_LIMIT_S:
        try:
            if watch.look():
                busy_s = now_s()
        except Error as error:
            logger.warning("the database did not respond host=%s error=%s", host, error)
            connections.close_all()
        wait(POLL_S)


class Watch:
    """All runs that are followed, and when MLflow is contacted next."""

    def __init__(self, host: str, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._now_s = now_s
        self._followed: dict[int, _Followed] = {}
        self._send_at_s = 0.0
        self._failures = 0

    def look(self) -> int:
        """Read every run once and send new points to MLflow; return how many runs there are."""
        runs = {run.pk: run for run in followed(self._host).select_related("experiment")}
        self._followed = {pk: follower for pk, follower in self._followed.items() if pk in runs}
        for pk, run in runs.items():
            if pk not in self._followed:
                self._followed[pk] = _Followed(run)
            self._followed[pk].look(self._now_s())
        if (
            any(follower.has_news for follower in self._followed.values())
            and self._now_s() >= self._send_at_s
        ):
            self._send()
        return len(runs)

    def _send(self) -> None:
        """Send to MLflow; an outage costs one request, and all runs wait for the next one."""
        wait_s = SEND_EVERY_S
        try:
            writer.probe()
            for follower in self._followed.values():
                follower.send()
            self._failures = 0
        except (TrackingError, OSError) as error:
            self._failures += 1
            wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures - 1, 10), MAX_WAIT_S)
            logger.warning("no live metrics in MLflow for %s s error=%s", wait_s, error)
        self._send_at_s = self._now_s() + wait_s


class _Followed:
    """One running script, and how much of its metrics MLflow has."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._follower = Follower(run)
        self._find_at_s = 0.0
        self._sent = 0
        self._keys = Keys()
        self._opened: writer.OpenedRun | None = None

    @property
    def has_news(self) -> bool:
        return self._sent < len(self._follower.points)

    def look(self, now_s: float) -> None:
        """Read new points; errors with this run's folder or directory do not delay other runs."""
        was_sampled = self._follower.is_sampled
        try:
            if now_s >= self._find_at_s:
                self._find_at_s = now_s + FIND_EVERY_S
                self._follower.find_files()
            self._follower.look()
            if self._follower.is_sampled and not was_sampled:
                notices.add(self._run.pk, METRICS_SAMPLED())
        except (OSError, RunnerError, ValueError, TypeError, LookupError, StopIteration) as error:
            logger.warning("not followed run=%s error=%s", self._run.pk, error)

    def send(self) -> None:
        """Send MLflow the points it does not have yet; raises TrackingError, OSError."""
        if not self.has_news:
            return
        folder = folder_of(self._run)
        # The sender of ended runs takes the same lock, so only one of them opens a run.
        with locks.hold(folder.path / locks.SEND_LOCK) as ours:
            if not ours or folder.exit_record() is not None:
                return
            if self._opened is None:
                self._opened = self._open()
            points = self._follower.points[self._sent :]
            writer.add_live(self._opened, points, self._keys)
        self._sent += len(points)

    def _open(self) -> writer.OpenedRun:
        folder = folder_of(self._run)
        record = tracking_record.of_running(self._run, folder)
        self._run.refresh_from_db(fields=["mlflow_run_id"])
        return outbox.open_run(self._run, record)
