"""Notifies a worker: enqueues its tasks. Only it and `woken_broker` import django-q2.

A message is only a hint: it may arrive twice, late or never. The tick does on its own whatever a
lost message would have requested.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from django.db import DatabaseError, transaction

from runs_app.queue import sockets

logger = logging.getLogger(__name__)


class Task(StrEnum):
    """The tasks of a worker, by their dotted names."""

    START = "runs_app.tasks.start"
    FINISH = "runs_app.tasks.finish"
    SCAN = "runs_app.tasks.scan"
    IMPORT = "runs_app.tasks.import_files"
    PARITY = "runs_app.tasks.advance_parity"
    MOVE_SETS = "runs_app.tasks.move_sets"


def enqueue(task: Task, pk: int) -> None:
    """Enqueue `task` for row `pk` once the current transaction is committed.

    A message that cannot be stored is logged and otherwise ignored.
    """
    transaction.on_commit(lambda: _enqueue(task, pk))


def wake_ticker() -> None:
    """Let this machine's ticker look at once, when the current transaction is committed.

    It starts what has a process of its own, such as sending to MLflow.
    """
    transaction.on_commit(lambda: sockets.wake(sockets.Listener.TICKER))


def _enqueue(task: Task, pk: int) -> None:
    from django_q.tasks import async_task

    try:
        async_task(str(task), pk)
    except DatabaseError as error:
        logger.warning("message lost task=%s pk=%s error=%s", task, pk, error)
    else:
        sockets.wake(sockets.Listener.CLUSTER)
