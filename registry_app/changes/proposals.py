"""Store the guesses that a scan did not write as proposals, at most one open per field.

A rejected guess is remembered, and not proposed again for that field; a different guess is. A
newer guess supersedes a proposal, and it is closed once the field has the same value.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from registry_app.changes.directories import KnownDirectory
from registry_app.changes.plan import FieldChange, Plan, PlanAction
from registry_app.changes.renames import FoundAgain
from registry_app.choices import ProposalStatus
from registry_app.document.model import Evidence
from registry_app.exceptions import PathRefusedError
from registry_app.fields.names import fields_of_row, same
from registry_app.fields.rows import with_fields
from registry_app.files.core_scripts import is_core
from registry_app.files.paths import resolve_directory
from registry_app.messages import to_rows
from registry_app.models import Experiment, Proposal

Key = tuple[int, str]
_BATCH = 200
_CLOSED = ["status", "closed_at"]
_CONFIRMED = ["held", "confidence", "evidence", "reasons"]


@dataclass(frozen=True, kw_only=True)
class Guess:
    """The value that a scan would write into a field whose value is `held`."""

    held: Any
    value: Any
    evidence: Evidence | None


def renew(plan: Plan, *, found_again: Sequence[FoundAgain], known: Sequence[KnownDirectory]) -> int:
    """Update the proposals from a scan; return how many are new.

    Experiments outside of the scan keep theirs. Two reads, at most three writes.
    """
    pks = dict(Experiment.objects.values_list("name", "pk"))
    guesses = _guesses(plan, found_again, pks)
    spoken_of = {
        pks[experiment.name]
        for experiment in plan.experiments
        if experiment.action is not PlanAction.MISSING
    } | {renamed.pk for renamed in found_again}
    there = {directory.pk for directory in known if directory.is_there}
    open_rows: dict[Key, Proposal] = {}
    rejected: dict[Key, list[Any]] = {}
    rows = Proposal.objects.filter(status__in=(ProposalStatus.OPEN, ProposalStatus.REJECTED))
    for row in rows:
        if row.status == ProposalStatus.OPEN:
            open_rows[row.experiment_id, row.field] = row
        else:
            rejected.setdefault((row.experiment_id, row.field), []).append(row.value)
    wanted = {
        key: guess
        for key, guess in guesses.items()
        if not any(same(value, guess.value) for value in rejected.get(key, ()))
    }
    closed, confirmed = [], []
    for key, row in open_rows.items():
        guess = wanted.get(key)
        if guess is not None and same(guess.value, row.value):
            confirmed += [row] if _confirm(row, guess) else []
        elif guess is not None:
            closed.append(_closed(row, ProposalStatus.SUPERSEDED))
        elif row.experiment_id in spoken_of or _is_idle(row, there):
            closed.append(_closed(row, ProposalStatus.WITHDRAWN))
    Proposal.objects.bulk_update(closed, _CLOSED, batch_size=_BATCH)
    Proposal.objects.bulk_update(confirmed, _CONFIRMED, batch_size=_BATCH)
    kept = {key for key, row in open_rows.items() if row.status == ProposalStatus.OPEN}
    new = [_row(key, guess) for key, guess in wanted.items() if key not in kept]
    Proposal.objects.bulk_create(new, batch_size=_BATCH)
    return len(new)


def settle(pks: Iterable[int]) -> None:
    """Close proposals whose value the fields have by now; call it after the fields were written."""
    # All open ones, because a database limits the number of parameters in a query.
    touched = set(pks)
    rows = [row for row in Proposal.objects.open() if row.experiment_id in touched]
    if not rows:
        return
    fields = present_fields({row.experiment_id for row in rows})
    met = [row for row in rows if same(fields[row.experiment_id].get(row.field), row.value)]
    closed = [_closed(row, ProposalStatus.WITHDRAWN) for row in met]
    Proposal.objects.bulk_update(closed, _CLOSED, batch_size=_BATCH)


def present_fields(pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the present values of these experiments, by dotted field; two queries."""
    rows = with_fields(Experiment.objects.filter(pk__in=set(pks)))
    return {row.pk: fields_of_row(row) for row in rows}


def _guesses(
    plan: Plan, found_again: Sequence[FoundAgain], pks: Mapping[str, int]
) -> dict[Key, Guess]:
    found = {
        (pks[experiment.name], change.field): Guess(
            held=change.old, value=change.new, evidence=experiment.evidence.get(change.field)
        )
        for experiment in plan.experiments
        for change in experiment.kept
        if not _runs_trainer(change)
    }
    if found_again:
        paths = dict(Experiment.objects.values_list("pk", "path"))
        found |= {
            (renamed.pk, "path"): Guess(
                held=paths[renamed.pk], value=renamed.path, evidence=renamed.evidence
            )
            for renamed in found_again
        }
    return found


def _runs_trainer(change: FieldChange) -> bool:
    """Whether a default is a trainer of the core repository; the script it replaced is no news.

    A scan only knows the scripts of the directory, and would propose the old one for ever.
    """
    return isinstance(change.old, str) and is_core(change.old)


def _is_idle(row: Proposal, there: set[int]) -> bool:
    """Whether a proposal of a new path is moot because the directory does not exist."""
    if row.field != "path":
        return False
    if row.experiment_id in there:
        return True
    try:
        return not os.path.isdir(resolve_directory(str(row.value), settings.GUARDIANFLOW_ROOTS))
    except PathRefusedError:
        return True


def _confirm(row: Proposal, guess: Guess) -> bool:
    """Update a proposal with the scan's present data; return whether it changed."""
    before = [getattr(row, name) for name in _CONFIRMED]
    _fill(row, guess)
    return before != [getattr(row, name) for name in _CONFIRMED]


def _row(key: Key, guess: Guess) -> Proposal:
    row = Proposal(experiment_id=key[0], field=key[1], value=guess.value)
    _fill(row, guess)
    return row


def _fill(row: Proposal, guess: Guess) -> None:
    why = guess.evidence
    row.held = guess.held
    row.confidence = str(why.confidence) if why else ""
    row.evidence = why.source[:500] if why else ""
    row.reasons = to_rows(why.reason) if why else []


def _closed(row: Proposal, status: ProposalStatus) -> Proposal:
    row.status = status
    row.closed_at = timezone.now()
    return row
