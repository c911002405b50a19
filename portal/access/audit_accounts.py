"""Events of accounts in the audit: log-ins, their failures, and changes of rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.access.audit_events import Event, Filters, Kind, Source
from portal.models import AuditEntry, RightsKind


def _log_ins(filters: Filters) -> QuerySet[Any]:
    rows: QuerySet[Any] = AccessLog.objects.all()
    return rows.filter(username=filters.who) if filters.who else rows


def _failures(filters: Filters) -> QuerySet[Any]:
    rows: QuerySet[Any] = AccessFailureLog.objects.all()
    return rows.filter(username=filters.who) if filters.who else rows


def _rights(filters: Filters) -> QuerySet[Any]:
    rows = AuditEntry.objects.all()
    return rows.filter(Q(by=filters.who) | Q(subject=filters.who)) if filters.who else rows


def _show_log_ins(rows: Sequence[Any]) -> Iterable[Event]:
    for row in rows:
        yield Event(
            at=row.attempt_time,
            kind=Kind.LOG_IN,
            what=_("Logged in"),
            who=row.username or "",
            address=row.ip_address or "",
        )


def _show_failures(rows: Sequence[Any]) -> Iterable[Event]:
    for row in rows:
        yield Event(
            at=row.attempt_time,
            kind=Kind.FAILURE,
            what=_("Locked out after too many failures") if row.locked_out else _("Log-in failed"),
            who=row.username or "",
            address=row.ip_address or "",
            is_alarming=row.locked_out,
        )


def _show_rights(rows: Sequence[Any]) -> Iterable[Event]:
    for row in rows:
        yield Event(
            at=row.at,
            kind=Kind.RIGHTS,
            # A newer version may know more kinds.
            what=str(RightsKind(row.kind).label) if row.kind in RightsKind.values else row.kind,
            who=row.by or _("command line"),
            subject=row.subject,
            changes=tuple(_changes_of(row.detail)),
            is_alarming="is_superuser" in row.detail,
        )


def _changes_of(detail: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    for name, value in detail.items():
        if name == "added":
            yield _("added"), "", ", ".join(value)
        elif name == "removed":
            yield _("removed"), ", ".join(value), ""
        else:
            old, new = value
            yield _field_name(name), _word(old), _word(new)


def _field_name(name: str) -> str:
    from django.contrib.auth.models import Group, User

    for model in (User, Group):
        if name in {field.name for field in model._meta.fields}:
            return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return name


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


SOURCES = (
    Source(kind=Kind.LOG_IN, at="attempt_time", rows=_log_ins, shown=_show_log_ins),
    Source(kind=Kind.FAILURE, at="attempt_time", rows=_failures, shown=_show_failures),
    Source(kind=Kind.RIGHTS, at="at", rows=_rights, shown=_show_rights),
)
