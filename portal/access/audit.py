"""Reads the audit: who came in or failed to, changes of rights, changes of what runs execute.

Each kind is stored where it happens: log-ins and failures by django-axes, changes of rights in
`AuditEntry`, changes of the registry in its history. They are merged here by time, newest first.
A page begins behind the last row of the page before, so that the number of queries and what each
reads depend neither on how many rows there are nor on how far back one looks.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.db.models import Exists, JSONField, Model, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.models import AuditEntry, RightsKind
from registry_app.arguments.secret_text import masked
from registry_app.choices import ChangeOrigin
from registry_app.models import EntryPoint, Experiment

PER_PAGE = 50
# What decides what a run executes; those that the model has.
_EXECUTES: dict[type[Model], tuple[str, ...]] = {
    Experiment: ("path",),
    EntryPoint: (
        *("default_script", "args_template", "parameters", "interpreter"),
        *("working_directory", "environment", "start"),
    ),
}


class Kind(StrEnum):
    """What a person may ask for."""

    LOG_IN = "log_in"
    FAILURE = "failure"
    RIGHTS = "rights"
    EXECUTES = "executes"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row as it is shown; `address` is where the request came from, `link` leads to more."""

    at: datetime
    kind: Kind
    what: str
    who: str = ""
    subject: str = ""
    address: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    is_alarming: bool = False
    link: tuple[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for; an empty value asks for everything. Both days are whole and included."""

    who: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    def between(self, name: str) -> Q:
        """Return the condition that the days put on a field."""
        condition = Q()
        if self.since is not None:
            condition &= Q(**{f"{name}__gte": _midnight(self.since)})
        if self.until is not None:
            condition &= Q(**{f"{name}__lt": _midnight(self.until + timedelta(days=1))})
        return condition


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some events, newest first; `next` is where the following page begins, '' at the end."""

    events: tuple[Event, ...]
    next: str = ""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """Rows of one table: which, by which time, and how they are shown, in a few queries each."""

    kind: Kind
    at: str
    rows: Callable[[Wanted], QuerySet[Any]]
    shown: Callable[[Sequence[Any]], Iterable[Event]]


@dataclass(frozen=True, kw_only=True, order=True)
class _Place:
    """Where a page begins: behind this row."""

    at: datetime
    source: int
    pk: int = field(default=0)

    def behind(self, source: int, name: str) -> Q:
        if source < self.source:
            return Q(**{f"{name}__lt": self.at})
        if source > self.source:
            return Q(**{f"{name}__lte": self.at})
        return Q(**{f"{name}__lt": self.at}) | Q(**{name: self.at, "pk__lt": self.pk})


def page_of(wanted: Wanted, *, begin: str = "") -> Page:
    """Return one page; `begin` is the `next` of the page before, anything else begins anew."""
    place = _read_place(begin)
    found: list[tuple[datetime, int, int, Any]] = []
    for number, source in enumerate(_SOURCES):
        if wanted.kind in ("", source.kind):
            rows = source.rows(wanted).filter(wanted.between(source.at))
            if place is not None:
                rows = rows.filter(place.behind(number, source.at))
            ordered = rows.order_by(f"-{source.at}", "-pk")[: PER_PAGE + 1]
            found += [(getattr(row, source.at), number, row.pk, row) for row in ordered]
    found.sort(key=lambda one: (-one[0].timestamp(), one[1], -one[2]))
    shown = found[:PER_PAGE]
    events: dict[tuple[int, int], Event] = {}
    for number, source in enumerate(_SOURCES):
        own = [row for _at, of, _pk, row in shown if of == number]
        events |= {
            (number, row.pk): event
            for row, event in zip(own, source.shown(own) if own else (), strict=True)
        }
    at, number, pk, _row = shown[-1] if shown else (None, 0, 0, None)
    more = len(found) > PER_PAGE and at is not None
    return Page(
        events=tuple(events[of, key] for _at, of, key, _row in shown),
        next=_written(_Place(at=at, source=number, pk=pk)) if more and at is not None else "",
    )


def _log_ins(wanted: Wanted) -> QuerySet[Any]:
    rows: QuerySet[Any] = AccessLog.objects.all()
    return rows.filter(username=wanted.who) if wanted.who else rows


def _failures(wanted: Wanted) -> QuerySet[Any]:
    rows: QuerySet[Any] = AccessFailureLog.objects.all()
    return rows.filter(username=wanted.who) if wanted.who else rows


def _rights(wanted: Wanted) -> QuerySet[Any]:
    rows = AuditEntry.objects.all()
    return rows.filter(Q(by=wanted.who) | Q(subject=wanted.who)) if wanted.who else rows


def _executed(model: Any) -> Callable[[Wanted], QuerySet[Any]]:
    """Return the history rows of a model that change what runs execute, or take it away.

    What a scan creates is left out: it fills what was unknown, and its change set lists it.
    """

    def rows(wanted: Wanted) -> QuerySet[Any]:
        history = model.history.all()
        before = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
        found: QuerySet[Any] = history.annotate(
            before_pk=Subquery(before.order_by("-history_id").values("history_id")[:1]),
            **{_as_text(name): Cast(name, TextField()) for name in _json_fields(model)},
        )
        same = history.annotate(
            **{_as_text(name): Cast(name, TextField()) for name in _json_fields(model)}
        ).filter(
            history_id=OuterRef("before_pk"),
            **{name: OuterRef(name) for name in _compared(model)},
        )
        found = found.filter(Q(history_type="-") | ~Exists(same))
        found = found.exclude(history_type="+", change_set__origin=ChangeOrigin.SCAN)
        found = found.select_related("history_user", "change_set__by")
        return found.filter(history_user__username=wanted.who) if wanted.who else found

    return rows


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
        if name in {one.name for one in model._meta.fields}:
            return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return name


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _show_executed(model: Any) -> Callable[[Sequence[Any]], Iterable[Event]]:
    def shown(rows: Sequence[Any]) -> Iterable[Event]:
        keys = [row.before_pk for row in rows if row.before_pk]
        earlier = {row.history_id: row for row in model.history.filter(history_id__in=keys)}
        names = _experiment_names(rows) if model is EntryPoint else {}
        for row in rows:
            by = row.history_user or (row.change_set.by if row.change_set else None)
            subject = (
                f"{names.get(row.experiment_id, '?')} / {row.get_type_display()}"
                if model is EntryPoint
                else row.name
            )
            yield Event(
                at=row.history_date,
                kind=Kind.EXECUTES,
                what=_what(model, row.history_type),
                who=by.get_username() if by else _("command line"),
                subject=subject,
                changes=tuple(_differences(model, earlier.get(row.before_pk), row)),
                link=("admin:registry_app_changeset_change", row.change_set_id)
                if row.change_set_id
                else None,
            )

    return shown


def _what(model: Any, history_type: str) -> str:
    name = capfirst(model._meta.verbose_name)
    words = {"+": _("{name} added"), "~": _("{name} changed"), "-": _("{name} deleted")}
    return words[history_type].format(name=name)


def _experiment_names(rows: Sequence[Any]) -> dict[int, str]:
    """Return the names of experiments, also of those that are gone, the last name of each."""
    keys = {row.experiment_id for row in rows}
    names = dict(Experiment.objects.filter(pk__in=keys).values_list("pk", "name"))
    gone = Experiment.history.filter(id__in=keys - names.keys()).order_by("history_id")
    return names | dict(gone.values_list("id", "name"))


def _differences(model: Any, before: Any, row: Any) -> Iterable[tuple[str, str, str]]:
    marks = [one for side in (before, row) for one in getattr(side, "parameters", ())]
    for name in _present(model):
        old = getattr(before, name) if before is not None else None
        new = None if row.history_type == "-" else getattr(row, name)
        if (old or None) != (new or None):
            label = str(capfirst(model._meta.get_field(name).verbose_name))
            yield label, _value(name, old, marks), _value(name, new, marks)


def _value(name: str, value: Any, parameters: Sequence[Any]) -> str:
    """Return a value as text, without the secrets that people wrote into it."""
    if not value:
        return ""
    value = masked(name, value, parameters)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _present(model: Any) -> list[str]:
    known = {one.name for one in model._meta.fields}
    return [name for name in _EXECUTES[model] if name in known]


def _json_fields(model: Any) -> list[str]:
    return [name for name in _present(model) if isinstance(model._meta.get_field(name), JSONField)]


def _compared(model: Any) -> list[str]:
    json_fields = _json_fields(model)
    return [_as_text(name) if name in json_fields else name for name in _present(model)]


def _as_text(name: str) -> str:
    return f"{name}_text"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _written(place: _Place) -> str:
    text = json.dumps([place.at.isoformat(), place.source, place.pk])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_place(text: str) -> _Place | None:
    try:
        at, source, pk = json.loads(base64.urlsafe_b64decode(text.encode()))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 <= int(pk) < 2**63:
            return None
        return _Place(at=moment, source=int(source), pk=int(pk))
    except (ValueError, TypeError, OverflowError):
        return None


_SOURCES = (
    _Source(kind=Kind.LOG_IN, at="attempt_time", rows=_log_ins, shown=_show_log_ins),
    _Source(kind=Kind.FAILURE, at="attempt_time", rows=_failures, shown=_show_failures),
    _Source(kind=Kind.RIGHTS, at="at", rows=_rights, shown=_show_rights),
    *(
        _Source(
            kind=Kind.EXECUTES, at="history_date", rows=_executed(one), shown=_show_executed(one)
        )
        for one in (EntryPoint, Experiment)
    ),
)
