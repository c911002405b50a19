"""Values on their way to the words of a command line."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.values import checked_text, joined, looks_like_option, texts, typed
from runs_app.runner.exceptions import ParameterValueError


def one(kind: str = "", **facts: Any) -> Parameter:
    return Parameter(name="lr", flag="--lr", type=kind, **facts)


@pytest.mark.parametrize(
    ("kind", "value", "text", "understood"),
    [
        ("", "a b", "a b", "a b"),
        ("", 3, "3", "3"),
        ("", True, "True", "True"),
        ("int", "12", "12", 12),
        ("int", 12.0, "12", 12),
        ("int", "-3", "-3", -3),
        ("float", "1e-3", "1e-3", 0.001),
        ("float", "inf", "inf", "inf"),
        ("float", "nan", "nan", "nan"),
        ("bool", "True", "True", True),
        ("bool", "no", "no", False),
        ("truthy", "false", "", False),
        ("truthy", False, "", False),
        ("truthy", "yes", "True", True),
        ("Path", "~/a b", "~/a b", "~/a b"),
        ("custom", "1,2", "1,2", "1,2"),
    ],
)
def test_value_keeps_its_text_and_gains_its_type(
    kind: str, value: Any, text: str, understood: Any
) -> None:
    found = texts(one(kind), value)
    assert found == [text]
    assert typed(one(kind), found) == understood


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("int", "1.5", "a whole number"),
        ("int", "", "a whole number"),
        ("int", float("inf"), "a whole number"),
        ("float", "fast", "a number"),
        ("bool", "maybe", "true or false"),
        ("", {"a": 1}, "give text"),
        ("", b"a", "give text"),
        ("", [["a"]], "give text"),
        ("", "a\0b", "which cannot be passed"),
        ("", "\udcff", "which cannot be passed"),
        ("", "x" * 131_072, "longer than 128 KiB"),
        ("", "한" * 43_691, "longer than 128 KiB"),
    ],
)
def test_value_that_cannot_be_meant_is_refused_by_name(kind: str, value: Any, wanted: str) -> None:
    with pytest.raises(ParameterValueError, match=wanted) as refused:
        texts(one(kind), value)
    assert str(refused.value).startswith("lr: ")


def test_longest_value_that_the_kernel_takes_is_passed() -> None:
    assert len(checked_text("lr", "x" * 131_071)) == 131_071


@pytest.mark.parametrize("value", ["fast", "1", 1, "01"])
def test_choice_is_compared_by_text_or_by_value(value: Any) -> None:
    assert texts(one("int" if value != "fast" else "", choices=("fast", 1)), value)


def test_value_that_is_no_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(ParameterValueError, match="choose one of fast, slow, not 'quick'"):
        texts(one(choices=("fast", "slow")), "quick")


@pytest.mark.parametrize(
    ("text", "flags", "is_option"),
    [
        ("-x", (), True),
        ("--", (), True),
        ("-", (), False),
        ("", (), False),
        ("-1", (), False),
        ("-.5", (), False),
        ("-1e3", (), True),  # argparse knows no exponents here
        ("-1", ("-2",), True),  # options that look like numbers take numbers for options
        ("a-b", (), False),
    ],
)
def test_option_is_distinguished_from_a_value_as_argparse_does(
    text: str, flags: tuple[str, ...], is_option: bool
) -> None:
    assert looks_like_option(text, flags) is is_option


@pytest.mark.parametrize(
    ("flag", "expected"), [("-o", "-o-x"), ("--out", "--out=-x"), ("-out", "-out=-x")]
)
def test_option_and_value_are_joined_as_each_kind_of_option_asks(flag: str, expected: str) -> None:
    assert joined(flag, "-x") == expected
