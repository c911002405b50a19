"""Moves run sets on: notes which steps have ended, and queues the next step of a chain.

What a tick decides from is read without a lock, for finding files and asking an interpreter take
time. It is written in one transaction that holds the row of the set and changes nothing if the
step is not as it was read: so a tick may come twice, late, or die anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from registry_app.messages import Message, message_of
from runs_app.choices import STEP_ENDED, TERMINAL, RunStatus, SetState, StepState
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.executors.chosen import executor, is_ours
from runs_app.lifecycle import due
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import PreparedRun, prepare
from runs_app.lifecycle.submit import submit_prepared
from runs_app.models import Run, RunSet, RunStep
from runs_app.queue import hosts
from runs_app.sets import binding
from runs_app.sets.keys import member_key
from runs_app.sets.rights import may_queue
from runs_app.sets.spec import StepSpec, stored
from runs_app.texts import sets as texts

logger = logging.getLogger(__name__)

MAX_CAUSE = 300
_AS_RUN = {
    RunStatus.SUCCEEDED: StepState.SUCCEEDED,
    RunStatus.CANCELLED: StepState.CANCELLED,
}


class NotCollectedError(Exception):
    """The files that a step needs are not collected yet, as the disk was full."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"run {run.pk} is not collected yet")
        self.cause = texts.NOT_COLLECTED(run=run.pk)


class ElsewhereError(Exception):
    """The files that a step needs are on another machine, whose worker moves the set on."""

    def __init__(self, host: str) -> None:
        super().__init__(f"the files are on {host}")
        self.host = host


def tick_all() -> int:
    """Move every set on that has something to do; return how many were changed.

    A set that cannot be moved on does not stop the others, and is tried again. It says why; a
    cause is logged once.
    """
    return sum(_tick_unless_broken(pk) for pk in due.movable_sets().values_list("pk", flat=True))


def go_on(set_pk: int) -> bool:
    """Move a set on whose request is stored already; return whether it was changed.

    Raises nothing: the request has succeeded, and a user who read that it failed would repeat it.
    The set says why it is stuck, and a worker tries it again.
    """
    try:
        return _tick_unless_broken(set_pk)
    except (InterfaceError, OperationalError) as error:
        logger.warning("left to the worker set=%s error=%s", set_pk, error)
        return False


def _tick_unless_broken(set_pk: int) -> bool:
    try:
        changed = tick(set_pk)
    except (InterfaceError, OperationalError):
        raise
    except NotCollectedError as error:
        RunSet.objects.filter(pk=set_pk).update(stuck=error.cause)
        return False
    except ElsewhereError as error:  # what that machine has noted stays
        if not hosts.has_worker(error.host):
            cause = texts.FILES_ELSEWHERE(host=error.host)
            RunSet.objects.filter(pk=set_pk).update(stuck=cause)
        return False
    except Exception as error:
        if _is_news(set_pk, error):
            logger.exception("left set=%s", set_pk)
        return False
    RunSet.objects.filter(pk=set_pk).exclude(stuck="").update(stuck=None)
    return changed


def _is_news(set_pk: int, error: Exception) -> bool:
    """Store why a set cannot be moved on; return whether that is another cause than before."""
    cause = texts.STUCK(error=f"{type(error).__name__}: {error}"[:MAX_CAUSE].rstrip("."))
    stuck = RunSet.objects.filter(pk=set_pk)
    if stuck.values_list("stuck", flat=True).first() == cause:
        return False
    stuck.update(stuck=cause)
    return True


def tick(set_pk: int) -> bool:
    """Move one set on as far as possible; return whether anything changed.

    Raises NotCollectedError if the next step has to wait for files, ElsewhereError if they are on
    another machine.
    """
    changed = _note_ends(set_pk)
    step = _next(set_pk)
    if step is None:
        return changed
    refusal: Message | None = None
    ready: PreparedRun | None = None
    bound: binding.Bound | None = None
    try:
        ready, bound = _prepared(step)
    except RunnerError as error:
        refusal = message_of(error)
    return _queue(step, ready, bound, refusal) or changed


def _note_ends(set_pk: int) -> bool:
    """Note what became of the queued steps, and the end of the set; return whether it changed."""
    with transaction.atomic():
        held = RunSet.objects.select_for_update().filter(pk=set_pk, state=SetState.ACTIVE).first()
        if held is None:
            return False
        steps = list(held.steps.select_related("run"))
        changed = False
        for step in steps:
            if step.state == StepState.QUEUED and step.run and step.run.status in TERMINAL:
                step.state = _AS_RUN.get(RunStatus(step.run.status), StepState.FAILED)
                step.save(update_fields=["state"])
                changed = True
        if held.cancel_requested_at is not None:
            for step in steps:
                if step.state == StepState.WAITING:
                    step.state = StepState.CANCELLED
                    step.save(update_fields=["state"])
                    changed = True
        state = _state(held, steps)
        if state != SetState.ACTIVE:
            held.state, held.ended_at = state, timezone.now()
            held.save(update_fields=["state", "ended_at"])
            changed = True
            logger.info("ended set=%s state=%s", held.pk, state)
    if held.cancel_requested_at is not None and held.is_active:
        changed = _cancel_runs(held, steps) or changed
    return changed


