"""Imports that a worker plans and applies because they are too large for a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import IMPORTS_AT_WORK, ImportKind, ImportState
from registry_app.models.changes import ChangeSet
from registry_app.models.message_field import MessageField

WAITS_LONG = timedelta(seconds=10)
SILENT_LONG = timedelta(seconds=30)


class ImportJob(models.Model):
    """An uploaded file that a worker imports: planned, shown, confirmed, applied.

    `token` finds the file on `host`; `preview` is what the page shows of the plan, or of the
    problems. `attempts` counts how often a worker started the present step; `state_at` is updated
    while a worker is busy with it.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ImportKind)
    name = models.CharField(_("file name"), max_length=200)
    token = models.CharField(max_length=32, unique=True)
    host = models.CharField(_("host"), max_length=255)
    language = models.CharField(max_length=10)
    requested_at = models.DateTimeField(_("requested"), auto_now_add=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState, default=ImportState.QUEUED
    )
    state_at = models.DateTimeField(_("state since"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    total = models.PositiveIntegerField(_("rows found"), default=0)
    preview = models.JSONField(_("preview"), default=dict)
    rows_digest = models.CharField(max_length=64, blank=True)
    document_digest = models.CharField(max_length=64, blank=True)
    change_set = models.ForeignKey(
        ChangeSet, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    error = MessageField(_("error"))

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)
        # The import permission is enough; the pages show users only their own imports.
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="import_state_exists"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has work to do."""
        return self.state in IMPORTS_AT_WORK

    @property
    def waits_long(self) -> bool:
        """Whether no worker has started or continued the step in reasonable time."""
        if not self.is_at_work:
            return False
        waits = self.state in {ImportState.QUEUED, ImportState.CONFIRMED}
        return abs(timezone.now() - self.state_at) > (WAITS_LONG if waits else SILENT_LONG)

    def as_json(self) -> dict[str, Any]:
        """Return the data of the progress bar."""
        return {"done": self.done, "total": self.total, "finished": not self.is_at_work}
