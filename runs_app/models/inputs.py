"""Rows of the files that runs were started with, and what they held."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.models.message_field import MessageField
from runs_app.choices import InputHow
from runs_app.models.runs import Run


class RunInput(models.Model):
    """A file that a run was started with, and its SHA-256 right before the start.

    Both hashes are made while the run holds its directory: `sha256` before the script starts,
    and again after its end, which gives `changed`. To ask whether a succeeded run had a file among
    its inputs: `run.inputs.filter(sha256=DIGEST, changed=False)`.

    - `path`: relative to the experiment's directory if inside, else absolute
    - `how`: NAMED, by a parameter or by `reads` of the entry point; not that the script read it
    - `name`: the parameter, or `reads`, or the place of an extra argument (`-- 2`)
    - `sha256`: '' where `left_out` says why there is none (too large, too slow, unreadable)
    - `changed`: whether it held something else after the end; None while not known
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="inputs", verbose_name=_("run"))
    path = models.CharField(_("path"), max_length=1000)
    how = models.CharField(_("how"), max_length=8, choices=InputHow, default=InputHow.NAMED)
    name = models.CharField(_("named by"), max_length=250, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True)
    changed = models.BooleanField(_("changed during the run"), null=True)
    left_out = MessageField(_("skipped because"))

    class Meta:
        verbose_name = _("input")
        verbose_name_plural = _("inputs")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "path"], name="run_input_path_unique")
        ]
        indexes: ClassVar = [models.Index(fields=["sha256", "run"], name="run_input_by_hash")]

    def __str__(self) -> str:
        return self.path
