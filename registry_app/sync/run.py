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
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from registry_app.models import SyncedFile
from registry_app.sync.authors import Edit, Editors, editors_of, people
from registry_app.sync.chosen import chosen_place, place_name
from registry_app.sync.errors import SyncError
from registry_app.sync.objects import WHOLE, Answer, Key, Side
from registry_app.sync.place import Content, Place, Prepared, Put
from registry_app.sync.planned import Plan, planned
from registry_app.sync.waiting import earlier_editors, with_values
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


class _Job(NamedTuple):
    """Which file is synced, where it is, who requested it, and which answers came with that."""

    registry: SyncedFile
    place: Place
    by: AbstractBaseUser | None
    answers: Mapping[Key, Answer]


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
            place = chosen_place()
            place.open()
            with _without_writing() if is_dry and registry.intent else nullcontext():
                return _synced(registry, place, by, answers or {}, is_dry=is_dry)
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
    if not is_dry:
        place.keep()
    has_recovered = False
    if registry.intent is not None:
        has_recovered = _recover(registry, registry.intent, place)
    for _attempt in range(ATTEMPTS):
        content = place.read(registry)
        answers = _answers(registry, numbered)
        plan = planned(registry, content, place, answers)
        _refuse_unused(plan, answers)
        report = Report(
            file_changed=plan.new.data != content.data,
            portal_changed=plan.portal_changes or has_recovered,
            questions=len(plan.open_keys),
        )
        if is_dry:
            return report
        written = _written(_Job(registry, place, by, answers), content, plan, report)
        if written is not None:
            logger.info("synced file=%s questions=%s", place.name, report.questions)
            return written
    raise SyncError(texts.KEEPS_CHANGING(file=place.name))


def _written(job: _Job, content: Content, plan: Plan, report: Report) -> Report | None:
    """Write the file, then the rows; None if the file has changed since it was read."""
    registry, place, _by, _answers = job
    before = (plan.sides.portal, plan.sections.portal)
    intent = intent_of(plan.merged, plan.merged_sections, before, plan.reasons)
    intent["proposed_values"] = plan.still_proposed(registry.proposed_values)
    registry.remark = place.remark(registry, content)
    registry.commit = content.commit
    if report.file_changed:
        editors = partial(_editors, job, plan)
        prepared = place.prepare(content, plan.new.data, lambda: people(editors()))
        registry.intent = {**intent, **prepared.mark}
        registry.save(update_fields=["intent"])
        outcome = place.put(registry, content, prepared)
        if outcome.put is Put.CHANGED:
            return None
        if outcome.put is Put.REFUSED:
            _propose(job, plan, prepared, outcome.reason, editors())
            return replace(report, waits=True)
        registry.commit = prepared.mark.get("commit", "")
    place.withdraw(registry)
    registry.proposed = ""
    carry_out(registry, intent, by=job.by)
    return report


def _propose(job: _Job, plan: Plan, prepared: Prepared, reason: str, editors: Editors) -> None:
    """Propose the new file to people, and write the rows without what it would change."""
    registry = job.registry
    kept = plan.still_proposed(registry.proposed_values)
    before = (plan.sides.portal, plan.sections.portal)
    intent = {
        **intent_of(*plan.only_from_file, before, plan.reasons),
        **prepared.mark,
        "is_proposal": True,
        "proposed_values": with_values(kept, plan.written, editors),
    }
    registry.intent = intent
    registry.save(update_fields=["intent"])
    proposal = job.place.propose(registry, prepared, reason)
    registry.remark = proposal.remark
    if proposal.commit:
        registry.proposed = proposal.commit
    else:
        intent["proposed_values"] = kept
    carry_out(registry, intent, by=job.by)


def _editors(job: _Job, plan: Plan) -> Editors:
    """Return who gave the file's new values; an answer is its answerer's."""
    written = plan.written
    found = editors_of(written, rows_of_ids(job.registry))
    found |= earlier_editors(job.registry.proposed_values, written)
    if job.by is not None:
        now = Edit(job.by.pk, timezone.now())
        found |= {
            (id_, name): now
            for id_, name in job.answers
            if id_ in written and (name in written[id_] or name == WHOLE)
        }
    return found


def _recover(registry: SyncedFile, intent: Intent, place: Place) -> bool:
    """Carry out what an interrupted sync was about to write, if the file has it.

    A proposal is carried out as well if it waits for people, or was merged meanwhile. Return
    whether rows changed.
    """
    is_proposal = "is_proposal" in intent
    if not place.has(intent) and not (is_proposal and place.is_proposed(intent)):
        registry.intent = None
        registry.save(update_fields=["intent"])
        return False
    if is_proposal:
        registry.proposed = intent["commit"]
    return carry_out(registry, intent, by=None)


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


def _refuse_unused(plan: Plan, answers: Mapping[Key, Answer]) -> None:
    """Refuse answers that were not used: the question is open still, or its values changed."""
    both = (*plan.merged.questions, *plan.merged_sections.questions)
    for entry in both:
        answer = answers.get((entry.id, entry.field))
        if answer is None:
            continue
        is_late = (answer.file, answer.portal) != (entry.file, entry.portal)
        text = texts.ANSWER_LATE if is_late else texts.ANSWER_REFUSED
        names = plan.merged.portal.get(entry.id) or plan.merged.file.get(entry.id) or {}
        raise SyncError(text(question=f"{names.get('name', entry.id)}: {entry.field}"))


@contextmanager
def _without_writing() -> Iterator[None]:
    """Take all rows back that are written inside: those of an interrupted sync."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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
