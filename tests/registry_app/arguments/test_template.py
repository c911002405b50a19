"""Argument templates: words, placeholders, braces, and the names that a script takes."""

from __future__ import annotations

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import (
    TemplateRefusedError,
    check_names,
    parse_template,
    unknown_names,
)

PARAMETERS = (
    Parameter(name="epochs", flag="--epochs"),
    Parameter(name="batch_size", flag="--batch"),
    Parameter(name="lr", flag="optimizer.lr="),
    Parameter(name="weights", flag="--weights"),
    Parameter(name="amp", flag="--amp", action="store_true"),
    Parameter(name="source", positional=True),
)


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
    with pytest.raises(TemplateRefusedError) as refused:
        parse_template(template)
    assert str(refused.value).startswith(named)
    assert "Write {name} for a parameter, and {{ or }} where" in str(refused.value)


@pytest.mark.parametrize("template", ["'open", '"open', "a\\"])
def test_open_quote_is_refused(template: str) -> None:
    with pytest.raises(TemplateRefusedError, match="open quote"):
        parse_template(template)


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("--epochs {epochs} {source}", ()),
        # By the flag, and with dashes or underscores.
        ("--batch {batch-size} --batch {batch}", ()),
        ("optimizer.lr={lr} x={optimizer.lr}", ()),
        # A name of one's own, with more or fewer words than the option before it.
        ("--weights {model_weights} --weights={weights_path}", ()),
        ("--epochs {epocks}", ("epocks",)),
        ("--epochs={epoch}", ("epoch",)),
        ("{model_weights}", ("model_weights",)),
        ("--amp {amp_level}", ("amp_level",)),
        ("--weights x {model_weights}", ("model_weights",)),
        ("--workers {workers}", ("workers",)),
        ("--tag {epochs}-{nobody}", ("nobody",)),
        ("{{nobody}}", ()),
    ],
)
def test_a_placeholder_means_a_parameter_of_the_script(
    template: str, unknown: tuple[str, ...]
) -> None:
    assert unknown_names(parse_template(template), PARAMETERS) == unknown


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("epocks", PARAMETERS, "Did you mean epochs? It takes epochs, batch_size, lr, weights"),
        (
            "zzz",
            PARAMETERS,
            "not a parameter of train.py. It takes epochs, batch_size, lr, weights",
        ),
        ("zzz", (), "not a parameter of train.py, which takes none."),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_are_allowed(
    name: str, parameters: tuple[Parameter, ...], message: str
) -> None:
    with pytest.raises(TemplateRefusedError) as refused:
        check_names(parse_template(f"--x {{{name}}}"), parameters, script="train.py")
    assert str(refused.value).startswith(f"'{{{name}}}'")
    assert message in str(refused.value)
