"""Tells MLflow about ended runs, without end and without hurry; runs never wait for it.

What goes there was fixed when the run ended, so sending it again adds nothing. One sender at a
time per run holds a lock that vanishes with it. While MLflow is away one probe per round of
waiting is made, and every other run waits for its result.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import Max, QuerySet
from django.utils import timezone

from runs_app.choices import TERMINAL, MlflowState
from runs_app.exceptions import TrackingAwayError, TrackingError
from runs_app.executors import local
from runs_app.executors.outcome import verdict_of
from runs_app.models import Run
from runs_app.records import hashing
from runs_app.runner.folder import RunFolder
from runs_app.system import locks
from runs_app.tracking import record as tracking_record
from runs_app.tracking import writer
from runs_app.tracking.record import TrackingRecord

logger = logging.getLogger(__name__)

SEND_LOCK = "send.lock"
FIRST_WAIT_S = 60
LONGEST_WAIT_S = 3600


def due(host: str, *, before: datetime | None = None) -> QuerySet[Run]:
    """Return the ended runs of `host` that MLflow should hear of, the oldest first.

    With `before`, a run that was never tried is left to its message until then.
    """
    runs = Run.objects.due_for_mlflow().filter(host=host).order_by("pk")
    if before is not None:
        runs = runs.exclude(mlflow_next_at__isnull=True, status_changed_at__gt=before)
    return runs


def send_due(*, limit: int = 100) -> int:
    """Send what is due from this machine; return how many runs MLflow now knows whole."""
    sent = 0
    for pk in list(due(settings.GUARDIANFLOW_HOST).values_list("pk", flat=True)[:limit]):
        if Run.objects.due_for_mlflow().filter(pk=pk).exists():  # an outage postpones the rest
            sent += send(pk)
    return sent


def send(run_pk: int) -> bool:
    """Tell MLflow about one ended run; return whether it knows all of it now.

    A failure is written into the row with the time of the next try, and never raised.
    """
    run = Run.objects.get(pk=run_pk)
    if run.mlflow_state == MlflowState.SENT:
        return True
    if run.status not in TERMINAL or run.host != settings.GUARDIANFLOW_HOST:
        return False
    folder = local.folder_of(run)
    try:
        with locks.hold(folder.path / SEND_LOCK) as ours:
            return ours and _send_locked(run)
    except FileNotFoundError as error:
        _postpone(run, TrackingError(str(error)))
        return False


def _send_locked(run: Run) -> bool:
    # The next try is set before this one, so that a sender that dies is not followed at once.
    attempts = run.mlflow_attempts + 1
    Run.objects.filter(pk=run.pk).update(
        mlflow_state=MlflowState.SENDING,
        mlflow_attempts=attempts,
        mlflow_next_at=timezone.now() + _wait(attempts),
    )
    run.refresh_from_db()
    try:
        _send(run)
    except TrackingError as error:
        logger.warning("MLflow did not take run=%s attempt=%s error=%s", run.pk, attempts, error)
        _postpone(run, error)
        return False
    except DatabaseError:
        raise
    except Exception as error:
        # Said in the row, where people look: an outbox that fails in silence is never mended.
        logger.exception("MLflow was not told run=%s attempt=%s", run.pk, attempts)
        _postpone(run, TrackingError(f"{type(error).__name__}: {error}"))
        return False
    logger.info("MLflow has run=%s mlflow_run=%s", run.pk, run.mlflow_run_id)
    return True


def _send(run: Run) -> None:
    folder = local.folder_of(run)
    hashing.hash_if_possible(run)
    record = _record_of(run, folder)
    writer.probe()
    opened = writer.open_run(record, known_run_id=run.mlflow_run_id)
    note_opened(run, record, opened)
    writer.fill_run(opened, record, folder)
    # A run that was found again in the meantime is sent once more.
    Run.objects.filter(pk=run.pk, status_changed_at=run.status_changed_at).update(
        mlflow_state=MlflowState.SENT, mlflow_error="", mlflow_next_at=None
    )
    if run.mlflow_error:
        _bring_forward(run)


def note_opened(run: Run, record: TrackingRecord, opened: writer.OpenedRun) -> None:
    """Write into the row where MLflow has the run, so that pages can lead there."""
    run.mlflow_run_id = opened.run_id
    Run.objects.filter(pk=run.pk).update(
        mlflow_experiment=record.experiment,
        mlflow_experiment_id=opened.experiment_id,
        mlflow_run_id=opened.run_id,
    )


def _record_of(run: Run, folder: RunFolder) -> TrackingRecord:
    """Return what MLflow is to be told; made now if there was no room for it at the run's end.

    So is one that cannot be read: processes that a script left behind may have written there.
    """
    try:
        return tracking_record.read(folder)
    except TrackingError:
        verdict = verdict_of(run, folder.exit_record(), boot=run.boot_id)
        tracking_record.write(run, verdict, folder)
    return tracking_record.read(folder)


def _postpone(run: Run, error: TrackingError) -> None:
    """Set the next try of a run; where MLflow is away, of every other one as well.

    An outage is asked about once per round, whichever run's turn it is, and the rounds grow from
    the longest of all: a run that ends meanwhile does not begin them anew.
    """
    waiting, attempts = Run.objects.filter(pk=run.pk), run.mlflow_attempts
    if isinstance(error, TrackingAwayError):
        unsent = Run.objects.filter(host=run.host, status__in=TERMINAL, started_at__isnull=False)
        waiting = unsent.exclude(mlflow_state=MlflowState.SENT)
        attempts = max(attempts, waiting.aggregate(most=Max("mlflow_attempts"))["most"] or 0)
    waiting.update(
        mlflow_state=MlflowState.PENDING,
        mlflow_error=str(error),
        mlflow_next_at=timezone.now() + _wait(max(attempts, 1)),
    )


def _bring_forward(run: Run) -> None:
    """MLflow is back: the runs that waited with this one are due now."""
    waiting = Run.objects.filter(host=run.host, mlflow_error=run.mlflow_error)
    waiting.exclude(mlflow_state=MlflowState.SENT).update(mlflow_next_at=timezone.now())


def _wait(attempts: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_S * 2 ** min(attempts - 1, 10), LONGEST_WAIT_S))
