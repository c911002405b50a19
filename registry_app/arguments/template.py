"""The rule of argument templates: POSIX words with `{name}` placeholders, never seen by a shell.

Every entry point that takes a template and every run parse it here. `{{` and `}}` are literal
braces; any other brace is refused, so that a typing error in a placeholder never reaches a script
as text. Nothing here imports Django, because the runner reads templates too.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.exceptions import RegistryError
from registry_app.texts import templates as texts

MAX_TEMPLATE_LENGTH = 4000
NAME = re.compile(r"\w[\w.-]*")
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[^{}]+|[{}]")


class TemplateRefusedError(RegistryError):
    """An argument template cannot be used."""


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
        """The name if the word is exactly one placeholder; otherwise ''."""
        return self.names[0] if len(self.pieces) == 1 and self.names else ""

    @property
    def text(self) -> str | None:
        """The word as it is passed if it has no placeholder; otherwise None."""
        return None if self.names else self.filled({})

    def filled(self, texts: dict[str, str]) -> str:
        """Return the word with each placeholder replaced; raises KeyError for a missing value."""
        return "".join(
            texts[piece.name] if isinstance(piece, Placeholder) else piece for piece in self.pieces
        )


def parse_template(template: str) -> tuple[Word, ...]:
    """Split a template into words; raises TemplateRefusedError naming the bad part."""
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise TemplateRefusedError(texts.OPEN_QUOTE(template=template)) from error
    return tuple(Word(pieces=tuple(_pieces(text))) for text in words)


def unknown_names(words: Sequence[Word], parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """Return the placeholders that match none of these parameters.

    A placeholder matches the name or the flag of a parameter, with `-` or `_`. After an option of
    the script, a name with more or fewer words matches too: `--batch {batch_size}`.
    """
    known = {
        plain_name(text)
        for parameter in parameters
        for text in (parameter.name, parameter.flag)
        if text
    }
    options = {
        parameter.flag.rstrip("=")
        for parameter in parameters
        if parameter.flag and not parameter.is_switch
    }
    return tuple(
        name
        for option, name in _with_options(words)
        if plain_name(name) not in known and not (option in options and _is_akin(option, name))
    )


def check_names(words: Sequence[Word], parameters: Sequence[Parameter], *, script: str) -> None:
    """Raise TemplateRefusedError for a placeholder that is not a parameter of `script`."""
    for name in unknown_names(words, parameters):
        raise refusal_of(name, parameters, script=script)


def refusal_of(name: str, parameters: Sequence[Parameter], *, script: str) -> TemplateRefusedError:
    """Return why a template must not use `name`, with the names that it may use."""
    names = [parameter.name for parameter in parameters]
    near = difflib.get_close_matches(plain_name(name), names, n=1, cutoff=0.6)
    values = {"part": f"{{{name}}}", "script": script, "names": ", ".join(names)}
    if near:
        return TemplateRefusedError(texts.UNKNOWN_NAME_NEAR(near=near[0], **values))
    text = texts.UNKNOWN_NAME if names else texts.UNKNOWN_NAME_OF_NONE
    return TemplateRefusedError(text(**values))


def _pieces(word: str) -> Iterator[str | Placeholder]:
    for match in _PIECE.finditer(word):
        text, name = match.group(), match.group("name")
        if text in ("{{", "}}"):
            yield text[0]
        elif name is not None and NAME.fullmatch(name):
            yield Placeholder(name=name)
        elif name is not None or text in ("{", "}"):
            raise TemplateRefusedError(texts.NO_PLACEHOLDER(part=text))
        else:
            yield text


def _with_options(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Yield each placeholder with the option directly before it, or ''."""
    before = ""
    for word in words:
        text = before
        for piece in word.pieces:
            if isinstance(piece, Placeholder):
                yield text.rstrip("="), piece.name
                text = ""
            else:
                text = piece
        before = word.pieces[0] if _is_text(word) else ""  # type: ignore[assignment]


def _is_text(word: Word) -> bool:
    return len(word.pieces) == 1 and not word.names


def _is_akin(option: str, name: str) -> bool:
    """Whether the words of one name are a subset of the other's."""
    one, other = (set(plain_name(text).split("_")) for text in (option, name))
    return one <= other or other <= one
