"""Starts what a schedule says, with the rights that its owner has at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import IntegrityError

from registry_app.exceptions import RegistryError
from registry_app.findings.job import ask_for_scan
from registry_app.messages import Message, message_of, plain
from registry_app.sync.run import sync
from runs_app.choices import ScheduleKind
from runs_app.exceptions import RefusedError, UnconfirmedError
from runs_app.lifecycle.prepare import RunRequest
from runs_app.lifecycle.submit import submit
from runs_app.models import Run, RunSet, Schedule
from runs_app.preflight import confirmation
from runs_app.runner.command.build import cleared, parse_assignments
from runs_app.sets.confirmed import UnreadFileError, summary
from runs_app.sets.definitions import read
from runs_app.sets.from_file import start_file
from runs_app.sets.places import PIPELINES, SCENARIO, source_file
from runs_app.sets.rights import QUEUE_PERMISSION
from runs_app.sets.starting import already
from runs_app.texts import schedules as texts

FOLDERS = {ScheduleKind.SCENARIO: SCENARIO, ScheduleKind.PIPELINE: PIPELINES}
# What a user needs to do the same by hand.
PERMISSIONS = {
    ScheduleKind.RUN: QUEUE_PERMISSION,
    ScheduleKind.SCENARIO: QUEUE_PERMISSION,
    ScheduleKind.PIPELINE: QUEUE_PERMISSION,
    ScheduleKind.SCAN: "registry_app.add_scanjob",
    ScheduleKind.SYNC: "registry_app.change_experiment",
}


@dataclass(frozen=True, kw_only=True)
class Started:
    """What was started: a run, a run set, or what `note` says."""

    run: Run | None = None
    run_set: RunSet | None = None
    note: Message | None = None


def start(schedule: Schedule, at: datetime) -> Started:
    """Start what a schedule says for one of its times; for the same time, the same.

    Raises RefusedError or RegistryError with the reason why nothing was started. A change that no
    engineer has read is such a reason.
    """
    owner = _owner(schedule)
    key = _key(schedule, at)
    try:
        match ScheduleKind(schedule.kind):
            case ScheduleKind.RUN:
                return Started(run=_run(schedule, key, owner))
            case ScheduleKind.SCAN:
                return Started(note=texts.SCAN(number=ask_for_scan(owner).pk))
            case ScheduleKind.SYNC:
                return _sync(owner)
            case kind:
                return Started(run_set=_set(schedule, FOLDERS[kind], key, owner))
    except UnconfirmedError as error:
        raise RefusedError(plain(confirmation.summary(error.waiting))) from error
    except UnreadFileError as error:
        raise RefusedError(plain(summary(error.unread))) from error


def started_before(schedule: Schedule, at: datetime) -> Started:
    """Return the run or the run set that an earlier attempt at one of its times made, if any."""
    key = _key(schedule, at)
    return Started(run=Run.objects.filter(uuid=key).first(), run_set=already(key))


def request_of(schedule: Schedule, *, uuid: UUID | None = None) -> RunRequest:
    """Return the run that a schedule requests; raises RefusedError for values that are none.

    It may start at once: with the time of the schedule as `not_before`, one that was queued by a
    clock which was ahead for a moment would wait until that time.
    """
    if schedule.experiment is None:
        raise RefusedError(texts.NEEDS())
    try:
        params = cleared(parse_assignments(schedule.values))
    except CommandError as error:
        raise RefusedError(message_of(error)) from error
    return RunRequest(
        experiment=schedule.experiment,
        type=schedule.type,
        script=schedule.script,
        version=schedule.version,
        params=params,
        uuid=uuid,
    )


def _key(schedule: Schedule, at: datetime) -> UUID:
    """Return the key of the run or the run set of one of its times."""
    return uuid5(schedule.key, f"{at.timestamp():.0f}")


def _owner(schedule: Schedule) -> User:
    """Return the owner with the rights it has now; raises RefusedError if they do not suffice."""
    owner = User.objects.filter(pk=schedule.owner_id or 0).first()
    if owner is None:
        raise RefusedError(texts.NO_OWNER())
    if not owner.is_active or not owner.has_perm(PERMISSIONS[ScheduleKind(schedule.kind)]):
        raise RefusedError(texts.LOST_RIGHT(user=owner.get_username()))
    return owner


def _run(schedule: Schedule, key: UUID, owner: User) -> Run:
    if (there := Run.objects.filter(uuid=key).first()) is not None:
        return there
    try:
        return submit(request_of(schedule, uuid=key), user=owner)
    except IntegrityError:
        return Run.objects.get(uuid=key)  # another worker was first


def _set(schedule: Schedule, folder: str, key: UUID, owner: User) -> RunSet:
    definition = read(source_file(folder, schedule.file), folder)
    made, _new = start_file(definition, key=key, user=owner, leave_out=schedule.leave_out)
    return made


def _sync(owner: User) -> Started:
    report = sync(by=owner)
    if report.questions:
        return Started(note=texts.SYNCED_QUESTIONS(count=report.questions))
    return Started(note=texts.SYNCED())


# What a schedule reports as its reason, instead of failing.
REFUSALS = (RefusedError, RegistryError)
