"""Change sets, and the history that belongs to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from registry_app.choices import ChangeOrigin
from registry_app.models.message_field import MessageField


class ChangeSet(models.Model):
    """A group of changes of one submission, which can be read and undone as one."""

    origin = models.CharField(_("origin"), max_length=20, choices=ChangeOrigin)
    summary = MessageField(_("summary"))
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


def tracked() -> HistoricalRecords:
    """Return the history of a model, with each row linked to its change set."""
    return HistoricalRecords(bases=[TrackedHistory])
