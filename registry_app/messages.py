"""Sentences that are made now and read later, perhaps in another language.

    CALLS = TEXTS.add("calls", _("calls {name} in line {line}"))     # in a table of texts
    message = CALLS(name="fit", line=3)                              # a code and its values
    str(message)                                                     # English
    message_text(message)                                            # in the reader's language

A row, a file or another process stores `to_json()`; `from_json()` reads it, also where the code is
of a newer version. A text may be reworded at any time, as long as its code and the names of its
values stay. Nothing here knows Django: readers of directories and the runner use it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Value = str | int | float | bool | None | list[str]
Translate = Callable[[str], str]
Present = Callable[[str, Value], Value]

# The code of a sentence that no table knows: the sentence itself is its only value.
PLAIN = "text"
_SENTENCE = "text"
JOINT = "; "
# Of one value in a stored message.
MAX_CHARACTERS = 400


@dataclass(frozen=True, kw_only=True)
class Message:
    """A code of the tables and the values of its places.

    `place` is what the message is about where that is not part of the sentence: a file, or a
    directory and a file; it is written before the sentence.
    """

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    place: str = ""

    def __str__(self) -> str:
        return self.text(lambda english: english)

    def text(self, translate: Translate, present: Present | None = None) -> str:
        """Return the sentence in the language of `translate`.

        `present` returns how people write the value of a place. A message of a newer version,
        whose text or values are not known here, is its code.
        """
        values = dict(self.values)
        if present is not None:
            values = {name: present(name, value) for name, value in values.items()}
        try:
            sentence = (
                str(values[_SENTENCE])
                if self.code == PLAIN
                else translate(TEXTS.english(self.code)).format(**values)
            )
        except (KeyError, IndexError, ValueError):
            sentence = self.code
        return f"{self.place}: {sentence}" if self.place else sentence

    def at(self, place: str) -> Message:
        """Return the same message about a place, which goes before a place that it has."""
        return replace(self, place=f"{place}: {self.place}" if self.place else place)

    def to_json(self) -> list[Any]:
        """Return `[code, values]`, or `[code, values, place]`; `["text", sentence]` if plain."""
        values: Any = dict(self.values)
        if self.code == PLAIN:
            values = values.get(_SENTENCE, "")
        return [self.code, values, self.place] if self.place else [self.code, values]

    @classmethod
    def from_json(cls, data: Any) -> Message:
        """Return what `to_json` gave; anything else becomes a plain message that shows it."""
        match data:
            case [str(code), dict(values)]:
                return cls(code=code, values=values)
            case [str(code), dict(values), str(place)]:
                return cls(code=code, values=values, place=place)
            case [str(code), str(sentence)] if code == PLAIN:
                return plain(sentence)
            case [str(code), str(sentence), str(place)] if code == PLAIN:
                return plain(sentence).at(place)
        return plain(str(data))


def plain(sentence: str) -> Message:
    """Return a message that reads the same in every language."""
    return Message(code=PLAIN, values={_SENTENCE: sentence})


@dataclass(frozen=True, kw_only=True)
class Text:
    """One sentence of a table, which becomes a message by being called with its values."""

    code: str
    english: str

    def __call__(self, **values: Value) -> Message:
        return Message(code=self.code, values=values)


class Table:
    """All texts by their code. Each app adds its own; codes are unique among all of them."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}

    def add(self, code: str, english: str) -> Text:
        """Return a new text; raises ValueError for a code that is taken."""
        if code in self._texts or code == PLAIN:
            raise ValueError(f"the code {code} is taken")
        self._texts[code] = Text(code=code, english=english)
        return self._texts[code]

    def english(self, code: str) -> str:
        """Return the sentence of a code; raises KeyError."""
        return self._texts[code].english

    def texts(self) -> Iterable[Text]:
        """Return all texts, in the order in which they were added."""
        return self._texts.values()


TEXTS = Table()


def marked(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown. Import it as `_`."""
    return text


def to_rows(messages: Iterable[Message]) -> list[list[Any]]:
    """Return messages as a column of JSON holds them; endless values, say names, are cut."""
    return [_shortened(message).to_json() for message in messages]


def from_rows(rows: Iterable[Any]) -> tuple[Message, ...]:
    """Return the messages of a column of JSON."""
    return tuple(Message.from_json(row) for row in rows or ())


def _shortened(message: Message) -> Message:
    values = {
        name: value[:MAX_CHARACTERS] if isinstance(value, str) else value
        for name, value in message.values.items()
    }
    return replace(message, values=values, place=message.place[:MAX_CHARACTERS])


def joined(messages: Iterable[Message]) -> str:
    """Return several messages as one English text."""
    return JOINT.join(str(message) for message in messages)
