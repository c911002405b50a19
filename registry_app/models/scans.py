"""What scans found, where values come from, and running scans."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.choices import Confidence, FieldSource, ScriptLaunch
from registry_app.models.experiments import Experiment
from registry_app.models.message_field import MessageField


class Script(models.Model):
    """A script as the last scan found it; rewritten by every scan, never edited by users."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="scripts", verbose_name=_("experiment")
    )
    path = models.CharField(_("path"), max_length=500, help_text=_("Inside the directory."))
    types = models.JSONField(_("types"), default=list, help_text=_("Most likely type first."))
    # How each type is started, as far as known; null if no scan has looked for it yet.
    type_starts = models.JSONField(null=True, editable=False)
    # Its sub-commands; null if no scan has looked for them yet.
    commands = models.JSONField(null=True, editable=False)
    # The parameters of each sub-command, if a run chooses one; `parameters` has the shared ones.
    command_parameters = models.JSONField(default=dict, editable=False)
    launch = models.CharField(_("launch"), max_length=20, choices=ScriptLaunch.choices)
    args_template = models.CharField(_("argument template"), max_length=4000, blank=True)
    parameters = models.JSONField(_("parameters"), default=list)
    parameters_known = models.BooleanField(
        _("parameters known"),
        default=False,
        help_text=_("Whether its command line could be read; false also for scripts without one."),
    )
    fixed_values = models.JSONField(
        _("values in the script"),
        default=list,
        help_text=_("Constants and the like: shown, never passed."),
    )
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence.choices)
    # Messages, as `registry_app.messages` stores them.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    warnings = models.JSONField(_("warnings"), default=list)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0)

    class Meta:
        verbose_name = _("script")
        verbose_name_plural = _("scripts")
        ordering = ("path",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "path"],
                name="script_path_unique_per_experiment",
                violation_error_message=_("This script is already listed."),
            )
        ]

    def __str__(self) -> str:
        return self.path


class FactSheet(models.Model):
    """What the last scan found in a directory besides its scripts; rewritten by every scan."""

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, related_name="facts", verbose_name=_("experiment")
    )
    frameworks = models.JSONField(_("frameworks"), default=list)
    requirements = models.JSONField(_("files that name packages"), default=list)
    environments = models.JSONField(_("environments"), default=list)
    needed = models.JSONField(_("needed modules"), default=list)
    git = models.JSONField(_("repository"), default=dict)
    past_runs = models.JSONField(_("past runs"), default=list)
    # Classes of the standard interface in the directory, as `TrainerClass` writes them.
    trainers = models.JSONField(_("trainers"), default=list)

    class Meta:
        verbose_name = _("facts")
        verbose_name_plural = _("facts")

    def __str__(self) -> str:
        return str(self.experiment)


class EnvironmentCheck(models.Model):
    """The last check of which required modules an interpreter finds.

    `missing` and `unsure` are rows of a FactSheet's `needed`; `error` is why the check failed.
    """

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, related_name="environment_check", verbose_name=_("experiment")
    )
    interpreter = models.CharField(_("interpreter"), max_length=1000, blank=True)
    python_version = models.CharField(_("Python version"), max_length=40, blank=True)
    asked = models.PositiveIntegerField(_("modules asked for"), default=0)
    missing = models.JSONField(_("missing modules"), default=list)
    unsure = models.JSONField(_("unsure modules"), default=list)
    versions = models.JSONField(_("installed versions"), default=dict)
    error = MessageField(_("error"))
    at = models.DateTimeField(_("at"), auto_now=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("environment check")
        verbose_name_plural = _("environment checks")

    def __str__(self) -> str:
        return str(self.experiment)


class FieldProvenance(models.Model):
    """Where the present value of one registry field of an experiment comes from.

    `field` is the dotted name of the registry file: `site.customer`, `task.classes`,
    `entry_points.train.default`. A field without a row was never decided.
    """

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="provenance", verbose_name=_("experiment")
    )
    field = models.CharField(_("field"), max_length=100)
    source = models.CharField(_("source"), max_length=10, choices=FieldSource)
    confidence = models.CharField(
        _("confidence"), max_length=10, choices=Confidence.choices, blank=True
    )
    evidence = models.CharField(
        _("evidence"), max_length=500, blank=True, help_text=_("File and line, or a name.")
    )
    # Messages, as `registry_app.messages` stores them.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    at = models.DateTimeField(_("at"), auto_now=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("provenance")
        verbose_name_plural = _("provenance")
        ordering = ("field",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "field"], name="provenance_one_per_field")
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.get_source_display()}"


class ScanJob(models.Model):
    """A scan started from the portal, with its progress."""

    requested_at = models.DateTimeField(_("requested"), auto_now_add=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    done = models.PositiveIntegerField(_("directories done"), default=0)
    total = models.PositiveIntegerField(_("directories found"), default=0)
    current = models.CharField(_("current directory"), max_length=200, blank=True)
    summary = models.JSONField(_("summary"), default=dict)
    error = MessageField(_("error"))

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("-id",)

    def __str__(self) -> str:
        word = _("scan")
        return f"{word} {self.pk}"

    def as_json(self) -> dict[str, Any]:
        """Return the data of the progress bar."""
        return {
            "done": self.done,
            "total": self.total,
            "current": self.current,
            "finished": self.finished_at is not None,
            "summary": self.summary,
        }
