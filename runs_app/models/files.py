"""Rows of what runs left in the directories of their experiments."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.models.message_field import MessageField
from runs_app.choices import FileChange
from runs_app.models.runs import Run


class RunFile(models.Model):
    """A file of the experiment that a run created, changed or deleted.

    With `members` it is not a file of the experiment, but the archive of that many small files, or
    without a copy a folder in which the run made that many.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="files", verbose_name=_("run"))
    path = models.CharField(_("path"), max_length=1000, help_text=_("Inside the experiment."))
    change = models.CharField(_("change"), max_length=8, choices=FileChange)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"))
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    kept = models.CharField(
        max_length=1200, blank=True, help_text="Path of the copy inside the run folder."
    )
    artifact = models.CharField(_("artifact"), max_length=1200, blank=True)
    left_out = MessageField(_("skipped because"))
    members = models.PositiveIntegerField(null=True, blank=True)
    # Another run used the directory at that time, and may have written it.
    uncertain = models.BooleanField(_("uncertain"), default=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("path",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "path"], name="run_file_path_unique")
        ]

    def __str__(self) -> str:
        return self.path
