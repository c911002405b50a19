"""Questions to all runs, and the one way in which a run changes its state."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from runs_app.choices import (
    ACTIVE,
    ENDED,
    ON_HOST,
    TERMINAL,
    TRANSITIONS,
    MlflowState,
    RunStatus,
    StatusReason,
)
from runs_app.system import secret_values

if TYPE_CHECKING:
    from runs_app.models.runs import Run


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        """Runs that have not reached a terminal state."""
        return self.filter(status__in=ACTIVE)

    def on_host(self, host: str) -> RunQuerySet:
        """Runs of which something may be alive on `host`."""
        return self.filter(status__in=ON_HOST, host=host)

    def in_order(self) -> RunQuerySet:
        """Queued runs, the next one first: priority, then first come."""
        return self.filter(status=RunStatus.QUEUED).order_by("-priority", "id")

    def due_for_mlflow(self) -> RunQuerySet:
        """Ended runs that MLflow does not know whole, and whose next try is due."""
        return self.filter(
            Q(mlflow_next_at__isnull=True) | Q(mlflow_next_at__lte=timezone.now()),
            status__in=TERMINAL,
            started_at__isnull=False,
        ).exclude(mlflow_state=MlflowState.SENT)

    def overlapping(self, run: Run) -> RunQuerySet:
        """Runs whose script used the directory of `run` while its own script did."""
        ended = run.finished_at or timezone.now()
        return self.filter(
            Q(finished_at__isnull=True) | Q(finished_at__gte=run.started_at),
            experiment=run.experiment_id,
            started_at__lte=ended,
        ).exclude(pk=run.pk)

    def move(
        self,
        pk: int,
        *,
        to: RunStatus,
        expect: RunStatus,
        reason: StatusReason,
        reason_values: dict[str, Any] | None = None,
        **changes: Any,
    ) -> bool:
        """Change the state of one run if it is still `expect`; return whether we were first.

        Any further keyword is written in the same update; a key `where_NAME` narrows the
        condition instead. Raises ValueError for a change that no rule allows.
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
                reason_code=reason,
                reason_values=reason_values or {},
                # Not the database's own clock: SQLite's has no microseconds and compares as text.
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
            transaction.on_commit(partial(secret_values.remove, run))
