"""Answers to proposals: accept, accept with changes, reject, reconsider.

All answers of one submission are applied, or none. Accepted values are written like those of a
file, as one change set that can be undone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from registry_app.changes import change_sets, origins
from registry_app.changes.apply import write_experiment
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.changes.plan import ExperimentPlan, FieldChange, PlanAction
from registry_app.changes.proposals import present_fields, settle
from registry_app.choices import ChangeOrigin, FieldSource, ProposalStatus
from registry_app.document.model import Evidence
from registry_app.document.reader import load
from registry_app.exceptions import RegistryError, RegistryFileError, StaleProposalError
from registry_app.fields import completeness
from registry_app.fields.documents import fields_of_document
from registry_app.fields.names import fields_of_row, same, split_field
from registry_app.fields.rows import with_fields
from registry_app.fields.templates import plan_problems
from registry_app.files import interpreter_check
from registry_app.messages import Message, from_rows, in_a_row
from registry_app.models import ChangeSet, Experiment, Proposal
from registry_app.texts import changes as texts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to one proposal; `seen` is from `seen_of`, `value` the replacement."""

    pk: int
    seen: str
    value: Any = None
    is_edited: bool = False


def seen_of(proposal: Proposal, present: Any) -> str:
    """Return a digest of what a page shows of a proposal: its value, and the present one."""
    text = json.dumps([proposal.value, present], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def accept(answers: Sequence[Answer], *, by: AbstractBaseUser) -> ChangeSet:
    """Write the accepted values; they count as decided by `by`, with the scan's evidence.

    Raises StaleProposalError if a proposal was answered or its field changed since it was shown,
    and RegistryError for an invalid value. Then nothing is written.
    """
    with change_sets.change_set(ChangeOrigin.PROPOSAL, by=by) as made:
        # Other writers wait here, so that the comparison stays valid.
        list(Experiment.objects.select_for_update().values_list("pk"))
        rows = _open_rows(answers)
        present = present_fields({row.experiment_id for row in rows})
        _refuse_stale(rows, answers, present)
        values = _values(rows, answers, present)
        experiments = list(with_fields(Experiment.objects.filter(pk__in=present)))
        _refuse_templates(experiments, rows, values)
        _refuse_interpreters(experiments, rows, values, by)
        written = [
            _write(experiment, [row for row in rows if row.experiment_id == experiment.pk], values)
            for experiment in experiments
        ]
        for row in rows:
            value = values[row.pk]
            row.accepted_value = None if same(value, row.value) else value
            row.held = present[row.experiment_id].get(row.field)
            row.change_set = made
            _close(row, ProposalStatus.ACCEPTED, by)
        made.summary = _summary(rows)
        made.save(update_fields=["summary"])
        for experiment in written:
            fields = [row.field for row in rows if row.experiment_id == experiment.pk]
            origins.decide(
                [(experiment, fields, _evidence(rows, experiment))],
                source=FieldSource.CURATED,
                by=by,
            )
        _follow(written, rows)
    logger.info("proposals accepted change_set=%s count=%s", made.pk, len(rows))
    return made


def reject(answers: Sequence[Answer], *, by: AbstractBaseUser) -> int:
    """Reject these values for their fields, and remember it; return how many.

    Raises StaleProposalError, and changes nothing, if a proposal was answered meanwhile.
    """
    with transaction.atomic():
        rows = _open_rows(answers)
        for row in rows:
            _close(row, ProposalStatus.REJECTED, by)
    logger.info("proposals rejected count=%s by=%s", len(rows), by.pk)
    return len(rows)


def reconsider(pks: Iterable[int]) -> int:
    """Revoke these rejections; return how many proposals are open again.

    A proposal is not reopened if its field has a newer one, or has the same value by now.
    """
    with transaction.atomic():
        rows = list(Proposal.objects.select_for_update().rejected().filter(pk__in=list(pks)))
        return _open_again(rows)


def reopen_undone(change_set: ChangeSet) -> None:
    """Reopen proposals that were accepted through a change set that was undone.

    Rejections made through it are forgotten.
    """
    Proposal.objects.filter(change_set=change_set, status=ProposalStatus.REJECTED).delete()
    rows = Proposal.objects.filter(change_set=change_set, status=ProposalStatus.ACCEPTED)
    _open_again(list(rows))


def _open_again(rows: Sequence[Proposal]) -> int:
    experiments = {row.experiment_id for row in rows}
    waiting = set(
        Proposal.objects.open()
        .filter(experiment__in=experiments)
        .values_list("experiment_id", "field")
    )
    present = present_fields(experiments)
    opened = 0
    for row in rows:
        held = present[row.experiment_id].get(row.field)
        key = (row.experiment_id, row.field)
        if key in waiting:
            _close(row, ProposalStatus.SUPERSEDED, None)
        elif same(held, row.value):
            _close(row, ProposalStatus.WITHDRAWN, None)
        else:
            waiting.add(key)
            opened += 1
            row.status, row.held, row.accepted_value = ProposalStatus.OPEN, held, None
            row.closed_at = row.closed_by = row.change_set = None
            row.save()
    return opened


def _open_rows(answers: Sequence[Answer]) -> list[Proposal]:
    """Return the proposals of these answers; raises StaleProposalError unless all are open."""
    pks = [answer.pk for answer in answers]
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("experiment")
    found = {row.pk: row for row in rows.filter(pk__in=pks)}
    done = [row for row in found.values() if row.status != ProposalStatus.OPEN]
    if done:
        names = [
            texts.WITH_STATE(proposal=str(row), state=texts.STATES[row.status]()) for row in done
        ]
        raise StaleProposalError(texts.NOT_OPEN(names=change_sets.listed(names)))
    if not pks or len(found) < len(set(pks)):
        raise StaleProposalError(texts.NOT_THERE())
    return list(found.values())


def _refuse_stale(
    rows: Sequence[Proposal], answers: Sequence[Answer], present: dict[int, dict[str, Any]]
) -> None:
    seen = {answer.pk: answer.seen for answer in answers}
    changed = [
        str(row)
        for row in rows
        if seen[row.pk] != seen_of(row, present[row.experiment_id].get(row.field))
    ]
    if changed:
        raise StaleProposalError(texts.CHANGED_SINCE_SHOWN(names=change_sets.listed(changed)))


def _values(
    rows: Sequence[Proposal], answers: Sequence[Answer], present: dict[int, dict[str, Any]]
) -> dict[int, Any]:
    """Return the values that the proposals write, validated like those of a registry file."""
    edited = {answer.pk: answer.value for answer in answers if answer.is_edited}
    wanted = {(row.experiment, row.field): edited.get(row.pk, row.value) for row in rows}
    checked = checked_values(wanted)
    values = {row.pk: checked[row.experiment, row.field] for row in rows}
    for row in rows:
        if same(values[row.pk], present[row.experiment_id].get(row.field)):
            raise RegistryError(texts.SAYS_THIS_ALREADY(name=str(row)))
    return values


def checked_values(
    wanted: Mapping[tuple[Experiment, str], Any],
) -> dict[tuple[Experiment, str], Any]:
    """Return values of fields, validated like those of a registry file.

    Raises RegistryError with every problem.
    """
    if not wanted:
        return {}
    data: dict[str, Any] = {}
    for (experiment, field), value in wanted.items():
        _put(data.setdefault(experiment.name, {"path": experiment.path}), field, value)
    try:
        document = load(json.dumps({"experiments": data}, ensure_ascii=False).encode())
    except RegistryFileError as error:
        problems = in_a_row(problem.message for problem in error.problems)
        raise RegistryError(texts.NOTHING_DONE(problems=problems)) from error
    fields_of = {
        experiment.name: fields_of_document(experiment) for experiment in document.experiments
    }
    return {key: fields_of[key[0].name].get(key[1], "") for key in wanted}


def _refuse_templates(
    experiments: Sequence[Experiment], rows: Sequence[Proposal], values: dict[int, Any]
) -> None:
    """Refuse an argument template that does not fit its script.

    Templates without an answer are not checked: their proposals may be accepted later.
    """
    written: dict[str, dict[str, Any]] = {experiment.name: {} for experiment in experiments}
    for row in rows:
        written[row.experiment.name][row.field] = values[row.pk]
    found = plan_problems(
        written, {experiment.name: fields_of_row(experiment) for experiment in experiments}
    )
    _refuse(
        message.at(name)
        for name, prefix, message in found
        if f"{prefix}.args_template" in written[name]
    )


def _refuse_interpreters(
    experiments: Sequence[Experiment],
    rows: Sequence[Proposal],
    values: dict[int, Any],
    by: AbstractBaseUser,
) -> None:
    """Refuse an interpreter that `by` must not set."""
    written: dict[str, dict[str, Any]] = {experiment.name: {} for experiment in experiments}
    for row in rows:
        written[row.experiment.name][row.field] = values[row.pk]
    paths = {
        experiment.name: written[experiment.name].get("path") or experiment.path
        for experiment in experiments
    }
    found = interpreter_check.plan_problems(
        written, paths, anywhere=interpreter_check.may_queue(by)
    )
    _refuse(message.at(name) for name, _field, message in found)


def _refuse(problems: Iterable[Message]) -> None:
    """Raise RegistryError if there is a problem."""
    found = list(problems)
    if found:
        raise RegistryError(texts.NOTHING_DONE(problems=in_a_row(found)))


def _put(data: dict[str, Any], field: str, value: Any) -> None:
    """Insert a value at the position of its dotted field in a registry file."""
    kind, name = split_field(field)
    parts = [*(["entry_points", kind] if kind else []), *name.split(".")]
    for part in parts[:-1]:
        data = data.setdefault(part, {})
    data[parts[-1]] = value


def _write(experiment: Experiment, rows: Sequence[Proposal], values: dict[int, Any]) -> Experiment:
    written = tuple(FieldChange(field=row.field, old=row.held, new=values[row.pk]) for row in rows)
    plan = ExperimentPlan(name=experiment.name, action=PlanAction.UPDATE, changes=written)
    return write_experiment(plan, experiment)


def _evidence(rows: Iterable[Proposal], experiment: Experiment) -> dict[str, Evidence]:
    """Return the scan's reasons for values that were accepted unchanged."""
    return {
        row.field: Evidence(
            confidence=row.confidence, source=row.evidence, reason=from_rows(row.reasons)
        )
        for row in rows
        if row.experiment_id == experiment.pk and row.accepted_value is None
    }


def _follow(written: Sequence[Experiment], rows: Iterable[Proposal]) -> None:
    pks = [experiment.pk for experiment in written]
    completeness.refresh_many(pks)
    moved = [row.experiment_id for row in rows if row.field == "path"]
    if moved:
        mark_missing(known_directories(moved))
    settle(pks)


def _close(row: Proposal, status: ProposalStatus, by: AbstractBaseUser | None) -> None:
    row.status, row.closed_at = status, timezone.now()
    row.closed_by_id = by.pk if by is not None else None
    row.save()


def _summary(rows: Sequence[Proposal]) -> Message:
    names = change_sets.listed([str(row) for row in rows])
    if len(rows) == 1:
        return texts.ONE_PROPOSAL(names=names)
    return texts.PROPOSALS(count=len(rows), names=names)
