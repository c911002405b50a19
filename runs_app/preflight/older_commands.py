"""The commands of entry points from before scanned defaults stopped being passed explicitly.

Only for the upgrade: compares what the same request starts now with what it started then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.arguments.template import TemplateRefusedError, parse_template
from registry_app.models import EntryPoint, Experiment
from runs_app.preflight.script_choices import ScriptChoice, script_choice
from runs_app.runner.command.build import build_command
from runs_app.runner.command.values import gap_filler_of
from runs_app.runner.exceptions import CommandError

_MAY_BE_EMPTY = frozenset({"?", "*", "..."})


@dataclass(frozen=True, kw_only=True)
class ChangedCommand:
    """An entry point whose script gets other arguments now; `refusal` if it is refused."""

    entry: EntryPoint
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    refusal: str = ""


def changed_commands(experiments: Sequence[Experiment]) -> Iterator[ChangedCommand]:
    """Yield the entry points whose default script is started with different arguments than before.

    Prefetch entry points and scripts with the experiments. Nothing is started.
    """
    for experiment in experiments:
        for entry in experiment.entry_points.all():
            if not entry.default_script:
                continue
            choice = script_choice(experiment, entry.type, entry.default_script)
            before, now = arguments_before(choice), arguments_now(choice)
            if before is not None and before != now:
                yield ChangedCommand(
                    entry=entry,
                    dropped=_missing(before, now or ()),
                    added=_missing(now or (), before),
                    refusal="" if now is not None else _refusal(choice),
                )


def arguments_before(choice: ScriptChoice) -> tuple[str, ...] | None:
    """Return what a request that gives nothing passed to the script; None if it was refused."""
    return _arguments(replace(choice, parameters=_as_before(choice)))


def arguments_now(choice: ScriptChoice) -> tuple[str, ...] | None:
    """Return what a request that gives nothing passes to the script; None if it is refused."""
    return _arguments(choice)


def _as_before(choice: ScriptChoice) -> tuple[Parameter, ...]:
    """Return the parameters, fixing those whose literal default was passed explicitly."""
    try:
        words = parse_template(choice.args_template)
    except TemplateRefusedError:
        words = ()
    named = {plain_name(name) for word in words for name in word.names}
    return tuple(
        replace(parameter, fixed=True)
        if gap_filler_of(parameter) is not None and _was_written(parameter, named)
        else parameter
        for parameter in choice.parameters
    )


def _was_written(parameter: Parameter, named: set[str]) -> bool:
    if (
        not named.isdisjoint({plain_name(parameter.name), plain_name(parameter.flag)})
        or parameter.required
    ):
        return True
    return parameter.positional and str(parameter.nargs) not in _MAY_BE_EMPTY


def _arguments(choice: ScriptChoice) -> tuple[str, ...] | None:
    try:
        return _built(choice)
    except CommandError:
        return None


def _refusal(choice: ScriptChoice) -> str:
    try:
        _built(choice)
    except CommandError as error:
        return str(error)
    return ""


def _built(choice: ScriptChoice) -> tuple[str, ...]:
    return build_command(
        launcher=(),
        template=choice.args_template,
        parameters=choice.parameters,
        parameters_known=choice.parameters_known,
        commands=choice.commands,
        values={},
    ).argv


def _missing(words: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return the words that are missing from `others`, in their order."""
    left = Counter(words) - Counter(others)
    found: list[str] = []
    for word in words:
        if left[word] > 0:
            left[word] -= 1
            found.append(word)
    return tuple(found)
