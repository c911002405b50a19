"""Which queued run may start on a machine now, and what the others wait for.

A run waits while another uses its directory, or while the machine has no free slot. However many
wait, the next one is found and all of them are told in a few queries.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Q

from runs_app.choices import ON_HOST, RunStatus, StatusReason
from runs_app.models import Run, RunQuerySet


def has_slot(host: str) -> bool:
    """Whether one more run may be on this machine."""
    return Run.objects.on_host(host).count() < settings.GUARDIANFLOW_SLOTS


def blocking(run: Run) -> int | None:
    """Return the run that uses the directory of `run` now."""
    if run.overlap:
        return None
    return _users().filter(experiment=run.experiment_id).values_list("pk", flat=True).first()


def next_ready(*, but: Collection[int]) -> int | None:
    """Return the queued run whose turn it is and whose directory is free; `but` was tried."""
    taken = Q(overlap=False, experiment__in=_users().values("experiment"))
    ready = _queued().exclude(taken).exclude(pk__in=but)
    return ready.values_list("pk", flat=True).first()


def must_wait(run: Run, *, host: str) -> bool:
    """Whether a run may not start now; its reason then says for what it waits."""
    blocker = blocking(run)
    if blocker is not None:
        wait_for_run(run.pk, blocker)
        return True
    if not run.foreground and not has_slot(host):
        _note(Run.objects.filter(pk=run.pk), StatusReason.WAITS_FOR_SLOT, {"host": host})
        return True
    return False


def wait_for_run(run_pk: int, blocker: int) -> None:
    """Let a queued run say that it waits for another one."""
    _note(Run.objects.filter(pk=run_pk), StatusReason.WAITS_FOR_RUN, {"run": blocker})


def note_waits(host: str) -> None:
    """Let every queued run say what it waits for; rows that say so already are left alone."""
    users = dict(_users().values_list("experiment", "pk"))
    for experiment, blocker in users.items():
        waiting = _queued().filter(overlap=False, experiment=experiment)
        _note(waiting, StatusReason.WAITS_FOR_RUN, {"run": blocker})
    if not has_slot(host):
        free = _queued().exclude(overlap=False, experiment__in=users)
        _note(free, StatusReason.WAITS_FOR_SLOT, {"host": host})


def _users() -> RunQuerySet:
    """Runs that have their directory for themselves now."""
    return Run.objects.filter(status__in=ON_HOST, overlap=False)


def _queued() -> RunQuerySet:
    return Run.objects.in_order().filter(foreground=False)


def _note(runs: RunQuerySet, reason: StatusReason, values: dict[str, Any]) -> None:
    said = Q(reason_code=reason, reason_values=values)
    runs.filter(status=RunStatus.QUEUED).exclude(said).order_by().update(
        reason_code=reason, reason_values=values
    )
