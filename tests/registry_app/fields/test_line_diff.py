"""The changed lines of a file, as a user reads them before confirming it."""

from __future__ import annotations

import pytest

from registry_app.fields.line_diff import line_diff


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "a\nb\n", ["+ a", "+ b"]),
        ("", "a\nb", ["+ a", "+ b"]),
        ("", "", []),
        ("a\nb\n", "a\nc\n", ["  a", "- b", "+ c"]),
        ("a\nb\n", "", ["- a", "- b", "- "]),
        ("a\n", "a", ["  a", "- "]),
        ("a", "a\n", ["  a", "+ "]),
        ("a\n", "a\n\n", ["  a", "+ "]),
        ("a\n", "a\n", []),
    ],
)
def test_a_line_break_at_the_end_is_no_line(old: str, new: str, expected: list[str]) -> None:
    assert [line.marked for line in line_diff(old, new)] == expected


def test_of_what_is_unchanged_three_lines_on_each_side_are_shown() -> None:
    old = "".join(f"{number}\n" for number in range(30))
    new = old.replace("\n15\n", "\nfifteen\n")
    assert [line.marked for line in line_diff(old, new)] == [
        "  12", "  13", "  14", "- 15", "+ fifteen", "  16", "  17", "  18",
    ]  # fmt: skip
