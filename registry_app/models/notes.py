"""What people write down about an experiment over time."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.models.experiments import Experiment


class Note(models.Model):
    """An entry of an experiment's journal; never changed, so it is in no history and no file."""

    experiment = models.ForeignKey(
        Experiment, models.CASCADE, related_name="journal", verbose_name=_("experiment")
    )
    text = models.CharField(_("note"), max_length=2000)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("-at",)
        # No page of its own: users who may change an experiment or run it may write one.
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["experiment", "-at"], name="note_by_experiment")]

    def __str__(self) -> str:
        return self.text
