"""Plan and apply an import that is too large for a page; the page polls its progress.

Planning writes only the preview. Applying is one transaction that also marks the import as done,
so a worker that dies leaves either everything or nothing, and another one starts again.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from registry_app.choices import ImportKind, ImportState
from registry_app.exceptions import RegistryError, RegistryFileError
from registry_app.imports import held_files
from registry_app.imports.preview import preview_of, preview_of_problems
from registry_app.imports.signals import worker_wanted
from registry_app.imports.uploaded import (
    Digests,
    ImportFile,
    apply_planned,
    digests_of,
    plan_import,
)
from registry_app.messages import message_of, plain
from registry_app.models import ImportJob
from registry_app.texts.changes import WORKER_DIED

logger = logging.getLogger(__name__)

# Often enough for a smooth progress bar, seldom enough for a shared database.
SAVE_EVERY_S = 0.5
# A step that killed its worker so often is not retried automatically.
MAX_ATTEMPTS = 3
_BEGIN = {
    ImportState.QUEUED: ImportState.PLANNING,
    ImportState.PLANNING: ImportState.PLANNING,
    ImportState.CONFIRMED: ImportState.APPLYING,
    ImportState.APPLYING: ImportState.APPLYING,
}


def ask_for_import(file: ImportFile, *, by: User) -> ImportJob:
    """Store the file and queue it for a worker; remove imports older than a day."""
    forget_old()
    job = ImportJob.objects.create(
        kind=file.kind,
        name=file.name[:200],
        token=held_files.hold(file.data),
        host=settings.GUARDIANFLOW_HOST,
        language=translation.get_language() or "en",
        requested_by=by,
        state_at=timezone.now(),
    )
    worker_wanted.send(ImportJob, pk=job.pk)
    return job


def confirm(job: ImportJob) -> bool:
    """Queue the shown import to be applied; return False if it was already answered."""
    return _move(job, ImportState.PLANNED, ImportState.CONFIRMED)


def try_again(job: ImportJob) -> bool:
    """Queue a failed import to be planned again; return False if it has not failed."""
    return _move(job, ImportState.FAILED, ImportState.QUEUED)


def discard(job: ImportJob) -> bool:
    """Remove an import that waits for the user, with its file; return False if it does not wait."""
    waits = (ImportState.PLANNED, ImportState.REFUSED, ImportState.FAILED, ImportState.QUEUED)
    deleted, _by_model = ImportJob.objects.filter(pk=job.pk, state__in=waits).delete()
    if deleted:
        held_files.remove(job.token)
    return bool(deleted)


def forget_old() -> None:
    """Remove imports and files older than a day; applied imports have their change set."""
    held_files.forget_old()
    now, kept = timezone.now(), timedelta(seconds=held_files.KEPT_S)
    # A time in the future was stored before the clock was put back.
    is_old = Q(requested_at__lt=now - kept) | Q(requested_at__gt=now + kept)
    ImportJob.objects.filter(is_old).delete()


def run_import_job(pk: int) -> None:
    """Do the next step of an import; skip one that waits for the user or has ended."""
    job = ImportJob.objects.select_related("requested_by").filter(pk=pk).first()
    if job is None or not job.is_at_work:
        return
    with translation.override(job.language):
        if not _begin(job):
            return
        try:
            if job.state == ImportState.PLANNING:
                _plan(job)
            else:
                _apply(job)
        except (RegistryError, OSError) as error:
            _end(job, ImportState.FAILED, error=message_of(error))
        except Exception as error:
            _end(job, ImportState.FAILED, error=plain(f"{type(error).__name__}: {error}"))
            raise
    logger.info("import step ended job=%s state=%s", pk, job.state)


def _begin(job: ImportJob) -> bool:
    """Count the attempt and start the step; after too many attempts the import fails."""
    if job.attempts >= MAX_ATTEMPTS:
        _end(job, ImportState.FAILED, error=WORKER_DIED(count=job.attempts))
        return False
    state = _BEGIN[ImportState(job.state)]
    taken = ImportJob.objects.filter(pk=job.pk, state=job.state).update(
        state=state, state_at=timezone.now(), attempts=F("attempts") + 1, done=0, total=0
    )
    job.state = state
    return bool(taken)


def _plan(job: ImportJob) -> None:
    try:
        plan = plan_import(_file(job), by=job.requested_by, progress=_Saver(job.pk))
    except RegistryFileError as error:
        preview = preview_of_problems(error.problems)
        _end(job, ImportState.REFUSED, preview=preview.to_json())
        held_files.remove(job.token)
        return
    shown = digests_of(plan)
    _end(
        job,
        ImportState.PLANNED,
        preview=preview_of(plan).to_json(),
        rows_digest=shown.rows,
        document_digest=shown.document,
    )


def _apply(job: ImportJob) -> None:
    file = _file(job)
    shown = Digests(rows=job.rows_digest, document=job.document_digest)
    plan = plan_import(file, by=job.requested_by, progress=_Saver(job.pk))
    with transaction.atomic():
        made = apply_planned(file, plan, shown, by=job.requested_by)
        _end(job, ImportState.APPLIED, change_set=made)
    held_files.remove(job.token)


def _file(job: ImportJob) -> ImportFile:
    return ImportFile(kind=ImportKind(job.kind), name=job.name, data=held_files.read(job.token))


def _end(job: ImportJob, state: ImportState, **fields: object) -> None:
    values = {"error": None, "attempts": 0, **fields}
    ImportJob.objects.filter(pk=job.pk).update(state=state, state_at=timezone.now(), **values)
    job.state = state


def _move(job: ImportJob, old: ImportState, new: ImportState) -> bool:
    """Move an import from one state to the next, once, and request a worker."""
    moved = ImportJob.objects.filter(pk=job.pk, state=old).update(
        state=new, state_at=timezone.now(), attempts=0, error=None, done=0, total=0
    )
    if moved:
        worker_wanted.send(ImportJob, pk=job.pk)
    return bool(moved)


class _Saver:
    """Save the progress of a job and the worker's heartbeat, at most every half second."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._saved_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._saved_at < SAVE_EVERY_S:
            return
        self._saved_at = now
        ImportJob.objects.filter(pk=self._pk).update(
            done=done, total=total, state_at=timezone.now()
        )
