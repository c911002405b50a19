"""Answers to the guesses that a scan wrote as values: right, wrong, or another value.

A confirmed guess stays and counts as decided; a wrong one is cleared, and not proposed again; a
typed value replaces a guess or fills an empty field. All answers of one submission are one change
set that can be undone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from registry_app.changes import change_sets, origins
from registry_app.changes.answers import checked_values
from registry_app.changes.apply import write_experiment
from registry_app.changes.plan import ExperimentPlan, FieldChange, PlanAction
from registry_app.changes.proposals import settle
from registry_app.choices import ChangeOrigin, ConfirmedBy, FieldSource, ProposalStatus
from registry_app.document.model import Evidence
from registry_app.exceptions import RegistryError, StaleProposalError
from registry_app.fields import completeness, confirmation
from registry_app.fields.names import fields_of_row, is_empty, same
from registry_app.fields.rows import with_fields
from registry_app.files.interpreter_check import may_queue
from registry_app.messages import Message, from_rows
from registry_app.models import ChangeSet, Experiment, FieldProvenance, Proposal
from registry_app.texts import changes as texts

logger = logging.getLogger(__name__)

Key = tuple[int, str]


@dataclass(frozen=True, kw_only=True)
class GuessAnswer:
    """A user's answer for one field of an experiment, and what the page showed of it.

    `value` is the typed value; None confirms the guess, '' rejects it. `is_single`: the user looked
    at this value by itself, and did not answer several with one button.
    """

    experiment: int
    field: str
    seen: str
    value: Any = None
    is_single: bool = False

    @property
    def key(self) -> Key:
        return self.experiment, self.field


def seen_of(value: Any, origin: FieldProvenance | None) -> str:
    """Return a digest of what a page shows of a field: its value, and whether a scan guessed it."""
    is_guess = origin is not None and origin.source == FieldSource.SCANNED
    text = json.dumps([value, is_guess], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def origins_of_rows(pks: Iterable[int]) -> dict[Key, FieldProvenance]:
    """Return the origins of all fields of these experiments; one query."""
    rows = FieldProvenance.objects.filter(experiment__in=list(pks)).order_by()
    return {(row.experiment_id, row.field): row for row in rows}


def answer(answers: Sequence[GuessAnswer], *, by: AbstractBaseUser) -> ChangeSet:
    """Apply all answers as one change set.

    Raises StaleProposalError if a field changed or was decided since it was shown, and
    RegistryError for an invalid value. Then nothing is written.
    """
    if not answers:
        raise RegistryError(texts.CHOOSE_VALUE())
    with change_sets.change_set(ChangeOrigin.REVIEW, by=by) as made:
        # Other writers wait here, so that the comparison stays valid.
        list(Experiment.objects.select_for_update().values_list("pk"))
        pks = {answer.experiment for answer in answers}
        rows = {row.pk: row for row in with_fields(Experiment.objects.filter(pk__in=pks))}
        present = {pk: fields_of_row(row) for pk, row in rows.items()}
        known = origins_of_rows(pks)
        _refuse_stale(answers, rows, present, known)
        typed = _typed(answers, rows, present)
        written = _write(rows, present, typed)
        _decide(answers, written, present=present, known=known, typed=typed, by=by)
        _remember_wrong(answers, present, known, made)
        completeness.refresh_many(sorted(pks))
        settle(pks)
        made.summary = _summary(answers, rows)
        made.save(update_fields=["summary"])
    logger.info("guesses answered change_set=%s count=%s", made.pk, len(answers))
    return made


def _refuse_stale(
    answers: Sequence[GuessAnswer],
    rows: Mapping[int, Experiment],
    present: Mapping[int, Mapping[str, Any]],
    known: Mapping[Key, FieldProvenance],
) -> None:
    changed = [
        f"{rows[answer.experiment]}: {answer.field}" if answer.experiment in rows else answer.field
        for answer in answers
        if answer.experiment not in rows
        or answer.seen
        != seen_of(present[answer.experiment].get(answer.field), known.get(answer.key))
    ]
    if changed:
        raise StaleProposalError(texts.CHANGED_SINCE_SHOWN(names=change_sets.listed(changed)))


def _typed(
    answers: Sequence[GuessAnswer],
    rows: Mapping[int, Experiment],
    present: Mapping[int, Mapping[str, Any]],
) -> dict[Key, Any]:
    """Return the typed value, validated like that of a registry file."""
    values = {
        (rows[answer.experiment], answer.field): answer.value
        for answer in answers
        if answer.value is not None and not is_empty(answer.value)
    }
    found = {
        (experiment.pk, field): value
        for (experiment, field), value in checked_values(values).items()
        if not same(present[experiment.pk].get(field), value)
    }
    found |= {
        answer.key: "" for answer in answers if answer.value is not None and is_empty(answer.value)
    }
    return found


def _write(
    rows: Mapping[int, Experiment],
    present: Mapping[int, Mapping[str, Any]],
    typed: Mapping[Key, Any],
) -> dict[int, Experiment]:
    """Write the typed values; confirmed ones stay unchanged."""
    written = dict(rows)
    for pk, row in rows.items():
        changes = tuple(
            FieldChange(field=field, old=present[pk].get(field), new=value)
            for (owner, field), value in typed.items()
            if owner == pk
        )
        if changes:
            plan = ExperimentPlan(name=row.name, action=PlanAction.UPDATE, changes=changes)
            written[pk] = write_experiment(plan, row)
    return written


def _decide(
    answers: Sequence[GuessAnswer],
    rows: Mapping[int, Experiment],
    *,
    present: Mapping[int, Mapping[str, Any]],
    known: Mapping[Key, FieldProvenance],
    typed: Mapping[Key, Any],
    by: AbstractBaseUser,
) -> None:
    confirmed = {
        answer.key: present[answer.experiment].get(answer.field)
        for answer in answers
        if answer.key not in typed
    }
    singly = {answer.key for answer in answers if answer.is_single}
    for pk, row in rows.items():
        fields = [answer.field for answer in answers if answer.experiment == pk]
        evidence = {
            field: _evidence(known[pk, field]) for field in fields if (pk, field) in confirmed
        }
        origins.decide(
            [(row, fields, evidence)],
            source=FieldSource.CURATED,
            by=by,
            confirmed=confirmed,
            singly=singly,
        )
        commands = [field for field in fields if (pk, field) in typed]
        if commands and may_queue(by):
            confirmation.confirm_fields([(row, commands)], how=ConfirmedBy.SAVE, by=by)


def _evidence(origin: FieldProvenance) -> Evidence:
    return Evidence(
        confidence=origin.confidence, source=origin.evidence, reason=from_rows(origin.reasons)
    )


def _remember_wrong(
    answers: Sequence[GuessAnswer],
    present: Mapping[int, Mapping[str, Any]],
    known: Mapping[Key, FieldProvenance],
    made: ChangeSet,
) -> None:
    """Store wrong values as rejected proposals, so that no scan proposes them again."""
    now = timezone.now()
    wrong = [answer for answer in answers if answer.value is not None and answer.key in known]
    Proposal.objects.bulk_create(
        Proposal(
            experiment_id=answer.experiment,
            field=answer.field,
            status=ProposalStatus.REJECTED,
            held=answer.value,
            value=present[answer.experiment].get(answer.field),
            confidence=known[answer.key].confidence,
            evidence=known[answer.key].evidence,
            reasons=known[answer.key].reasons,
            closed_at=now,
            closed_by_id=made.by_id,
            change_set=made,
        )
        for answer in wrong
        if not is_empty(present[answer.experiment].get(answer.field))
        and not same(present[answer.experiment].get(answer.field), answer.value)
    )


def _summary(answers: Sequence[GuessAnswer], rows: Mapping[int, Experiment]) -> Message:
    names = change_sets.listed(sorted(row.name for row in rows.values()))
    if len(answers) == 1:
        return texts.ONE_VALUE_REVIEWED(names=names)
    return texts.VALUES_REVIEWED(count=len(answers), names=names)
