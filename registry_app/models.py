"""Rows of the registry: Customer > Site > Zone > Experiment > EntryPoint, and what a scan saw.

Parts of a site that nobody knows yet are empty names, shown as "unknown", so that the hierarchy
stays one chain. What people decided lives in Experiment and EntryPoint; what a scan saw lives in
Script; FieldProvenance ties each decided value to where it came from.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from registry_app.choices import (
    ChangeOrigin,
    Confidence,
    EntryPointType,
    FieldSource,
    ScriptLaunch,
    Stage,
)


class ChangeSet(models.Model):
    """A group of changes that came through one door at one time, so they can be read as one."""

    origin = models.CharField(_("origin"), max_length=20, choices=ChangeOrigin)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.pk}"


class TrackedHistory(models.Model):
    """Base of every history row: the change set it belongs to."""

    change_set = models.ForeignKey(
        ChangeSet, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True


def _history() -> HistoricalRecords:
    return HistoricalRecords(bases=[TrackedHistory])


class Customer(models.Model):
    """A company whose plants are watched; an empty name stands for a customer nobody knows yet."""

    name = models.CharField(
        _("name"),
        max_length=100,
        blank=True,
        help_text=_("Short name as in the registry file, for example donghwa-entec."),
    )
    display_name = models.CharField(
        _("display name"),
        max_length=200,
        blank=True,
        help_text=_("Name as people write it, for example 동화엔텍."),
    )

    history = _history()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="customer_name_unique",
                violation_error_message=_("There is already a customer of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.name or str(_("unknown"))


class Site(models.Model):
    """A plant of a customer in a region; empty region or plant means not known yet."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="sites", verbose_name=_("customer")
    )
    region = models.CharField(_("region"), max_length=100, blank=True)
    plant = models.CharField(_("plant"), max_length=100, blank=True)

    history = _history()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("customer__name", "region", "plant")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "region", "plant"],
                name="site_unique_per_customer",
                violation_error_message=_(
                    "This customer already has a site with this region and plant."
                ),
            )
        ]

    def __str__(self) -> str:
        parts = [part for part in (self.region, self.plant) if part]
        return f"{self.customer} · {' · '.join(parts) or _('unknown')}"


