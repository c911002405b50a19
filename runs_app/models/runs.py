"""The row of a run: what was asked for, how it goes, and how it ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from runs_app.choices import ACTIVE, MlflowState, RunStatus, StatusReason
from runs_app.models.querysets import RunQuerySet
from runs_app.models.rules import CONSTRAINTS, INDEXES
from runs_app.sentences import filled_in


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
    # What is masked in the command: parameters by name, literal options with their dashes or `=`.
    secrets = models.JSONField(_("secret values"), default=list)
    cwd = models.CharField(_("working directory"), max_length=1000)
    # Where the working directory led when it was queued: that is what was confirmed.
    real_cwd = models.CharField(max_length=4096, blank=True, editable=False)
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
        indexes: ClassVar = INDEXES
        constraints: ClassVar = CONSTRAINTS

    def __str__(self) -> str:
        return f"#{self.pk} {self.experiment} / {self.get_type_display()}"

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
