"""Permissions as people choose them: those that open something, in the reader's language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy

# Django stores what a permission allows in English.
_ALLOWS = {
    "add": gettext_lazy("Add"),
    "change": gettext_lazy("Change"),
    "delete": gettext_lazy("Delete"),
    "view": gettext_lazy("View"),
    "queue": gettext_lazy("Run scripts"),
    "cancel": gettext_lazy("Cancel runs"),
    "drain": gettext_lazy("Drain hosts"),
}
# The rest belongs to libraries or to history, which no page of the portal asks for.
_OF_PORTAL = Q(content_type__app_label__in=("registry_app", "runs_app")) & ~Q(
    content_type__model__startswith="historical"
)
_AUDIT = Q(content_type__app_label="portal", content_type__model="auditentry")
_OF_PEOPLE = Q(content_type__app_label="auth", content_type__model__in=("user", "group"))


class PermissionField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Permissions by application, kind of thing and what may be done with it."""

    def label_from_instance(self, obj: Model) -> str:
        return permission_name(obj) if isinstance(obj, Permission) else str(obj)


def offered(held: Q) -> QuerySet[Permission]:
    """Return the permissions to choose from; those that are held stay, whatever they allow."""
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
    """Give a name to the rows that tie people, groups and permissions to each other.

    Pages that tell what else is deleted list them too, as "Group_permissions object (1)".
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
