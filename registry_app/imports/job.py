"""Plans and applies an import that is too large for a page; the page asks how far it is.

Planning writes nothing but the preview. Applying is one transaction that also says that it is
done, so that a worker that dies leaves either everything or nothing, and another one begins again.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from registry_app.choices import ImportKind, ImportState
from registry_app.exceptions import RegistryError, RegistryFileError
from registry_app.imports import held_files
from registry_app.imports.preview import preview_of, preview_of_problems
from registry_app.imports.uploaded import (
    Digests,
    ImportFile,
    apply_planned,
    digests_of,
    plan_import,
)
from registry_app.models import ImportJob

logger = logging.getLogger(__name__)

# Sent with the number of an import that waits for a worker; the registry knows none.
worker_wanted = Signal()

# Often enough for a bar that moves, seldom enough for a database that others use.
SAVE_EVERY_S = 0.5
# A step that ended its worker so often is not begun again by itself.
MAX_ATTEMPTS = 3
_BEGIN = {
    ImportState.QUEUED: ImportState.PLANNING,
    ImportState.PLANNING: ImportState.PLANNING,
    ImportState.CONFIRMED: ImportState.APPLYING,
    ImportState.APPLYING: ImportState.APPLYING,
}


def ask_for_import(file: ImportFile, *, by: User) -> ImportJob:
    """Keep the file and leave it to a worker; forget the imports that are older than a day."""
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
    """Let a worker apply what was shown; return False if that was answered already."""
    return _move(job, ImportState.PLANNED, ImportState.CONFIRMED)


def try_again(job: ImportJob) -> bool:
    """Let a worker plan a failed import from the start; return False if it has not failed."""
    return _move(job, ImportState.FAILED, ImportState.QUEUED)


def discard(job: ImportJob) -> bool:
    """Remove an import that waits for a person, with its file; return False if it does not."""
    waits = (ImportState.PLANNED, ImportState.REFUSED, ImportState.FAILED, ImportState.QUEUED)
    deleted, _by_model = ImportJob.objects.filter(pk=job.pk, state__in=waits).delete()
    if deleted:
        held_files.remove(job.token)
    return bool(deleted)


def forget_old() -> None:
    """Remove imports and files that are older than a day; what was applied has its change set."""
    held_files.forget_old()
    before = timezone.now() - timedelta(seconds=held_files.KEPT_S)
    ImportJob.objects.filter(requested_at__lt=before).delete()


def run_import_job(pk: int) -> None:
    """Do the next step of an import; one that waits for a person or has ended is left alone."""
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
            _end(job, ImportState.FAILED, error=str(error))
        except Exception as error:
            _end(job, ImportState.FAILED, error=f"{type(error).__name__}: {error}")
            raise
    logger.info("import step ended job=%s state=%s", pk, job.state)


def _begin(job: ImportJob) -> bool:
    """Count the attempt and take the step up; after too many the import fails."""
    if job.attempts >= MAX_ATTEMPTS:
        text = _("The worker died {count} times at this file. Nothing was written.")
        _end(job, ImportState.FAILED, error=text.format(count=job.attempts))
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
    values = {"error": "", "attempts": 0, **fields}
    ImportJob.objects.filter(pk=job.pk).update(state=state, state_at=timezone.now(), **values)
    job.state = state


def _move(job: ImportJob, old: ImportState, new: ImportState) -> bool:
    """Bring an import from one state into the next, once, and ask for a worker."""
    moved = ImportJob.objects.filter(pk=job.pk, state=old).update(
        state=new, state_at=timezone.now(), attempts=0, error="", done=0, total=0
    )
    if moved:
        worker_wanted.send(ImportJob, pk=job.pk)
    return bool(moved)


class _Saver:
    """Saves the progress of a job, and that a worker is at it, at most every half second."""

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
