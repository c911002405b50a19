"""Turns the value of a parameter into the words that a script's command line takes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from runs_app.runner.exceptions import ParameterValueError
from runs_app.runner.language import gettext as _

_TRUE = frozenset({"true", "yes", "on", "t", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "f", "n", "0"})
# The kernel ends an argument at a null; halves of a sign are no text that could be stored.
_IMPOSSIBLE = re.compile(r"[\x00\ud800-\udfff]")
# What argparse takes as a value although it begins with a dash.
_NEGATIVE_NUMBER = re.compile(r"-\d+|-\d*\.\d+")
# The kernel's limit for one argument, its final null byte included.
_LONGEST_BYTES = 128 * 1024
_MANY = frozenset({"*", "+", "...", "A..."})
_REPEATED = frozenset({"append", "extend"})
_BARE = frozenset({"count", "append_const"})


def repeats(parameter: Parameter) -> bool:
    """Whether the flag stands once before each value."""
    return parameter.action in _REPEATED


def takes_many(parameter: Parameter) -> bool:
    """Whether the option takes as many values as follow it."""
    return parameter.nargs in _MANY


def is_bare(parameter: Parameter) -> bool:
    """Whether the flag stands without a value: a switch, or one that may be repeated."""
    return parameter.is_switch or parameter.action in _BARE


def bare_words(parameter: Parameter, value: Any) -> list[str]:
    """Return the flag as often as `value` asks for it. Raises ParameterValueError.

    A `store_false` switch whose name is that of its flag (`no_amp` for `--no-amp`) is passed for
    true; one that goes by what it switches off (`amp` for `--no-amp`) is passed for false.
    """
    if parameter.action == "count":
        return [parameter.flag] * (_count(parameter, value) - _counted_from(parameter))
    is_on = truth(parameter, value)
    if parameter.action == "boolean_optional":
        return [parameter.flag if is_on else _negated(parameter.flag)]
    if parameter.action == "store_false" and not _named_by_flag(parameter):
        is_on = not is_on
    return [parameter.flag] if is_on else []


def default_of(parameter: Parameter) -> Any:
    """Return the literal default that may be passed, None where passing it would say otherwise.

    What is appended or counted begins with its default, so that passing it would double it. A
    switch that is on by itself may be passed; any other switch says something by being left out.
    """
    if parameter.default_expr or parameter.default == [] or repeats(parameter):
        return None
    if not is_bare(parameter):
        return parameter.default
    may_be_passed = parameter.action in {"store_true", "boolean_optional"}
    return True if may_be_passed and parameter.default is True else None


def texts(parameter: Parameter, value: Any) -> list[str]:
    """Return the values as texts, checked one by one. Raises ParameterValueError."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    found = [_text(parameter, one) for one in values]
    _check_count(parameter, found)
    return found


def typed(parameter: Parameter, found: Sequence[str]) -> Any:
    """Return what the script will understand: a number where it asks for one."""
    values = [_typed(parameter, text) for text in found]
    return values[0] if len(values) == 1 and not takes_many(parameter) else values


def checked_text(name: str, value: Any) -> str:
    """Return any single value as one argument. Raises ParameterValueError."""
    if isinstance(value, dict | list | tuple | set | bytes) or value is None:
        raise ParameterValueError(
            _("{name}: give text, a number or true/false, not {value}.").format(
                name=name, value=repr(value)
            )
        )
    text = str(value)
    if found := _IMPOSSIBLE.search(text):
        raise ParameterValueError(
            _(
                "{name}: the value holds the sign {sign}, which cannot be passed. Remove it, or "
                "put the text into a file and name the file."
            ).format(name=name, sign=repr(found.group()))
        )
    if len(text.encode()) >= _LONGEST_BYTES:
        raise ParameterValueError(
            _(
                "{name}: the value is longer than 128 KiB. Put it into a file and name the file."
            ).format(name=name)
        )
    return text


def looks_like_option(text: str, flags: Sequence[str] = ()) -> bool:
    """Whether a parser would take this value for an option."""
    if not text.startswith("-") or text == "-":
        return False
    if not _NEGATIVE_NUMBER.fullmatch(text):
        return True
    return any(_NEGATIVE_NUMBER.fullmatch(flag) for flag in flags)


