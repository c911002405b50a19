"""Write the portal's side of a merge: rows, what both sides agree on, and the open questions.

What is written is an intent, stored before the file was: plain data, so that a later process can
carry it out. A field is written only where the row still says what the merge saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.changes import change_sets
from registry_app.changes.apply import write_plan
from registry_app.changes.archive import mark_archived, mark_restored
from registry_app.changes.plan import (
    CustomerChange,
    ExperimentPlan,
    FieldChange,
    Plan,
    PlanAction,
    WordChange,
)
from registry_app.choices import ChangeOrigin, FieldSource
from registry_app.fields.rows import RegistryRows, read_rows
from registry_app.fields.vocabulary import words_of_rows
from registry_app.models import (
    Customer,
    EntryPoint,
    Experiment,
    Site,
    SyncedFile,
    VocabularyWord,
    Zone,
)
from registry_app.sync.archived import Archived
from registry_app.sync.identity import CUSTOMER, NEW_IN_PORTAL, WORD
from registry_app.sync.objects import Merged, Object, Objects, Question
from registry_app.sync.remembered import store_links, store_questions
from registry_app.sync.sides import portal_objects
from registry_app.sync.vocabulary import document_of as word_of
from registry_app.sync.vocabulary import is_word, shown_name, words_among
from registry_app.sync.waiting import with_ids
from registry_app.sync.wanted import same_field
from registry_app.texts.sync import DELETED_IN_FILE, SYNCED

Intent = dict[str, Any]
_TRACKED = (Customer, Site, Zone, Experiment, EntryPoint, VocabularyWord)


def intent_of(
    merged: Merged,
    sections: Merged,
    before: tuple[Objects, Objects],
    reasons: Mapping[tuple[str, str], str],
) -> Intent:
    """Return what is to be written, as plain data.

    `sections` are the customers and the vocabulary; `before` are the portal's experiments, and
    those of its sections.
    """
    known = {
        id_: {"fields": entry.fields, "unknown": sorted(entry.unknown)}
        for id_, entry in {**merged.known, **sections.known}.items()
    }
    questions = [
        {
            **asdict(question),
            "name": _name_of(question, merged),
            "reason": reasons.get((question.id, question.field)),
        }
        for question in (*merged.questions, *sections.questions)
    ]
    experiments_before, sections_before = before
    customers = {id_: entry for id_, entry in sections.portal.items() if id_.startswith(CUSTOMER)}
    return {
        "before": experiments_before,
        "after": merged.portal,
        "link": {id_: [entry["name"], entry["path"]] for id_, entry in merged.file.items()},
        "known": known,
        "customers": customers,
        "words": {
            "before": words_among(sections_before),
            "after": words_among(sections.portal),
        },
        "questions": questions,
    }


def carry_out(registry: SyncedFile, intent: Intent, *, by: AbstractBaseUser | None) -> bool:
    """Write an intent in one transaction and forget it; return whether rows changed."""
    with change_sets.change_set(ChangeOrigin.SYNC, by=by, summary=SYNCED()) as made:
        list(Experiment.everything.select_for_update().values_list("pk"))
        rows = _write_rows(registry, intent, by)
        ids = store_links(registry, intent, rows)
        store_questions(registry, intent, ids)
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
    """Write experiments, customers and words; return the row of each id that has one."""
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
        # An intent of the former version has none.
        words=_word_changes(**intent.get("words", {"before": {}, "after": {}})),
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


def _word_changes(before: Objects, after: Objects) -> tuple[WordChange, ...]:
    """Return the changes of words; one that changed meanwhile is left to the next sync."""
    rows = words_of_rows() if before != after else {}
    found = []
    for id_ in {**before, **after}:
        seen, wanted = (
            word_of(id_, side[id_]) if id_ in side else None for side in (before, after)
        )
        word = id_.removeprefix(WORD)
        if wanted != seen and rows.get(word) == seen:
            found.append(WordChange(word=word, old=seen, new=wanted))
    return tuple(found)


def _name_of(question: Question, merged: Merged) -> str:
    if is_word(question.id):
        return shown_name(question.id.removeprefix(WORD))
    known = merged.portal.get(question.id) or merged.file.get(question.id)
    return str(known["name"]) if known else question.id.removeprefix(CUSTOMER)
