"""Names of files are shown as they are, whatever characters they hold."""

from __future__ import annotations

import pytest

from registry_app.files.visible import TURNING, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("결과.txt", "결과.txt"),
        ("r\u202egnp.txt", "r[U+202E]gnp.txt"),
        ("a\u2067b\u2069.pt", "a[U+2067]b[U+2069].pt"),
        ("a\x1b[2Jb", "a\N{REPLACEMENT CHARACTER}[2Jb"),
        ("a\u200bb", "a\N{REPLACEMENT CHARACTER}b"),
        ("one\ntwo", "one\N{REPLACEMENT CHARACTER}two"),
    ],
)
def test_nothing_is_hidden_or_turned(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_is_kept_stays() -> None:
    assert visible("one\n\ttwo\x07", keep="\n\t") == "one\n\ttwo\N{REPLACEMENT CHARACTER}"


def test_every_character_that_turns_text_is_named() -> None:
    assert all(visible(item).startswith("[U+") for item in TURNING)
