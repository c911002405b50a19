"""JSON as found in the wild: NaN and Infinity, numbers too large for a float, a truncated end, or
Python's quotes.

An invalid value costs that value only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from registry_app.results.documents.values import HUGE, HugeNumber
from registry_app.results.numbers import MAX_CHARACTERS, word_of_number

MAX_DEPTH = 40
_PART = re.compile(
    r"""\s*(?:([{}\[\]:,])|("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')|([^\s{}\[\]:,"']+)|(["']))""",
    re.DOTALL,
)
_ABSENT = frozenset({"null", "None", "undefined"})
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")


class NoJsonError(ValueError):
    """The text is not JSON, not even a part of it; `line` is where the error is."""

    def __init__(self, line: int) -> None:
        super().__init__(f"no JSON in line {line}")
        self.line = line


def loads(text: str) -> Any:
    """Return the parsed value; a number too large for a float is HUGE. Raises NoJsonError."""
    text = text.lstrip("\ufeff").strip()
    try:
        return json.loads(text, parse_int=_whole, parse_float=_decimal)
    except RecursionError as error:
        raise NoJsonError(1) from error
    except ValueError as error:
        found = _Parser(text).parse()
        if not found:  # an empty container is no more useful than an error
            raise NoJsonError(getattr(error, "lineno", 1)) from error
        return found


def _whole(text: str) -> int | HugeNumber:
    return int(text) if len(text) <= MAX_CHARACTERS else HUGE


def _decimal(text: str) -> float | HugeNumber:
    value = float(text)
    return value if abs(value) != float("inf") else HUGE


class _Parser:
    """Parse as much of the text as possible; an unreadable value is its text."""

    def __init__(self, text: str) -> None:
        self._rest = _split(text)
        self._back: list[tuple[str, str]] = []

    def parse(self) -> Any:
        kind, word = self._next()
        return self._value(kind, word, 0) if kind == "sign" and word in "{[" else None

    def _next(self) -> tuple[str, str]:
        return self._back.pop() if self._back else next(self._rest, ("end", ""))

    def _value(self, kind: str, word: str, depth: int) -> Any:
        if kind == "sign" and word in "{[":
            if depth >= MAX_DEPTH:
                self._rest = iter(())
                return None
            return self._object(depth + 1) if word == "{" else self._array(depth + 1)
        if kind == "text":
            return word[1:-1]
        return bare_value(word) if kind == "bare" else None

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            kind, word = self._next()
            if kind == "end" or (kind == "sign" and word in "}]"):
                return found
            if kind == "sign":
                continue
            key = word[1:-1] if kind == "text" else word
            kind, word = self._next()
            if (kind, word) != ("sign", ":"):
                self._back.append((kind, word))
                if kind == "end":
                    return found
                continue
            kind, word = self._next()
            if kind == "end":
                return found
            if kind == "sign" and word in ",}]":
                self._back.append((kind, word))
                continue
            found[key] = self._value(kind, word, depth)

    def _array(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            kind, word = self._next()
            if kind == "end" or (kind == "sign" and word in "]}"):
                return found
            if kind == "sign" and word in ",:":
                continue
            found.append(self._value(kind, word, depth))


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Yield the tokens of a text; a number at its very end may be truncated, so it is not one."""
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or match[4]:  # only white space, or an unterminated string
            return
        at = match.end()
        if match[1]:
            yield "sign", match[1]
        elif match[2]:
            yield "text", match[2]
        elif at < len(text):
            yield "bare", match[3]


def bare_value(word: str) -> float | bool | str | HugeNumber | None:
    """Return the value of a word without quotes; the word itself if it is no value."""
    if _NUMBER.fullmatch(word):
        return _decimal(word) if len(word) <= MAX_CHARACTERS else HUGE
    if word in {"true", "True", "false", "False"}:
        return word in {"true", "True"}
    if word in _ABSENT:
        return None
    number = word_of_number(word)
    return word if number is None else number
