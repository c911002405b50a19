"""Queries over all runs, and the only way in which a run changes its state."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from registry_app.messages import Message, stored_values
from runs_app.choices import (
    ACTIVE,
    ENDED,
    OBSERVED,
    ON_HOST,
    TERMINAL,
    TRANSITIONS,
    MlflowState,
    RunStatus,
)
from runs_app.models.moments import not_after
from runs_app.models.signals import secrets_no_longer_needed

if TYPE_CHECKING:
    from runs_app.models.runs import Run

# The longest time between two tries to send a run to MLflow.
MAX_MLFLOW_WAIT_S = 3600


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        """Runs that have not reached a terminal state."""
        return self.filter(status__in=ACTIVE)

    def of_people(self) -> RunQuerySet:
        """Runs that are not part of a parity comparison."""
        return self.filter(parity_run__isnull=True)

    def on_host(self, host: str) -> RunQuerySet:
        """Runs that may have live processes on `host`."""
        return self.filter(status__in=ON_HOST, host=host)

    def in_order(self) -> RunQuerySet:
        """Queued runs, the next one first: by priority, then in order of arrival."""
        return self.filter(status=RunStatus.QUEUED).order_by("-priority", "id")

    def ready(self) -> RunQuerySet:
        """Runs whose time has come, or that were given none."""
        return self.filter(Q(not_before__isnull=True) | Q(not_before__lte=timezone.now()))

    def observed(self, host: str) -> RunQuerySet:
        """Runs whose script may be alive on `host`."""
        return self.filter(status__in=OBSERVED, host=host)

    def due_for_mlflow(self) -> RunQuerySet:
        """Ended runs that are not completely in MLflow, and whose next attempt is due."""
        return self.filter(
            Q(mlflow_next_at__isnull=True)
            | not_after("mlflow_next_at", timezone.now(), most_s=MAX_MLFLOW_WAIT_S),
            status__in=TERMINAL,
            started_at__isnull=False,
        ).exclude(mlflow_state=MlflowState.SENT)

    def unsummarised(self) -> RunQuerySet:
        """Runs that have ended, and whose summary is not computed yet."""
        # Not `status__in=TERMINAL`, which would lead SQLite to the index of all ended runs.
        return self.filter(summarised=0, started_at__isnull=False).exclude(status__in=ACTIVE)

    def overlapping(self, run: Run) -> RunQuerySet:
        """Runs whose script used the directory of `run` at the same time as its own script.

        A time in the future was stored before the clock was set back, and ends are counted from
        starts. What cannot be told apart then counts as the same time.
        """
        if run.started_at is None:
            return self.none()
        now = timezone.now()
        ended = run.finished_at or now
        set_back = max(run.started_at, ended, now) - now
        return self.filter(
            Q(finished_at__isnull=True) | Q(finished_at__gte=run.started_at - set_back),
            not_after("started_at", ended),
            experiment=run.experiment_id,
        ).exclude(pk=run.pk)

    def move(
        self,
        pk: int,
        *,
        to: RunStatus,
        expect: RunStatus,
        reason: Message,
        **changes: Any,
    ) -> bool:
        """Change the state of one run if it is still `expect`; return whether we were first.

        Any other keyword is written in the same update; a key `where_NAME` narrows the
        condition instead. Raises ValueError for an illegal change of state.
        """
        if to != expect and to not in TRANSITIONS.get(expect, frozenset()):
            raise ValueError(f"a run never goes from {expect} to {to}")
        where = {
            key.removeprefix("where_"): changes.pop(key)
            for key in [key for key in changes if key.startswith("where_")]
        }
        moved = bool(
            self.filter(pk=pk, status=expect, **where).update(
                status=to,
                reason_code=reason.code,
                reason_values=stored_values(reason),
                # Not the database's clock: SQLite's has no microseconds and compares as text.
                status_changed_at=timezone.now(),
                **changes,
            )
        )
        if moved and to in ENDED:
            self._remove_secrets(pk)
        return moved

    def _remove_secrets(self, pk: int) -> None:
        """Remove the secret values of a run whose script has ended or never started."""
        for run in self.filter(pk=pk).exclude(secrets=[]).values_list("uuid", flat=True):
            transaction.on_commit(partial(secrets_no_longer_needed.send, self.model, run=run))
