"""A sentence that is made now is read later, in another language or by another version."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.messages import (
    MAX_CHARACTERS,
    TEXTS,
    Message,
    Table,
    from_rows,
    joined,
    plain,
    to_rows,
)

CALLS = Message(code="calls", values={"name": "fit", "line": 3})


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        (CALLS, ["calls", {"name": "fit", "line": 3}]),
        (CALLS.at("train.py"), ["calls", {"name": "fit", "line": 3}, "train.py"]),
        (plain("지우 wrote this"), ["text", "지우 wrote this"]),
        (plain("odd").at("a.py"), ["text", "odd", "a.py"]),
        (Message(code="of_a_newer_version"), ["of_a_newer_version", {}]),
    ],
)
def test_what_is_stored_comes_back(message: Message, stored: list[Any]) -> None:
    assert message.to_json() == stored
    assert Message.from_json(stored) == message


@pytest.mark.parametrize("odd", [None, "a sentence", 3, [], ["text"], ["calls", 3], {"code": "x"}])
def test_what_is_no_message_is_shown_as_it_is(odd: object) -> None:
    assert str(Message.from_json(odd)) == str(odd)


def test_a_message_of_a_newer_version_is_its_code() -> None:
    assert str(Message(code="of_a_newer_version", values={"x": 1})) == "of_a_newer_version"
    assert str(Message(code="calls", values={"other": 1})) == "calls"


def test_values_are_not_read_as_places_of_a_text() -> None:
    assert str(plain("{name} {0} {}")) == "{name} {0} {}"
    assert str(Message(code="calls", values={"name": "{line}", "line": 3})) == (
        "calls {line} in line 3"
    )


def test_several_messages_are_one_text() -> None:
    assert joined([CALLS, plain("so it is")]) == "calls fit in line 3; so it is"


def test_endless_values_are_cut_where_they_are_stored() -> None:
    (row,) = to_rows([Message(code="starts", values={"script": "x" * 5000})])
    (message,) = from_rows([row])
    assert len(str(message.values["script"])) == MAX_CHARACTERS


def test_a_code_is_taken_once() -> None:
    table = Table()
    table.add("same", "one")
    with pytest.raises(ValueError, match="taken"):
        table.add("same", "another")


def test_every_text_can_be_filled_in() -> None:
    for text in TEXTS.texts():
        assert text.english.count("{") == text.english.count("}")
