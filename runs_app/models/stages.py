"""What is proved of the migration stages of an experiment, and when that changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.choices import Stage
from registry_app.models import Experiment
from registry_app.models.message_field import MessageField


class StageProof(models.Model):
    """The proved stage of an experiment as it was last noted, and the proofs a worker checks.

    Stages 1 to 3 follow from rows and are computed wherever they are shown; `proved` is their
    last noted value. Stages 4 and 5 depend on files, git and MLflow: a worker stores whether they
    hold, why not, and when it looked.
    """

    experiment = models.OneToOneField(
        Experiment, models.CASCADE, related_name="stage_proof", verbose_name=_("experiment")
    )
    proved = models.PositiveSmallIntegerField(
        _("proved stage"), choices=Stage, default=Stage.SCANNED
    )
    proved_at = models.DateTimeField(_("proved since"))
    is_standard = models.BooleanField(_("standard interface proved"), default=False)
    standard_why = MessageField(_("state of the standard interface"))
    standard_at = models.DateTimeField(_("standard interface checked"), null=True)
    is_integrated = models.BooleanField(_("integration proved"), default=False)
    integrated_why = MessageField(_("state of the integration"))
    integrated_at = models.DateTimeField(_("integration checked"), null=True)
    next_check_at = models.DateTimeField(null=True)
    # When a check was requested; a later check answers it.
    asked_at = models.DateTimeField(_("check requested"), null=True)

    class Meta:
        verbose_name = _("proof of stages")
        verbose_name_plural = _("proofs of stages")
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(proved__range=(1, 5)),
                name="stage_proof_stage_exists",
                violation_error_message=_("A stage is a number from 1 to 5."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.proved}"


class StageChange(models.Model):
    """A change of the proved stage of an experiment, with its reason."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="stage_changes", verbose_name=_("experiment")
    )
    at = models.DateTimeField(_("at"))
    old = models.PositiveSmallIntegerField(_("from stage"), choices=Stage)
    new = models.PositiveSmallIntegerField(_("to stage"), choices=Stage)
    why = MessageField(_("reason"))

    class Meta:
        verbose_name = _("change of a stage")
        verbose_name_plural = _("changes of stages")
        default_permissions = ()
        ordering = ("-at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=["experiment", "-at"], name="stage_change_by_experiment")
        ]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.old} → {self.new}"
