"""Rows of comparisons of an old and a new side, and of the runs that they took."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.models.message_field import MessageField
from runs_app.choices import (
    ACTIVE,
    PROVEN,
    ParityControl,
    ParityOutcome,
    ParityRole,
    ParityState,
    ParityTier,
)
from runs_app.models.moments import not_after
from runs_app.models.runs import Run
from runs_app.texts import parity as _texts  # noqa: F401  # reasons are of its texts


class ParityQuerySet(models.QuerySet["Parity"]):
    """Queries over all comparisons."""

    def waiting(self, before: Any) -> ParityQuerySet:
        """Those whose runs have all ended, unchanged since `before`: their next step is due."""
        runs = ParityRun.objects.filter(parity=OuterRef("pk"))
        busy = runs.filter(
            Q(run__status__in=ACTIVE)
            | Q(run__summarised=0, run__started_at__isnull=False)
            | ~not_after("run__status_changed_at", before)
        )
        return self.filter(~Exists(busy), state=ParityState.RUNNING)

    def newest(self, experiment: Experiment, type: str) -> Parity | None:  # noqa: A002
        """Return the newest comparison that came to a conclusion, else the newest that ended.

        One that was cut short, by a run that was cancelled for example, takes no earlier proof
        back.
        """
        ended = self.filter(experiment=experiment, type=type, state=ParityState.DONE)
        ended = ended.order_by("-pk")
        return ended.exclude(tier="").first() or ended.first()

    def speaking_for(self, experiment: Experiment) -> Parity | None:
        """Return the comparison that speaks for an experiment: of its training, if that proves it.

        Else one of another type that proves it, else the newest one. Whether it is about today's
        files is not asked here. One query.
        """
        ended = list(self.filter(experiment=experiment, state=ParityState.DONE).order_by("-pk"))
        newest: dict[str, Parity] = {}
        for parity in sorted(ended, key=lambda parity: not parity.tier):  # keeps the order by age
            newest.setdefault(parity.type, parity)
        proving = [parity for parity in newest.values() if parity.is_proof]
        training = [parity for parity in proving if parity.type == EntryPointType.TRAIN]
        first = max(newest.values(), key=lambda parity: parity.pk, default=None)
        return next(iter([*training, *proving]), first)


class Parity(models.Model):
    """One comparison: whether `new_script` trains like `old_script`; the record of what it found.

    Both paths are relative to the experiment; that of a trainer in the core repository begins with
    `core:`. Every value that decided is in `rows`, so the record outlives its runs.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="parities", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType.choices)
    old_script = models.CharField(_("old script"), max_length=500)
    new_script = models.CharField(_("new script"), max_length=500)
    # What a user gave for this comparison, for example fewer epochs.
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    # The first seed, and what each side calls its parameter; '' for a side without one.
    seed = models.BigIntegerField(_("seed"), default=0)
    old_seed_name = models.CharField(max_length=250, blank=True)
    new_seed_name = models.CharField(max_length=250, blank=True)
    # What the control changes: `{name, value, kind}`; {} if nothing can be changed.
    control = models.JSONField(_("control"), default=dict, blank=True)
    # SHA-256 by `script`, `trainer` and `gf_base`, when it was started.
    hashes = models.JSONField(_("hashes"), default=dict)
    rule_version = models.PositiveSmallIntegerField(_("version of the rule"))
    state = models.CharField(
        _("state"), max_length=10, choices=ParityState, default=ParityState.RUNNING
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=ParityOutcome, blank=True)
    tier = models.CharField(_("comparison"), max_length=15, choices=ParityTier, blank=True)
    control_result = models.CharField(
        _("what the control showed"), max_length=12, choices=ParityControl, blank=True
    )
    reason = MessageField(_("reason"))
    # The table: a mapping for each compared metric, as `parity.stored` writes it.
    rows = models.JSONField(_("table"), default=list, blank=True)
    # The machines on which its runs were carried out.
    machines = models.JSONField(_("machines"), default=list, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar[ParityQuerySet] = ParityQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("parity")
        verbose_name_plural = _("parities")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["experiment", "type", "-id"], name="parity_by_entry_point"),
            models.Index(fields=["id"], condition=Q(state="running"), name="parity_running"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "type"],
                condition=Q(state="running"),
                name="parity_one_at_a_time",
                violation_error_message=_("Old and new are already being compared."),
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | Q(state__in=["done", "cancelled"], finished_at__isnull=False),
                name="parity_ended_has_end_time",
                violation_error_message=_("A comparison that has ended has an end time."),
            ),
            models.CheckConstraint(
                condition=Q(state="done", outcome__in=ParityOutcome.values)
                | (~Q(state="done") & Q(outcome="")),
                name="parity_done_has_outcome",
                violation_error_message=_("A comparison that is done has an outcome."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} / {self.get_type_display()}: {self.new_script}"

    @property
    def is_running(self) -> bool:
        """Whether runs of it are queued, running, or still to be queued."""
        return self.state == ParityState.RUNNING

    @property
    def is_proof(self) -> bool:
        """Whether it found that old and new train alike."""
        return self.outcome in PROVEN

    @property
    def has_control(self) -> bool:
        """Whether a control fell out, so that a difference would have been seen."""
        return self.control_result == ParityControl.FELL_OUT

    def key(self, role: str, number: int) -> UUID:
        """Return the key of one of its runs: asked for twice, it is queued once."""
        return uuid5(self.uuid, f"{role}:{number}")


class ParityRun(models.Model):
    """A run of a comparison; its run is null once that was deleted."""

    parity = models.ForeignKey(Parity, models.CASCADE, related_name="runs")
    role = models.CharField(_("role"), max_length=8, choices=ParityRole)
    number = models.PositiveSmallIntegerField(_("number"))
    seed = models.BigIntegerField(_("seed"), null=True, blank=True)
    run = models.OneToOneField(
        Run,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="parity_run",
        verbose_name=_("run"),
    )

    class Meta:
        verbose_name = _("run of a comparison")
        verbose_name_plural = _("runs of comparisons")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parity", "role", "number"], name="parity_run_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.number + 1}"
