"""The children of roots that the last scan left out, and what people decided about them."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry_app.choices import ChildDecision
from registry_app.models.message_field import MessageField

# The longest path of Linux.
MAX_PATH = 4096


class ScanDecision(models.Model):
    """What a person decided about one child of a root; taken back by deleting it.

    `path` is a key of the scan: the path below the root as the settings write it.
    """

    path = models.CharField(_("path"), max_length=MAX_PATH)
    decision = models.CharField(_("decision"), max_length=10, choices=ChildDecision)
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
        verbose_name = _("decision about a directory")
        verbose_name_plural = _("decisions about directories")
        ordering = ("-at", "-pk")
        # Made on the page of what scans left out, by users who may import.
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["path"], name="one_scan_decision_per_path")
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.get_decision_display()}"

    @property
    def name(self) -> str:
        return PurePath(self.path).name

    @property
    def root(self) -> str:
        return str(PurePath(self.path).parent)


class LeftOutQuerySet(models.QuerySet["LeftOutChild"]):
    def listed(self) -> LeftOutQuerySet:
        """Return the children without those decided never to be listed."""
        never = ScanDecision.objects.filter(decision=ChildDecision.NEVER)
        return self.exclude(path__in=never.values("path"))

    def by_reason(self) -> dict[str, int]:
        """Return how many children each code of a reason has, the most frequent first."""
        counts = self.order_by().values_list("code").annotate(count=Count("pk"))
        return dict(counts.order_by("-count", "code"))


class LeftOutChild(models.Model):
    """A child of a root that the last scan of that root left out; rewritten by every scan."""

    path = models.CharField(_("path"), max_length=MAX_PATH)
    root = models.CharField(_("root"), max_length=MAX_PATH)
    code = models.CharField(_("reason"), max_length=60)
    reason = MessageField(_("reason"))

    objects = LeftOutQuerySet.as_manager()

    class Meta:
        verbose_name = _("left out directory")
        verbose_name_plural = _("left out directories")
        ordering = ("path",)
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["path"], name="one_left_out_child_per_path")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        return PurePath(self.path).name
