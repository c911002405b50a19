"""Reads an argument template: POSIX words with `{name}` placeholders, never seen by a shell.

`{{` and `}}` stand for literal braces; any other brace is refused, so that a typing error in a
placeholder never reaches a script as text.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from runs_app.runner.exceptions import TemplateError

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[^{}]+|[{}]")
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """`{name}` inside a word."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of the template: pieces of text and placeholders in turn."""

    pieces: tuple[str | Placeholder, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The placeholders in this word, in order."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, Placeholder))

    @property
    def alone(self) -> str:
        """The name, where the word is one placeholder and nothing else; otherwise ''."""
        return self.names[0] if len(self.pieces) == 1 and self.names else ""

    def filled(self, texts: dict[str, str]) -> str:
        """Return the word with each placeholder replaced; raises KeyError for one without text."""
        return "".join(
            texts[piece.name] if isinstance(piece, Placeholder) else piece for piece in self.pieces
        )


def parse_template(template: str) -> tuple[Word, ...]:
    """Split a template once into words; raises TemplateError naming the cure."""
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise TemplateError(
            f"The argument template has an open quote or a lone backslash at its end ({error}): "
            f"{template}"
        ) from error
    return tuple(_word(text) for text in words)


def _word(text: str) -> Word:
    return Word(pieces=tuple(_piece(match) for match in _PIECE.finditer(text)))


def _piece(match: re.Match[str]) -> str | Placeholder:
    text = match.group()
    if text in ("{{", "}}"):
        return text[0]
    name = match.group("name")
    if name is not None and _NAME.fullmatch(name):
        return Placeholder(name=name)
    if name is not None or text in ("{", "}"):
        raise TemplateError(
            f"'{text}' in the argument template is no placeholder. Write {{name}} for a "
            f"parameter, and {{{{ or }}}} where the script itself needs a brace: {match.string}"
        )
    return text
