"""Notifies a worker: enqueues its tasks. The only module that imports django-q2.

A message is only a hint: it may arrive twice, late or never. The tick does on its own whatever a
lost message would have requested.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from django.db import DatabaseError, transaction

logger = logging.getLogger(__name__)


class Task(StrEnum):
    """The tasks of a worker, by their dotted names."""

    START = "runs_app.tasks.start"
    FINISH = "runs_app.tasks.finish"
    SEND = "runs_app.tasks.send"
    SCAN = "runs_app.tasks.scan"
    IMPORT = "runs_app.tasks.import_files"
    PARITY = "runs_app.tasks.advance_parity"
    MOVE_SETS = "runs_app.tasks.move_sets"


def enqueue(task: Task, pk: int) -> None:
    """Enqueue `task` for row `pk` once the current transaction is committed.

    A message that cannot be stored is logged and otherwise ignored.
    """
    transaction.on_commit(lambda: _enqueue(task, pk))


def _enqueue(task: Task, pk: int) -> None:
    from django_q.tasks import async_task

    try:
        async_task(str(task), pk)
    except DatabaseError as error:
        logger.warning("message lost task=%s pk=%s error=%s", task, pk, error)
