"""The part of the form that makes a run set of one card: a grid of values, and a run after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.choices import EntryPointType
from registry_app.models import EntryPoint, Experiment
from registry_app.reading import error_text, message_text
from runs_app.choices import SetKind
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.lifecycle.prepare import RunRequest, outline, prepare
from runs_app.preflight.command_groups import Commands
from runs_app.preflight.script_choices import entry_point, types_of
from runs_app.sets.grid import MAX_RUNS, combinations, label_of, parse_grid, size_of
from runs_app.sets.plan import Look, planned
from runs_app.sets.spec import FromStep, StepSpec, spec_of
from runs_app.texts import sets as texts
from runs_app.views.form_preview import confirmed_request
from runs_app.views.run_form import Card
from runs_app.views.wording import command_text

FIRST_STEP = "first"


@dataclass(frozen=True, kw_only=True)
class Together:
    """What one card makes besides a single run, as it was filled in, and what that would start.

    `commands` are the exact commands of all runs; `error` says why they are refused. `digest` is
    that of the command of the second run, where that is another one.
    """

    grid: str = ""
    then: str = ""
    then_param: str = ""
    then_file: str = ""
    types: tuple[tuple[str, Any], ...] = ()
    commands: tuple[str, ...] = ()
    count: str = ""
    error: str = ""
    digest: str = ""
    names: tuple[str, ...] = ()
    requests: tuple[RunRequest, ...] = ()
    steps: tuple[StepSpec, ...] = ()

    @property
    def kind(self) -> SetKind | None:
        """The kind of the set, None if the card makes a single run."""
        if self.then:
            return SetKind.CHAIN
        return SetKind.GRID if self.grid.strip() else None

    @property
    def limit(self) -> int:
        return MAX_RUNS


def key_of_second(experiment: Experiment) -> str:
    """Return what starts the names of the fields for the run after the one of a card."""
    return f"{experiment.pk}-then"


def second_entry(
    experiment: Experiment,
    type: str,  # noqa: A002
    data: Mapping[str, str],
) -> dict[str, EntryPoint | None]:
    """Return the entry point of the run after one of `type`, by its key, if it is another one."""
    key = key_of_second(experiment)
    then = data.get(key, "")
    return {key: entry_point(experiment, then)} if then != type else {}


def blank(card: Card) -> Together:
    """Return the part before it is filled in."""
    return Together(types=_types(card))


def together_of(
    card: Card, commands: Commands, data: Mapping[str, str], *, token: UUID | None = None
) -> Together:
    """Return what is filled in for a card, with every command that it would start."""

    def sent(name: str) -> str:
        return str(data.get(f"{card.prefix}-{name}", "")).replace("\r\n", "\n").replace("\0", "")

    part = Together(
        grid=sent("grid"),
        then=sent("then"),
        then_param=sent("then_param").strip(),
        then_file=sent("then_file").strip(),
        types=_types(card),
    )
    if part.kind is None:
        return part
    try:
        request = replace(confirmed_request(card, commands, token=token), uuid=None)
        if part.kind is SetKind.CHAIN:
            return _with_chain(part, request, commands)
        return _with_grid(part, request, commands)
    except RunnerError as error:
        return replace(part, error=error_text(error))


def _types(card: Card) -> tuple[tuple[str, Any], ...]:
    there = set(types_of(card.experiment))
    return tuple((value, label) for value, label in EntryPointType.choices if value in there)


def _look(commands: Commands) -> Look:
    """Return what looks at a member: a command that must be read first asks no interpreter."""
    return prepare if commands.all_read else outline


def _with_grid(part: Together, request: RunRequest, commands: Commands) -> Together:
    grid = parse_grid(part.grid)
    count = size_of(grid)
    values = combinations(grid)
    requests = tuple(replace(request, params={**request.params, **given}) for given in values)
    members = planned([spec_of(item) for item in requests], is_chain=False, look=_look(commands))
    refusals = dict.fromkeys(message_text(item.refusal) for item in members if item.refusal)
    return replace(
        part,
        requests=requests,
        names=tuple(
            label_of(given, hidden=item.prepared.secrets if item.prepared is not None else given)
            for given, item in zip(values, members, strict=True)
        ),
        commands=tuple(
            command_text(item.prepared.argv) for item in members if item.prepared is not None
        ),
        count=ngettext(
            "{count} run of at most {limit}", "{count} runs of at most {limit}", count
        ).format(count=count, limit=MAX_RUNS),
        error="\n".join(refusals),
    )


def _with_chain(part: Together, request: RunRequest, commands: Commands) -> Together:
    if part.grid.strip():
        raise RefusedError(texts.THEN_AND_GRID())
    if bool(part.then_param) != bool(part.then_file):
        raise RefusedError(texts.THEN_HALF())
    first = request.type if request.type != part.then else FIRST_STEP
    source = FromStep(step=first, file=part.then_file)
    key = key_of_second(request.experiment)
    steps = (
        spec_of(request, name=first),
        StepSpec(
            experiment=request.experiment,
            type=part.then,
            name=part.then,
            files={part.then_param: source} if part.then_param else {},
            confirm=request.confirm if request.type == part.then else commands.confirms(key),
        ),
    )
    members = planned(steps, is_chain=True, look=_look(commands))
    refusals = [
        message_text(item.refusal.at(item.name)) for item in members if item.refusal is not None
    ]
    return replace(
        part,
        steps=steps,
        commands=tuple(
            command_text(item.prepared.argv) for item in members if item.prepared is not None
        ),
        count=_("2 runs, one after the other"),
        digest=commands.digests.get(key, ""),
        error="\n".join(refusals),
    )
