"""Write the portal's side of a merge: rows, what both sides agree on, and the open questions.

What is written is an intent, stored before the file was: plain data, so that a later process can
carry it out. A field is written only where the row still says what the merge saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.changes import change_sets
from registry_app.changes.apply import write_plan
from registry_app.changes.archive import mark_archived, mark_restored
from registry_app.changes.plan import CustomerChange, ExperimentPlan, FieldChange, Plan, PlanAction
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.messages import plain
from registry_app.models import (
    Customer,
    EntryPoint,
    Experiment,
    Site,
    SyncedFile,
    SyncLink,
    SyncQuestion,
    VocabularyWord,
    Zone,
)
from registry_app.sync.archived import Archived
from registry_app.sync.identity import CUSTOMER, NEW_IN_PORTAL
from registry_app.sync.objects import WHOLE, Merged, Object, Objects, Question
from registry_app.sync.sides import portal_objects
from registry_app.sync.waiting import with_ids
from registry_app.sync.wanted import same_field
from registry_app.texts.sync import ARCHIVED_HERE, DELETED_IN_FILE, DOES_NOT_FIT, SYNCED

Intent = dict[str, Any]
_Row = TypeVar("_Row", SyncLink, SyncQuestion)
_LINK_COLUMNS = ("experiment_id", "name", "path", "fields", "unknown")
_QUESTION_COLUMNS = ("name", "base", "in_file", "in_portal", "reason")
_TRACKED = (Customer, Site, Zone, Experiment, EntryPoint, VocabularyWord)


def intent_of(
    merged: Merged, customers: Merged, before: Objects, reasons: Mapping[tuple[str, str], str]
) -> Intent:
    """Return what is to be written, as plain data; `before` are the portal's objects."""
    known = {
        id_: {"fields": entry.fields, "unknown": sorted(entry.unknown)}
        for id_, entry in {**merged.known, **customers.known}.items()
    }
    questions = [
        {
            **asdict(question),
            "name": _name_of(question, merged),
            "reason": reasons.get((question.id, question.field)),
        }
        for question in (*merged.questions, *customers.questions)
    ]
    return {
        "before": before,
        "after": merged.portal,
        "link": {id_: [entry["name"], entry["path"]] for id_, entry in merged.file.items()},
        "known": known,
        "customers": customers.portal,
        "questions": questions,
    }


def carry_out(registry: SyncedFile, intent: Intent, *, by: AbstractBaseUser | None) -> bool:
    """Write an intent in one transaction and forget it; return whether rows changed."""
    with change_sets.change_set(ChangeOrigin.SYNC, by=by, summary=SYNCED()) as made:
        list(Experiment.everything.select_for_update().values_list("pk"))
        rows = _write_rows(registry, intent, by)
        ids = _write_links(registry, intent, rows)
        _write_questions(registry, intent, ids)
        registry.proposed_values = with_ids(intent.get("proposed_values") or {}, ids)
        registry.intent, registry.problem, registry.synced_at = None, None, timezone.now()
        registry.save()
        changed = any(model.history.filter(change_set=made).exists() for model in _TRACKED)
        if not changed:
            made.delete()
    return changed


def _write_rows(
    registry: SyncedFile, intent: Intent, by: AbstractBaseUser | None
) -> dict[str, int]:
    """Write experiments and customers; return the row of each id that has one."""
    before, after = intent["before"], intent["after"]
    rows = rows_of_ids(registry)
    now = portal_objects()
    _archive(
        [rows[id_] for id_ in before if id_ not in after and id_ in rows], now, before, rows, by
    )
    _restore({id_: entry for id_, entry in after.items() if id_ not in before}, rows)
    now = portal_objects()
    _rename(before, after, rows, now)
    now = portal_objects()
    plans = []
    for id_, entry in after.items():
        there = now.get(rows.get(id_, -1))
        if there is None and id_ in before:
            continue  # deleted meanwhile; the next sync sees it
        changed = _changed(before.get(id_, there or {}), entry, there)
        if there is None or changed:
            plans.append(_plan(entry["name"] if there is None else there["name"], changed, there))
    present = read_rows()
    plan = Plan(
        source=FieldSource.IMPORTED,
        experiments=tuple(plans),
        customers=_customer_changes(intent["customers"], present),
        warnings=(),
        rows_digest=present.digest,
        document_digest="",
    )
    write_plan(plan, present, by=by)
    by_name = dict(Experiment.objects.values_list("name", "pk"))
    for id_, entry in after.items():
        if id_ not in rows and entry["name"] in by_name:
            rows[id_] = by_name[entry["name"]]
    return rows


def rows_of_ids(registry: SyncedFile) -> dict[str, int]:
    """Return the experiment of each id of a merge that has one."""
    found = {
        str(pk): experiment
        for pk, experiment in registry.links.values_list("pk", "experiment")
        if experiment is not None
    }
    linked = set(found.values())
    for pk in Experiment.objects.values_list("pk", flat=True):
        if pk not in linked:
            found[f"{NEW_IN_PORTAL}{pk}"] = pk
    return found


