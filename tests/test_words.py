"""Names are the field's words; `make lint` looks at all of them."""

from __future__ import annotations

import pytest

from tests.words import problems


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("experiment", "told_at"), ["told_at: better reported, shown, notes"]),
        (("WISHES_TO_STOP",), ["WISHES_TO_STOP: better requests"]),
        (("VerdictOf",), ["VerdictOf: better outcome"]),
        (("one",), ["one: name the thing itself"]),
        (("one", "other"), []),
        (("secure", "unfolded", "milestone"), []),
    ],
)
def test_a_name_that_is_not_the_fields_is_found(names: tuple[str, ...], found: list[str]) -> None:
    assert [text for _line, text in problems(dict.fromkeys(names, 1))] == found
