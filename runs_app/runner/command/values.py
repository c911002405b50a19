"""Converts the value of a parameter to words of the script's command line."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.messages import Message
from runs_app.runner.exceptions import ParameterValueError
from runs_app.texts import command as sentences

_TRUE = frozenset({"true", "yes", "on", "t", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "f", "n", "0"})
# The kernel ends an argument at a null; a lone surrogate is not text that can be stored.
_IMPOSSIBLE = re.compile(r"[\x00\ud800-\udfff]")
# What argparse accepts as a value although it begins with a dash.
_NEGATIVE_NUMBER = re.compile(r"-\d+|-\d*\.\d+")
# The kernel's limit for one argument, including its final null byte.
_MAX_BYTES = 128 * 1024
_MANY = frozenset({"*", "+", "...", "A..."})
_REPEATED = frozenset({"append", "extend"})
_BARE = frozenset({"count", "append_const"})
_WANTED = {"int": sentences.NO_WHOLE_NUMBER, "float": sentences.NO_NUMBER}


def repeats(parameter: Parameter) -> bool:
    """Return whether the flag is repeated before each value."""
    return parameter.action in _REPEATED


def takes_many(parameter: Parameter) -> bool:
    """Return whether the option takes all values that follow it."""
    return parameter.nargs in _MANY


def is_bare(parameter: Parameter) -> bool:
    """Return whether the flag takes no value: a switch, or a counted flag."""
    return parameter.is_switch or parameter.action in _BARE


def bare_words(parameter: Parameter, value: Any) -> list[str]:
    """Return the flag as often as `value` requests it. Raises ParameterValueError.

    A `store_false` switch named like its flag (`no_amp` for `--no-amp`) is passed for true. One
    named after what it switches off (`amp` for `--no-amp`) is passed for false.
    """
    if parameter.action == "count":
        return [parameter.flag] * (_count(parameter, value) - _counted_from(parameter))
    is_on = truth(parameter, value)
    if parameter.action == "boolean_optional":
        return [parameter.flag if is_on else _negated(parameter.flag)]
    if parameter.action == "store_false" and not _named_by_flag(parameter):
        is_on = not is_on
    return [parameter.flag] if is_on else []


def fixed_of(parameter: Parameter) -> Any:
    """Return the value that is passed although none is given, None if there is none.

    An option that appends or counts starts from its default, so passing the default would double
    it. A switch that is off is omitted.
    """
    default = parameter.default
    if not parameter.fixed or parameter.default_expr or default in (None, []):
        return None
    if parameter.action == "boolean_optional":
        return default if isinstance(default, bool) else None
    if parameter.action == "store_true":
        return True if default is True else None
    if parameter.action == "store_false":
        return False if default is False and not _named_by_flag(parameter) else None
    return None if is_bare(parameter) or repeats(parameter) else default


def own_default_of(parameter: Parameter) -> Any:
    """Return the script's own literal default, None if it is not known.

    For switches, only those that are on by default. A secret default is not returned.
    """
    default = parameter.default
    unsure = parameter.fixed or parameter.withheld or parameter.default_expr or repeats(parameter)
    if unsure or default in (None, "", []) or parameter.hides(default):
        return None
    if is_bare(parameter):
        is_on = parameter.action in {"store_true", "boolean_optional"} and default is True
        return True if is_on else None
    if isinstance(default, str) or parameter.type == "float":
        try:
            return typed(parameter, texts(parameter, default))
        except ParameterValueError:
            return default
    return default


def gap_filler_of(parameter: Parameter) -> Any:
    """Return the script's own literal for a gap before a given value, None if it has none."""
    if parameter.fixed or parameter.default_expr or parameter.default in (None, []):
        return None
    try:
        texts(parameter, parameter.default)
    except ParameterValueError:
        return None  # the script sets it itself, and would reject it on its command line
    return parameter.default


def texts(parameter: Parameter, value: Any) -> list[str]:
    """Return the values as texts, checked one by one. Raises ParameterValueError."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    found = [_text(parameter, value) for value in values]
    _check_count(parameter, found)
    return found


def typed(parameter: Parameter, found: Sequence[str]) -> Any:
    """Return the value as the script reads it: a number if it expects one."""
    values = [_typed(parameter, text) for text in found]
    return values[0] if len(values) == 1 and not takes_many(parameter) else values


def checked_text(name: str | Message, value: Any) -> str:
    """Return a single value as one argument. Raises ParameterValueError."""
    if isinstance(value, dict | list | tuple | set | bytes) or value is None:
        raise ParameterValueError(sentences.NO_SINGLE_VALUE(name=name, value=repr(value)))
    text = str(value)
    if found := _IMPOSSIBLE.search(text):
        raise ParameterValueError(
            sentences.IMPOSSIBLE_CHARACTER(name=name, character=repr(found.group()))
        )
    if len(text.encode()) >= _MAX_BYTES:
        raise ParameterValueError(sentences.VALUE_TOO_LONG(name=name))
    return text


def looks_like_option(text: str, flags: Sequence[str] = ()) -> bool:
    """Return whether a parser would take this value for an option."""
    if not text.startswith("-") or text == "-":
        return False
    if not _NEGATIVE_NUMBER.fullmatch(text):
        return True
    return any(_NEGATIVE_NUMBER.fullmatch(flag) for flag in flags)


def joined(flag: str, text: str) -> str:
    """Return option and value as one word, which no parser reads as two options."""
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
    raise ParameterValueError(sentences.NO_SWITCH(name=parameter.name, value=str(value)))


def _count(parameter: Parameter, value: Any) -> int:
    word = str(value).strip().lower()
    least = _counted_from(parameter)
    count = int(word) if word.isdecimal() and len(word) < 3 else -1
    if word in _TRUE | _FALSE and count < 0:
        count = least + int(word in _TRUE)
    if count < least:
        raise ParameterValueError(
            sentences.NO_COUNT(name=parameter.name, least=least, value=str(value))
        )
    return count


def _counted_from(parameter: Parameter) -> int:
    """Return the default of a counted flag, to which each flag adds."""
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
        return str(_boolean(text))  # the only spelling that all such libraries accept
    return text


def _check_type(parameter: Parameter, text: str) -> None:
    try:
        _typed(parameter, text)
    except (ValueError, OverflowError) as error:
        wanted = _WANTED.get(parameter.type, sentences.NO_TRUTH)
        raise ParameterValueError(wanted(name=parameter.name, value=text)) from error


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
            sentences.NO_CHOICE(name=parameter.name, offered=offered, value=text)
        )


def _check_count(parameter: Parameter, found: Sequence[str]) -> None:
    wanted = _wanted_count(parameter)
    if wanted is None or len(found) == wanted:
        return
    sentence = sentences.TAKES_ONE_VALUE if wanted == 1 else sentences.TAKES_VALUES
    raise ParameterValueError(
        sentence(name=parameter.name, wanted=wanted, count=len(found), values=", ".join(found))
    )


def _wanted_count(parameter: Parameter) -> int | None:
    """Return how many values the option takes, or None for any number."""
    if takes_many(parameter) or repeats(parameter):
        return None
    nargs = str(parameter.nargs or "")
    return int(nargs) if nargs.isdecimal() else 1
