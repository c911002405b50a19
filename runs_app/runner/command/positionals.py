"""Chooses which positional parameters are passed, and where: a script knows them by their place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.values import looks_like_option, takes_many
from runs_app.runner.exceptions import MissingParameterError
from runs_app.runner.language import gettext as _

_MAY_BE_EMPTY = frozenset({"?", "*", "..."})


def chosen_positionals(
    parameters: Sequence[Parameter],
    *,
    wanted: Collection[str],
    value_of: Callable[[Parameter], Any],
) -> list[tuple[Parameter, Any]]:
    """Return what to pass, in order: the `wanted` ones, those a parser insists on, and gaps.

    A gap is a place before one that is passed. It takes the parameter's default; where there is
    none, the values behind it would arrive under another name, so MissingParameterError is raised.
    """
    values = [value_of(one) for one in parameters]
    places = [
        place
        for place, one in enumerate(parameters)
        if values[place] is not None
        and (one.required or one.name in wanted or str(one.nargs) not in _MAY_BE_EMPTY)
    ]
    end = places[-1] + 1 if places else 0
    chosen: list[tuple[Parameter, Any]] = []
    for place in range(end):
        parameter, value = parameters[place], values[place]
        if value is not None:
            chosen.append((parameter, value))
        elif not _may_be_left_out(parameter, parameters[place + 1 :]):
            raise MissingParameterError(
                _(
                    "{name} stands behind {missing} on the command line; give {missing} as well."
                ).format(name=parameters[end - 1].name, missing=parameter.name),
                name=parameter.name,
            )
    return chosen


def _may_be_left_out(parameter: Parameter, behind: Sequence[Parameter]) -> bool:
    """Whether the script itself can tell that this place is empty."""
    return str(parameter.nargs) in _MAY_BE_EMPTY and not any(
        str(one.nargs) in {*_MAY_BE_EMPTY, "+", "A..."} for one in behind
    )


def arranged(
    options: Sequence[str],
    positionals: Sequence[str],
    extra: Sequence[str],
    *,
    known: KnownParameters,
) -> list[str]:
    """Return all words in their order, with `--` where a script would misread a positional one."""
    if not positionals:
        return [*options, *extra]
    is_misread = any(looks_like_option(text, known.flags) for text in positionals)
    if not is_misread and not _ends_open(options, known):
        return [*options, *positionals, *extra]
    if extra and extra[0].startswith("-"):
        return [*options, *extra, "--", *positionals]
    return [*options, "--", *positionals, *extra]


def _ends_open(options: Sequence[str], known: KnownParameters) -> bool:
    """Whether the last option would swallow a word that follows it."""
    for behind, word in enumerate(reversed(options)):
        option = known.with_flag(word)
        if option is not None:
            return takes_many(option) or (option.nargs == "?" and behind == 0)
    return False
