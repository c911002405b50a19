"""Trainers of the core repository, as they were at the commit that was synced last."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class CoreTrainer(models.Model):
    """One file `trainers/NAME/FILE.py` of the core repository with a standard class.

    Rewritten by every sync of the core repository. `tree` is git's id of the folder
    `trainers/NAME`; `digest` is the SHA-256 over the names and contents of its files, of which the
    data directory has a copy under that name. It is part of the command that an engineer confirms.
    `sha256` is that of the file itself, `base_sha256` that of the `gf_base.py` next to it.
    """

    path = models.CharField(_("path"), max_length=450, unique=True)
    class_name = models.CharField(_("class"), max_length=200)
    experiment_name = models.CharField(_("experiment"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8)
    line = models.PositiveIntegerField(_("line"), default=1)
    commit = models.CharField(_("commit"), max_length=64)
    tree = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sha256 = models.CharField("SHA-256", max_length=64)
    base_sha256 = models.CharField(max_length=64, blank=True)
    # Parameters of the command line, as `arguments.parameters` writes them.
    parameters = models.JSONField(_("parameters"), default=list)
    parameters_known = models.BooleanField(default=False)
    at = models.DateTimeField(_("at"), auto_now=True)

    class Meta:
        verbose_name = _("trainer of the core repository")
        verbose_name_plural = _("trainers of the core repository")
        default_permissions = ()
        ordering = ("path",)
        indexes: ClassVar = [
            models.Index(fields=["experiment_name"], name="core_trainer_by_experiment")
        ]

    def __str__(self) -> str:
        return self.path
