"""The positional values that a template gives literally: `--epochs 7 data.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import Word
from runs_app.runner.command.known import KnownParameters
from runs_app.runner.command.values import is_bare, looks_like_option, takes_many, texts, typed
from runs_app.runner.exceptions import ParameterValueError

OTHER = TypeVar("OTHER")
END_OF_OPTIONS = "--"


@dataclass(frozen=True, kw_only=True)
class LiteralPlace:
    """A positional parameter with its values as a template writes them."""

    parameter: Parameter
    texts: tuple[str, ...]

    @property
    def value(self) -> Any:
        """The value as the script reads it: one, or several."""
        return typed(self.parameter, self.texts)

    @property
    def as_written(self) -> Any:
        return self.texts[0] if len(self.texts) == 1 else list(self.texts)


def with_places(
    parts: Sequence[Word | OTHER], known: KnownParameters, commands: Collection[str]
) -> tuple[Word | OTHER | LiteralPlace, ...]:
    """Return the parts of a template with the words of each literal positional value grouped.

    Parts that are no words belong to options. The words after `--` are grouped together or not at
    all; the `--` is removed with them, since it is passed wherever it is needed.
    """
    free = [parameter for parameter in known.all if parameter.positional]
    if not free:
        return tuple(parts)
    texts = [part.text if isinstance(part, Word) else None for part in parts]
    end = texts.index(END_OF_OPTIONS) if END_OF_OPTIONS in texts else len(parts)
    finder = _Finder(free=free, known=known, commands=commands)
    grouped = list(finder.grouped(parts[:end]))
    behind = list(finder.grouped(parts[end + 1 :]))
    if behind and all(_is_place(word, known) for word in behind):
        return (*grouped, *behind)
    return (*grouped, *parts[end:])


def _is_place(part: object, known: KnownParameters) -> bool:
    if isinstance(part, LiteralPlace):
        return True
    parameter = known.named(part.alone) if isinstance(part, Word) and part.alone else None
    return parameter is not None and parameter.positional


@dataclass(kw_only=True)
class _Finder:
    """Matches words to the positional parameters that are still `free`, in their order."""

    free: list[Parameter]
    known: KnownParameters
    commands: Collection[str]
    command: str = ""

    def grouped(self, parts: Sequence[Word | OTHER]) -> Iterator[Word | OTHER | LiteralPlace]:
        place = 0
        before = ""
        while place < len(parts):
            part = parts[place]
            found = None
            if isinstance(part, Word):
                is_value = bool(before)
                before = self._option(part)
                if part.names:
                    self._take(part)
                elif not (is_value or before or self._is_command(part)):
                    found = self._literal(parts[place:])
            else:
                before = ""
            yield found or part
            place += len(found.texts) if found else 1

    def _option(self, word: Word) -> str:
        """Return an unknown option, which the next word may belong to."""
        text = word.text or ""
        if not looks_like_option(text, self.known.flags) or "=" in text:
            return ""
        parameter = self.known.with_flag(text)
        return "" if parameter is not None and is_bare(parameter) else text

    def _take(self, word: Word) -> None:
        """Note the positional parameters that a word with placeholders fills."""
        for name in word.names:
            parameter = self.known.named(name)
            if parameter in self.free:
                # Literal words after a placeholder out of order have no certain parameter.
                self.free = self.free[1:] if parameter is self.free[0] else []

    def _is_command(self, word: Word) -> bool:
        text = word.text or ""
        if self.free and text in map(str, self.free[0].choices):
            return False
        deeper = f"{self.command} {text}".strip()
        if deeper not in self.commands:
            return False
        self.command = deeper
        return True

    def _literal(self, parts: Sequence[Word | OTHER]) -> LiteralPlace | None:
        """Return the next free parameter with the words at the front that are its values."""
        if not self.free or looks_like_option(_text(parts[0]) or "", self.known.flags):
            return None
        parameter, *others = self.free
        nargs = str(parameter.nargs or "")
        wanted = int(nargs) if nargs.isdecimal() else None if takes_many(parameter) else 1
        found = tuple(self._plain(parts[:wanted]))
        try:
            texts(parameter, found if wanted != 1 else found[0])
        except ParameterValueError:
            found = ()
        if not found or (wanted is None and others) or len(found) != (wanted or len(found)):
            self.free = []
            return None
        self.free = others
        return LiteralPlace(parameter=parameter, texts=found)

    def _plain(self, parts: Sequence[Word | OTHER]) -> Iterator[str]:
        for part in parts:
            text = _text(part)
            if text is None or looks_like_option(text, self.known.flags):
                return
            yield text


def _text(part: object) -> str | None:
    return part.text if isinstance(part, Word) else None
