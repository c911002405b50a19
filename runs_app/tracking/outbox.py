"""Sends ended runs to MLflow and retries without limit; runs never wait for it.

The content was fixed when the run ended, so sending is idempotent. One sender at a time per run
holds a lock that is released when its process ends. While MLflow is unreachable, there is one
probe per retry interval, and all other runs wait for its result.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db.models import Max, QuerySet
from django.utils import timezone

from runs_app.choices import TERMINAL, MlflowState
from runs_app.exceptions import TrackingAwayError, TrackingError
from runs_app.executors import notices
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor, is_ours
from runs_app.executors.outcome import outcome_of
from runs_app.models import Run
from runs_app.models.querysets import MAX_MLFLOW_WAIT_S
from runs_app.records import hashing
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.one_content import share
from runs_app.system import locks
from runs_app.system.locks import SEND_LOCK
from runs_app.texts import outcomes
from runs_app.tracking import experiments, writer
from runs_app.tracking import record as tracking_record
from runs_app.tracking.artifact_names import original_name
from runs_app.tracking.record import TrackingRecord

logger = logging.getLogger(__name__)

MAX_NAMED = 5
# How often the upload of a single file is retried if the server fails at it.
PATIENT_ATTEMPTS = 3
FIRST_WAIT_S = 60


def due(host: str) -> QuerySet[Run]:
    """Return the ended runs of `host` that are due to be sent to MLflow, the oldest first."""
    return Run.objects.due_for_mlflow().filter(host=host).order_by("pk")


def send_due(*, limit: int = 100, tried: set[int] | None = None) -> int:
    """Send the runs due on this machine; return how many are now complete in MLflow.

    Those in `tried` are left out, and those that are tried here are added to it.
    """
    sent = 0
    tried = set() if tried is None else tried
    found = due(executor().place).exclude(pk__in=tried)
    for pk in list(found.values_list("pk", flat=True)[:limit]):
        tried.add(pk)
        if Run.objects.due_for_mlflow().filter(pk=pk).exists():  # an outage postpones the rest
            sent += send(pk)
    return sent


def send(run_pk: int, *, wait: bool = False) -> bool:
    """Send one ended run to MLflow; return whether it is complete there now.

    A failure is saved in the row with the time of the next try, and never raised. While another
    process sends the run, return False at once; with `wait`, wait for its result.
    """
    run = Run.objects.get(pk=run_pk)
    if run.mlflow_state == MlflowState.SENT:
        return True
    if run.status not in TERMINAL or not is_ours(run):
        return False
    folder = folder_of(run)
    try:
        with locks.hold(folder.path / SEND_LOCK, wait=wait) as ours:
            if not ours:
                return False
            run.refresh_from_db()  # another process may have sent it since it was read
            return run.mlflow_state == MlflowState.SENT or _send_locked(run)
    except FileNotFoundError as error:
        _postpone(run, TrackingError(str(error)))
        return False


def _send_locked(run: Run) -> bool:
    # The next try is set before this one, so that a sender that dies is not retried at once.
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
        logger.warning("MLflow rejected run=%s attempt=%s error=%s", run.pk, attempts, error)
        _postpone(run, error)
        return False
    except DatabaseError:
        raise
    except Exception as error:
        # Saved in the row, where users look: an outbox that fails silently is never fixed.
        logger.exception("MLflow was not updated run=%s attempt=%s", run.pk, attempts)
        _postpone(run, TrackingError(f"{type(error).__name__}: {error}"))
        return False
    logger.info("MLflow has run=%s mlflow_run=%s", run.pk, run.mlflow_run_id)
    return True


def _send(run: Run) -> None:
    folder = folder_of(run)
    hashing.hash_if_possible(run)
    _share(run, folder)
    record = _record_of(run, folder)
    writer.probe()
    opened = open_run(run, record)
    is_patient = run.mlflow_attempts < PATIENT_ATTEMPTS
    refused = writer.fill_run(opened, record, folder, is_patient=is_patient)
    note_refused(run, refused)
    # A run that was found again or collected after all in the meantime is sent once more.
    Run.objects.filter(
        pk=run.pk, status_changed_at=run.status_changed_at, mlflow_state=MlflowState.SENDING
    ).update(mlflow_state=MlflowState.SENT, mlflow_error=None, mlflow_next_at=None)
    if run.mlflow_error:
        _bring_forward(run)


def open_run(run: Run, record: TrackingRecord) -> writer.OpenedRun:
    """Open a run in MLflow and save its ids in the row, so that pages can link to it.

    Raises TrackingError.
    """
    place = experiments.place_of(run, record)
    opened = writer.open_run(
        record, experiment_id=place.experiment_id, known_run_id=run.mlflow_run_id
    )
    run.mlflow_run_id = opened.run_id
    Run.objects.filter(pk=run.pk).update(
        mlflow_experiment=place.name,
        mlflow_experiment_id=opened.experiment_id,
        mlflow_run_id=opened.run_id,
    )
    if place.wanted:
        notices.add(run.pk, outcomes.MLFLOW_NAME_KEPT(name=place.name, wanted=place.wanted))
    return opened


def note_refused(run: Run, refused: list[str]) -> None:
    """Note on a run which of its files MLflow refused; the portal has their copies."""
    if refused:
        run.files.filter(artifact__in=refused).update(artifact="")
        shown = [original_name(name) for name in refused[:MAX_NAMED]]
        more = ["…"] if len(refused) > MAX_NAMED else []
        notices.add(run.pk, outcomes.FILES_REFUSED(files=[*shown, *more]))


def _record_of(run: Run, folder: RunFolder) -> TrackingRecord:
    """Return the record to send to MLflow; made now if the disk was full at the run's end.

    An unreadable record is also made again: processes that a script left behind may have written
    there.
    """
    try:
        return tracking_record.read(folder)
    except TrackingError:
        outcome = outcome_of(run, folder.exit_record())
        tracking_record.write(run, outcome, folder)
    return tracking_record.read(folder)


def _share(run: Run, folder: RunFolder) -> None:
    """Let what the script logged to MLflow itself share the content of the copies."""
    exit_record = folder.exit_record()
    if exit_record is not None and exit_record.background:  # its processes may still write
        return
    copies = run.files.exclude(kept="").exclude(sha256="").values_list("kept", "sha256")
    try:
        freed_bytes = share(folder, copies)
    except OSError as error:
        logger.warning("contents not shared run=%s error=%s", run.pk, error)
    else:
        logger.debug("contents shared run=%s freed_bytes=%s", run.pk, freed_bytes)


def _postpone(run: Run, error: TrackingError) -> None:
    """Set the next try of a run; if MLflow is unreachable, of all other runs as well.

    During an outage MLflow is probed once per interval, whichever run is next. The intervals grow
    from the longest of all runs: a run that ends meanwhile does not reset them.
    """
    waiting, attempts = Run.objects.filter(pk=run.pk), run.mlflow_attempts
    if isinstance(error, TrackingAwayError):
        unsent = Run.objects.filter(host=run.host, status__in=TERMINAL, started_at__isnull=False)
        waiting = unsent.exclude(mlflow_state=MlflowState.SENT)
        attempts = max(attempts, waiting.aggregate(most=Max("mlflow_attempts"))["most"] or 0)
    waiting.update(
        mlflow_state=MlflowState.PENDING,
        mlflow_error=error.message,
        mlflow_next_at=timezone.now() + _wait(max(attempts, 1)),
    )


def _bring_forward(run: Run) -> None:
    """Make the runs that waited with this one due now: MLflow is reachable again."""
    waiting = Run.objects.filter(host=run.host, mlflow_error=run.mlflow_error)
    waiting.exclude(mlflow_state=MlflowState.SENT).update(mlflow_next_at=timezone.now())


def _wait(attempts: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_S * 2 ** min(attempts - 1, 10), MAX_MLFLOW_WAIT_S))
