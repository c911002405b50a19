"""Messages that are created now and read later, perhaps in another language.

    CALLS = TEXTS.add("calls", _("calls {name} in line {line}"))     # in a table of texts
    message = CALLS(name="fit", line=3)                              # a code and its values
    str(message)                                                     # English
    message_text(message)                                            # in the reader's language

A row, a file or another process stores `to_json()`; `from_json()` reads it, even if the code is
from a newer version. A text may be reworded at any time, as long as its code and the names of its
values stay. A value may be a list, or a message itself, such as why a run was refused. An error
that a user sees has a message (`MessageError`). Nothing here imports Django: readers of
directories and the runner use it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Union

Value = Union[str, int, float, bool, None, "Message", Sequence[Union[str, int, "Message"]]]
Given = Value | PurePath
Translate = Callable[[str], str]
Present = Callable[[str, Value], Value]

# The code of a plain sentence in no table; the sentence is its only value.
PLAIN = "text"
_SENTENCE = "text"
# What is between the messages of a list, by the name of the value; each is a line by default.
_IN_A_ROW = "sentences"
_BETWEEN = {_IN_A_ROW: " ", "names": ", "}
# The key under which a nested message is stored.
_NESTED = "message"
JOINT = "; "
# The longest value in a stored message: of a scan, which stores thousands, and of others.
MAX_CHARACTERS = 400
MAX_CHARACTERS_OF_RUNS = 4000


@dataclass(frozen=True, kw_only=True)
class Message:
    """A code in the tables, and the values of its placeholders.

    `place` is the subject of the message if it is not part of the sentence: a file, or a directory
    and a file; it is written before the sentence.
    """

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    place: str = ""

    def __str__(self) -> str:
        return self.text(lambda english: english)

    def text(
        self, translate: Translate, present: Present | None = None, *, on_page: bool = False
    ) -> str:
        """Return the sentence in the language of `translate`, worded for pages or for commands.

        `present` formats the value of a placeholder. A message of a newer version, whose text or
        values are unknown here, is shown as its code.
        """

        def written(name: str, value: Value) -> object:
            shown = present(name, value) if present else value
            if isinstance(shown, Message):
                return shown.text(translate, present, on_page=on_page)
            if not isinstance(shown, (list, tuple)):
                return shown
            has_messages = any(isinstance(item, Message) for item in shown)
            between = _BETWEEN.get(name, "\n") if has_messages else ", "
            return between.join(str(written(name, item)) for item in shown)

        values = {name: written(name, value) for name, value in self.values.items()}
        try:
            sentence = (
                str(values[_SENTENCE])
                if self.code == PLAIN
                else TEXTS[self.code].sentence(translate, on_page=on_page).format(**values)
            )
        except (KeyError, IndexError, ValueError):
            sentence = self.code
        return f"{self.place}: {sentence}" if self.place else sentence

    def at(self, place: str) -> Message:
        """Return the same message with a place, which is put before the place that it has."""
        return replace(self, place=f"{place}: {self.place}" if self.place else place)

    def to_json(self) -> list[Any]:
        """Return `[code, values]`, or `[code, values, place]`; `["text", sentence]` if plain."""
        values: Any = {name: _stored(value) for name, value in self.values.items()}
        if self.code == PLAIN:
            values = values.get(_SENTENCE, "")
        return [self.code, values, self.place] if self.place else [self.code, values]

    @classmethod
    def from_json(cls, data: Any) -> Message:
        """Read the output of `to_json`; any other value becomes a plain message that shows it."""
        match data:
            case [str(code), dict(values)]:
                return cls(code=code, values=read_values(values))
            case [str(code), dict(values), str(place)]:
                return cls(code=code, values=read_values(values), place=place)
            case [str(code), str(sentence)] if code == PLAIN:
                return plain(sentence)
            case [str(code), str(sentence), str(place)] if code == PLAIN:
                return plain(sentence).at(place)
        return plain(str(data))


class MessageError(Exception):
    """An error whose text is a message; `str()` is English. Without one, its docstring is it.

    A text without a message is one that reads the same in every language: of another program.
    """

    def __init__(self, message: Message | str = "") -> None:
        if isinstance(message, str):
            message = plain(message or (self.__doc__ or "").partition("\n")[0].strip())
        super().__init__(message)
        self.message = message


def message_of(error: BaseException) -> Message:
    """Return the message of an error; for other libraries' errors a plain message."""
    return error.message if isinstance(error, MessageError) else plain(str(error))