def _archive(
    pks: list[int],
    now: Mapping[int, Object],
    before: Objects,
    rows: Mapping[str, int],
    by: AbstractBaseUser | None,
) -> None:
    """Archive experiments whose entries were deleted, unless they changed meanwhile."""
    seen = {rows[id_]: entry for id_, entry in before.items() if id_ in rows}
    same = [pk for pk in pks if now.get(pk) == seen[pk]]
    if same:
        found = list(Experiment.objects.filter(pk__in=same))
        mark_archived(found, reason=DELETED_IN_FILE(), by=by)


def _restore(new: Objects, rows: dict[str, int]) -> None:
    """Restore the archived experiments of new entries, where their entries are by now."""
    if not new:
        return
    archived, restored, paths = Archived(), [], {}
    for id_, entry in new.items():
        row = archived.take(rows[id_]) if id_ in rows else archived.like(entry)
        if row is not None:
            rows[id_], paths[row.pk] = row.pk, entry["path"]
            restored.append(row)
    if restored:
        mark_restored(restored, paths=paths)


def _rename(
    before: Objects, after: Objects, rows: Mapping[str, int], now: Mapping[int, Object]
) -> None:
    """Give experiments their new names, all at once: names can be swapped."""
    new = {
        rows[id_]: entry["name"]
        for id_, entry in after.items()
        if id_ in rows
        and rows[id_] in now
        and now[rows[id_]]["name"] != entry["name"]
        and now[rows[id_]]["name"] == before.get(id_, now[rows[id_]])["name"]
    }
    found = list(Experiment.objects.filter(pk__in=new))
    for row in found:
        # No name that a person may give: it has a control character.
        Experiment.objects.filter(pk=row.pk).update(name=f"\x1f{row.pk}")
    for row in found:
        row.name = new[row.pk]
    change_sets.update(found, ["name"])


def _changed(seen: Object, wanted: Object, there: Object | None) -> Object:
    """Return the fields to write: those that the merge changed, and that have not changed since."""
    if there is None:
        return wanted
    return {
        name: wanted.get(name)
        for name in {**seen, **wanted}
        if name != "name"
        and not same_field(name, seen.get(name), wanted.get(name))
        and same_field(name, there.get(name), seen.get(name))
    }


def _plan(name: str, changed: Object, there: Object | None) -> ExperimentPlan:
    """Return the changes of one experiment; a field without a value is cleared."""
    old = there or {}
    return ExperimentPlan(
        name=name,
        action=PlanAction.CREATE if there is None else PlanAction.UPDATE,
        changes=tuple(
            FieldChange(field=field, old=old.get(field), new=value)
            for field, value in changed.items()
            if field != "name"
        ),
    )


def _customer_changes(
    wanted: Mapping[str, Object], rows: RegistryRows
) -> tuple[CustomerChange, ...]:
    found = []
    for customer in wanted.values():
        row = rows.customers.get(customer["name"], Customer(name=customer["name"]))
        for field, empty in (("display_name", ""), ("aliases", [])):
            old: Any = getattr(row, field)
            new: Any = customer.get(field) or empty
            if old != new:
                found.append(CustomerChange(name=row.name, field=field, old=old, new=new))
    return tuple(found)


def _write_links(registry: SyncedFile, intent: Intent, rows: Mapping[str, int]) -> dict[str, str]:
    """Store what both sides agree on, and what the file said last; return the new ids."""
    links = {str(row.pk): row for row in registry.links.all()}
    named = {f"{CUSTOMER}{row.name}": row for row in links.values() if row.is_customer}
    seen = _values(links.values(), _LINK_COLUMNS)
    stored: dict[str, SyncLink] = {}
    archived = None
    for id_, known in intent["known"].items():
        is_customer = id_.startswith(CUSTOMER)
        row = named.get(id_) if is_customer else links.get(id_)
        row = row or SyncLink(file=registry, is_customer=is_customer)
        if is_customer:
            row.name = id_.removeprefix(CUSTOMER)
        elif id_ in intent["link"]:
            row.name, row.path = intent["link"][id_]
        row.experiment_id = None if is_customer else rows.get(id_, row.experiment_id)
        row.fields, row.unknown = known["fields"], known["unknown"]
        if WHOLE in row.unknown and row.experiment_id is None:
            archived = archived or Archived()
            like = archived.like({"name": row.name, "path": row.path})
            row.experiment_id = like.pk if like is not None else None
        stored[id_] = row
    _store(list(stored.values()), seen, _LINK_COLUMNS)
    return {id_: id_ if id_.startswith(CUSTOMER) else str(row.pk) for id_, row in stored.items()}


def _write_questions(registry: SyncedFile, intent: Intent, ids: Mapping[str, str]) -> None:
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


def _name_of(question: Question, merged: Merged) -> str:
    known = merged.portal.get(question.id) or merged.file.get(question.id)
    return str(known["name"]) if known else question.id.removeprefix(CUSTOMER)
