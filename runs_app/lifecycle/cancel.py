"""Cancels runs: queued ones immediately, running ones via their supervisor."""

from __future__ import annotations

import logging

from django.contrib.auth.models import User
from django.utils import timezone

from runs_app.choices import OBSERVED, RunStatus
from runs_app.executors.base import ExecutorAwayError
from runs_app.executors.chosen import executor
from runs_app.lifecycle.take_up import take_up
from runs_app.models import Run
from runs_app.texts import reasons
from runs_app.texts.people import COMMAND_LINE, actor

logger = logging.getLogger(__name__)


def cancel(run: Run, *, user: User | None, by: str = "") -> bool:
    """Cancel a run; return whether that still has an effect.

    A queued run is cancelled immediately. For a run on a machine the request is stored, and
    passed to its executor directly if it is on this machine. So it is for one that is queued only
    in a database older than its start, also while another run has its directory there.
    """
    name = by or (user.get_username() if user else COMMAND_LINE)
    now = timezone.now()
    request = {"cancel_requested_at": now, "cancel_requested_by": name[:150]}
    was_started = run.status == RunStatus.QUEUED and take_up(run)
    if not was_started and Run.objects.move(
        run.pk,
        expect=RunStatus.QUEUED,
        to=RunStatus.CANCELLED,
        reason=reasons.CANCELLED_QUEUED(user=actor(name)),
        outcome=RunStatus.CANCELLED,
        finished_at=now,
        **request,
    ):
        logger.info("cancelled before its start run=%s by=%s", run.pk, name)
        return True
    unasked = Run.objects.filter(pk=run.pk, cancel_requested_at__isnull=True)
    stored = unasked.filter(status__in=OBSERVED).update(**request)
    if was_started and not stored:  # its row must wait, but its folder is on this machine
        here = executor().place
        stored = unasked.filter(status=RunStatus.QUEUED).update(host=here, **request)
    if not stored:
        return False
    logger.info("cancel requested run=%s by=%s", run.pk, name)
    run.refresh_from_db()
    try:
        executor().cancel(run)
    except ExecutorAwayError as error:  # the tick passes it on again
        logger.warning("not handed over yet run=%s error=%s", run.pk, error)
    return True
