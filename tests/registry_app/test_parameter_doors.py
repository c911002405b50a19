"""Parameters that users write: what no registry file could contain is refused everywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from registry_app.admin.fields import ParametersField
from registry_app.resources.cells import ParametersWidget

GOOD = {"name": "lr", "flag": "--lr", "type": "float", "default": 1e-05, "help": "학습률 🙂"}


def through_the_form(text: str) -> Any:
    return ParametersField().clean(text)


def through_a_sheet(text: str) -> Any:
    return ParametersWidget().clean(text)


DOORS = pytest.mark.parametrize("door", [through_the_form, through_a_sheet])


@DOORS
def test_what_a_file_could_say_is_kept_as_it_is(door: Any) -> None:
    assert door(json.dumps([GOOD])) == [GOOD]


@DOORS
@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"name": "lr", "flag": 5}], "flag must be a text"),
        ([{"name": "lr", "default": {"x": 1}}], "a value or a list"),
        ([{"name": "lr", "required": "no"}], "required must be true or false"),
        ([{"name": "lr", "choices": "abc"}], "choices must be a list"),
        ([{"name": "lr", "nargs": [1]}], "nargs must be a single value"),
        ([{"name": "lr"}, {"name": "lr"}], "names lr twice"),
        ([{"name": "lr", "falg": "--lr"}], "Did you mean flag"),
        ([{"name": "lr", "default_expr": "HERE"}], "has no key default_expr"),
        ([{"name": "lr", "help": "\ud800"}], "not UTF-8"),
    ],
)
def test_what_no_file_could_say_is_refused(door: Any, rows: Any, problem: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=problem):
        door(json.dumps(rows))


@DOORS
def test_brackets_without_end_are_no_json(door: Any) -> None:
    with pytest.raises((ValidationError, ValueError), match="This is not JSON"):
        door("[" * 100_000)


@DOORS
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_a_number_that_no_database_keeps_is_refused(door: Any, number: str) -> None:
    with pytest.raises((ValidationError, ValueError), match="Put it in quotes"):
        door(f'[{{"name": "lr", "default": {number}}}]')
