"""Lines of one kind, recognised by one expression: most result lines of a log repeat few kinds.

A template is made of a line that was read once. It matches only lines that would be split into the
same texts and kinds of numbers, so that their plan is known without splitting them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry_app.results.logs.plan import Plan
from registry_app.results.logs.tokens import CLOCK, Tokens, kind_of

MAX_TEMPLATES = 6
MAX_CHARACTERS = 1_000
# The expressions of plain numbers, by their kind.
_KINDS = {
    "i": r"(\d+)",
    "f": r"(\d+\.\d+)",
    "x": r"([-+]\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\d+(?:\.\d+)?[eE][-+]?\d+)",
}
_NUMBER = re.compile("|".join(_KINDS.values()))
_SPACE = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
# Between two numbers these could make one: a time, a date, thousands.
_JOINING = re.compile(r"[^\w\s/]")


@dataclass(frozen=True, slots=True)
class Template:
    """The expression of lines of one shape, whose groups are their numbers, and their plan."""

    pattern: re.Pattern[str]
    shape: tuple[str, str]
    plan: Plan


class Templates:
    """The templates of the last kinds of lines, the most recently used first."""

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._seen_shape: tuple[str, str] | None = None

    def find(self, text: str) -> tuple[Template, tuple[str, ...]] | None:
        """Return the template of a line, and the line's numbers as written."""
        for place, template in enumerate(self._templates):
            match = template.pattern.fullmatch(text)
            if match is not None:
                if place:
                    self._templates.insert(0, self._templates.pop(place))
                return template, match.groups()
        return None

    def add(self, tokens: Tokens, plan: Plan) -> None:
        """Remember the kind of a line, if the last line was of the same."""
        shape = tokens.shape
        if shape != self._seen_shape:
            self._seen_shape = shape
            return
        pattern = _pattern_of(tokens)
        if pattern is not None:
            self._templates.insert(0, Template(pattern, shape, plan))
            del self._templates[MAX_TEMPLATES:]


def _pattern_of(tokens: Tokens) -> re.Pattern[str] | None:
    """Return the expression of a line; None if not all of its numbers are plain."""
    if sum(map(len, tokens.texts)) > MAX_CHARACTERS or not all(
        map(_NUMBER.fullmatch, tokens.numbers)
    ):
        return None
    if any(map(_JOINING.fullmatch, tokens.texts[1:-1])):
        return None
    parts = [_of_text(tokens.texts[0])]
    for number, text in zip(tokens.numbers, tokens.texts[1:], strict=True):
        parts += [_KINDS[kind_of(number)], _of_text(text)]
    return re.compile("".join(parts), re.ASCII)


def _of_text(text: str) -> str:
    """Return the expression of a text: any amount of space, any time of day."""
    found, at = [], 0
    for clock in CLOCK.finditer(text):
        found += [_of_words(text[at : clock.start()]), _DIGITS.sub(_of_digits, re.escape(clock[0]))]
        at = clock.end()
    return "".join([*found, _of_words(text[at:])])


def _of_digits(digits: re.Match[str]) -> str:
    return r"\d{1,2}" if len(digits[0]) <= 2 else rf"\d{{{len(digits[0])}}}"


def _of_words(text: str) -> str:
    return r"\s+".join(map(re.escape, _SPACE.split(text)))
