"""Follows the scripts that run on this machine: their metrics live, here and in MLflow.

No script waits for it, and nothing that it does is needed: whoever closes a run reads its result
files once more. MLflow is told in batches, and after an outage of all that it missed.
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
from runs_app.executors import local
from runs_app.models import Run
from runs_app.records.live_metrics import Follower
from runs_app.system import locks
from runs_app.tracking import outbox, writer
from runs_app.tracking import record as tracking_record

logger = logging.getLogger(__name__)

# Shorter runs are told whole when they have ended, and start no follower.
AFTER_S = 10
POLL_S = 2.0
FIND_EVERY_S = 20
SEND_EVERY_S = 10
# The next script begins soon after the last one: keep what took seconds to import.
IDLE_LIMIT_S = 60
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 600


def followed(host: str) -> QuerySet[Run]:
    """Return the runs of `host` whose metrics are worth following."""
    since = timezone.now() - timedelta(seconds=AFTER_S)
    return Run.objects.filter(status=RunStatus.RUNNING, host=host, started_at__lte=since)


def follow(
    host: str,
    *,
    wait: Callable[[float], object] = time.sleep,
    now_s: Callable[[], float] = time.monotonic,
) -> None:
    """Follow the runs of `host` until for a minute there was none."""
    watch = Watch(host, now_s=now_s)
    busy_s = now_s()
    while now_s() - busy_s < IDLE_LIMIT_S:
        try:
            if watch.look():
                busy_s = now_s()
        except Error as error:
            logger.warning("the database did not answer host=%s error=%s", host, error)
            connections.close_all()
        wait(POLL_S)


class Watch:
    """All runs that are followed, and when MLflow is asked next."""

    def __init__(self, host: str, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._now_s = now_s
        self._ones: dict[int, _Followed] = {}
        self._send_at_s = 0.0
        self._failures = 0

    def look(self) -> int:
        """Look at every run once and tell MLflow what is new; return how many runs there are."""
        runs = {run.pk: run for run in followed(self._host).select_related("experiment")}
        self._ones = {pk: one for pk, one in self._ones.items() if pk in runs}
        for pk, run in runs.items():
            if pk not in self._ones:
                self._ones[pk] = _Followed(run)
            self._ones[pk].look(self._now_s())
        if any(one.has_news for one in self._ones.values()) and self._now_s() >= self._send_at_s:
            self._send()
        return len(runs)

    def _send(self) -> None:
        """Tell MLflow; an outage costs one question, and all runs wait for the next one."""
        wait_s = SEND_EVERY_S
        try:
            writer.probe()
            for one in self._ones.values():
                one.send()
            self._failures = 0
        except (TrackingError, OSError) as error:
            self._failures += 1
            wait_s = min(FIRST_WAIT_S * 2 ** min(self._failures - 1, 10), LONGEST_WAIT_S)
            logger.warning("no live metrics in MLflow for %s s error=%s", wait_s, error)
        self._send_at_s = self._now_s() + wait_s


class _Followed:
    """One running script, and how much of its metrics MLflow has."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._follower = Follower(run)
        self._find_at_s = 0.0
        self._sent = 0
        self._opened: writer.OpenedRun | None = None

    @property
    def has_news(self) -> bool:
        return self._sent < len(self._follower.points)

    def look(self, now_s: float) -> None:
        """Read what is new; a run whose folder or directory is in trouble holds up no other."""
        try:
            if now_s >= self._find_at_s:
                self._find_at_s = now_s + FIND_EVERY_S
                self._follower.find_tables()
            self._follower.look()
        except (OSError, RunnerError, ValueError, TypeError, LookupError, StopIteration) as error:
            logger.warning("not followed run=%s error=%s", self._run.pk, error)

    def send(self) -> None:
        """Tell MLflow what it has not heard yet; raises TrackingError, OSError."""
        if not self.has_news:
            return
        folder = local.folder_of(self._run)
        # The sender of ended runs holds it too: a run is opened by one of them.
        with locks.hold(folder.path / outbox.SEND_LOCK) as ours:
            if not ours or folder.exit_record() is not None:
                return
            if self._opened is None:
                self._opened = self._open()
            points = self._follower.points[self._sent :]
            writer.add_live(self._opened, points)
        self._sent += len(points)

    def _open(self) -> writer.OpenedRun:
        folder = local.folder_of(self._run)
        record = tracking_record.of_running(self._run, folder)
        known = Run.objects.values_list("mlflow_run_id", flat=True).get(pk=self._run.pk)
        opened = writer.open_run(record, known_run_id=known)
        outbox.note_opened(self._run, record, opened)
        return opened
