"""Values that are certain without running anything."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from registry_app.inference.code.constants import NotConstantError, evaluate, module_constants


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3", 3),
        ("-0.5", -0.5),
        ("'한글'", "한글"),
        ("[1, 2, (3, 4)]", [1, 2, [3, 4]]),
        ("{'a': 1, 2: [True, None]}", {"a": 1, 2: [True, None]}),
        ("2 * 640 + 1", 1281),
        ("'runs/' + 'train'", "runs/train"),
        ("f'{NAME}_v{2}'", "ppe_v2"),
        ("NAMES[1]", "vest"),
        ("list({'helmet': 0, 'vest': 1}.keys())", ["helmet", "vest"]),
        ("list(range(3))", [0, 1, 2]),
        ("'a b'.split()", ["a", "b"]),
        ("dict(a=1)", {"a": 1}),
        ("{n: i for i, n in enumerate(NAMES)}", {"helmet": 0, "vest": 1}),
        ("dict(enumerate(NAMES, 1))", {1: "helmet", 2: "vest"}),
        ("{i: n for n, i in {'vest': 1}.items()}", {1: "vest"}),
        ("','.join(f'{i}{n}' for i, n in enumerate(NAMES))", "0helmet,1vest"),
        ("int('3')", 3),
        ("not True", False),
    ],
)
def test_certain_values_are_known(expression: str, value: Any) -> None:
    names = {"NAME": "ppe", "NAMES": ["helmet", "vest"]}
    assert evaluate(ast.parse(expression, mode="eval").body, names) == value


@pytest.mark.parametrize(
    "expression",
    [
        "ROOT / 'weights'",
        "os.getenv('EPOCHS')",
        "unknown",
        "'x' * 10**9",
        "[0] * 10**9",
        "10**999999",
        "[[x for y in range(1000)] for x in range(1000)]",
        "[x for x in range(1000) if x in [y for y in range(1000)]]",
        "list(range(10**9))",
        "dict([1, 2])",
        "dict([[[], 2]])",
        "[a for a, b in NAMES]",
        "{a: [b for b in range(1000)] for a in range(1000)}",
        "1 / 0",
        "{[]: 1}",
        "NAMES[9]",
        "__import__('os').system('touch /tmp/trap')",
        "open('trap', 'w')",
        "f'{1:>{10**9}}'",
        "lambda: 1",
    ],
)
def test_what_only_a_run_knows_is_not_guessed(expression: str) -> None:
    with pytest.raises(NotConstantError):
        evaluate(ast.parse(expression, mode="eval").body, {"NAMES": ["helmet"]})


def test_deep_nesting_ends_without_an_overflow() -> None:
    node = ast.parse("[" * 80 + "1" + "]" * 80, mode="eval").body
    with pytest.raises(NotConstantError):
        evaluate(node)


def test_names_that_are_assigned_twice_are_not_known() -> None:
    body = ast.parse("A = 1\nB = A + 1\nC = 1\nC = 2\nif True:\n    D: str = 'x'\n").body
    assert module_constants(body) == {"A": 1, "B": 2, "D": "x"}
