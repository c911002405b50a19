"""Rows of run sets: runs that were requested together, and chains of which each uses the last."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry_app.choices import EntryPointType
from registry_app.models import Experiment
from registry_app.models.message_field import MessageField
from runs_app.choices import RESUMABLE, SetKind, SetState, StepState
from runs_app.models.runs import Run


class RunSetQuerySet(models.QuerySet["RunSet"]):
    def reopen_for(self, run: Run) -> None:
        """Have the set of a run computed again whose step was noted as failed.

        Such a run was lost, and its exit record turned up. A chain with waiting steps stays ended:
        it goes on when it is resumed. Call it in the transaction that corrects the run.
        """
        steps = RunStep.objects.filter(run_set=models.OuterRef("pk"))
        ended = self.exclude(state=SetState.ACTIVE).filter(
            models.Exists(steps.filter(run=run.pk, state=StepState.FAILED)),
            ~models.Exists(steps.filter(state=StepState.WAITING)),
        )
        for pk in ended.select_for_update().values_list("pk", flat=True):
            RunStep.objects.filter(run_set=pk, run=run.pk).update(state=StepState.QUEUED)
            self.filter(pk=pk).update(state=SetState.ACTIVE, ended_at=None)


class RunSet(models.Model):
    """Runs with one page, one state and one cancel, whatever they were made from.

    - `key`: chosen by the requester, so that a request that is sent twice is queued once
    - `source`, `commit`, `digest`: the file that defines it, the commit of the core repository
      that it was read from ('' for a folder), and the SHA-256 of its bytes
    - `left_out`: `[name, message]` of each refused member that was left out
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=SetKind)
    name = models.CharField(_("name"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=SetState, default=SetState.ACTIVE)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    # Whether a command of a terminal made it, which has the rights of the portal's own user.
    by_command = models.BooleanField(default=False, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    source = models.CharField(_("file"), max_length=1000, blank=True)
    commit = models.CharField(_("commit"), max_length=64, blank=True)
    digest = models.CharField("SHA-256", max_length=64, blank=True)
    left_out = models.JSONField(default=list, editable=False)
    # What went wrong when it was to be moved on; it is tried again until that is gone.
    stuck = MessageField(_("why it cannot go on"))
    cancel_requested_at = models.DateTimeField(_("cancel requested"), null=True, blank=True)
    cancel_requested_by = models.CharField(_("cancelled by"), max_length=150, blank=True)

    objects = RunSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("run set")
        verbose_name_plural = _("run sets")
        ordering = ("-id",)
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(state="active"), name="run_set_active")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="active", ended_at__isnull=True)
                | (~models.Q(state="active") & models.Q(ended_at__isnull=False)),
                name="run_set_ended_has_end_time",
                violation_error_message=_("A run set that has ended has an end time."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name or f'#{self.pk}'}"

    def get_absolute_url(self) -> str:
        return f"/admin/runs_app/runset/{self.pk}/change/"

    @property
    def is_active(self) -> bool:
        return self.state == SetState.ACTIVE

    @property
    def is_chain(self) -> bool:
        return self.kind == SetKind.CHAIN

    @property
    def can_resume(self) -> bool:
        """Whether its failed step can be tried once more, if the files for it are there."""
        return self.is_chain and self.state in RESUMABLE

    @property
    def can_cancel(self) -> bool:
        return self.is_active and self.cancel_requested_at is None


class RunStep(models.Model):
    """One member of a run set: what it starts, and its run once it is queued.

    - `spec`: the request as `sets.spec` writes it
    - `attempt`: which try `run` is; `earlier` holds the numbers of the runs of the tries before
    - `bound`: the files handed over by earlier steps, as `sets.binding` writes them
    - `why`: why it was refused
    """

    run_set = models.ForeignKey(
        RunSet, models.CASCADE, related_name="steps", verbose_name=_("run set")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=100, blank=True)
    experiment = models.ForeignKey(
        Experiment, models.PROTECT, related_name="+", verbose_name=_("experiment")
    )
    type = models.CharField(_("type"), max_length=10, choices=EntryPointType.choices)
    spec = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=StepState, default=StepState.WAITING
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    run = models.ForeignKey(
        Run, models.SET_NULL, null=True, blank=True, related_name="steps", verbose_name=_("run")
    )
    earlier = models.JSONField(_("earlier runs"), default=list)
    bound = models.JSONField(_("files handed over"), default=list)
    why = MessageField(_("reason"))

    class Meta:
        verbose_name = pgettext_lazy("of a pipeline", "step")
        verbose_name_plural = _("steps")
        ordering = ("number",)
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_set", "number"], name="run_step_number_unique"),
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(run__isnull=False),
                name="run_step_one_per_run",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["queued", "succeeded", "failed"])
                | models.Q(run__isnull=False),
                name="run_step_queued_has_run",
                violation_error_message=_("A step that was queued has a run."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name or self.experiment}"
