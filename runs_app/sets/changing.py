"""Cancels run sets, and resumes chains from the step that failed."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from runs_app.choices import RunStatus, SetState, StepState
from runs_app.exceptions import RefusedError
from runs_app.models import RunSet
from runs_app.sets import tick
from runs_app.texts import sets as texts
from runs_app.texts.people import COMMAND_LINE

logger = logging.getLogger(__name__)


def cancel_set(run_set: RunSet, *, user: User | None) -> bool:
    """Cancel what has not ended of a set; return whether that still has an effect.

    A second request passes the first one on to runs that have not got it.
    """
    by = user.get_username() if user else COMMAND_LINE
    asked = RunSet.objects.filter(
        pk=run_set.pk, state=SetState.ACTIVE, cancel_requested_at__isnull=True
    ).update(cancel_requested_at=timezone.now(), cancel_requested_by=by[:150])
    if asked:
        logger.info("cancel requested set=%s by=%s", run_set.pk, by)
    changed = tick.go_on(run_set.pk)
    tick.go_on(run_set.pk)  # a second one notes what ended at once
    return bool(asked) or changed


def resume(run_set: RunSet, *, user: User | None, not_before: datetime | None = None) -> RunSet:
    """Try the failed step of a chain once more; steps that succeeded keep their runs.

    A run that was lost and turned out to have succeeded counts. The step does not start before
    `not_before`. Raises RefusedError.
    """
    with transaction.atomic():
        held = RunSet.objects.select_for_update().get(pk=run_set.pk)
        if not held.can_resume:
            raise RefusedError(
                texts.NOT_RESUMABLE(number=held.pk, state=str(SetState(held.state).label))
            )
        for step in held.steps.select_related("run"):
            if step.run is not None and step.run.status == RunStatus.SUCCEEDED:
                step.state = StepState.SUCCEEDED
            elif step.state != StepState.WAITING:
                if step.run is not None:
                    step.earlier = [*step.earlier, step.run.pk]
                    step.attempt += 1
                step.state, step.run, step.bound, step.why = StepState.WAITING, None, [], None
                step.spec["not_before"] = not_before.isoformat() if not_before else None
            step.save()
        held.state, held.ended_at = SetState.ACTIVE, None
        held.cancel_requested_at, held.cancel_requested_by = None, ""
        held.made_by, held.by_command = user, user is None
        held.save()
    logger.info("resumed set=%s", held.pk)
    tick.go_on(held.pk)
    held.refresh_from_db()
    return held
