"""Sync a registry file with the portal: merge, write the file, then write the rows.

1. What an interrupted sync was about to write is carried out if the file has it, else dropped.
2. Both sides are read and merged. An invalid or missing file changes nothing.
3. The intent is stored; then the file is compared again and replaced; then the rows are written.

Written the other way round, a crash in between would let an older value overwrite a newer one, or
ask about unchanged values.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from registry_app.exceptions import RegistryFileError
from registry_app.files import interpreter_check
from registry_app.messages import in_a_row
from registry_app.models import SyncedFile
from registry_app.sync.authors import Person, authors_of
from registry_app.sync.chosen import chosen_place, place_name
from registry_app.sync.content import NewFile, new_file
from registry_app.sync.errors import SyncError
from registry_app.sync.merge import Answer, Key, Merged, Side, merge
from registry_app.sync.place import Content, Place, Put
from registry_app.sync.sides import Sides, place_text, read_customers, read_file, read_sides
from registry_app.sync.waiting import without_file_changes
from registry_app.sync.wanted import same_field
from registry_app.sync.write import Intent, carry_out, intent_of, rows_of_ids
from registry_app.texts import sync as texts

logger = logging.getLogger(__name__)

ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a sync did, or would do: whether it changes the file and the portal."""

    file_changed: bool
    portal_changed: bool
    questions: int
    # The portal's changes wait on another branch, for the file's own takes no pushes.
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The plan that follows from the current state of both sides."""

    new: NewFile
    sides: Sides
    customers: Sides
    merged: Merged
    merged_customers: Merged

    @property
    def open_keys(self) -> set[Key]:
        both = (*self.merged.questions, *self.merged_customers.questions)
        return {(entry.id, entry.field) for entry in both}

    @property
    def portal_changes(self) -> bool:
        return (self.merged.portal, self.merged_customers.portal) != (
            self.sides.portal,
            self.customers.portal,
        )


class _Job(NamedTuple):
    """Which file is synced, where it is, and who requested it."""

    registry: SyncedFile
    place: Place
    by: AbstractBaseUser | None


def sync(
    *,
    by: AbstractBaseUser | None = None,
    answers: Mapping[int, tuple[Side, Any]] | None = None,
    is_dry: bool = False,
) -> Report:
    """Sync the registry file with the portal; return what happened.

    The file is that of the core repository if GUARDIANFLOW_CORE_URL is set, else
    GUARDIANFLOW_REGISTRY. `answers` are by the number of the question. `is_dry`: write nothing.
    Raises SyncError if the file is gone or invalid, its remote out of reach, or if an answer does
    not fit; then neither side is changed.
    """
    with _lock():
        registry, _made = SyncedFile.objects.get_or_create(path=place_name())
        try:
            return _synced(registry, chosen_place(), by, answers or {}, is_dry=is_dry)
        except SyncError as error:
            if not answers and not is_dry:
                registry.problem = error.message
                registry.save(update_fields=["problem"])
            raise


def _synced(
    registry: SyncedFile,
    place: Place,
    by: AbstractBaseUser | None,
    numbered: Mapping[int, tuple[Side, Any]],
    *,
    is_dry: bool,
) -> Report:
    place.open()
    if not is_dry:
        place.keep()
    if registry.intent is not None and not is_dry:
        _recover(registry, registry.intent, place)
    for _attempt in range(ATTEMPTS):
        content = place.read(registry)
        answers = _answers(registry, numbered)
        plan = _planned(registry, content, place, answers)
        _refuse_unused(plan, answers)
        report = Report(
            file_changed=plan.new.data != content.data,
            portal_changed=plan.portal_changes,
            questions=len(plan.open_keys),
        )
        if is_dry:
            return report
        written = _written(_Job(registry, place, by), content, plan, report)
        if written is not None:
            logger.info("synced file=%s questions=%s", place.name, report.questions)
            return written
    raise SyncError(texts.KEEPS_CHANGING(file=place.name))


def _written(job: _Job, content: Content, plan: _Plan, report: Report) -> Report | None:
    """Write the file, then the rows; None if the file has changed since it was read."""
    registry, place, by = job
    merged = plan.merged, plan.merged_customers
    intent = intent_of(*merged, plan.sides.portal, _reasons(plan))
    registry.remark = place.remark(registry, content)
    registry.commit = content.commit
    if report.file_changed:
        prepared = place.prepare(content, plan.new.data, partial(_authors, plan, registry))
        registry.intent = {**intent, **prepared.mark}
        registry.save(update_fields=["intent"])
        outcome = place.put(registry, content, prepared)
        if outcome.put is Put.CHANGED:
            return None
        registry.remark = outcome.remark or registry.remark
        if outcome.put is Put.WAITS:
            registry.proposed = outcome.proposed
            there = _only_from_file(plan)
            intent = intent_of(*there, plan.sides.portal, _reasons(plan))
            report = replace(report, waits=True)
        else:
            registry.commit = prepared.mark.get("commit", "")
    if not report.waits:
        place.withdraw(registry)
        registry.proposed = ""
    carry_out(registry, intent, by=by)
    return report


def _only_from_file(plan: _Plan) -> tuple[Merged, Merged]:
    """Return the merges without what they would change in the file."""
    return (
        without_file_changes(plan.merged, plan.sides.file),
        without_file_changes(plan.merged_customers, plan.customers.file),
    )


def _authors(plan: _Plan, registry: SyncedFile) -> list[Person]:
    """Return who edited what the file is about to get from the portal."""
    changed = {
        id_
        for id_ in {*plan.merged.file, *plan.sides.file}
        if plan.merged.file.get(id_) != plan.sides.file.get(id_)
    }
    rows = rows_of_ids(registry)
    return authors_of({rows[id_] for id_ in changed if id_ in rows}, registry.synced_at)


def _recover(registry: SyncedFile, intent: Intent, place: Place) -> None:
    """Carry out what an interrupted sync was about to write, if the file has it."""
    if place.has(intent):
        carry_out(registry, intent, by=None)
    else:
        registry.intent = None
        registry.save(update_fields=["intent"])


def _planned(
    registry: SyncedFile, content: Content, place: Place, answers: Mapping[Key, Answer]
) -> _Plan:
    try:
        file = read_file(content.data)
    except RegistryFileError as error:
        text = texts.FILE_INVALID(file=place.whose(content), problems=error.message)
        raise SyncError(text) from error
    sides, customers = read_sides(registry, file), read_customers(registry, file)
    refused: dict[Key, Any] = {}
    while True:
        held = set(refused)
        merged = merge(
            sides.known,
            sides.file,
            sides.portal,
            answers=answers,
            weak=sides.weak,
            held=held,
            place_of=place_text,
        )
        merged_customers = merge(
            customers.known, customers.file, customers.portal, answers=answers, held=held
        )
        new = new_file(file, sides, merged, merged_customers)
        if not set(new.refused) - held:
            break
        refused |= new.refused
    _refuse_interpreters(sides, merged)
    return _Plan(
        new=NewFile(data=new.data, refused=refused),
        sides=sides,
        customers=customers,
        merged=merged,
        merged_customers=merged_customers,
    )


def _refuse_interpreters(sides: Sides, merged: Merged) -> None:
    """Refuse interpreters that are not listed: a file may come from those who may not run."""
    written = {
        entry["name"]: {
            name: value
            for name, value in entry.items()
            if not same_field(name, sides.portal.get(id_, {}).get(name), value)
        }
        for id_, entry in merged.portal.items()
    }
    paths = {entry["name"]: entry["path"] for entry in merged.portal.values()}
    found = list(interpreter_check.plan_problems(written, paths, anywhere=False))
    if found:
        raise SyncError(in_a_row(message.at(f"{name}.{field}") for name, field, message in found))


def _answers(registry: SyncedFile, numbered: Mapping[int, tuple[Side, Any]]) -> dict[Key, Answer]:
    rows = registry.questions.in_bulk(list(numbered))
    for number in numbered:
        if number not in rows:
            raise SyncError(texts.NO_SUCH_QUESTION(number=number))
    found = {}
    for number, (side, value) in numbered.items():
        row = rows[number]
        if side is Side.VALUE and row.field == "*":
            raise SyncError(texts.NO_VALUE_FOR_WHOLE(question=str(row)))
        found[row.key, row.field] = Answer(
            side=side, file=row.in_file, portal=row.in_portal, value=value
        )
    return found


def _refuse_unused(plan: _Plan, answers: Mapping[Key, Answer]) -> None:
    """Refuse answers that were not used: the question is open still, or its values changed."""
    both = (*plan.merged.questions, *plan.merged_customers.questions)
    for entry in both:
        answer = answers.get((entry.id, entry.field))
        if answer is None:
            continue
        is_late = (answer.file, answer.portal) != (entry.file, entry.portal)
        text = texts.ANSWER_LATE if is_late else texts.ANSWER_REFUSED
        names = plan.merged.portal.get(entry.id) or plan.merged.file.get(entry.id) or {}
        raise SyncError(text(question=f"{names.get('name', entry.id)}: {entry.field}"))


def _reasons(plan: _Plan) -> dict[Key, str]:
    return {
        key: f"line {entry.line}: {entry.reason}" if entry.line else str(entry.reason)
        for key, entry in plan.new.refused.items()
    }


@contextmanager
def _lock() -> Iterator[None]:
    """Let one sync of this data directory run at a time."""
    home = Path(settings.GUARDIANFLOW_HOME)
    home.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home / "sync.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
