"""A sentence that is made now is read later, in another language or by another version."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from registry_app.messages import (
    MAX_CHARACTERS,
    TEXTS,
    Message,
    Table,
    Text,
    from_rows,
    joined,
    lines,
    plain,
    to_rows,
)
from registry_app.scan.protocol import unpack

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


NESTED = Message(
    code="outer", values={"why": CALLS, "files": ["a", "b"], "all": [CALLS, plain("so it is")]}
)


def test_a_value_may_be_a_message_or_several() -> None:
    stored = json.loads(json.dumps(NESTED.to_json()))
    assert Message.from_json(stored) == NESTED
    assert unpack(msgspec.json.encode(NESTED), Message) == NESTED, "as another process sends it"
    assert str(lines([CALLS, plain("so it is")])) == "calls fit in line 3\nso it is"


def test_what_a_user_can_do_is_worded_in_the_terms_of_pages_or_of_commands() -> None:
    text = Text(code="x", english="It waits.", on_page="Tick it.", in_terminal="Give --force.")
    assert text.sentence(str, on_page=True) == "It waits. Tick it."
    assert text.sentence(str, on_page=False) == "It waits. Give --force."


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
    for text in TEXTS:
        assert text.english.count("{") == text.english.count("}")
