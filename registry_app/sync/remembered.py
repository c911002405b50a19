"""What a sync remembers: what both sides agree on, and the open questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from registry_app.changes import change_sets
from registry_app.messages import plain
from registry_app.models import SyncedFile, SyncLink, SyncQuestion
from registry_app.sync.archived import Archived
from registry_app.sync.identity import CUSTOMER, WORD
from registry_app.sync.objects import WHOLE
from registry_app.texts.sync import ARCHIVED_HERE, DOES_NOT_FIT

Intent = dict[str, Any]
_Row = TypeVar("_Row", SyncLink, SyncQuestion)
_LINK_COLUMNS = ("experiment_id", "name", "path", "fields", "unknown")
_QUESTION_COLUMNS = ("name", "base", "in_file", "in_portal", "reason")


def store_links(registry: SyncedFile, intent: Intent, rows: Mapping[str, int]) -> dict[str, str]:
    """Store what both sides agree on, and what the file said last; return the new ids."""
    links = {str(row.pk): row for row in registry.links.all()}
    named = {f"{CUSTOMER}{row.name}": row for row in links.values() if row.is_customer}
    named |= {f"{WORD}{row.name}": row for row in links.values() if row.is_word}
    seen = _values(links.values(), _LINK_COLUMNS)
    stored: dict[str, SyncLink] = {}
    archived = None
    for id_, known in intent["known"].items():
        is_named = _is_named(id_)
        row = named.get(id_) if is_named else links.get(id_)
        row = row or SyncLink(
            file=registry, is_customer=id_.startswith(CUSTOMER), is_word=id_.startswith(WORD)
        )
        if is_named:
            row.name = id_.partition(":")[2]
        elif id_ in intent["link"]:
            row.name, row.path = intent["link"][id_]
        row.experiment_id = None if is_named else rows.get(id_, row.experiment_id)
        row.fields, row.unknown = known["fields"], known["unknown"]
        if WHOLE in row.unknown and row.experiment_id is None:
            archived = archived or Archived()
            like = archived.like({"name": row.name, "path": row.path})
            row.experiment_id = like.pk if like is not None else None
        stored[id_] = row
    _store(list(stored.values()), seen, _LINK_COLUMNS)
    return {id_: id_ if _is_named(id_) else str(row.pk) for id_, row in stored.items()}


def _is_named(id_: str) -> bool:
    """Whether an id is the name itself: of a customer, or of a word."""
    return id_.startswith((CUSTOMER, WORD))


def store_questions(registry: SyncedFile, intent: Intent, ids: Mapping[str, str]) -> None:
    """Store the open questions; one that stays open keeps its number."""
    there = {(row.key, row.field): row for row in registry.questions.all()}
    seen = _values(there.values(), _QUESTION_COLUMNS)
    stored = []
    for question in intent["questions"]:
        key = ids.get(question["id"], question["id"])
        row = there.get((key, question["field"])) or SyncQuestion(
            file=registry, key=key, field=question["field"]
        )
        row.name, row.base = question["name"], question["base"]
        row.in_file, row.in_portal = question["file"], question["portal"]
        row.reason = DOES_NOT_FIT() if question["collides"] else None
        if WHOLE in intent["known"].get(question["id"], {"unknown": []})["unknown"]:
            row.reason = ARCHIVED_HERE()
        if question["reason"]:
            row.reason = plain(question["reason"])
        stored.append(row)
    _store(stored, seen, _QUESTION_COLUMNS)


def _values(rows: Iterable[_Row], columns: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """Return the values of stored rows by their keys."""
    return {row.pk: tuple(getattr(row, column) for column in columns) for row in rows}


def _store(
    rows: Sequence[_Row], seen: Mapping[int, tuple[Any, ...]], columns: Sequence[str]
) -> None:
    """Make these the rows of a file: a few statements, and none for unchanged rows.

    `seen` are the values of the rows that are stored.
    """
    if not rows and not seen:
        return
    model: Any = SyncLink if columns is _LINK_COLUMNS else SyncQuestion
    now = _values([row for row in rows if row.pk is not None], columns)
    gone = [pk for pk in seen if pk not in now]
    for first in range(0, len(gone), change_sets.PKS_AT_ONCE):
        model.objects.filter(pk__in=gone[first : first + change_sets.PKS_AT_ONCE]).delete()
    at_once = change_sets.ROWS_AT_ONCE
    changed = [row for row in rows if row.pk is not None and now[row.pk] != seen[row.pk]]
    model.objects.bulk_update(changed, columns, batch_size=at_once)
    model.objects.bulk_create([row for row in rows if row.pk is None], batch_size=at_once)
