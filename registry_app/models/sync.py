"""What the portal and a registry file agreed on, and what is open between them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry_app.models.experiments import Experiment
from registry_app.models.message_field import MessageField


class SyncedFile(models.Model):
    """A registry file that is kept in step with the portal.

    `intent` is what a sync is about to write: it is stored before the file is, and carried out or
    dropped by the next sync if this one dies.
    """

    path = models.CharField(_("path"), max_length=1000, unique=True)
    synced_at = models.DateTimeField(_("last sync"), null=True, editable=False)
    problem = MessageField(_("problem"))
    remark = MessageField(_("remark"))
    # The commit of the core repository that was synced last; empty for a file in a folder.
    commit = models.CharField(_("commit"), max_length=64, blank=True, editable=False)
    # The commit that waits for people on a branch of its own, because the branch takes no pushes.
    proposed = models.CharField(_("waiting commit"), max_length=64, blank=True, editable=False)
    # What that commit says and earlier ones said, by id and field of the merge (`sync.waiting`).
    proposed_values = models.JSONField(default=dict, blank=True, editable=False)
    intent = models.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = _("synced registry file")
        verbose_name_plural = _("synced registry files")
        default_permissions = ()

    def __str__(self) -> str:
        return self.path


class SyncLink(models.Model):
    """An entry of the file and its experiment, and the values that both last agreed on.

    `name` and `path` are those that the file last said. A customer and a word of the vocabulary
    have no experiment; their names are those by which they are looked up. `unknown` fields were
    never agreed on.
    """

    file = models.ForeignKey(SyncedFile, models.CASCADE, related_name="links")
    experiment = models.ForeignKey(Experiment, models.SET_NULL, null=True, related_name="+")
    is_customer = models.BooleanField(default=False)
    is_word = models.BooleanField(default=False)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=1000, blank=True)
    fields = models.JSONField(default=dict)
    unknown = models.JSONField(default=list)

    class Meta:
        verbose_name = _("synced entry")
        verbose_name_plural = _("synced entries")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "experiment"],
                name="sync_link_one_per_experiment",
                violation_error_message=_("An experiment has one entry in a file."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_experiment(self) -> bool:
        return not (self.is_customer or self.is_word)


class SyncQuestion(models.Model):
    """A field that the file and the portal changed differently; each keeps its own until then.

    `key` and `field` are those of the merge; `*` is about the whole experiment. `reason` says why a
    value does not fit, if both sides alone are not the reason.
    """

    file = models.ForeignKey(SyncedFile, models.CASCADE, related_name="questions")
    key = models.CharField(max_length=250)
    field = models.CharField(_("field"), max_length=100)
    name = models.CharField(_("experiment"), max_length=200)
    base = models.JSONField(_("last agreed"), null=True)
    in_file = models.JSONField(_("in the file"), null=True)
    in_portal = models.JSONField(_("in the portal"), null=True)
    reason = MessageField(_("reason"))
    made_at = models.DateTimeField(_("asked"), auto_now_add=True)

    class Meta:
        verbose_name = _("open question")
        verbose_name_plural = _("open questions")
        default_permissions = ("view",)
        ordering = ("name", "field")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "key", "field"], name="sync_question_once_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.field}"