def lines(messages: Iterable[Message]) -> Message:
    """Return several messages as one message, one a line."""
    return _LINES(lines=list(messages))


def in_a_row(messages: Iterable[Message]) -> Message:
    """Return several messages as one message, all in one line."""
    return _SENTENCES(**{_IN_A_ROW: list(messages)})


def plain(sentence: str) -> Message:
    """Return a message that reads the same in every language."""
    return Message(code=PLAIN, values={_SENTENCE: sentence})


@dataclass(frozen=True, kw_only=True)
class Text:
    """One sentence of a table; call it with its values to create a message.

    What the user can do is `on_page`, worded for pages, and `in_terminal`, worded for commands; it
    is written after the sentence.
    """

    code: str
    english: str
    on_page: str = ""
    in_terminal: str = ""

    def __call__(self, **values: Given) -> Message:
        return Message(
            code=self.code,
            values={
                name: str(value) if isinstance(value, PurePath) else value
                for name, value in values.items()
            },
        )

    def sentence(self, translate: Translate, *, on_page: bool) -> str:
        """Return the sentence with its placeholders, worded for pages or for commands."""
        parts = (self.english, self.on_page if on_page else self.in_terminal)
        return " ".join(translate(part) for part in parts if part)


class Table:
    """All texts by their code. Each app adds its own; codes are unique among all of them."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}

    def add(self, code: str, english: str, *, on_page: str = "", in_terminal: str = "") -> Text:
        """Return a new text; raises ValueError for a duplicate code."""
        if code in self._texts or code == PLAIN:
            raise ValueError(f"the code {code} is taken")
        text = Text(code=code, english=english, on_page=on_page, in_terminal=in_terminal)
        self._texts[code] = text
        return text

    def __getitem__(self, code: str) -> Text:
        return self._texts[code]

    def __iter__(self) -> Iterator[Text]:
        """Iterate over all texts, in the order in which they were added."""
        return iter(self._texts.values())


TEXTS = Table()
# Several messages, one a line.
_LINES = TEXTS.add("lines", "{lines}")
# Several messages, all in one line.
_SENTENCES = TEXTS.add("sentences", "{sentences}")


def marked(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown. Import it as `_`."""
    return text


def to_rows(
    messages: Iterable[Message], *, max_characters: int = MAX_CHARACTERS
) -> list[list[Any]]:
    """Return messages as a JSON column stores them; very long values, such as names, are cut."""
    return [_shortened(message, max_characters).to_json() for message in messages]


def from_rows(rows: Iterable[Any]) -> tuple[Message, ...]:
    """Return the messages of a column of JSON."""
    return tuple(Message.from_json(row) for row in rows or ())


def from_column(text: str) -> Message | None:
    """Return the message of a text column, None for ''; any other text is a plain message."""
    if not text:
        return None
    try:
        return Message.from_json(json.loads(text)) if text.startswith("[") else plain(text)
    except ValueError:
        return plain(text)


def stored_values(message: Message) -> dict[str, Any]:
    """Return the values of a message as JSON, for a column next to that of its code."""
    shortened = _shortened(message, MAX_CHARACTERS_OF_RUNS)
    return {name: _stored(value) for name, value in shortened.values.items()}


def read_values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that JSON stores."""
    return {name: _read(value) for name, value in stored.items()}


def _stored(value: Value) -> Any:
    if isinstance(value, (list, tuple)):
        return [_stored(item) for item in value]
    return {_NESTED: value.to_json()} if isinstance(value, Message) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if isinstance(value, dict) and value.keys() == {_NESTED}:
        return Message.from_json(value[_NESTED])
    return value


def _shortened(message: Message, limit: int) -> Message:
    values = {name: _short(value, limit) for name, value in message.values.items()}
    return replace(message, values=values, place=message.place[:limit])


def _short(value: Value, limit: int) -> Value:
    if isinstance(value, Message):
        return _shortened(value, limit)
    if isinstance(value, (list, tuple)):
        return [_short(item, limit) for item in value]  # type: ignore[misc]
    return value[:limit] if isinstance(value, str) else value


def joined(messages: Iterable[Message]) -> str:
    """Return several messages as one English text."""
    return JOINT.join(str(message) for message in messages)
