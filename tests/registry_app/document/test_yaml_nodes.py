"""YAML is read with its lines, and nothing of what makes YAML dangerous."""

from __future__ import annotations

import pytest

from registry_app.document import yaml_nodes
from registry_app.document.yaml_nodes import MAX_BYTES, Items, Mapping, Value, plain, read
from registry_app.exceptions import RegistryFileError

BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def refused(data: bytes | str) -> list[tuple[int | None, str]]:
    with pytest.raises(RegistryFileError) as caught:
        read(data.encode() if isinstance(data, str) else data)
    return [(problem.line, str(problem.message)) for problem in caught.value.problems]


def test_values_keep_their_lines() -> None:
    node = read(b"a: 1\nb:\n  - x\n  - {c: true}\n")
    assert isinstance(node, Mapping)
    assert node.keys == {"a": 1, "b": 2}
    assert node.entries["a"] == Value(line=1, value=1)
    items = node.entries["b"]
    assert isinstance(items, Items)
    assert [item.line for item in items.items] == [3, 4]
    assert plain(node) == {"a": 1, "b": ["x", {"c": True}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("'1'", "1"),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("2026-01-02", "2026-01-02"),
        ("한글", "한글"),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: object) -> None:
    node = read(f"a: {text}".encode())
    assert node is not None
    found = plain(node)["a"]
    assert found == value
    assert type(found) is type(value)


def test_an_empty_file_is_no_document() -> None:
    assert read(b"") is None
    assert read(b"# nothing\n") is None


def test_a_byte_order_mark_is_no_content() -> None:
    node = read("\ufeffa: 1".encode())
    assert node is not None
    assert plain(node) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: [1\nb: 2\n", 2, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        ("a:\n  x: &x 1\n  y: *x\n", 2, "Anchors"),
        ("a: !!python/object/apply:os.system [id]\n", 1, "is not read"),
        ("a: 1\nb: !secret x\n", 2, "is not read"),
        ("a: 1\nb: 2\na: 3\n", 3, "Duplicate key a; the first is on line 1"),
        ("? [a, b]\n: 1\n", 1, "A key is a word"),
        ("a: 1\nb: \x01\n", 2, "control characters"),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    problems = refused(text)
    assert problems[0][0] == line
    assert says in problems[0][1]


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    (problem,) = refused(BOMB)
    assert "Anchors" in problem[1]


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "a: " + "[" * 30])
def test_a_deep_nesting_is_refused(text: str) -> None:
    (problem,) = refused(text)
    assert "nested too deeply" in problem[1] or "not YAML" in problem[1]


def test_a_merge_key_is_a_key_as_any_other() -> None:
    node = read(b"a:\n  <<: {b: 1}\n")
    assert node is not None
    assert plain(node) == {"a": {"<<": {"b": 1}}}


def test_what_is_not_utf8_is_refused_with_its_line() -> None:
    (problem,) = refused("a: 1\nb: 한글\n".encode("cp949"))
    assert problem[0] == 2
    assert "UTF-8" in problem[1]


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 50 * 2**20])
def test_a_file_that_is_too_large_is_refused_unread(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(yaml_nodes, "_compose")
    (problem,) = refused(b"a" * size)
    assert "at most 5 MiB" in problem[1]


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    problems = refused("a: !x 1\nb: 1\nb: 2\nc: !y 1\n")
    assert [line for line, _message in problems] == [1, 3, 4]


@pytest.mark.parametrize(
    "text", [".nan", "[1, .inf]", "!!bool x", "!!int ''", "!!float ''", "!!int x"]
)
def test_what_no_database_keeps_is_reported_with_its_line(text: str) -> None:
    ((line, message),) = refused(f"a: 1\nb: {text}\n")
    assert line == 2
    assert "Put it in quotes" in message
