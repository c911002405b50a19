"""The row of a run: what was requested, its progress, and how it ended."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType
from registry_app.messages import Message, from_rows, read_values
from registry_app.models import Experiment
from registry_app.models.message_field import MessageField
from registry_app.reading import message_text
from runs_app.choices import ACTIVE, MlflowState, RunStatus
from runs_app.models.moments import true_reason
from runs_app.models.querysets import RunQuerySet
from runs_app.models.rules import CONSTRAINTS, INDEXES
from runs_app.texts import reasons
from runs_app.texts.causes import DOUBTS
from runs_app.texts.remarks import NOT_COLLECTED


class Run(models.Model):
    """One start of one script of an experiment."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="runs", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType.choices)
    version = models.CharField(
        _("version"),
        max_length=100,
        blank=True,
        help_text=_("A label of the run; it never chooses the script."),
    )
    script = models.CharField(_("script"), max_length=500)
    # Every value known at its start: given, fixed, and the script's own literal defaults.
    params = models.JSONField(_("parameters"), default=dict)
    # Those of `params` that were given, null for one that was removed from the command line; the
    # column is null in runs of older versions, which passed all of `params`.
    given = models.JSONField(_("given parameters"), null=True, blank=True, editable=False)
    # Those that were left to the script, each with the name of its option.
    left_to_script = models.JSONField(default=dict, editable=False)
    extra_args = models.JSONField(_("extra arguments"), default=list)
    argv = models.JSONField(_("command"), default=list)
    # What is masked in the command: parameters by name, literal options with their dashes or `=`.
    secrets = models.JSONField(_("secret values"), default=list)
    cwd = models.CharField(_("directory"), max_length=1000)
    # The entry point's value when queued; a path below the directory, '' for the directory itself.
    working_directory = models.CharField(_("working directory"), max_length=500, blank=True)
    environment = models.JSONField(_("environment variables"), default=dict, blank=True)
    # Those of the variables that were given for this run alone.
    given_environment = models.JSONField(default=dict, editable=False)
    # The resolved directory when it was queued: this is what was confirmed.
    real_cwd = models.CharField(max_length=4096, blank=True, editable=False)
    interpreter = models.CharField(_("interpreter"), max_length=1000)
    warnings = models.JSONField(_("warnings"), default=list)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("From -100 to 100; higher goes first.")
    )
    not_before = models.DateTimeField(
        _("not before"),
        null=True,
        blank=True,
        help_text=_("It waits until then, and holds back no other run."),
    )
    overlap = models.BooleanField(_("may overlap"), default=False)
    timeout_s = models.PositiveIntegerField(_("time limit (s)"), null=True, blank=True)
    grace_s = models.PositiveIntegerField(_("grace (s)"), default=10)
    log_limit_mib = models.PositiveIntegerField(_("log limit (MiB)"), null=True, blank=True)
    background = models.BooleanField(_("may leave processes"), default=False)
    # The entry point's value when it was queued; null if not given.
    gpus = models.PositiveSmallIntegerField(_("GPUs"), null=True, blank=True)
    gpu_memory_mib = models.PositiveIntegerField(_("GPU memory (MiB)"), null=True, blank=True)
    # The most that earlier runs of this script, and this run, held on one GPU.
    gpu_memory_past_mib = models.PositiveIntegerField(null=True, blank=True)
    gpu_memory_peak_mib = models.PositiveIntegerField(
        _("GPU memory used at most (MiB)"), null=True, blank=True
    )
    # The user was shown what is missing, and chose to start it anyway.
    forced = models.BooleanField(default=False)
    rerun_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name=_("again of")
    )

    status = models.CharField(
        _("status"), max_length=12, choices=RunStatus, default=RunStatus.QUEUED
    )
    status_changed_at = models.DateTimeField(default=timezone.now)
    # A code of `texts.reasons`.
    reason_code = models.CharField(max_length=30, default=reasons.WAITS_FOR_WORKER.code)
    reason_values = models.JSONField(default=dict)
    # Codes of `texts.remarks`, each with the values of its message; see `notices`.
    notices = models.JSONField(default=dict)
    # According to the exit record; set together with FINALIZING, before anything is collected.
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
    # Why it failed: `{code, values, line}` with the log line that shows it; {} if unknown.
    cause = models.JSONField(_("cause"), default=dict)
    # Token of the finisher that may close it; another finisher replaces it with its own.
    # When to collect its results again, which failed at its end; null if nothing is missing.
    collect_next_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.UUIDField(null=True, blank=True)

    # What lists show of its results, computed at its end by `comparing`; see `is_summarised`.
    summarised = models.PositiveSmallIntegerField(default=0, editable=False)
    main_metric = models.CharField(_("main metric"), max_length=250, blank=True, editable=False)
    main_value = models.FloatField(_("value"), null=True, blank=True, editable=False)
    is_best = models.BooleanField(_("best so far"), default=False, editable=False)
    # Those that differ from the previous run of the entry point: name to {before, now}.
    changed_params = models.JSONField(_("changed parameters"), default=dict, editable=False)
    duration_s = models.FloatField(_("duration (s)"), null=True, blank=True, editable=False)
    # What is known of its data, see `comparing.data`; '' if nothing is.
    data_key = models.CharField(max_length=300, blank=True, editable=False)
    # Which classes it tells apart, as a digest; '' if unknown.
    classes_key = models.CharField(max_length=64, blank=True, editable=False)
    labels = models.JSONField(_("labels"), default=list, blank=True)
    # For comparison only: it is never the best.
    is_marked = models.BooleanField(_("only for comparison"), default=False)

    # Paths of source files that changed while it ran; null if not checked.
    source_changed = models.JSONField(_("source files changed"), null=True, blank=True)
    # What retention removed; it was in MLflow before.
    logs_removed_at = models.DateTimeField(_("logs removed"), null=True, blank=True)
    folder_removed_at = models.DateTimeField(_("run folder removed"), null=True, blank=True)

    mlflow_state = models.CharField(
        _("MLflow state"), max_length=8, choices=MlflowState, default=MlflowState.PENDING
    )
    mlflow_experiment = models.CharField(_("MLflow experiment"), max_length=500, blank=True)
    mlflow_experiment_id = models.CharField(max_length=64, blank=True)
    mlflow_run_id = models.CharField(_("MLflow run"), max_length=64, blank=True)
    mlflow_error = MessageField(_("MLflow error"))
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
        # Hard-coded: `reverse` would import every page, and workers need no pages.
        return f"/admin/runs_app/run/{self.pk}/change/"

    @property
    def repeatable(self) -> dict[str, Any]:
        """The values that repeat the run; for runs of older versions, all it was started with."""
        values: dict[str, Any] = self.params if self.given is None else self.given
        return values

    @property
    def folder(self) -> Path:
        """The run folder, which outlives this row and records what happened without it."""
        return Path(settings.RUNS_DIR) / str(self.uuid)

    @property
    def submission(self) -> str:
        """The id of this launch for its executor, known before it is submitted."""
        return f"{self.uuid}-{self.launches}"

    @property
    def start_directory(self) -> Path:
        """The folder in which the script starts."""
        return Path(self.cwd) / self.working_directory

    @property
    def reason(self) -> Message:
        """Why it is in its state."""
        return true_reason(
            Message(code=self.reason_code, values=read_values(self.reason_values)),
            is_queued=self.status == RunStatus.QUEUED,
            not_before=self.not_before,
        )

    @property
    def status_reason(self) -> str:
        """Why it is in its state, in the reader's language."""
        return message_text(self.reason, keep="\n")

    @property
    def all_warnings(self) -> tuple[Message, ...]:
        """Every warning, those from before its start first."""
        noted: dict[str, dict[str, Any]] = self.notices
        remarks = (Message(code=code, values=read_values(values)) for code, values in noted.items())
        return (*from_rows(self.warnings), *remarks)

    @property
    def cause_text(self) -> str:
        """Why it failed, as one sentence in the reader's language, '' if unknown."""
        if not self.cause:
            return ""
        return message_text(Message(code=self.cause["code"], values=self.cause["values"]))

    @property
    def explanation(self) -> str:
        """Why it is in its state, beginning with the cause of a failure if known."""
        cause = self.cause_text
        # The cause may end with what a script printed.
        end = "." if cause and cause[-1] not in ".!?" else ""
        return " ".join(filter(None, [f"{cause}{end}", self.status_reason]))

    @property
    def looks_wrong(self) -> bool:
        """Whether it succeeded although something suggests otherwise."""
        doubts = DOUBTS | {NOT_COLLECTED.code}
        return self.status == RunStatus.SUCCEEDED and not doubts.isdisjoint(self.notices)

    @property
    def is_summarised(self) -> bool:
        """Whether `main_metric` and the other summary columns are computed.

        A run that never started has nothing to summarise.
        """
        return self.summarised > 0 or (self.started_at is None and not self.is_active)

    @property
    def blocked_by(self) -> list[int]:
        """The runs that a queued run waits for, if any."""
        blockers: list[int] = self.reason_values.get("runs", [])
        return blockers if self.status == RunStatus.QUEUED else []

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def can_cancel(self) -> bool:
        """Whether a cancel would still have an effect."""
        return self.status in ACTIVE - {RunStatus.FINALIZING} and self.cancel_requested_at is None

    @property
    def goes_to_mlflow(self) -> bool:
        """Whether it is sent to MLflow: every run but those that never started."""
        return self.started_at is not None or self.is_active

    @property
    def time_limit(self) -> timedelta | None:
        """How long the script may run, None for no limit."""
        return timedelta(seconds=self.timeout_s) if self.timeout_s else None

    @property
    def duration(self) -> timedelta | None:
        """How long the script ran, or has been running."""
        if self.started_at is None:
            return None
        # The clock may have been set back since the start.
        return max(timedelta(0), (self.finished_at or timezone.now()) - self.started_at)