def _cancel_runs(held: RunSet, steps: Sequence[RunStep]) -> bool:
    """Pass a cancel on to every run that has not got it; return whether there was one.

    An error at one run is raised once the others are cancelled.
    """
    alive = [step.run for step in steps if step.state == StepState.QUEUED and step.run]
    passed_on = False
    problem: Exception | None = None
    for run in alive:
        if not run.can_cancel:
            continue
        try:
            passed_on = cancel(run, user=None, by=held.cancel_requested_by) or passed_on
        except (InterfaceError, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001  raised below
            problem = problem or error
    if problem is not None:
        raise problem
    return passed_on


def _state(held: RunSet, steps: Sequence[RunStep]) -> SetState:
    """Return the state that follows from the steps of a set."""
    states = {StepState(step.state) for step in steps}
    if states <= {StepState.SUCCEEDED}:  # also if the last one was ending when it was cancelled
        return SetState.SUCCEEDED
    if StepState.QUEUED in states:
        return SetState.ACTIVE
    bad = states & STEP_ENDED - {StepState.SUCCEEDED}
    if StepState.WAITING in states and not bad:
        return SetState.ACTIVE
    if held.cancel_requested_at is not None or bad == {StepState.CANCELLED}:
        return SetState.CANCELLED
    return SetState.FAILED


def _next(set_pk: int) -> RunStep | None:
    """Return the step that is to be queued now: the first waiting one, if nothing is going on."""
    steps = list(
        RunStep.objects.filter(
            run_set=set_pk,
            run_set__state=SetState.ACTIVE,
            run_set__cancel_requested_at__isnull=True,
        ).select_related("run_set__made_by", "experiment")
    )
    for step in steps:
        if step.state == StepState.WAITING:
            return step
        if step.state != StepState.SUCCEEDED:
            return None
    return None


def _prepared(step: RunStep) -> tuple[PreparedRun, binding.Bound]:
    """Bind a step to the files of the earlier ones, and prepare its run.

    Raises RunnerError, NotCollectedError if these files are not there yet, and ElsewhereError.
    """
    _check_owner(step.run_set)
    spec = stored(step.spec, experiment=step.experiment, type=step.type, name=step.name)
    done = RunStep.objects.filter(run_set=step.run_set_id, number__lt=step.number)
    runs = {row.name: row.run for row in done.select_related("run") if row.run is not None}
    key = key_of(step)
    _check_sources(spec, runs)
    bound = binding.bind(spec, runs, uuid=key)
    ready = prepare(spec.request(uuid=key, paths=bound.paths))
    if ready.secrets:
        raise RefusedError(texts.NO_SECRETS())
    return ready, bound


def _check_sources(spec: StepSpec, runs: Mapping[str, Run]) -> None:
    """Check that all the files that a step takes can be taken, here and now.

    The copies are made on the machine where the run folders of the earlier steps are. Files of two
    machines are never on one. Raises RefusedError, NotCollectedError and ElsewhereError.
    """
    sources = {source.step for source in (*spec.files.values(), *spec.reads.values())}
    for name in sorted(sources - set(runs)):
        raise RefusedError(texts.NO_STEP(name=spec.name, step=name))
    hosts_of = sorted({runs[name].host for name in sources})
    if len(hosts_of) > 1:
        raise RefusedError(texts.FILES_OF_SEVERAL_HOSTS(name=spec.name, hosts=hosts_of))
    for name in sorted(sources):
        if not is_ours(runs[name]):
            raise ElsewhereError(runs[name].host)
        if runs[name].collect_next_at is not None:
            raise NotCollectedError(runs[name])


def key_of(step: RunStep) -> UUID:
    """Return the key of the run of a step's present attempt."""
    return member_key(step.run_set.key, step.number, step.attempt)


def _check_owner(run_set: RunSet) -> None:
    """Refuse a step whose maker is not allowed to run scripts now."""
    if run_set.by_command:
        return
    if run_set.made_by is None:
        raise RefusedError(texts.NO_OWNER())
    if not may_queue(run_set.made_by):
        raise RefusedError(texts.LOST_RIGHT(user=run_set.made_by.get_username()))


def _queue(
    step: RunStep,
    ready: PreparedRun | None,
    bound: binding.Bound | None,
    refusal: Message | None,
) -> bool:
    """Queue a step, or note its refusal, if it is still as it was read; return whether it was."""
    with transaction.atomic():
        held = (
            RunSet.objects.select_for_update()
            .filter(pk=step.run_set_id, state=SetState.ACTIVE, cancel_requested_at__isnull=True)
            .first()
        )
        unchanged = RunStep.objects.filter(
            pk=step.pk, state=StepState.WAITING, attempt=step.attempt, run__isnull=True
        )
        if held is None or not unchanged.exists():
            return False
        if ready is None or bound is None:
            unchanged.update(state=StepState.REFUSED, why=refusal)
        else:
            host = executor().place if any("path" in file for file in bound.files) else ""
            (run,) = submit_prepared([ready], user=step.run_set.made_by, host=host)
            unchanged.update(state=StepState.QUEUED, run=run, bound=list(bound.files), why=None)
            logger.info("queued step set=%s step=%s run=%s", held.pk, step.number, run.pk)
    if refusal is not None:
        _note_ends(step.run_set_id)
    return True
