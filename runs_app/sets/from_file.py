"""Starts what a file of a scenario or a pipeline says; one function for page and command."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User

from registry_app.messages import Message
from runs_app.choices import SetKind
from runs_app.exceptions import RefusedError
from runs_app.models import RunSet
from runs_app.sets import confirmed
from runs_app.sets.definitions import Definition
from runs_app.sets.grid import MAX_RUNS
from runs_app.sets.plan import Planned, plan, refusal_of
from runs_app.sets.rights import check_may_queue
from runs_app.sets.starting import Heading, already, start_chain, start_together
from runs_app.texts import sets as texts

MAX_MEMBERS = 4 * MAX_RUNS


def start_file(
    definition: Definition,
    *,
    key: UUID,
    user: User | None,
    leave_out: bool = False,
    read: Collection[str] = (),
    not_before: datetime | None = None,
) -> tuple[RunSet, bool]:
    """Queue a scenario or start a pipeline; return the set, and whether this call made it.

    Raises RefusedError with every refusal by name, or if `user` may not queue runs, and queues
    nothing; with `leave_out`, the
    refused runs of a scenario are left out and the others queued. `read` are the digests of the
    file and of changed commands that the requester has read; raises UnreadFileError if the file
    is another one. Before `not_before`, no run of a scenario starts, nor the first of a pipeline.
    """
    if (there := already(key)) is not None:
        return there, False
    if user is not None:
        check_may_queue(user)
    content = confirmed.content_of(definition)
    confirmed.check(definition, content, read)
    wanted = confirmed.pinned(definition.wanted(), content)
    wanted = confirmed.with_read_commands(wanted, read)
    members = plan(wanted, is_chain=definition.is_chain)
    if len(members) > MAX_MEMBERS:
        raise RefusedError(texts.TOO_MANY(count=len(members), limit=MAX_MEMBERS))
    if (error := refusal_for(definition, members, leave_out=leave_out)) is not None:
        raise error
    kept = [item for item in members if item.refusal is None]
    heading = Heading(
        key=key,
        kind=SetKind.CHAIN if definition.is_chain else SetKind.SCENARIO,
        name=definition.file.name,
        left_out=_left_out(members),
        content=content,
    )
    specs = [item.spec for item in kept if item.spec is not None]
    if definition.is_chain:
        head = replace(specs[0], not_before=not_before)
        return start_chain(heading, [head, *specs[1:]], user=user)
    specs = [replace(spec, not_before=not_before) for spec in specs]
    return start_together(heading, [spec.request() for spec in specs], user=user)


def refusal_for(
    definition: Definition, members: Sequence[Planned], *, leave_out: bool
) -> RefusedError | None:
    """Return why none of these members is started, None if some are."""
    is_some_left = any(item.refusal is None for item in members)
    if leave_out and is_some_left and not definition.is_chain:
        return None
    return refusal_of(members)


def _left_out(members: list[Planned]) -> tuple[tuple[str, Message], ...]:
    return tuple((item.name, item.refusal) for item in members if item.refusal is not None)