def joined(flag: str, text: str) -> str:
    """Return option and value as one word, which no parser takes for two options."""
    if flag.endswith("="):
        return f"{flag}{text}"
    is_short = len(flag) == 2 and flag[1] != "-"
    return f"{flag}{text}" if is_short else f"{flag}={text}"


def truth(parameter: Parameter, value: Any) -> bool:
    """Read true or false. Raises ParameterValueError."""
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ParameterValueError(
        _("{name} is a switch: give true or false, not '{value}'.").format(
            name=parameter.name, value=value
        )
    )


def _count(parameter: Parameter, value: Any) -> int:
    word = str(value).strip().lower()
    least = _counted_from(parameter)
    count = int(word) if word.isdecimal() and len(word) < 3 else -1
    if word in _TRUE | _FALSE and count < 0:
        count = least + int(word in _TRUE)
    if count < least:
        raise ParameterValueError(
            _("{name} is counted: give {least} to 99, not '{value}'.").format(
                name=parameter.name, least=least, value=value
            )
        )
    return count


def _counted_from(parameter: Parameter) -> int:
    """A counted flag adds to its default."""
    return parameter.default if isinstance(parameter.default, int) else 0


def _named_by_flag(parameter: Parameter) -> bool:
    return plain_name(parameter.flag) == plain_name(parameter.name)


def _negated(flag: str) -> str:
    return f"--no-{flag[2:]}" if flag.startswith("--") else flag


def _text(parameter: Parameter, value: Any) -> str:
    text = checked_text(parameter.name, value)
    if parameter.type == "int" and isinstance(value, float) and value.is_integer():
        text = str(int(value))
    _check_type(parameter, text)
    _check_choice(parameter, text)
    if parameter.type == "truthy":
        return "True" if _boolean(text) else ""  # its "False" would be true
    if parameter.type == "bool" and parameter.is_joined:
        return str(_boolean(text))  # the one way of writing it that all such libraries read
    return text


def _check_type(parameter: Parameter, text: str) -> None:
    try:
        _typed(parameter, text)
    except (ValueError, OverflowError) as error:
        raise ParameterValueError(
            _wanted(parameter.type).format(name=parameter.name, value=text)
        ) from error


def _wanted(type: str) -> str:  # noqa: A002
    if type == "int":
        return _("{name}: give a whole number, not '{value}'.")
    if type == "float":
        return _("{name}: give a number, not '{value}'.")
    return _("{name}: give true or false, not '{value}'.")


def _typed(parameter: Parameter, text: str) -> Any:
    if parameter.type == "int":
        return int(text)
    if parameter.type == "float":
        number = float(text)
        return number if math.isfinite(number) else text
    if parameter.type == "bool":
        return _boolean(text)
    if parameter.type == "truthy":
        return bool(text) and _boolean(text)
    return text


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _check_choice(parameter: Parameter, text: str) -> None:
    if not parameter.choices:
        return
    value = _typed(parameter, text)
    if not any(text == str(choice) or value == choice for choice in parameter.choices):
        offered = ", ".join(str(choice) for choice in parameter.choices)
        raise ParameterValueError(
            _("{name}: choose one of {offered}, not '{value}'.").format(
                name=parameter.name, offered=offered, value=text
            )
        )


def _check_count(parameter: Parameter, found: Sequence[str]) -> None:
    wanted = _wanted_count(parameter)
    if wanted is None or len(found) == wanted:
        return
    sentence = (
        _("{name} takes 1 value, not {count}: {values}.")
        if wanted == 1
        else _("{name} takes {wanted} values, not {count}: {values}.")
    )
    raise ParameterValueError(
        sentence.format(
            name=parameter.name, wanted=wanted, count=len(found), values=", ".join(found)
        )
    )


def _wanted_count(parameter: Parameter) -> int | None:
    """Return how many values the option takes, or None where that is free."""
    if takes_many(parameter) or repeats(parameter):
        return None
    nargs = str(parameter.nargs or "")
    return int(nargs) if nargs.isdecimal() else 1
