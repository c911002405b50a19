"""What scans propose for decided fields, and the answers of users."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry_app.choices import Confidence, ProposalStatus
from registry_app.models.changes import ChangeSet
from registry_app.models.experiments import Experiment


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> ProposalQuerySet:
        """Return the proposals that wait for an answer, at most one per field."""
        return self.filter(status=ProposalStatus.OPEN)

    def rejected(self) -> ProposalQuerySet:
        """Return the rejected proposals: their value is not proposed again for their field."""
        return self.filter(status=ProposalStatus.REJECTED)


class Proposal(models.Model):
    """A value that a scan found but did not write, because a user or a file decided the field.

    `field` is the dotted name of the registry file; `path` proposes that the directory was renamed.
    `held` is the value of the field when a scan last confirmed the proposal.
    """

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="proposals", verbose_name=_("experiment")
    )
    field = models.CharField(_("field"), max_length=100)
    status = models.CharField(
        _("status"), max_length=10, choices=ProposalStatus, default=ProposalStatus.OPEN
    )
    held = models.JSONField(_("present value"), null=True)
    value = models.JSONField(_("proposed value"), null=True)
    accepted_value = models.JSONField(
        _("accepted value"), null=True, help_text=_("Where it was edited before it was accepted.")
    )
    confidence = models.CharField(
        _("confidence"), max_length=10, choices=Confidence.choices, blank=True
    )
    evidence = models.CharField(
        _("evidence"), max_length=500, blank=True, help_text=_("File and line, or a name.")
    )
    # Messages, as `registry_app.messages` stores them.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    made_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    change_set = models.ForeignKey(
        ChangeSet, models.SET_NULL, null=True, blank=True, verbose_name=_("change set")
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("experiment__name", "field", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["experiment", "field"],
                condition=Q(status=ProposalStatus.OPEN),
                name="proposal_one_open_per_field",
            ),
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=ProposalStatus.OPEN) & Q(closed_at__isnull=False)),
                name="proposal_closed_unless_open",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "-closed_at"], name="proposal_status")]

    def __str__(self) -> str:
        return f"{self.experiment}: {self.field}"

    @property
    def taken(self) -> Any:
        """The value that was written on acceptance."""
        return self.value if self.accepted_value is None else self.accepted_value
