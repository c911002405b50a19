"""Rows of runs. The Run table is the queue: order, exclusivity and state live here.

Every change of state is one conditional update (`RunQuerySet.move`); zero rows changed means
that somebody else was first. The run folder is the witness these rows are derived from.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import (
    ACTIVE,
    ON_HOST,
    TERMINAL,
    TRANSITIONS,
    FileChange,
    MlflowState,
    RunStatus,
    StatusReason,
)
from runs_app.host_models import GpuLease, HostHeartbeat
from runs_app.in_words import filled_in

__all__ = ["GpuLease", "HostHeartbeat", "Run", "RunFile", "RunQuerySet"]

LOWEST_PRIORITY = -100
HIGHEST_PRIORITY = 100


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
        return bool(
            self.filter(pk=pk, status=expect, **where).update(
                status=to,
                reason_code=reason,
                reason_values=reason_values or {},
                # Not the database's own clock: SQLite's has no microseconds and compares as text.
                status_changed_at=timezone.now(),
                **changes,
            )
        )


class Run(models.Model):
    """One start of one script of an experiment."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="runs", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType)
    version = models.CharField(
        _("version"),
        max_length=100,
        blank=True,
        help_text=_("A label of the run; it never chooses the script."),
    )
    script = models.CharField(_("script"), max_length=500)
    params = models.JSONField(_("parameters"), default=dict)
    extra_args = models.JSONField(_("extra arguments"), default=list)
    argv = models.JSONField(_("command"), default=list)
    cwd = models.CharField(_("working directory"), max_length=1000)
    interpreter = models.CharField(_("interpreter"), max_length=1000)
    warnings = models.JSONField(_("warnings"), default=list)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("From -100 to 100; higher goes first.")
    )
    overlap = models.BooleanField(_("may overlap"), default=False)
    timeout_s = models.PositiveIntegerField(_("time limit (s)"), null=True, blank=True)
    grace_s = models.PositiveIntegerField(_("grace (s)"), default=10)
    log_limit_mib = models.PositiveIntegerField(_("log limit (MiB)"), null=True, blank=True)
    background = models.BooleanField(_("may leave processes"), default=False)
    # What the entry point said when it was queued; null where it said nothing.
    gpus = models.PositiveSmallIntegerField(_("GPUs"), null=True, blank=True)
    gpu_memory_mib = models.PositiveIntegerField(_("GPU memory (MiB)"), null=True, blank=True)
    # The most that earlier runs of this script held on one GPU, and that this one did.
    gpu_memory_past_mib = models.PositiveIntegerField(null=True, blank=True)
    gpu_memory_peak_mib = models.PositiveIntegerField(
        _("GPU memory used at most (MiB)"), null=True, blank=True
    )
    # Somebody was told what lacks, and wants it started all the same.
    forced = models.BooleanField(default=False)
    rerun_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name=_("again of")
    )

    status = models.CharField(
        _("status"), max_length=12, choices=RunStatus, default=RunStatus.QUEUED
    )
    status_changed_at = models.DateTimeField(default=timezone.now)
    # Of StatusReason; as choices, its sentences could not be reworded without a migration.
    reason_code = models.CharField(max_length=30, default=StatusReason.WAITS_FOR_WORKER)
    reason_values = models.JSONField(default=dict)
    # By code, each with the values of its sentence; see `notices`.
    notices = models.JSONField(default=dict)
    # What the exit record said; set together with FINALIZING, before anything is collected.
    outcome = models.CharField(_("outcome"), max_length=12, choices=RunStatus, blank=True)
    exit_code = models.IntegerField(
        _("exit status"),
        null=True,
        blank=True,
        help_text=_("As a shell shows it: 128 + signal when killed."),
    )
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("queued by"),
    )
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    queued_date = models.DateField(default=timezone.localdate, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancel requested"), null=True, blank=True)
    cancel_requested_by = models.CharField(_("cancelled by"), max_length=150, blank=True)

    host = models.CharField(_("host"), max_length=255, blank=True)
    boot_id = models.CharField(max_length=64, blank=True)
    foreground = models.BooleanField(default=False)
    launches = models.PositiveSmallIntegerField(default=0)
    # Of the finisher that may close it; another one's token takes its place.
    lease_token = models.UUIDField(null=True, blank=True)

    # Paths of source files that changed while it ran; null where nobody looked.
    source_changed = models.JSONField(_("source files changed"), null=True, blank=True)
    # What retention took away; MLflow had it before.
    logs_removed_at = models.DateTimeField(_("logs removed"), null=True, blank=True)
    folder_removed_at = models.DateTimeField(_("run folder removed"), null=True, blank=True)

    mlflow_state = models.CharField(
        _("MLflow state"), max_length=8, choices=MlflowState, default=MlflowState.PENDING
    )
    mlflow_experiment = models.CharField(_("MLflow experiment"), max_length=500, blank=True)
    mlflow_experiment_id = models.CharField(max_length=64, blank=True)
    mlflow_run_id = models.CharField(_("MLflow run"), max_length=64, blank=True)
    mlflow_error = models.TextField(_("MLflow error"), blank=True)
    mlflow_attempts = models.PositiveIntegerField(default=0)
    mlflow_next_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[RunQuerySet] = RunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ("-id",)
        permissions: ClassVar = [
            ("queue_run", "Can run scripts"),
            ("cancel_run", "Can cancel runs"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "id"], name="run_by_status"),
            models.Index(fields=["experiment", "-id"], name="run_by_experiment"),
            models.Index(fields=["queued_date"], name="run_by_date"),
            models.Index(
                fields=["host", "mlflow_next_at"],
                condition=~Q(mlflow_state="sent"),
                name="run_unsent",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(status__in=sorted(ON_HOST), overlap=False),
                name="run_one_per_experiment",
                violation_error_message=_("Another run is using this experiment's directory."),
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(LOWEST_PRIORITY, HIGHEST_PRIORITY)),
                name="run_priority_in_range",
                violation_error_message=_("The priority is a whole number from -100 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=RunStatus.values),
                name="run_status_exists",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(ON_HOST)) | ~Q(host=""),
                name="run_on_host_names_host",
                violation_error_message=_("A run that is on a machine names that machine."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(TERMINAL)) | Q(finished_at__isnull=False),
                name="run_ended_has_end_time",
                violation_error_message=_("A run that has ended has an end time."),
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(exit_code=0),
                name="run_succeeded_exited_zero",
                violation_error_message=_("A run succeeds only with exit status 0."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING])
                | Q(finished_at__isnull=True, outcome="", exit_code__isnull=True),
                name="run_going_on_has_no_end",
                violation_error_message=_("A run that goes on has neither end nor outcome."),
            ),
            models.CheckConstraint(
                condition=~Q(status="queued") | Q(started_at__isnull=True),
                name="run_queued_has_no_start",
                violation_error_message=_("A queued run has not started."),
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(started_at__isnull=False),
                name="run_running_has_start_time",
                violation_error_message=_("A running run has a start time."),
            ),
            models.CheckConstraint(
                condition=~Q(status="finalizing") | Q(outcome__in=sorted(TERMINAL)),
                name="run_finalizing_has_outcome",
                violation_error_message=_("A run that is being closed shows its outcome."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(TERMINAL)) | Q(outcome=F("status")),
                name="run_ended_as_it_showed",
                violation_error_message=_("A run ends in the state that its outcome says."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["errored", "lost"]) | Q(exit_code__isnull=True),
                name="run_without_witness_no_status",
                violation_error_message=_("Nobody saw an exit status of an errored or lost run."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["failed", "timed_out"]) | Q(exit_code__isnull=False),
                name="run_failed_has_exit_status",
                violation_error_message=_("A run that failed has an exit status."),
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True)
                | Q(finished_at__isnull=True)
                | Q(finished_at__gte=F("started_at")),
                name="run_ends_after_its_start",
                violation_error_message=_("A run does not end before its start."),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.experiment} / {self.type}"

    def get_absolute_url(self) -> str:
        # Written out: to reverse it would import every page, and no worker needs pages.
        return f"/admin/runs_app/run/{self.pk}/change/"

    @property
    def folder(self) -> Path:
        """The run folder, which outlives this row and can tell what happened without it."""
        return Path(settings.RUNS_DIR) / str(self.uuid)

    @property
    def status_reason(self) -> str:
        """One sentence in the reader's language."""
        return filled_in(str(StatusReason(self.reason_code).label), self.reason_values)

    @property
    def blocked_by(self) -> list[int]:
        """The runs for which a queued run waits, if it waits for runs."""
        blockers: list[int] = self.reason_values.get("runs", [])
        return blockers if self.status == RunStatus.QUEUED else []

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def can_cancel(self) -> bool:
        """Whether a cancel would still do something."""
        return self.status in ACTIVE - {RunStatus.FINALIZING} and self.cancel_requested_at is None

    @property
    def goes_to_mlflow(self) -> bool:
        """Whether MLflow will hear of it: only of what never started it does not."""
        return self.started_at is not None or self.is_active

    @property
    def time_limit(self) -> timedelta | None:
        """How long the script may run, None for as long as it likes."""
        return timedelta(seconds=self.timeout_s) if self.timeout_s else None

    @property
    def duration(self) -> timedelta | None:
        """How long the script ran, or has been running."""
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at


class RunFile(models.Model):
    """A file of the experiment that a run created, changed or deleted.

    One with `members` is no file of the experiment, but the archive of that many small ones.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="files", verbose_name=_("run"))
    path = models.CharField(_("path"), max_length=1000, help_text=_("Inside the experiment."))
    change = models.CharField(_("change"), max_length=8, choices=FileChange)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"))
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    kept = models.CharField(
        max_length=1200, blank=True, help_text="Path of the copy inside the run folder."
    )
    artifact = models.CharField(_("artifact"), max_length=1200, blank=True)
    left_out = models.CharField(_("left out because"), max_length=200, blank=True)
    members = models.PositiveIntegerField(null=True, blank=True)
    # Another run used the directory at that time, and may have written it.
    uncertain = models.BooleanField(_("uncertain"), default=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("path",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "path"], name="run_file_path_unique")
        ]

    def __str__(self) -> str:
        return self.path
