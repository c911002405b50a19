"""Chooses which positional parameters are passed, and at which position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.values import looks_like_option, takes_many
from runs_app.runner.exceptions import MissingParameterError
from runs_app.texts import command as texts

_MAY_BE_EMPTY = frozenset({"?", "*", "..."})


def chosen_positionals(
    parameters: Sequence[Parameter],
    *,
    value_of: Callable[[Parameter], Any],
    filler_of: Callable[[Parameter], Any],
) -> list[tuple[Parameter, Any]]:
    """Return what to pass, in order: the parameters that have a value, and gaps before them.

    A gap is filled with the script's own default. Without one, the values after it would be read
    under another name, so MissingParameterError is raised.
    """
    values = [value_of(parameter) for parameter in parameters]
    end = max((place + 1 for place, value in enumerate(values) if value is not None), default=0)
    chosen: list[tuple[Parameter, Any]] = []
    for place in range(end):
        parameter, value = parameters[place], values[place]
        if value is None:
            value = filler_of(parameter)
        if value is not None:
            chosen.append((parameter, value))
        elif not _may_be_omitted(parameter, parameters[place + 1 :]):
            raise MissingParameterError(
                texts.NEEDS_BEFORE(name=parameters[end - 1].name, missing=parameter.name),
                name=parameter.name,
            )
    return chosen


def _may_be_omitted(parameter: Parameter, behind: Sequence[Parameter]) -> bool:
    """Return whether the script itself can detect that this position is empty."""
    return str(parameter.nargs) in _MAY_BE_EMPTY and not any(
        str(later.nargs) in {*_MAY_BE_EMPTY, "+", "A..."} for later in behind
    )


def arranged(
    options: Sequence[str],
    positionals: Sequence[str],
    extra: Sequence[str],
    *,
    known: KnownParameters,
) -> list[str]:
    """Return all words in order, with `--` if the script would misread a positional one."""
    if not positionals:
        return [*options, *extra]
    is_misread = any(looks_like_option(text, known.flags) for text in positionals)
    if not is_misread and not _ends_open(options, known):
        return [*options, *positionals, *extra]
    if extra and extra[0].startswith("-"):
        return [*options, *extra, "--", *positionals]
    return [*options, "--", *positionals, *extra]


def _ends_open(options: Sequence[str], known: KnownParameters) -> bool:
    """Return whether the last option would consume the word after it."""
    for behind, word in enumerate(reversed(options)):
        option = known.with_flag(word)
        if option is not None:
            return takes_many(option) or (option.nargs == "?" and behind == 0)
    return False
