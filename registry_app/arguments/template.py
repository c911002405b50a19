"""The rule of argument templates: POSIX words with `{name}` placeholders, never seen by a shell.

Every door that takes a template and every run read it here. `{{` and `}}` stand for literal
braces; any other brace is refused, so that a typing error in a placeholder never reaches a script
as text. Nothing here knows Django, as the runner reads templates too.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry_app.arguments.parameters import Parameter, plain_name
from registry_app.exceptions import RegistryError

LONGEST_TEMPLATE = 4000
NAME = re.compile(r"\w[\w.-]*")
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[^{}]+|[{}]")


def _(text: str) -> str:
    """Mark a text for the catalogue; whoever shows it translates it."""
    return text


OPEN_QUOTE = _("The argument template has an open quote or a lone backslash at its end: {template}")
NO_PLACEHOLDER = _(
    "'{part}' in the argument template is no placeholder. Write {{name}} for a parameter, and "
    "{{{{ or }}}} where the script itself needs a brace."
)
UNKNOWN_NAME = _(
    "'{part}' in the argument template is no parameter of {script}. It takes {names}. If the "
    "script changed, scan it again."
)
UNKNOWN_NAME_NEAR = _(
    "'{part}' in the argument template is no parameter of {script}. Did you mean {near}? It takes "
    "{names}. If the script changed, scan it again."
)
UNKNOWN_NAME_OF_NONE = _(
    "'{part}' in the argument template is no parameter of {script}, which takes none. If the "
    "script changed, scan it again."
)


class TemplateRefusedError(RegistryError):
    """An argument template cannot be used; `text` is one of the sentences above, to be filled."""

    def __init__(self, text: str, **values: str) -> None:
        self.text, self.values = text, values
        super().__init__(text.format(**values))


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
    """Split a template once into words; raises TemplateRefusedError naming the bad part."""
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise TemplateRefusedError(OPEN_QUOTE, template=template) from error
    return tuple(Word(pieces=tuple(_pieces(text))) for text in words)


def unknown_names(words: Sequence[Word], parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """Return the placeholders that mean none of these parameters.

    A parameter is meant by its name or its flag, with `-` or `_`. Behind an option that the script
    takes, a name with more or fewer words will do: `--batch {batch_size}`.
    """
    known = {plain_name(text) for one in parameters for text in (one.name, one.flag) if text}
    options = {one.flag.rstrip("=") for one in parameters if one.flag and not one.is_switch}
    return tuple(
        name
        for option, name in _with_options(words)
        if plain_name(name) not in known and not (option in options and _is_akin(option, name))
    )


def check_names(words: Sequence[Word], parameters: Sequence[Parameter], *, script: str) -> None:
    """Refuse a placeholder that is no parameter of `script`; raises TemplateRefusedError."""
    for name in unknown_names(words, parameters):
        raise refusal_of(name, parameters, script=script)


def refusal_of(name: str, parameters: Sequence[Parameter], *, script: str) -> TemplateRefusedError:
    """Return why a template must not speak of `name`, with the names that it may."""
    names = [one.name for one in parameters]
    near = difflib.get_close_matches(plain_name(name), names, n=1, cutoff=0.6)
    values = {"part": f"{{{name}}}", "script": script, "names": ", ".join(names)}
    if near:
        return TemplateRefusedError(UNKNOWN_NAME_NEAR, near=near[0], **values)
    return TemplateRefusedError(UNKNOWN_NAME if names else UNKNOWN_NAME_OF_NONE, **values)


def _pieces(word: str) -> Iterator[str | Placeholder]:
    for match in _PIECE.finditer(word):
        text, name = match.group(), match.group("name")
        if text in ("{{", "}}"):
            yield text[0]
        elif name is not None and NAME.fullmatch(name):
            yield Placeholder(name=name)
        elif name is not None or text in ("{", "}"):
            raise TemplateRefusedError(NO_PLACEHOLDER, part=text)
        else:
            yield text


def _with_options(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Yield each placeholder behind the option that stands directly before it, or behind ''."""
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
    """Whether one of them only says more words than the other."""
    one, other = (set(plain_name(text).split("_")) for text in (option, name))
    return one <= other or other <= one
