"""Which command of an entry point an engineer has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.choices import ConfirmedBy
from registry_app.models.experiments import EntryPoint


class Confirmation(models.Model):
    """What an entry point executes as it was last confirmed.

    See `registry_app.fields.confirmation`.

    A separate row, so that no history, undo or spreadsheet ever restores one. `values` are the
    confirmed fields by name. `digest` is theirs, '' if an upgrade created the values, which then
    have the path as written instead of its target directory.
    """

    entry_point = models.OneToOneField(EntryPoint, models.CASCADE, related_name="confirmation")
    digest = models.CharField(max_length=64, blank=True)
    values = models.JSONField(default=dict)
    how = models.CharField(_("confirmed by"), max_length=10, choices=ConfirmedBy)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("confirmed at"))

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        # No page shows or changes these rows on their own.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.entry_point}: {self.get_how_display()}"
