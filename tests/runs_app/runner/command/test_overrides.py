"""Values in the grammar of Hydra's overrides; each line was tried with Hydra 1.3."""

from __future__ import annotations

import pytest

from registry_app.arguments.parameters import Parameter
from runs_app.runner.command.build import build_command


def word(value: object, kind: str = "str", nargs: str | None = None) -> str:
    parameter = Parameter(name="data.path", flag="data.path=", type=kind, nargs=nargs)
    built = build_command(
        launcher=(),
        template="data.path={data.path}",
        parameters=[parameter],
        parameters_known=True,
        values={"data.path": value},
    )
    (text,) = built.argv
    assert text.startswith("data.path=")
    return text.removeprefix("data.path=")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("runs/exp_1.yaml", "runs/exp_1.yaml"),
        ("a:b", "a:b"),
        ("x|y", "x|y"),
        ("a b", "'a b'"),
        ("한글", "'한글'"),
        ("[1],a=b", "'[1],a=b'"),
        ("10", "'10'"),
        ("1e5", "'1e5'"),
        ("-1", "'-1'"),
        ("true", "'true'"),
        ("null", "'null'"),
        ("", "''"),
        ("$HOME", "'$HOME'"),
        ('"quoted"', "'\"quoted\"'"),
        ("it's", r"'it\'s'"),
        ("\\'", r"'\\\''"),
        ("end\\", r"'end\\'"),
        ("c:\\data", r"'c:\data'"),
    ],
)
def test_a_text_stays_the_text_it_is(text: str, written: str) -> None:
    assert word(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0.5", "0.5"),
        ("null", "null"),
        ("[1,2]", "[1,2]"),
        ("{a: 1}", "{a: 1}"),
        ("${other}", "${other}"),
        ("hi there", "'hi there'"),
    ],
)
def test_a_value_without_a_type_may_use_the_grammar(text: str, written: str) -> None:
    assert word(text, kind="") == written


def test_several_values_are_a_list() -> None:
    assert word(["a b", "true"], nargs="*") == "['a b','true']"
    assert word(["640"], kind="", nargs="*") == "[640]"
    assert word("no", kind="bool") == "False"
