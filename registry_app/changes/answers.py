"""What people answer to proposals: accept, accept otherwise, reject, think again.

All of the answers given at once are carried out, or none. Accepted values are written like those
of a file, as one change set that can be undone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.changes import change_sets
from registry_app.changes.apply import write_experiment
from registry_app.changes.directories import known_directories, mark_missing
from registry_app.changes.plan import ExperimentPlan, FieldChange, PlanAction
from registry_app.changes.proposals import present_fields, settle
from registry_app.choices import ChangeOrigin, FieldSource, ProposalStatus
from registry_app.document.model import Evidence
from registry_app.document.reader import load
from registry_app.exceptions import RegistryError, RegistryFileError, StaleProposalError
from registry_app.fields import completeness, provenance
from registry_app.fields.names import fields_of_document, fields_of_row, same, split_field
from registry_app.fields.rows import with_fields
from registry_app.fields.templates import plan_problems
from registry_app.files import interpreter_check
from registry_app.messages import from_rows
from registry_app.models import ChangeSet, Experiment, Proposal

logger = logging.getLogger(__name__)
_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One proposal and what its reader saw of it, see `seen_of`; `value` replaces the guess."""

    pk: int
    seen: str
    value: Any = None
    is_edited: bool = False


def seen_of(proposal: Proposal, present: Any) -> str:
    """Return a digest of what a page shows of a proposal: its value, and what stands there now."""
    text = json.dumps([proposal.value, present], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def accept(answers: Sequence[Answer], *, by: AbstractBaseUser) -> ChangeSet:
    """Write the accepted values; they count as decided by `by`, with the scan's evidence.

    Raises StaleProposalError if one was answered or its field changed since it was shown, and
    RegistryError if a value does not fit. Then nothing is written.
    """
    with change_sets.change_set(ChangeOrigin.PROPOSAL, by=by) as made:
        # Whoever else wants to write waits here, so that what is compared stays true.
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
            provenance.record(
                experiment,
                [row.field for row in rows if row.experiment_id == experiment.pk],
                source=FieldSource.CURATED,
                by=by,
                evidence=_evidence(rows, experiment),
            )
        _follow(written, rows)
    logger.info("proposals accepted change_set=%s count=%s", made.pk, len(rows))
    return made


def reject(answers: Sequence[Answer], *, by: AbstractBaseUser) -> int:
    """Remember that these values are not wanted for their fields; return how many.

    Raises StaleProposalError, and changes nothing, if one was answered meanwhile.
    """
    with transaction.atomic():
        rows = _open_rows(answers)
        for row in rows:
            _close(row, ProposalStatus.REJECTED, by)
    logger.info("proposals rejected count=%s by=%s", len(rows), by.pk)
    return len(rows)


def reconsider(pks: Iterable[int]) -> int:
    """Forget these rejections; return how many of them are open again.

    One whose field has a newer proposal, or says the same by now, is only forgotten.
    """
    with transaction.atomic():
        rows = list(Proposal.objects.select_for_update().rejected().filter(pk__in=list(pks)))
        return _open_again(rows)


def reopen_undone(change_set: ChangeSet) -> None:
    """Propose again what was accepted through a change set that was undone."""
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
    """Return the proposals that are answered; raises StaleProposalError unless all are open."""
    pks = [one.pk for one in answers]
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("experiment")
    found = {row.pk: row for row in rows.filter(pk__in=pks)}
    done = [row for row in found.values() if row.status != ProposalStatus.OPEN]
    if done:
        names = _listed(f"{row} ({row.get_status_display()})" for row in done)
        raise StaleProposalError(
            _("Nothing was done: these are not open any more: {names}.").format(names=names)
        )
    if not pks or len(found) < len(set(pks)):
        raise StaleProposalError(_("Nothing was done: choose proposals that are there."))
    return list(found.values())


def _refuse_stale(
    rows: Sequence[Proposal], answers: Sequence[Answer], present: dict[int, dict[str, Any]]
) -> None:
    seen = {one.pk: one.seen for one in answers}
    changed = [
        str(row)
        for row in rows
        if seen[row.pk] != seen_of(row, present[row.experiment_id].get(row.field))
    ]
    if changed:
        raise StaleProposalError(
            _(
                "Nothing was done: these changed after you opened the page: {names}. "
                "Look at them once more."
            ).format(names=_listed(changed))
        )


def _values(
    rows: Sequence[Proposal], answers: Sequence[Answer], present: dict[int, dict[str, Any]]
) -> dict[int, Any]:
    """Return what each proposal writes, checked as if it stood in a registry file."""
    edited = {one.pk: one.value for one in answers if one.is_edited}
    wanted = {row.pk: edited.get(row.pk, row.value) for row in rows}
    data: dict[str, Any] = {}
    for row in rows:
        said = data.setdefault(row.experiment.name, {"path": row.experiment.path})
        _put(said, row.field, wanted[row.pk])
    try:
        document = load(json.dumps({"experiments": data}, ensure_ascii=False).encode())
    except RegistryFileError as error:
        problems = " ".join(problem.message for problem in error.problems)
        raise RegistryError(_("Nothing was done. {problems}").format(problems=problems)) from error
    said_of = {one.name: fields_of_document(one) for one in document.experiments}
    values = {row.pk: said_of[row.experiment.name].get(row.field, "") for row in rows}
    for row in rows:
        if same(values[row.pk], present[row.experiment_id].get(row.field)):
            raise RegistryError(
                _("Nothing was done: {name} says this already; reject the proposal.").format(
                    name=row
                )
            )
    return values


def _refuse_templates(
    experiments: Sequence[Experiment], rows: Sequence[Proposal], values: dict[int, Any]
) -> None:
    """Refuse an argument template that would not fit its script.

    One that was not answered is left alone: its own proposal may be accepted after this one.
    """
    written: dict[str, dict[str, Any]] = {one.name: {} for one in experiments}
    for row in rows:
        written[row.experiment.name][row.field] = values[row.pk]
    found = plan_problems(written, {one.name: fields_of_row(one) for one in experiments})
    problems = " ".join(
        f"{name}: {message}"
        for name, prefix, message in found
        if f"{prefix}.args_template" in written[name]
    )
    if problems:
        raise RegistryError(_("Nothing was done. {problems}").format(problems=problems))


def _refuse_interpreters(
    experiments: Sequence[Experiment],
    rows: Sequence[Proposal],
    values: dict[int, Any],
    by: AbstractBaseUser,
) -> None:
    """Refuse an interpreter that `by` must not set."""
    written: dict[str, dict[str, Any]] = {one.name: {} for one in experiments}
    for row in rows:
        written[row.experiment.name][row.field] = values[row.pk]
    paths = {one.name: written[one.name].get("path") or one.path for one in experiments}
    found = interpreter_check.plan_problems(
        written, paths, anywhere=interpreter_check.may_queue(by)
    )
    problems = " ".join(f"{name}: {message}" for name, _field, message in found)
    if problems:
        raise RegistryError(_("Nothing was done. {problems}").format(problems=problems))


def _put(said: dict[str, Any], field: str, value: Any) -> None:
    """Put a value where a registry file has its dotted field."""
    kind, name = split_field(field)
    parts = [*(["entry_points", kind] if kind else []), *name.split(".")]
    for part in parts[:-1]:
        said = said.setdefault(part, {})
    said[parts[-1]] = value


def _write(experiment: Experiment, rows: Sequence[Proposal], values: dict[int, Any]) -> Experiment:
    written = tuple(FieldChange(field=row.field, old=row.held, new=values[row.pk]) for row in rows)
    plan = ExperimentPlan(name=experiment.name, action=PlanAction.UPDATE, changes=written)
    return write_experiment(plan, experiment)


def _evidence(rows: Iterable[Proposal], experiment: Experiment) -> dict[str, Evidence]:
    """Return the scan's reasons for what was accepted as it was proposed."""
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


def _summary(rows: Sequence[Proposal]) -> str:
    count = len(rows)
    text = ngettext("{count} proposal: {names}", "{count} proposals: {names}", count)
    return text.format(count=count, names=_listed(str(row) for row in rows))[:400]


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join(listed[:_NAMED])
    left = len(listed) - _NAMED
    return _("{names} and {count} more").format(names=shown, count=left) if left > 0 else shown
