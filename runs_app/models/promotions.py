"""Promotions: which file of which experiment became a model for all, and who decided it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry_app.models import Experiment
from registry_app.models.message_field import MessageField
from runs_app.choices import PromotionState
from runs_app.models.moments import not_after
from runs_app.models.parity import Parity
from runs_app.models.runs import Run

# An experiment has one of these at a time.
OPEN = (PromotionState.REQUESTED, PromotionState.APPROVED, PromotionState.WITHDRAWING)
# The longest time between two tries of a step.
MAX_WAIT_S = 3600
# A worker has something to do.
AT_WORK = (PromotionState.APPROVED, PromotionState.WITHDRAWING)


class PromotionQuerySet(models.QuerySet["Promotion"]):
    """Queries over all promotions."""

    def open(self) -> PromotionQuerySet:
        return self.filter(state__in=OPEN)

    def due(self, now: datetime) -> PromotionQuerySet:
        """Those that a worker carries out or takes back now, the oldest first."""
        waits = Q(next_at=None) | not_after("next_at", now, most_s=MAX_WAIT_S)
        return self.filter(waits, state__in=AT_WORK).order_by("pk")


class Promotion(models.Model):
    """One promotion of a package of files to the model of its experiment.

    A worker carries it out in steps. `wanted` is the step that is tried now, written before it is
    tried, so that another process can continue after a crash. All that a step leaves is in its
    column before the next one begins.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="promotions", verbose_name=_("experiment")
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=PromotionState,
        default=PromotionState.REQUESTED,
    )
    # A list of {path, name, sha256, size_bytes}: as the training run left it, and in the package.
    files = models.JSONField(_("files"), default=list)
    training_run = models.ForeignKey(
        Run, models.PROTECT, related_name="+", verbose_name=_("run that made the files")
    )
    evaluation_run = models.ForeignKey(
        Run, models.PROTECT, null=True, related_name="+", verbose_name=_("evaluation")
    )
    parity = models.ForeignKey(
        Parity, models.SET_NULL, null=True, related_name="+", verbose_name=_("comparison")
    )
    # The trainer that the comparison was about, as `Parity.new_script` names it.
    trainer = models.CharField(_("trainer"), max_length=500, blank=True)
    metric = models.CharField(_("main metric"), max_length=250, blank=True)
    value = models.FloatField(_("value"), null=True)
    # The classes of the registry at the request, and where plain data states the same.
    classes = models.JSONField(_("classes"), default=list)
    classes_source = models.CharField(_("classes stated by"), max_length=300, blank=True)
    classes_confirmed = models.BooleanField(_("classes confirmed by the approver"), default=False)
    reason = models.CharField(_("reason"), max_length=1000)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    is_self_approved = models.BooleanField(_("approved by the requester"), default=False)

    wanted = models.CharField(pgettext_lazy("of a registration", "step"), max_length=10, blank=True)
    problem = MessageField(_("problem"))
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    mlflow_name = models.CharField(_("MLflow model"), max_length=200, blank=True)
    mlflow_version = models.CharField(_("MLflow version"), max_length=20, blank=True)
    mlflow_run_id = models.CharField(_("MLflow run"), max_length=64, blank=True)
    # The version that had the alias before, '' if none had; null until it was looked up.
    previous_version = models.CharField(max_length=20, null=True)
    core_branch = models.CharField(_("branch"), max_length=200, blank=True)
    core_commit = models.CharField(_("commit"), max_length=64, blank=True)
    # The commit that is pushed now; it is on the branch if the push arrived.
    core_wanted = models.CharField(max_length=64, blank=True)
    # What the commit changed: a list of {path, old, new} with blobs, '' where there is no file.
    core_changes = models.JSONField(default=list)
    # The entry points that it added to MLproject.
    core_entry_points = models.JSONField(default=dict)

    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=1000, blank=True)
    # The branch that takes the promotion out of the core repository, and what stays in it.
    withdrawal_branch = models.CharField(max_length=200, blank=True)
    withdrawal_commit = models.CharField(max_length=64, blank=True)
    withdrawal_remark = MessageField(_("remark"))

    objects: ClassVar[PromotionQuerySet] = PromotionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        default_permissions = ("view",)
        permissions: ClassVar = [("promote", "Can request and approve promotions")]
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(state__in=("requested", "approved", "withdrawing")),
                name="promotion_one_open",
                violation_error_message=_("This experiment already has an open promotion."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=("requested", "rejected")) | Q(approved_at__isnull=False),
                name="promotion_approved_has_time",
                violation_error_message=_("A promotion is approved at a time."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(requested_by__isnull=True)
                | Q(is_self_approved=True)
                | ~Q(approved_by=F("requested_by")),
                name="promotion_approved_by_another",
                violation_error_message=_("Another person than the requester approves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} #{self.pk}"

    def get_absolute_url(self) -> str:
        # Hard-coded: `reverse` would import every page, and workers need no pages.
        return f"/admin/runs_app/promotion/{self.pk}/"

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each promoted file, by its name in the package."""
        return {str(file["name"]): str(file["sha256"]) for file in self.files}

    @property
    def main_sha256(self) -> str:
        """The hash of the file that the core repository names: the first of the package."""
        return str(self.files[0]["sha256"]) if self.files else ""
