"""Cancels runs: at once while they wait, else by a wish that their supervisor hears."""

from __future__ import annotations

import logging

from django.contrib.auth.models import User
from django.utils import timezone

from runs_app.choices import RunStatus, StatusReason
from runs_app.executors import local
from runs_app.models import Run
from runs_app.sentences import COMMAND_LINE

logger = logging.getLogger(__name__)


def cancel(run: Run, *, user: User | None, by: str = "") -> bool:
    """Cancel a run; return whether that still does something.

    A queued run is cancelled at once. For one that is on a machine the wish is stored, and
    handed on directly where that machine is this one.
    """
    name = by or (user.get_username() if user else COMMAND_LINE)
    now = timezone.now()
    wish = {"cancel_requested_at": now, "cancel_requested_by": name[:150]}
    if Run.objects.move(
        run.pk,
        expect=RunStatus.QUEUED,
        to=RunStatus.CANCELLED,
        reason=StatusReason.CANCELLED_QUEUED,
        reason_values={"user": name},
        outcome=RunStatus.CANCELLED,
        finished_at=now,
        **wish,
    ):
        logger.info("cancelled before its start run=%s by=%s", run.pk, name)
        return True
    stored = Run.objects.filter(
        pk=run.pk,
        status__in=[RunStatus.STARTING, RunStatus.RUNNING],
        cancel_requested_at__isnull=True,
    ).update(**wish)
    if not stored:
        return False
    logger.info("cancel requested run=%s by=%s", run.pk, name)
    run.refresh_from_db()
    local.forward_cancel(run)
    return True
