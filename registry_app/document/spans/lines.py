"""Positions in a text, and the replacements of parts of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Replacement(NamedTuple):
    """The text that takes the place of the text between two positions."""

    start: int
    end: int
    text: str


class OverlapError(Exception):
    """Two replacements concern the same place; carry them out one after the other."""


def end_of_line(text: str, position: int) -> int:
    """Return the position of the line break at or after a position, or the text's end."""
    found = text.find("\n", position)
    if found < 0:
        return len(text)
    return found - 1 if found > position and text[found - 1] == "\r" else found


def next_line(text: str, position: int) -> int:
    """Return where the line after that of a position starts, or the text's end."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def start_of_line(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def line_break(text: str) -> str:
    """Return the more frequent line break of a text."""
    windows = text.count("\r\n")
    return "\r\n" if windows * 2 > text.count("\n") else "\n"


def is_alone(text: str, start: int) -> bool:
    """Whether there are only blanks before a position in its line."""
    return not text[start_of_line(text, start) : start].strip(" ")


def comments_below(text: str, position: int, column: int) -> int:
    """Return the end of the comment lines below a line that are indented deeper than a column.

    Blank lines between them are included, those after the last are not.
    """
    end = position
    while position < len(text):
        following = next_line(text, position)
        line = text[position:following].strip(" \t\r\n")
        if line.startswith("#"):
            if text.index("#", position) - position <= column:
                break
            end = following
        elif line:
            break
        position = following
    return end


def has_deeper_comment(text: str, position: int, column: int) -> bool:
    """Whether the line after that of a position is a comment indented deeper than a column."""
    start = next_line(text, position)
    return comments_below(text, start, column) > start


def replaced(text: str, replacements: Sequence[Replacement]) -> str:
    """Carry out replacements, in the given order where they start at one place.

    Raises OverlapError if two of them concern the same characters.
    """
    parts, done = [], 0
    for replacement in sorted(
        replacements, key=lambda replacement: (replacement.start, replacement.end)
    ):
        if replacement.start < done:
            raise OverlapError
        parts += [text[done : replacement.start], replacement.text]
        done = replacement.end
    return "".join([*parts, text[done:]])


def has_comment(texts: Iterable[str]) -> bool:
    """Whether one of these texts, which lie between values, holds a comment."""
    return any("#" in text for text in texts)
