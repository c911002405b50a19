"""The origin of a value before a change set decided it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.choices import Confidence, FieldSource
from registry_app.models.changes import ChangeSet
from registry_app.models.experiments import Experiment


class OriginChange(models.Model):
    """The origin of a field before a change set changed it; an undo restores it.

    Saved if a guess of a scan became a decision, or the reverse. `value` is the field's value if
    the change set did not change it, null if the history of the row has it.
    """

    change_set = models.ForeignKey(
        ChangeSet, models.CASCADE, related_name="origin_changes", verbose_name=_("change set")
    )
    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="+", verbose_name=_("experiment")
    )
    field = models.CharField(_("field"), max_length=100)
    value = models.JSONField(_("value"), null=True)
    source = models.CharField(_("source"), max_length=10, choices=FieldSource)
    confidence = models.CharField(
        _("confidence"), max_length=10, choices=Confidence.choices, blank=True
    )
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    # Messages, as `registry_app.messages` stores them.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("earlier origin")
        verbose_name_plural = _("earlier origins")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change_set", "experiment", "field"], name="origin_change_once_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.get_source_display()}"
