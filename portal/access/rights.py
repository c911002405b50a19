"""Record every change of accounts, groups and permissions, whichever way it is made.

Signals cover pages, commands and the shell. A bulk update sends no signal; the portal makes none
on these tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from simple_history.models import HistoricalRecords

from portal.models import AuditEntry, RightsKind

# The fields of an account that grant a right or allow a log-in.
FIELDS_OF_USER = ("username", "is_active", "is_staff", "is_superuser", "password", "email")
FIELDS_OF_GROUP = ("name",)
_ADDED, _REMOVED, _CLEARED = "post_add", "post_remove", "pre_clear"


def watch() -> None:
    """Start to record changes; called once, when Django is set up."""
    for model in (User, Group):
        name = f"portal.access.rights.{model.__name__}"
        pre_save.connect(_before_save, sender=model, dispatch_uid=f"{name}.pre")
        post_save.connect(_after_save, sender=model, dispatch_uid=f"{name}.post")
        post_delete.connect(_after_delete, sender=model, dispatch_uid=f"{name}.delete")
    for through in (User.groups.through, User.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_ties_changed, sender=through, dispatch_uid=f"portal.{through}")


def note_unlock(username: str) -> None:
    """Record that an account was unlocked before its lock expired."""
    _note(RightsKind.UNLOCKED, username, {})


def _before_save(
    sender: type[Model],
    instance: Any,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    **_kwargs: Any,
) -> None:
    """Remember the stored values; skip the query for a log-in, which only updates `last_login`."""
    instance._rights_before = {}
    fields = _watched(sender)
    if update_fields is not None:
        fields = tuple(name for name in fields if name in set(update_fields))
    if instance.pk is not None and fields and not raw:
        rows = sender._default_manager.filter(pk=instance.pk)
        instance._rights_before = rows.values(*fields).first() or {}


def _after_save(
    sender: type[Model], instance: Any, created: bool, raw: bool = False, **_kwargs: Any
) -> None:
    if raw:
        return
    if created:
        kind = RightsKind.USER_ADDED if sender is User else RightsKind.GROUP_ADDED
        held = {name: getattr(instance, name) for name in _watched(sender) if name != "password"}
        _note(kind, _name(instance), {name: [None, value] for name, value in held.items() if value})
        return
    changed = {
        name: ["***", "***"] if name == "password" else [old, getattr(instance, name)]
        for name, old in instance._rights_before.items()
        if old != getattr(instance, name)
    }
    if changed:
        kind = RightsKind.USER_CHANGED if sender is User else RightsKind.GROUP_CHANGED
        _note(kind, _name(instance), changed)


def _after_delete(sender: type[Model], instance: Any, **_kwargs: Any) -> None:
    kind = RightsKind.USER_DELETED if sender is User else RightsKind.GROUP_DELETED
    _note(kind, _name(instance), {})


def _ties_changed(
    sender: type[Model],
    *,
    instance: Any,
    action: str,
    reverse: bool,
    model: type[Model],
    pk_set: set[Any] | None,
    **_kwargs: Any,
) -> None:
    if action not in {_ADDED, _REMOVED, _CLEARED}:
        return
    if action == _CLEARED:
        others = _tied(sender, instance, reverse=reverse)
    else:
        others = list(model._default_manager.filter(pk__in=pk_set or ()))
    names = sorted(_name(other) for other in others)
    if not names:
        return
    word = "added" if action == _ADDED else "removed"
    # In the reverse direction each of the related rows is a subject of its own.
    if reverse:
        for name in names:
            _note(_kind_of(sender), name, {word: [_name(instance)]})
    else:
        _note(_kind_of(sender), _name(instance), {word: names})


def _tied(through: type[Model], instance: Any, *, reverse: bool) -> list[Any]:
    if through is User.groups.through:
        tied = instance.user_set if reverse else instance.groups
    elif through is User.user_permissions.through:
        tied = instance.user_set if reverse else instance.user_permissions
    else:
        tied = instance.group_set if reverse else instance.permissions
    return list(tied.all())


def _kind_of(through: type[Model]) -> RightsKind:
    if through is User.groups.through:
        return RightsKind.GROUPS_OF_USER
    if through is User.user_permissions.through:
        return RightsKind.PERMISSIONS_OF_USER
    return RightsKind.PERMISSIONS_OF_GROUP


def _watched(model: type[Model]) -> tuple[str, ...]:
    return FIELDS_OF_USER if model is User else FIELDS_OF_GROUP


def _name(row: Any) -> str:
    if isinstance(row, User):
        return row.get_username()
    return row.codename if isinstance(row, Permission) else str(row.name)


def _note(kind: RightsKind, subject: str, detail: dict[str, Any]) -> None:
    AuditEntry.objects.create(kind=kind, subject=subject[:150], detail=detail, by=_who())


def _who() -> str:
    """Return the user of the current request, '' outside of a request."""
    request = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return user.get_username() if user is not None and user.is_authenticated else ""