class Zone(models.Model):
    """A watched area of a site; an empty name means not known yet."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="zones", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=100, blank=True)

    history = _history()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering = ("site__customer__name", "site__region", "site__plant", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="zone_unique_per_site",
                violation_error_message=_("This site already has a zone of this name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.site} · {self.name or _('unknown')}"


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def with_site(self) -> ExperimentQuerySet:
        """Fetch zone, site and customer in the same query."""
        return self.select_related("zone__site__customer")


class Experiment(models.Model):
    """A directory of scripts that is never modified, and what is known about it."""

    name = models.CharField(
        _("name"),
        max_length=200,
        unique=True,
        error_messages={"unique": _("There is already an experiment of this name.")},
        help_text=_("Normally the directory's name."),
    )
    path = models.CharField(
        _("path"),
        max_length=1000,
        help_text=_("As written in the registry file: with ~ or relative to a root is fine."),
    )
    zone = models.ForeignKey(
        Zone,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="experiments",
        verbose_name=_("zone"),
    )
    task_type = models.CharField(
        _("task type"), max_length=60, blank=True, help_text=_("For example ppe, fall or fire.")
    )
    classes = models.JSONField(
        _("classes"),
        default=list,
        blank=True,
        help_text=_("What the model tells apart, in the order of the model's outputs."),
    )
    owner = models.CharField(_("owner"), max_length=150, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    aliases = models.JSONField(
        _("aliases"), default=list, blank=True, help_text=_("Other names people use for it.")
    )
    stage_held = models.PositiveSmallIntegerField(
        _("held stage"),
        choices=Stage,
        null=True,
        blank=True,
        help_text=_("Set only to hold the stage by hand; empty means computed."),
    )
    completeness = models.PositiveSmallIntegerField(
        _("completeness"),
        default=0,
        editable=False,
        help_text=_("Percent of the metadata that is known; computed at every change."),
    )
    scanned_at = models.DateTimeField(_("last scanned"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    history = _history()
    objects: ClassVar[models.Manager[Experiment]] = ExperimentQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="experiment_has_name",
                violation_error_message=_("An experiment needs a name."),
            ),
            models.CheckConstraint(
                condition=~Q(path=""),
                name="experiment_has_path",
                violation_error_message=_("An experiment needs the path of its directory."),
            ),
            models.CheckConstraint(
                condition=Q(completeness__lte=100),
                name="experiment_completeness_is_percent",
                violation_error_message=_("Completeness is a percentage from 0 to 100."),
            ),
            models.CheckConstraint(
                condition=Q(stage_held__isnull=True) | Q(stage_held__range=(1, 5)),
                name="experiment_held_stage_exists",
                violation_error_message=_("A stage is a number from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntryPoint(models.Model):
    """How an experiment is started for one purpose."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="entry_points", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType)
    default_script = models.CharField(
        _("default script"),
        max_length=500,
        blank=True,
        help_text=_("Path inside the directory, for example train_yolov11_v2.py."),
    )
    patterns = models.JSONField(
        _("patterns"),
        default=list,
        blank=True,
        help_text=_("Scripts that match are offered for this type, for example train*.py."),
    )
    args_template = models.CharField(
        _("argument template"),
        max_length=4000,
        blank=True,
        help_text=_("For example --epochs {epochs} --batch {batch_size}."),
    )
    parameters = models.JSONField(
        _("parameters"),
        default=list,
        blank=True,
        help_text=_("Set only to overrule what the scan read from the script."),
    )
    interpreter = models.CharField(
        _("interpreter"),
        max_length=500,
        blank=True,
        help_text=_(
            "Path of a Python, or conda:NAME; empty: the directory's own, else the portal's."
        ),
    )
    gpus = models.PositiveSmallIntegerField(_("GPUs"), null=True, blank=True)
    gpu_memory_mib = models.PositiveIntegerField(_("GPU memory (MiB)"), null=True, blank=True)
    timeout_s = models.PositiveIntegerField(
        _("time limit (s)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The run is stopped after this many seconds; empty: no limit."),
    )
    grace_s = models.PositiveIntegerField(
        _("grace (s)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(86_400)],
        help_text=_(
            "Seconds between interrupt, terminate and kill when a run is stopped; empty: 10."
        ),
    )
    overlap = models.BooleanField(
        _("may overlap"),
        null=True,
        blank=True,
        help_text=_("Allow several runs in this directory at a time."),
    )
    log_limit_mib = models.PositiveIntegerField(_("log limit (MiB)"), null=True, blank=True)

    history = _history()

    class Meta:
        verbose_name = _("entry point")
        verbose_name_plural = _("entry points")
        ordering = ("experiment__name", "type")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "type"],
                name="entry_point_one_per_type",
                violation_error_message=_(
                    "This experiment already has an entry point of this type."
                ),
            ),
            models.CheckConstraint(
                condition=Q(type__in=EntryPointType.values),
                name="entry_point_type_exists",
                violation_error_message=_("This entry-point type does not exist."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} / {self.type}"


class Script(models.Model):
    """A script as the last scan saw it; rewritten by every scan, never edited by people."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="scripts", verbose_name=_("experiment")
    )
    path = models.CharField(_("path"), max_length=500, help_text=_("Inside the directory."))
    types = models.JSONField(_("types"), default=list, help_text=_("Most likely type first."))
    launch = models.CharField(_("launch"), max_length=20, choices=ScriptLaunch)
    args_template = models.CharField(_("argument template"), max_length=4000, blank=True)
    parameters = models.JSONField(_("parameters"), default=list)
    parameters_known = models.BooleanField(
        _("parameters known"),
        default=False,
        help_text=_("Whether its command line could be read; false also for scripts without one."),
    )
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
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


class FieldProvenance(models.Model):
    """Where the present value of one registry field of an experiment comes from.

    `field` is the dotted name of the registry file: `site.customer`, `task.classes`,
    `entry_points.train.default`. A field without a row was never decided by anyone.
    """

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="provenance", verbose_name=_("experiment")
    )
    field = models.CharField(_("field"), max_length=100)
    source = models.CharField(_("source"), max_length=10, choices=FieldSource)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence, blank=True)
    evidence = models.CharField(
        _("evidence"), max_length=500, blank=True, help_text=_("File and line, or a name.")
    )
    reason = models.CharField(_("reason"), max_length=400, blank=True)
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
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{_('scan')} {self.pk}"

    def as_json(self) -> dict[str, Any]:
        """Return what the progress bar needs."""
        return {
            "done": self.done,
            "total": self.total,
            "current": self.current,
            "finished": self.finished_at is not None,
            "error": self.error,
            "summary": self.summary,
        }
