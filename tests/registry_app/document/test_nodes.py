"""Typed values come out of nodes, and every mistake is noted with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry_app.document.nodes import Reader
from registry_app.document.yaml_nodes import Mapping, Node, read

Read = Callable[[Reader, Node], Any]


def node(text: str) -> Node:
    """Return the node of a value on line 2."""
    top = read(f"top: 0\nvalue: {text}\n".encode())
    assert isinstance(top, Mapping)
    return top.entries["value"]


def problems(read_value: Read, text: str) -> list[str]:
    reader = Reader()
    read_value(reader, node(text))
    assert all(problem.line == 2 for problem in reader.problems)
    return [str(problem.message) for problem in reader.problems]


def value(read_value: Read, text: str) -> Any:
    reader = Reader()
    found = read_value(reader, node(text))
    assert not reader.problems
    return found


def a_text(reader: Reader, node: Node) -> Any:
    return reader.text(node, "x.owner", limit=5)


def lines(reader: Reader, node: Node) -> Any:
    return reader.text(node, "x.notes", lines=True)


def texts(reader: Reader, node: Node) -> Any:
    return reader.texts(node, "x.classes", limit=5)


def number(reader: Reader, node: Node) -> Any:
    return reader.number(node, "x.stage", least=1, most=5)


def flag(reader: Reader, node: Node) -> Any:
    return reader.flag(node, "x.overlap")


def mapping(reader: Reader, node: Node) -> Any:
    return reader.mapping(node, "x.site", known=("customer", "region"))


@pytest.mark.parametrize(
    ("read_value", "text", "found"),
    [
        (a_text, "지우", "지우"),
        (a_text, "~", ""),
        (a_text, "'12345'", "12345"),
        (lines, '"a\\nb\\tc"', "a\nb\tc"),
        (texts, "[a, b]", ("a", "b")),
        (texts, "~", ()),
        (number, "1", 1),
        (number, "5", 5),
        (flag, "true", True),
        (flag, "false", False),
    ],
)
def test_good_values_are_read(read_value: Read, text: str, found: Any) -> None:
    assert value(read_value, text) == found


@pytest.mark.parametrize(
    ("read_value", "text", "says"),
    [
        (a_text, "1", "x.owner must be a text; put it in quotes"),
        (a_text, "true", "x.owner must be a text"),
        (a_text, "[a]", "x.owner must be a text"),
        (a_text, "123456x", "x.owner is longer than 5 characters"),
        (a_text, '"a\\nb"', "x.owner holds control characters"),
        (a_text, '"a\\0b"', "x.owner holds control characters"),
        (lines, '"a\\eb"', "x.notes holds control characters"),
        (texts, "a", "x.classes must be a list, like [a, b]"),
        (texts, "[a, '']", "x.classes holds an empty entry"),
        (texts, "[a, ' ']", "x.classes holds an empty entry"),
        (texts, "[a, ~]", "x.classes holds an empty entry"),
        (texts, "[1]", "x.classes must be a text"),
        (texts, "[[a]]", "x.classes must be a text"),
        (number, "0", "x.stage must be a whole number from 1 to 5"),
        (number, "6", "x.stage must be a whole number"),
        (number, "1.0", "x.stage must be a whole number"),
        (number, "true", "x.stage must be a whole number"),
        (number, "'1'", "x.stage must be a whole number"),
        (number, "[1]", "x.stage must be a whole number"),
        (flag, "1", "x.overlap must be true or false"),
        (flag, "'yes'", "x.overlap must be true or false"),
        (mapping, "[a]", "x.site must be a mapping of keys"),
        (mapping, "{custmer: a}", "x.site has no key custmer. Did you mean customer?"),
        (mapping, "{zzz: a}", "x.site has no key zzz. Available: customer, region."),
    ],
)
def test_wrong_values_are_named_once(read_value: Read, text: str, says: str) -> None:
    (message,) = problems(read_value, text)
    assert says in message


def test_what_is_not_there_is_empty() -> None:
    reader = Reader()
    assert reader.text(None, "x") == ""
    assert reader.mapping(None, "x").entries == {}
    assert not reader.problems
