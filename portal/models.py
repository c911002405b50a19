"""The portal's own rows: changes of rights, and notices of upgrades."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
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
    """An attempt to change or delete a row of the audit."""


class _AppendOnly(models.QuerySet["AuditEntry"]):
    def update(self, **_changes: Any) -> int:
        raise AppendOnlyError

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError


class AuditEntry(models.Model):
    """One change of rights. Names are stored as text, so they outlive the accounts.

    `detail` holds `added` and `removed` (lists of names) or, by field, `[old, new]`.
    """

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True, editable=False)
    # Of RightsKind; as `choices`, its labels could not be changed without a migration.
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


class UpgradeNotice(models.Model):
    """What an upgrade changed in existing data; shown until the notice is closed.

    `detail` of `guesses`: how many experiments wait for a confirmation, how many of them dropped
    below their former stage, and the names of the first of these.
    """

    GUESSES = "guesses"

    kind = models.CharField(_("kind"), max_length=30, unique=True)
    detail = models.JSONField(_("change"), default=dict)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("read at"), null=True, blank=True)
    closed_by = models.CharField(_("by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("upgrade notice")
        verbose_name_plural = _("upgrade notices")
        default_permissions = ()

    def __str__(self) -> str:
        return self.kind


class Visit(models.Model):
    """When a user looked at the home page: last in this visit, and last in the one before."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("at"))
    before = models.DateTimeField(_("visit before"), null=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)
