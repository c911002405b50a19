"""What the portal itself stores: changes of rights, which no library keeps."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RightsKind(models.TextChoices):
    """What happened to an account or a group."""

    USER_ADDED = "user_added", _("Account added")
    USER_CHANGED = "user_changed", _("Account changed")
    USER_DELETED = "user_deleted", _("Account deleted")
    GROUP_ADDED = "group_added", _("Group added")
    GROUP_CHANGED = "group_changed", _("Group changed")
    GROUP_DELETED = "group_deleted", _("Group deleted")
    GROUPS_OF_USER = "groups_of_user", _("Groups of an account changed")
    PERMISSIONS_OF_USER = "permissions_of_user", _("Permissions of an account changed")
    PERMISSIONS_OF_GROUP = "permissions_of_group", _("Permissions of a group changed")
    UNLOCKED = "unlocked", _("Account unlocked")


class AppendOnlyError(Exception):
    """A row of the audit was to be changed or deleted."""


class _AppendOnly(models.QuerySet["AuditEntry"]):
    def update(self, **_changes: Any) -> int:
        raise AppendOnlyError

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError


class AuditEntry(models.Model):
    """One change of rights. Names are texts: they outlive the accounts that they name.

    `detail` holds `added` and `removed` (lists of names) or, by field, `[old, new]`.
    """

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True, editable=False)
    # Of RightsKind; as choices, its words could not be changed without a migration.
    kind = models.CharField(_("kind"), max_length=30)
    by = models.CharField(_("by"), max_length=150, blank=True)
    subject = models.CharField(_("account or group"), max_length=150)
    detail = models.JSONField(_("change"), default=dict)

    objects: ClassVar[models.Manager[AuditEntry]] = _AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit")
        ordering = ("-at", "-id")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{RightsKind(self.kind).label}: {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError
