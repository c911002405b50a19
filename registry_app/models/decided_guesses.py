"""What people decided about single guesses of scans; hit rates count these rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import Confidence
from registry_app.models.changes import ChangeSet
from registry_app.models.experiments import Experiment


class DecidedGuess(models.Model):
    """A guess that a person decided by itself, not together with others.

    `field` is a dotted field, or `entry_points.TYPE.type` for the type of a script.
    """

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="+", verbose_name=_("experiment")
    )
    field = models.CharField(_("field"), max_length=100)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence.choices)
    is_kept = models.BooleanField(_("kept"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # Its undo deletes these rows.
    change_set = models.ForeignKey(
        ChangeSet, models.CASCADE, null=True, related_name="+", verbose_name=_("change set")
    )

    class Meta:
        verbose_name = _("decided guess")
        verbose_name_plural = _("decided guesses")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.experiment}: {self.field}"
