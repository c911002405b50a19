"""Cancels run sets, and resumes chains from the step that failed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from registry_app.fields.confirmation import command_of, digest_of
from runs_app.choices import SetState, StepState
from runs_app.exceptions import RefusedError
from runs_app.models import RunSet, RunStep
from runs_app.sets import resuming, tick
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


def resume(
    run_set: RunSet,
    *,
    user: User | None,
    not_before: datetime | None = None,
    confirm: Collection[str] = (),
) -> RunSet:
    """Try the failed step of a chain once more; steps that succeeded keep their runs.

    A run that was lost and turned out to have succeeded counts. The step does not start before
    `not_before`. `confirm` are digests of changed commands that `user` has read. The step may be
    refused all the same: `resuming.refused_at_once` says why. Raises RefusedError if nothing was
    changed.
    """
    with transaction.atomic():
        held = RunSet.objects.select_for_update().get(pk=run_set.pk)
        steps = list(held.steps.select_related("run"))
        if (reason := resuming.reason_against(held, steps)) is not None:
            raise RefusedError(reason)
        _note_read(steps, confirm)
        for step in steps:
            if resuming.is_done(step):
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


def _note_read(steps: Sequence[RunStep], confirm: Collection[str]) -> None:
    """Have the steps that are left confirm their commands, where these are the ones that were read.

    The digest is compared once more when a step is queued.
    """
    if not confirm:
        return
    entries = resuming.entries_left(steps).values()
    digests = {(entry.experiment_id, entry.type): digest_of(command_of(entry)) for entry in entries}
    for step in steps:
        if (digest := digests.get((step.experiment_id, step.type), "")) in confirm:
            step.spec["confirm"] = digest
