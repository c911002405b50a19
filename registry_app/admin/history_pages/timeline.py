"""The history of a row, merged with that of the rows that its page edits inline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from registry_app.admin.history_pages.confirmations import Confirmation, confirmations_in
from registry_app.admin.history_pages.values import Difference, Names, all_values, differences
from registry_app.admin.stale import Part
from registry_app.models import Experiment, OriginChange

Records = dict[tuple[type[Model], int], Any]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The position of a version in the history: just enough to order and page versions."""

    at: datetime
    number: int
    row: int
    model: type[Model]
    # The version of the same row before this one, if there is one.
    before: int | None


@dataclass(frozen=True, kw_only=True)
class ShownVersion:
    """One version as the page shows it; `part` names an inline row."""

    record: Any
    part: str
    changes: tuple[Difference, ...]
    address: str


def moments_of(model: type[Model], pk: int, parts: Iterable[Part]) -> list[Moment]:
    """Return all versions of a row and its parts, newest first; one query per model."""
    found = _moments(model, {"id": pk})
    for part, column in parts:
        found += _moments(part, {column: pk})
    if model is Experiment:
        found += _confirmations(pk)
    return sorted(found, key=lambda moment: (moment.at, moment.number), reverse=True)


def _moments(model: type[Model], which: dict[str, Any]) -> list[Moment]:
    history: Any = model.history  # type: ignore[attr-defined]
    rows = history.filter(**which).order_by("history_id")
    last: dict[int, int] = {}
    found = []
    for at, number, row in rows.values_list("history_date", "history_id", "id"):
        before = last.get(row)
        found.append(Moment(at=at, number=number, row=row, model=model, before=before))
        last[row] = number
    return found


def _confirmations(pk: int) -> list[Moment]:
    """Return the change sets that confirmed values of an experiment without changing them."""
    rows = OriginChange.objects.filter(experiment=pk, value__isnull=False).order_by()
    found = rows.values_list("change_set__at", "change_set").distinct()
    return [
        Moment(at=at, number=number, row=pk, model=OriginChange, before=None)
        for at, number in found
    ]


def shown_versions(moments: Sequence[Moment], own: type[Model]) -> list[ShownVersion]:
    """Return these versions with their changes; two queries per model, and one per name."""
    confirmed = [moment for moment in moments if moment.model is OriginChange]
    records: Records = _records([moment for moment in moments if moment.model is not OriginChange])
    if confirmed:
        found = confirmations_in(confirmed[0].row, [moment.number for moment in confirmed])
        records |= {(OriginChange, number): confirmation for number, confirmation in found.items()}
    names = Names()
    return [_shown(moment, records, names, own) for moment in moments]


def _records(moments: Sequence[Moment]) -> Records:
    wanted: dict[type[Model], set[int]] = {}
    for moment in moments:
        numbers = {moment.number} if moment.before is None else {moment.number, moment.before}
        wanted.setdefault(moment.model, set()).update(numbers)
    found: Records = {}
    for model, numbers in wanted.items():
        history: Any = model.history  # type: ignore[attr-defined]
        rows = history.select_related("history_user").filter(history_id__in=numbers)
        found |= {(model, record.history_id): record for record in rows}
    return found


def _shown(moment: Moment, records: Records, names: Names, own: type[Model]) -> ShownVersion:
    record = records[moment.model, moment.number]
    if isinstance(record, Confirmation):
        return ShownVersion(record=record, part="", changes=record.changes, address="")
    before = records.get((moment.model, moment.before)) if moment.before is not None else None
    is_part = moment.model is not own
    changes: list[Difference] = []
    if record.history_type == "~" and before is not None:
        changes = differences(record, before, names)
    elif is_part and record.history_type == "+":
        changes = all_values(record, names)
    return ShownVersion(
        record=record,
        part=part_name(record) if is_part else "",
        changes=tuple(changes),
        address=_address(moment),
    )


def part_name(record: Any) -> str:
    """Return the kind and the name of a part, without the name of the page's own row."""
    row = record.instance
    kind = str(capfirst(row._meta.verbose_name))
    if hasattr(row, "get_type_display"):
        return f"{kind} {row.get_type_display()}"
    own = [str(getattr(row, name)) for name in ("region", "plant", "name") if hasattr(row, name)]
    return " · ".join([kind, *(word for word in own if word)])


def _address(moment: Moment) -> str:
    """Return the URL of a version; '' for rows without a page of their own."""
    opts = moment.model._meta
    try:
        name = f"admin:{opts.app_label}_{opts.model_name}_simple_history"
        return reverse(name, args=[moment.row, moment.number])
    except NoReverseMatch:
        return ""
