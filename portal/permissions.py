"""Permissions as users choose them: those that open a page, in the reader's language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy

# Django stores the description of a permission in English.
_ALLOWS = {
    "add": gettext_lazy("Add"),
    "change": gettext_lazy("Change"),
    "delete": gettext_lazy("Delete"),
    "view": gettext_lazy("View"),
    "queue": gettext_lazy("Run scripts"),
    "cancel": gettext_lazy("Cancel runs"),
    "drain": gettext_lazy("Drain hosts"),
    "promote": gettext_lazy("Promote models"),
}
# The others belong to libraries or to history models; no page of the portal checks them.
_OF_PORTAL = Q(content_type__app_label__in=("registry_app", "runs_app")) & ~Q(
    content_type__model__startswith="historical"
)
_AUDIT = Q(content_type__app_label="portal", content_type__model="auditentry")
_OF_PEOPLE = Q(content_type__app_label="auth", content_type__model__in=("user", "group"))


class PermissionField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Permissions by application, model and action."""

    def label_from_instance(self, obj: Model) -> str:
        return permission_name(obj) if isinstance(obj, Permission) else str(obj)


def offered(held: Q) -> QuerySet[Permission]:
    """Return the permissions to choose from, including all that are already granted."""
    rows = Permission.objects.filter(_OF_PORTAL | _OF_PEOPLE | _AUDIT | held).distinct()
    return rows.select_related("content_type").order_by(
        "content_type__app_label", "content_type__model", "codename"
    )


def permission_name(permission: Permission) -> str:
    """Return a permission in the reader's language, for example `Registry | experiment | View`."""
    verb = permission.codename.partition("_")[0]
    allows = _ALLOWS.get(verb, permission.name)
    return f"{permission.content_type.app_labeled_name} | {allows}"


def name_ties() -> None:
    """Name the rows of the many-to-many tables of users, groups and permissions.

    Pages that confirm a deletion list them too, as "Group_permissions object (1)".
    """
    ties = (
        (Group.permissions.through, "group", "permission", gettext_lazy("permission of a group")),
        (User.user_permissions.through, "user", "permission", gettext_lazy("permission of a user")),
        (User.groups.through, "user", "group", gettext_lazy("member of a group")),
    )
    for through, owner, owned, label in ties:
        through.__str__ = _named(owner, owned)  # type: ignore[method-assign]
        through._meta.verbose_name = through._meta.verbose_name_plural = label


def _named(owner: str, owned: str) -> Any:
    def name(row: Any) -> str:
        other = getattr(row, owned)
        text = permission_name(other) if isinstance(other, Permission) else str(other)
        return f"{getattr(row, owner)}: {text}"

    return name
