"""Write values literally into a drafted template, so that they are in every registry file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from registry_app.arguments.parameters import Parameter

_PLAIN = re.compile(r"[\w@%+=:,./{}-]+")
_NEGATIVE_NUMBER = re.compile(r"-\d+|-\d*\.\d+")


def quoted(word: str) -> str:
    """Return a word as a template writes it; its braces are placeholders or doubled already."""
    return word if _PLAIN.fullmatch(word) else shlex.quote(word)


def literal_word(value: Any) -> str:
    """Return a value as one word without placeholders."""
    return str(value).replace("{", "{{").replace("}", "}}")


def literal_option(flag: str, value: Any) -> list[str]:
    """Return an option with its value: one word where a parser would read the value as another."""
    text = literal_word(value)
    if flag.endswith("="):
        return [f"{flag}{text}"]
    if not text.startswith("-") or text == "-" or _NEGATIVE_NUMBER.fullmatch(text):
        return [flag, text]
    is_short = len(flag) == 2 and flag[1] != "-"
    return [f"{flag}{text}" if is_short else f"{flag}={text}"]


def with_literals(template: str, values: Mapping[str, Any], parameters: Sequence[Parameter]) -> str:
    """Return a drafted template that passes these values of parameters, by name.

    A placeholder is replaced by its value; other values follow. A positional value is written only
    if no other positional parameter is before it.
    """
    first = next((parameter.name for parameter in parameters if parameter.positional), "")
    for parameter in parameters:
        if parameter.name not in values:
            continue
        value = values[parameter.name]
        if parameter.positional:
            words = [literal_word(value)] if parameter.name == first else []
        elif parameter.is_switch:
            words = [parameter.flag] if value else []
        else:
            words = literal_option(parameter.flag, value) if parameter.flag else []
        text = " ".join(quoted(word) for word in words)
        drafted = f"{parameter.flag}{'' if parameter.is_joined else ' '}{{{parameter.name}}}"
        if text and f" {drafted} " in f" {template} ":
            template = f" {template} ".replace(f" {drafted} ", f" {text} ").strip()
        else:
            template = f"{template} {text}".strip()
    return template
