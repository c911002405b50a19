"""A line as alternating texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from registry_app.results.rows import MAX_STEP
from registry_app.results.words import QUALIFIER

# A standalone number: not part of a date, a time, an address, a version or a word. Only a short
# unit may directly follow it. `1.234,5`, `1,234.5` and `0,5` are numbers; `1,2,3` and `[1,2]` are
# none.
_NUMBER = re.compile(
    r"(?<![\w.@])(?<!\d[:,-])(?<!@\[)(?<!\d\.)(?<!\[ IoU=)(?<!Dets=)(?<!Dets= )(?<!Dets=  )"
    r"([-+]?(?:\d{1,3}(?:\.\d{3})+,\d+(?!\d|,\d)|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d|,\d)"
    r"|(?<![\[(])\d+,\d+(?:[eE][-+]?\d+)?(?!\d|,\d)"
    r"|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|(?i:nan|inf|infinity)(?![a-zA-Z])))"
    r"(?![\d.]*[.:-]\d)(?!,\d{3})(?=[a-zA-Zµ]{0,4}(?:[^\w]|$|번째|에폭|에포크|초|장|개))"
)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
# `1,234`, which is a decimal next to one.
_ONE_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
# The counters of `[1,12000]`.
_PAIR = re.compile(r"^(\s*\[\d+),(?=\d+\])")

# A time of day, perhaps with its date, which differs between lines of one kind.
CLOCK = re.compile(
    r"(?<![\w.:/-])(?:(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?)[T -])?"
    r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?Z?(?![\w/:])"
)
# The digits in the qualifier of a name are none of the line's numbers.
_HIDDEN = {ord(digit): 0xE000 + int(digit) for digit in "0123456789"}
_SHOWN = {hidden: digit for digit, hidden in _HIDDEN.items()}


def _masked(qualifier: re.Match[str]) -> str:
    return qualifier[0].translate(_HIDDEN)


# What stands for a time of day in a shape: no line has this character.
_A_CLOCK = "\1"


def value_of(number: str) -> float:
    """Return the value of a number as it is written, with a decimal point."""
    return float(number.replace(",", ""))


def with_points(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers of a line with decimal points instead of commas.

    `1,234` is a thousand and more, unless a number next to it can only have a decimal comma.
    """
    if not any("," in number for number in numbers):
        return tuple(numbers)
    has_commas = any("," in number and not _THOUSANDS.fullmatch(number) for number in numbers)
    return tuple(_with_point(number, has_commas=has_commas) for number in numbers)


def _with_point(number: str, *, has_commas: bool) -> str:
    if "," not in number:
        return number
    if has_commas and _ONE_COMMA.fullmatch(number):
        return number.replace(",", ".")
    if _THOUSANDS.fullmatch(number):
        return number
    return number.replace(".", "").replace(",", ".")


def count_of(number: str) -> int:
    """Return a counter as a whole number; one that is beyond every step is just that."""
    value = value_of(number)
    return int(value) if value <= MAX_STEP else MAX_STEP + 1


def kind_of(number: str) -> str:
    """Return the kind of a number: `i` for digits, `f` for a plain decimal, `x` for any other."""
    if number.isdigit():
        return "i"
    return "f" if number.replace(".", "", 1).isdigit() and number[0] != "." else "x"


@dataclass(frozen=True)
class Tokens:
    """The numbers of a line as written, and the texts around them, one more than numbers."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> Self:
        """Split a line."""
        masked = QUALIFIER.sub(_masked, _PAIR.sub(r"\1, ", line))
        parts = _NUMBER.split(masked)
        texts = tuple(parts[::2])
        if masked is not line:
            texts = tuple(text.translate(_SHOWN) for text in texts)
        return cls(texts, with_points(parts[1::2]))

    @cached_property
    def shape(self) -> tuple[str, str]:
        """What lines of one print statement share: texts without padding, and kinds of numbers."""
        kinds = "".join(map(kind_of, self.numbers))
        texts = "\0".join(" ".join(text.split()) for text in self.texts)
        return CLOCK.sub(_A_CLOCK, texts), kinds
