"""What users decided about a directory of scripts, and how to start it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType, Stage
from registry_app.models.changes import tracked
from registry_app.models.message_field import MessageField
from registry_app.models.places import Zone
from registry_app.words import MAX_START, START_OF_FUNCTION, STARTS_OF_ONE_WORD


class InUse(models.Manager["Experiment"]):
    """The experiments that are not archived."""

    def get_queryset(self) -> models.QuerySet[Experiment]:
        return super().get_queryset().filter(archived_at=None)


class Experiment(models.Model):
    """A directory of scripts that is never modified, and what is known about it.

    `objects` are those in use, `everything` has the archived ones too; so have all relations.
    """

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
        help_text=_("Set only to hold the stage below what is proved; empty means computed."),
    )
    stage_reason = models.CharField(
        _("reason for the held stage"),
        max_length=500,
        blank=True,
        help_text=_("Why the stage is held, for example an agreement with the customer."),
    )
    completeness = models.PositiveSmallIntegerField(
        _("completeness"),
        default=0,
        editable=False,
        help_text=_("Percent of the metadata that is known; computed at every change."),
    )
    confirmed = models.PositiveSmallIntegerField(
        _("confirmed"),
        default=0,
        editable=False,
        help_text=_("Percent of the metadata that is known and more than a guess of a scan."),
    )
    scanned_at = models.DateTimeField(_("last scanned"), null=True, blank=True, editable=False)
    missing_since = models.DateTimeField(
        _("directory not found since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When a scan first found no directory at the path; empty while it is there."),
    )
    missing_accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("archived by"),
    )
    archived_reason = MessageField(_("reason for archiving"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = InUse()
    everything: ClassVar[models.Manager[Experiment]] = models.Manager()
    history = tracked()

    class Meta:
        base_manager_name = "everything"
        default_manager_name = "everything"
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
                condition=Q(confirmed__lte=F("completeness")),
                name="experiment_confirmed_is_known",
                violation_error_message=_("No more can be confirmed than is known."),
            ),
            models.CheckConstraint(
                condition=Q(stage_held__isnull=True) | Q(stage_held__range=(1, 5)),
                name="experiment_held_stage_exists",
                violation_error_message=_("A stage is a number from 1 to 5."),
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=False) | Q(archived_by__isnull=True),
                name="experiment_archived_has_time",
                violation_error_message=_("An experiment is archived at a time."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntryPoint(models.Model):
    """How an experiment is started for one purpose."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="entry_points", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType.choices)
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
            "Path of a Python inside the directory (.venv/bin/python), conda:NAME or portal; "
            "empty: the directory's own, else the portal's."
        ),
    )
    working_directory = models.CharField(
        _("working directory"),
        max_length=500,
        blank=True,
        help_text=_(
            "Folder inside the directory in which scripts start, for example src; empty: the "
            "directory itself."
        ),
    )
    start = models.CharField(
        _("start"),
        max_length=MAX_START,
        blank=True,
        help_text=_(
            "How a Python script is started: script (by its path), module (python -m), "
            "callable:NAME (one of its functions), torchrun or accelerate (a process for each "
            "GPU); empty: by its path, or as a module where its imports need that."
        ),
    )
    environment = models.JSONField(
        _("environment variables"),
        default=dict,
        blank=True,
        help_text=_("For example PPE_DATA=/nas/ppe. No secrets: the registry is in files."),
    )
    reads = models.JSONField(
        _("files it reads"),
        default=list,
        blank=True,
        help_text=_(
            "Files that the script reads although no parameter names them, for example "
            "weights/best.pt; each run records their SHA-256."
        ),
    )
    gpus = models.PositiveSmallIntegerField(
        _("GPUs"),
        null=True,
        blank=True,
        help_text=_(
            "How many GPUs a run gets for itself; 0 hides all of them from the script; empty: one "
            "where the machine has any, none for data preparation."
        ),
    )
    gpu_memory_mib = models.PositiveIntegerField(
        _("GPU memory (MiB)"),
        null=True,
        blank=True,
        help_text=_(
            "Free memory that each of its GPUs must have; empty: as earlier runs needed, else "
            "most of the GPU."
        ),
    )
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
    log_limit_mib = models.PositiveIntegerField(
        _("log limit (MiB)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The run is stopped when it has written this much; empty: no limit."),
    )
    background = models.BooleanField(
        _("may leave processes"),
        null=True,
        blank=True,
        help_text=_(
            "Let processes that the script leaves running (TensorBoard, say) live on after its "
            "end; otherwise they are ended."
        ),
    )
    buffered = models.BooleanField(
        _("buffered output"),
        null=True,
        blank=True,
        help_text=_(
            "Faster for scripts that print very much: Python keeps its output back and writes it "
            "in blocks. Output comes late, and the last lines are lost if the run is killed."
        ),
    )

    history = tracked()

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
            models.CheckConstraint(
                # Not a regular expression: SQLite has none of its own, so no other program could
                # check the file or write to it.
                condition=Q(start__in=STARTS_OF_ONE_WORD) | Q(start__startswith=START_OF_FUNCTION),
                name="entry_point_start_exists",
                violation_error_message=_("There is no such way to start a script."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} / {self.get_type_display()}"
