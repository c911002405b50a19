"""Queues run sets: all of it in one transaction, and once however often it is requested."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry_app.messages import Message
from runs_app.choices import SetKind, StepState
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, prepare
from runs_app.lifecycle.submit import submit_prepared
from runs_app.models import RunSet, RunStep
from runs_app.sets import confirmed, tick
from runs_app.sets.confirmed import Content
from runs_app.sets.keys import member_key
from runs_app.sets.plan import planned, refusal_of
from runs_app.sets.spec import StepSpec, spec_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """What a run set is, besides its members; `key` makes a second request the same set.

    `content` is that of the file that defines it, which is confirmed with it.
    """

    key: UUID
    kind: SetKind
    name: str = ""
    left_out: tuple[tuple[str, Message], ...] = ()
    content: Content | None = None


def already(key: UUID) -> RunSet | None:
    """Return the set that was made by an earlier request with this key, if any."""
    return RunSet.objects.filter(key=key).first()


def start_together(
    heading: Heading,
    requests: Sequence[RunRequest],
    *,
    user: User | None,
    names: Sequence[str] = (),
) -> tuple[RunSet, bool]:
    """Queue all runs as one set, or none; return the set, and whether this call made it.

    Runs get the key of the request if it has one, else one from the set's key and their place.
    Raises RunnerError if one is refused.
    """
    if (there := already(heading.key)) is not None:
        return there, False
    ready = [
        prepare(request if request.uuid else _with_key(request, heading.key, number))
        for number, request in enumerate(requests, start=1)
    ]
    try:
        with transaction.atomic():
            made = _made(heading, user)
            runs = submit_prepared(ready, user=user)
            labels = names or [""] * len(runs)
            RunStep.objects.bulk_create(
                RunStep(
                    run_set=made,
                    number=number,
                    name=name[:100],
                    experiment=run.experiment,
                    type=run.type,
                    spec=_as_stored(prepared),
                    state=StepState.QUEUED,
                    run=run,
                )
                for number, (run, prepared, name) in enumerate(
                    zip(runs, ready, labels, strict=True), start=1
                )
            )
    except IntegrityError:
        if (there := already(heading.key)) is None:
            raise
        return there, False
    logger.info("queued set=%s kind=%s runs=%s", made.pk, made.kind, len(runs))
    return made, True


def start_chain(
    heading: Heading, specs: Sequence[StepSpec], *, user: User | None
) -> tuple[RunSet, bool]:
    """Store a chain and queue its first step; return it, and whether this call made it.

    Raises RefusedError with every refusal if any step would be refused now.
    """
    if (there := already(heading.key)) is not None:
        return there, False
    members = planned(specs, is_chain=True)
    if (error := refusal_of(members)) is not None:
        raise error
    try:
        with transaction.atomic():
            made = _made(heading, user)
            RunStep.objects.bulk_create(
                RunStep(
                    run_set=made,
                    number=number,
                    name=spec.name,
                    experiment=spec.experiment,
                    type=spec.type,
                    spec=spec.to_json(),
                )
                for number, spec in enumerate(specs, start=1)
            )
    except IntegrityError:
        if (there := already(heading.key)) is None:
            raise
        return there, False
    logger.info("started set=%s kind=%s steps=%s", made.pk, made.kind, len(specs))
    tick.go_on(made.pk)
    made.refresh_from_db()
    return made, True


def _made(heading: Heading, user: User | None) -> RunSet:
    file = heading.content.file if heading.content else None
    if heading.content is not None:
        confirmed.keep(heading.content, user=user)
    return RunSet.objects.create(
        key=heading.key,
        kind=heading.kind,
        name=heading.name[:200],
        source=file.path if file else "",
        commit=file.commit if file else "",
        digest=file.digest if file else "",
        left_out=[[name, message.to_json()] for name, message in heading.left_out],
        made_by=user,
        by_command=user is None,
    )


def _with_key(request: RunRequest, key: UUID, number: int) -> RunRequest:
    return replace(request, uuid=member_key(key, number))


def _as_stored(ready: PreparedRun) -> dict[str, object]:
    """Return the request without its secret values."""
    return replace(
        spec_of(ready.request), params=ready.given, extra_args=ready.extra_args
    ).to_json()
