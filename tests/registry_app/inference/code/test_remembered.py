"""Several rules ask the same about a text, which is then read once."""

from __future__ import annotations

from registry_app.inference.code.remembered import remembered


def test_a_text_is_read_once_for_all_that_ask() -> None:
    read: list[str] = []

    @remembered(texts=2, longest=10)
    def words(text: str) -> tuple[str, ...]:
        read.append(text)
        return tuple(text.split())

    assert words("a b") == words("a b") == ("a", "b")
    assert read == ["a b"]


def test_only_the_last_two_long_texts_are_kept() -> None:
    read: list[str] = []

    @remembered(texts=2, longest=10)
    def length(text: str) -> int:
        read.append(text)
        return len(text)

    x, y, z = ("x" * 11, "y" * 11, "z" * 11)
    for text in (x, y, x, y, z, x):
        assert length(text) == 11
    assert read == [x, y, z, x]


def test_only_the_last_texts_are_kept() -> None:
    read: list[str] = []

    @remembered(texts=1, longest=10)
    def length(text: str) -> int:
        read.append(text)
        return len(text)

    for text in ("a", "bb", "a"):
        length(text)
    assert read == ["a", "bb", "a"]
