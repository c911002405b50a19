"""Which parameters a command line leaves to the script: it uses its own default for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.values import looks_like_option, own_default_of


def left_to_script(
    known: KnownParameters,
    *,
    passed: Collection[str],
    options: Sequence[str],
    extra: Sequence[str],
) -> dict[str, Any]:
    """Return the script's own literal defaults by name.

    Excludes options that further arguments, `extra`, may set under any name.
    """
    further = [word for word in extra if looks_like_option(word, known.flags)]
    if any(not word.startswith("--") and not _is_known(word, known) for word in further):
        return {}
    has_places = any(word not in further for word in extra)
    written = [*options, *extra]
    return {
        parameter.name: value
        for parameter in known.all
        if parameter.name not in passed
        and not (has_places if parameter.positional else _may_be_written(parameter, written))
        and (value := own_default_of(parameter)) is not None
    }


def is_written(parameter: Parameter, words: Sequence[str]) -> bool:
    """Return whether a word is the option of a parameter."""
    return bool(parameter.flag) and any(is_flag(word, parameter.flag) for word in words)


def is_flag(word: str, flag: str) -> bool:
    """Return whether a word is this option, alone or with its value."""
    option = flag.removesuffix("=")
    return bool(option) and (word == option or word.startswith(f"{option}="))


def _is_known(word: str, known: KnownParameters) -> bool:
    return known.with_flag(word.partition("=")[0]) is not None


def _may_be_written(parameter: Parameter, words: Sequence[str]) -> bool:
    """Return whether a word may mean this option; argparse also accepts abbreviations."""
    names = (word.partition("=")[0] for word in words)
    return any(
        len(name) > 2 and name.startswith("--") and parameter.flag.startswith(name)
        for name in names
    ) or is_written(parameter, words)
