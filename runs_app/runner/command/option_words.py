"""The words of one parameter with its value, and what a run records of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.secret_names import MASKED
from runs_app.runner.command.overrides import override_text
from runs_app.runner.command.secret_words import hide
from runs_app.runner.command.values import joined, looks_like_option, repeats, texts, typed
from runs_app.runner.exceptions import CommandError, ParameterValueError
from runs_app.texts import command as sentences


def option_words(
    flag: str, parameter: Parameter, value: Any, *, flags: Sequence[str], is_given: bool
) -> tuple[list[str], Any]:
    """Return the words of a parameter, and what is recorded about it.

    `flag` is '' for a positional one; `flags` are all options of the script. Raises CommandError.
    """
    found = checked_texts(parameter, value)
    if not (flag or parameter.is_override or is_given):
        refuse_default_like_option(parameter, found, flags)
    words = _words(flag, parameter, found, flags)
    if parameter.hides(found):
        words = hide(words, flag, parameter, found)
    return words, recorded(parameter, found)


def checked_texts(parameter: Parameter, value: Any) -> list[str]:
    """Return the checked texts; errors about a secret do not show its value."""
    if not parameter.hides(value):
        return texts(parameter, value)
    try:
        return texts(parameter, value)
    except ParameterValueError:
        raise ParameterValueError(
            sentences.SECRET_NOT_TAKEN(name=parameter.name, kind=parameter.type or "str")
        ) from None


def recorded(parameter: Parameter, found: list[str]) -> Any:
    """Return what is recorded about a parameter that is passed."""
    return MASKED if parameter.hides(found) else typed(parameter, found)


def refuse_default_like_option(
    parameter: Parameter, found: list[str], flags: Sequence[str]
) -> None:
    """Refuse a default that the command line would contain as an option of its own.

    A value given for this run may begin with a dash: its command is shown to the user.
    """
    for text in found:
        if looks_like_option(text, flags):
            shown = MASKED if parameter.hides(found) else text
            raise CommandError(sentences.DEFAULT_LIKE_OPTION(name=parameter.name, value=shown))


def _words(flag: str, parameter: Parameter, found: list[str], flags: Sequence[str]) -> list[str]:
    if parameter.is_override:
        return [joined(parameter.flag, override_text(parameter, found))]
    if flag and (repeats(parameter) or flag.endswith("=")):
        return [word for text in found for word in _pair(flag, text, flags)]
    if flag and len(found) == 1:
        return _pair(flag, found[0], flags)
    for text in found:
        if flag and looks_like_option(text, flags):
            shown = MASKED if parameter.hides(text) else text
            raise ParameterValueError(sentences.VALUE_LIKE_OPTION(name=parameter.name, value=shown))
    return [flag, *found] if flag else found


def _pair(flag: str, text: str, flags: Sequence[str]) -> list[str]:
    if flag.endswith("=") or looks_like_option(text, flags):
        return [joined(flag, text)]
    return [flag, text]
