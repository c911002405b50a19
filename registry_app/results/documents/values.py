"""Single values of JSON and YAML: numbers, also those written as text, and why others are none."""

from __future__ import annotations

import re

from registry_app.messages import Message
from registry_app.results import reasons
from registry_app.results.numbers import as_float, is_huge, word_of_number
from registry_app.results.rows import Skip
from registry_app.results.spelling import key_of
from registry_app.results.words import axis_of, is_metric

_NUMBER_AS_TEXT = re.compile(r"[-+]?(?:0|[1-9]\d*|(?=\.\d))(?:\.\d*)?(?:[eE][-+]?\d+)?", re.ASCII)
# Numbers as text are read under these names as well as under those of metrics; elsewhere they are
# versions, ids or dates.
_VALUE_NAMES = frozenset({"lr", "learning_rate", "grad_norm", "reward"})
MAX_CHARACTERS = 400


class HugeNumber:
    """A number in a document that no float can hold."""


HUGE = HugeNumber()


class Values:
    """Reads the values of one file; `as_text` counts the numbers that were written as text."""

    def __init__(self, skip: Skip) -> None:
        self.skip = skip
        self.as_text = 0

    def number(self, name: str, value: object) -> float | None:
        """Return a value as a number; None for any other, which is reported under a metric."""
        found = number_in(value)
        if found is not None:
            return found
        last = name.rpartition(".")[2]
        may_be_text = is_metric(last) or bool(axis_of(last)) or key_of(last) in _VALUE_NAMES
        if may_be_text and isinstance(value, str) and (found := number_of_text(value)) is not None:
            self.as_text += is_metric(last)
            return found
        reason = why_no_number(value)
        if reason is not None and (is_metric(last) or reason.code == reasons.HUGE.code):
            self.skip(name, reason)
        return None

    def notes(self) -> list[Message]:
        """Return what users of the numbers should know."""
        return [reasons.NUMBERS_AS_TEXT(count=self.as_text)] if self.as_text else []


def number_in(value: object) -> float | None:
    """Return a number of JSON, also a word that JSON has no number for: `"NaN"`."""
    if isinstance(value, str):
        return word_of_number(value.strip()) if len(value) < 12 else None
    return as_float(value)


def number_of_text(text: str) -> float | None:
    """Return the number of a text that has nothing else; None for `12 ms`, `007` and `1e999`."""
    plain = text.strip()
    if len(plain) > MAX_CHARACTERS or not _NUMBER_AS_TEXT.fullmatch(plain):
        return None
    value = float(plain)
    return None if abs(value) == float("inf") else value


def why_no_number(value: object) -> Message | None:
    """Return why a value is no number; None for one that is absent or holds other values."""
    if isinstance(value, bool):
        return reasons.TRUTH()
    if isinstance(value, HugeNumber | int | float):
        return reasons.HUGE()
    if isinstance(value, str) and value.strip():
        return reasons.HUGE() if is_huge(value) else reasons.not_a_number(value)
    return reasons.SEVERAL() if isinstance(value, list) and value else None
