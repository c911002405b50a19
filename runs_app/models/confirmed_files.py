"""Which content of a file that comes from git an engineer has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import ConfirmedBy


class ConfirmedFile(models.Model):
    """One reading of one file of the core repository.

    - `path`: in the repository; the newest row of a path is the one that counts
    - `digest`: the SHA-256 of its bytes, `content` those bytes as text, to show a difference to
    """

    path = models.CharField(_("file"), max_length=1000)
    digest = models.CharField("SHA-256", max_length=64)
    content = models.TextField(_("content"), blank=True)
    how = models.CharField(_("confirmed by"), max_length=10, choices=ConfirmedBy)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("confirmed at"), default=timezone.now)

    class Meta:
        verbose_name = _("confirmed file")
        verbose_name_plural = _("confirmed files")
        ordering = ("-id",)
        # No page shows or changes these rows on their own.
        default_permissions = ()
        indexes = (models.Index(fields=["path", "-id"], name="confirmed_file_newest"),)

    def __str__(self) -> str:
        return f"{self.path} {self.digest[:12]}"
