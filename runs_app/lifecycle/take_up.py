"""Takes up queued runs whose script was started already, by a database that is older than that.

After a restore the database may be older than the run folders. A folder is claimed once and for
good, also if it was closed to supervisors, and a launch that failed leaves none in its place. So
the run of a claimed folder is not launched again, which would overwrite the records in it: its row
follows the folder, as after a crash of the worker.
"""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from runs_app.choices import RunStatus
from runs_app.executors.base import folder_of
from runs_app.executors.chosen import executor
from runs_app.models import Run
from runs_app.texts import reasons

logger = logging.getLogger(__name__)


def take_up_started(host: str) -> None:
    """Take up all queued runs that were started on `host`, also those that must wait."""
    queued = Run.objects.filter(Q(host="") | Q(host=host), status=RunStatus.QUEUED)
    for run in queued.only("pk", "uuid"):
        take_up(run)


def take_up(run: Run) -> bool:
    """Return whether a queued run was started already, and so must not be launched.

    It stays queued while another run holds its directory in the database.
    """
    claim = folder_of(run).claim()
    if claim is None:
        return False
    host = executor().place
    try:
        with transaction.atomic():
            moved = Run.objects.move(
                run.pk,
                expect=RunStatus.QUEUED,
                to=RunStatus.STARTING,
                reason=reasons.STARTING(host=host),
                host=host,
                boot_id=claim.boot_id or executor().boot_id,
                launches=F("launches") + 1,
            )
    except IntegrityError:  # another run has taken the directory
        return True
    if moved:
        logger.warning("started already, so not launched again run=%s host=%s", run.pk, host)
    return True
