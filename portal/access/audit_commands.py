"""Changes of what runs execute, as events of the audit; read from the history of the registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Exists, JSONField, Model, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.access.audit_events import Event, Filters, Kind, Source
from registry_app.arguments.secret_text import masked
from registry_app.choices import ChangeOrigin
from registry_app.models import EntryPoint, Experiment
from registry_app.schema.table import ENTRY_POINT_FIELDS

# The fields that decide what a run executes.
_EXECUTES: dict[type[Model], tuple[str, ...]] = {
    Experiment: ("path",),
    EntryPoint: tuple(field.lookup for field in ENTRY_POINT_FIELDS if field.is_command),
}


def _executed(model: Any) -> Callable[[Filters], QuerySet[Any]]:
    """Return the history rows of a model that change or remove what runs execute.

    Rows created by a scan are excluded: they fill unknown fields, and the change set lists them.
    """

    def rows(filters: Filters) -> QuerySet[Any]:
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
        return found.filter(history_user__username=filters.who) if filters.who else found

    return rows


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
    """Return the names of experiments; of deleted ones the last name."""
    keys = {row.experiment_id for row in rows}
    names = dict(Experiment.everything.filter(pk__in=keys).values_list("pk", "name"))
    gone = Experiment.history.filter(id__in=keys - names.keys()).order_by("history_id")
    return names | dict(gone.values_list("id", "name"))


def _differences(model: Any, before: Any, row: Any) -> Iterable[tuple[str, str, str]]:
    marks = [parameter for side in (before, row) for parameter in getattr(side, "parameters", ())]
    for name in _present(model):
        old = getattr(before, name) if before is not None else None
        new = None if row.history_type == "-" else getattr(row, name)
        if (old or None) != (new or None):
            label = str(capfirst(model._meta.get_field(name).verbose_name))
            yield label, _value(name, old, marks), _value(name, new, marks)


def _value(name: str, value: Any, parameters: Sequence[Any]) -> str:
    """Return a value as text with its secrets masked."""
    if not value:
        return ""
    value = masked(name, value, parameters)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _present(model: Any) -> list[str]:
    known = {field.name for field in model._meta.fields}
    return [name for name in _EXECUTES[model] if name in known]


def _json_fields(model: Any) -> list[str]:
    return [name for name in _present(model) if isinstance(model._meta.get_field(name), JSONField)]


def _compared(model: Any) -> list[str]:
    json_fields = _json_fields(model)
    return [_as_text(name) if name in json_fields else name for name in _present(model)]


def _as_text(name: str) -> str:
    return f"{name}_text"


SOURCES = tuple(
    Source(
        kind=Kind.EXECUTES,
        at="history_date",
        rows=_executed(model),
        shown=_show_executed(model),
    )
    for model in (EntryPoint, Experiment)
)
