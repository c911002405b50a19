"""Starts a comparison, queues its runs, and cancels it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from runs_app.choices import ParityRole, ParityState
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.cancel import cancel as cancel_run
from runs_app.lifecycle.prepare import RunRequest, outline
from runs_app.lifecycle.submit import submit_many
from runs_app.models import Parity, ParityRun, Run
from runs_app.parity.plan import Plan, passed
from runs_app.parity.rule import FIRST_RUN_OF_SCRIPT, FIRST_RUNS, RULE_VERSION, Wanted
from runs_app.texts import parity as texts
from runs_app.trainers import confirmed
from runs_app.trainers.confirmed import UnreadTrainerError

logger = logging.getLogger(__name__)

EMPTY: Mapping[str, str] = MappingProxyType({})


def start(plan: Plan, *, user: User | None, read: Collection[str] = ()) -> Parity:
    """Store the comparison and queue its first runs, both or none.

    `read` are the digests of what the user has read. Raises RunnerError, and UnreadTrainerError
    for a trainer that an engineer must read first.
    """
    for waiting in plan.unread:
        if waiting.digest not in read:
            raise UnreadTrainerError(waiting)
    if _live(plan).exists():
        raise RefusedError(texts.ALREADY_RUNNING(experiment=plan.experiment.name))
    parity = Parity(
        experiment=plan.experiment,
        type=plan.type,
        old_script=plan.sides.old,
        new_script=plan.sides.new,
        params=dict(plan.params),
        seed=plan.seed,
        old_seed_name=plan.old_seed_name,
        new_seed_name=plan.new_seed_name,
        control=dict(plan.control),
        hashes=dict(plan.hashes),
        rule_version=RULE_VERSION,
        requested_by=user,
    )

    def store() -> None:
        parity.save()
        for waiting in plan.unread:
            confirmed.keep(waiting, user=user)

    try:
        first = FIRST_RUN_OF_SCRIPT if plan.starts_script else FIRST_RUNS
        queue(parity, first, numbers={}, store=store, read=_digests(plan))
    except IntegrityError as error:
        if not _live(plan).exists():
            raise
        raise RefusedError(texts.ALREADY_RUNNING(experiment=plan.experiment.name)) from error
    logger.info("started parity=%s experiment=%s", parity.pk, plan.experiment)
    return parity


def queue(
    parity: Parity,
    wanted: Sequence[Wanted],
    *,
    numbers: dict[str, int],
    store: Callable[[], Any],
    read: Mapping[str, str] = EMPTY,
) -> None:
    """Queue the runs that a decision wants, in one transaction with their rows.

    `numbers` are how many runs of each role exist; `store` is called first inside the transaction
    and may refuse by raising. `read` are the digests of trainers that it confirms, by script. The
    keys of the runs are those of role and number, so that a second process raises IntegrityError
    instead of queueing them twice. Raises RunnerError if one of the runs is refused; then none is
    queued.
    """
    counts = dict(numbers)
    parts: list[ParityRun] = []
    requests: list[RunRequest] = []
    for want in wanted:
        number = counts.get(want.role, 0)
        counts[want.role] = number + 1
        seed = parity.seed + want.seed_step if _seed_name(parity, want.role) else None
        parts.append(ParityRun(role=want.role, number=number, seed=seed))
        requests.append(request_of(parity, want.role, number=number, seed=seed, read=read))

    def within(runs: list[Run]) -> None:
        store()
        for part, run in zip(parts, runs, strict=True):
            part.parity, part.run = parity, run
        ParityRun.objects.bulk_create(parts)

    submit_many(requests, user=parity.requested_by, within=within)


def request_of(
    parity: Parity,
    role: str,
    *,
    number: int,
    seed: int | None,
    read: Mapping[str, str] = EMPTY,
) -> RunRequest:
    """Return the request of one run of a comparison.

    The new side is given whatever the old one has on its command line.
    """
    is_old = role == ParityRole.OLD
    values: dict[str, Any] = dict(parity.params)
    if not is_old:
        before = outline(
            RunRequest(
                experiment=parity.experiment,
                type=parity.type,
                script=parity.old_script,
                params=values,
            )
        )
        values = passed(before)
        if parity.old_seed_name != parity.new_seed_name:
            values.pop(parity.old_seed_name, None)
    if seed is not None:
        values[_seed_name(parity, role)] = seed
    if role == ParityRole.CONTROL:
        values[parity.control["name"]] = parity.control["value"]
    script = parity.old_script if is_old else parity.new_script
    return RunRequest(
        experiment=parity.experiment,
        type=parity.type,
        version=f"parity {role} {number + 1}",
        script=script,
        trainer=read.get(script, ""),
        params=values,
        is_marked=True,
        uuid=parity.key(role, number),
    )


def cancel(parity: Parity, *, user: User | None, by: str = "") -> bool:
    """Cancel a comparison and its runs; return whether that still had an effect."""
    ended = Parity.objects.filter(pk=parity.pk, state=ParityState.RUNNING).update(
        state=ParityState.CANCELLED, finished_at=timezone.now()
    )
    if ended:
        logger.info("cancelled parity=%s", parity.pk)
        stop_runs(parity, user=user, by=by)
    return bool(ended)


def stop_runs(parity: Parity, *, user: User | None, by: str = "") -> None:
    """Cancel the runs of a comparison that has ended."""
    for run in Run.objects.active().filter(parity_run__parity=parity):
        cancel_run(run, user=user, by=by)


def _digests(plan: Plan) -> dict[str, str]:
    return {f"core:{waiting.path}": waiting.digest for waiting in plan.unread}


def _live(plan: Plan) -> Any:
    return Parity.objects.filter(
        experiment=plan.experiment, type=plan.type, state=ParityState.RUNNING
    )


def _seed_name(parity: Parity, role: str) -> str:
    return parity.old_seed_name if role == ParityRole.OLD else parity.new_seed_name
