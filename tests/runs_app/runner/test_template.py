"""Argument templates: words, placeholders and braces."""

from __future__ import annotations

import pytest

from runs_app.runner.exceptions import TemplateError
from runs_app.runner.template import parse_template


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("--epochs {epochs}", [(), ("epochs",)]),
        ("--tag={a}-{b}", [("a", "b")]),
        ("'{a} {b}' {c}", [("a", "b"), ("c",)]),
        ("{batch-size} {model.lr} {학습률}", [("batch-size",), ("model.lr",), ("학습률",)]),
        ("{{a}}", [()]),
        ("", []),
    ],
)
def test_each_word_knows_its_placeholders(template: str, names: list[tuple[str, ...]]) -> None:
    assert [word.names for word in parse_template(template)] == names


@pytest.mark.parametrize(
    ("template", "alone"),
    [("{a}", "a"), ("'{a}'", "a"), ("x{a}", ""), ("{a}{b}", ""), ("a", ""), ("''", "")],
)
def test_word_of_one_placeholder_and_nothing_else_is_alone(template: str, alone: str) -> None:
    assert parse_template(template)[0].alone == alone


def test_filling_never_reads_a_value_as_a_template() -> None:
    (word,) = parse_template("'{a}={{{b}}}'")
    assert word.filled({"a": "{b} 'x", "b": "{{"}) == "{b} 'x={{{}"


def test_word_without_text_for_a_placeholder_cannot_be_filled() -> None:
    (word,) = parse_template("{a}")
    with pytest.raises(KeyError):
        word.filled({})


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("--a {", "'{'"),
        ("a}", "'}'"),
        ("{}", "'{}'"),
        ("'{two words}'", "'{two words}'"),
        ("{a!r}", "'{a!r}'"),
        ("{0:>10}", "'{0:>10}'"),
        ("{{a}", "'}'"),
    ],
)
def test_brace_that_is_no_placeholder_is_refused_by_what_was_written(
    template: str, named: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        parse_template(template)
    assert str(refused.value).startswith(named)


@pytest.mark.parametrize("template", ["'open", '"open', "a\\"])
def test_open_quote_is_refused(template: str) -> None:
    with pytest.raises(TemplateError, match="open quote"):
        parse_template(template)
