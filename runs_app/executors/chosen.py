"""The only module that knows which executor carries runs out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from runs_app.executors.base import UNKNOWN, Executor, ExecutorAwayError, Job
from runs_app.executors.local.executor import LocalExecutor
from runs_app.models import Run

logger = logging.getLogger(__name__)

_executor: Executor = LocalExecutor()


def executor() -> Executor:
    """Return the executor of this portal."""
    return _executor


def is_ours(run: Run) -> bool:
    """Return whether the executor of this process is responsible for a run."""
    return run.host == executor().place


def jobs_of(runs: Iterable[Run]) -> Mapping[int, Job]:
    """Return what is known of each run by its id; nothing if the executor does not respond."""
    queried = list(runs)
    try:
        found = executor().snapshot(queried) if queried else {}
    except ExecutorAwayError as error:
        logger.warning("the executor does not respond runs=%s error=%s", len(queried), error)
        found = {}
    return {run.pk: found.get(run.submission, UNKNOWN) for run in queried}


def job_of(run: Run) -> Job:
    """Return what is known of one run at present."""
    return jobs_of([run])[run.pk]
