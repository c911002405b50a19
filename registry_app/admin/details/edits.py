"""Edits of a row and of the rows on its form, as events of its timeline, one per change set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Model, OuterRef, Subquery
from django.db.models.functions import Coalesce

from registry_app.admin.details.events import Event, Part, Source
from registry_app.admin.history_pages.confirmations import Confirmation, confirmations_before
from registry_app.admin.history_pages.timeline import part_name
from registry_app.admin.history_pages.values import Difference, Names, all_values, differences
from registry_app.admin.stale import Part as Inner
from registry_app.choices import ChangeOrigin
from registry_app.models import ChangeSet, EntryPoint, Experiment
from registry_app.reading import message_text
from registry_app.texts.changes import UNDONE, UNDONE_OF

# So many versions of entry points, and confirmed values, are read for one entry of the timeline.
_OF_PARTS = 3

Key = tuple[type[Any], int]


def edits_of(model: type[Model], pk: int, parts: Sequence[Inner]) -> Source:
    """Return the source of the edits of a row, and of its parts, such as its entry points."""

    def source(before: datetime | None, most: int) -> Part:
        own = _records(model, {"id": pk}, before, most + 1)
        limits = [_since(own, most)]
        inner: list[Any] = []
        for part, column in parts:
            records = _records(part, {column: pk}, before, _OF_PARTS * most + 1)
            limits.append(_since(records, _OF_PARTS * most))
            inner += records
        confirmed: list[Confirmation] = []
        if model is Experiment:
            confirmed, since = confirmations_before(pk, before, _OF_PARTS * most)
            limits.append(since)
        since = max((limit for limit in limits if limit is not None), default=None)
        records = [record for record in (*own, *inner) if since is None or record.moment > since]
        earlier = _earlier(records, [*own, *inner])
        events = _events(records, earlier, confirmed, model)
        return Part(
            events=[event for event in events if since is None or event.at > since], since=since
        )

    return source


def _since(records: Sequence[Any], most: int) -> datetime | None:
    """Return the moment since which versions are complete, None if nothing was skipped."""
    found: datetime | None = records[-1].moment if len(records) > most else None
    return found


def _records(
    model: type[Model], which: dict[str, Any], before: datetime | None, most: int
) -> list[Any]:
    """Return the newest versions, each with the number of the one before it; one query."""
    history: Any = model.history  # type: ignore[attr-defined]
    earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    rows = history.filter(**which).select_related("change_set__by", "history_user")
    rows = rows.annotate(
        moment=Coalesce("change_set__at", "history_date"),
        before=Subquery(earlier.order_by("-history_id").values("history_id")[:1]),
    )
    if before is not None:
        rows = rows.filter(moment__lt=before)
    return list(rows.order_by("-moment", "-history_id")[:most])


def _events(
    records: Sequence[Any],
    earlier: Mapping[Key, Any],
    confirmed: Sequence[Confirmation],
    own: type[Model],
) -> list[Event]:
    pairs = [(record, earlier.get((type(record), record.before))) for record in records]
    names = Names()
    names.learn(
        (record, before)
        for record, before in pairs
        if record.history_type == "~" and before is not None
    )
    events: dict[Any, Event] = {}
    for record, before in sorted(pairs, key=lambda pair: pair[0].history_id):
        key = record.change_set_id or (type(record), record.history_id)
        event = events.get(key) or _blank(record)
        changes = _changes(record, before, names, own)
        events[key] = replace(event, changes=(*event.changes, *changes))
    for confirmation in confirmed:
        event = events.get(confirmation.change_set_id) or _of_change_set(
            confirmation.change_set, confirmation.verb
        )
        events[confirmation.change_set_id] = replace(
            event, changes=(*event.changes, *confirmation.changes)
        )
    return list(events.values())


def _earlier(records: Sequence[Any], fetched: Sequence[Any]) -> dict[Key, Any]:
    """Return the versions before these; one query per model whose versions are not all here."""
    found: dict[Key, Any] = {(type(record), record.history_id): record for record in fetched}
    wanted: dict[type[Any], set[int]] = {}
    for record in records:
        if record.before is not None and (type(record), record.before) not in found:
            wanted.setdefault(type(record), set()).add(record.before)
    for model, numbers in wanted.items():
        rows = model.objects.filter(history_id__in=numbers)
        found |= {(model, row.history_id): row for row in rows}
    return found


def _blank(record: Any) -> Event:
    verb = str(record.get_history_type_display())
    if record.change_set is not None:
        return _of_change_set(record.change_set, verb)
    return Event(
        at=record.moment, kind=ChangeOrigin.ADMIN, title=verb, by=str(record.history_user or "")
    )


def _of_change_set(made: ChangeSet, verb: str) -> Event:
    is_edit = made.origin == ChangeOrigin.ADMIN
    title = verb if is_edit else str(made.get_origin_display())
    if made.summary is not None and made.summary.code in {UNDONE.code, UNDONE_OF.code}:
        title = message_text(made.summary)
    return Event(
        at=made.at,
        kind=made.origin,
        title=title,
        by=str(made.by or ""),
        change_set=made,
        is_alone=is_edit,
    )


def _changes(record: Any, before: Any, names: Names, own: type[Model]) -> Iterable[Difference]:
    """Return what a version changed; a part is named in each label."""
    row = record.instance
    found: list[Difference] = []
    if record.history_type == "~" and before is not None:
        found = differences(record, before, names)
    elif record.history_type == "+" and isinstance(row, EntryPoint):
        found = all_values(record, names)
    if type(row) is own:
        return found
    name = row.get_type_display() if isinstance(row, EntryPoint) else part_name(record)
    if not found:
        verb = str(record.get_history_type_display())
        return [Difference(label=name, old="", new=verb, stays=True)]
    return [replace(change, label=f"{name} · {change.label}") for change in found]
