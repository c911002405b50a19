"""Values that a user could give for parameters, and what the parser must make of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from registry_app.arguments.parameters import COMMAND, Parameter, plain_name
from runs_app.runner.command.values import is_bare, repeats, takes_many

TEXTS = (
    "plain",
    "두 단어 값",
    "김해 현장/안전모 v2",
    "a b  c",
    'it\'s "quoted"',
    "a=b,c:d",
    "$HOME *.py ~",
    "-0.5",
    "--looks-like-an-option",
    "50%",
    "[1, 2]",
)
# Words of a list cannot begin with a dash: no command line says that they are values.
WORDS = ("하나", "b c", "three", "4", "-5")
PATHS = ("데이터/모델 최종.pt", "./runs/train 2", "/data/images", "C:\\data")
WHOLE = (0, 1, 7, 640, -1, -20)
NUMBERS = (0.0, 0.5, -0.25, 1e-05, 3.0, 12)


def given_values(
    parameters: Sequence[Parameter], source: random.Random, *, without: frozenset[str]
) -> dict[str, Any]:
    """Return generated values by name: for what is required, and for about half of the rest."""
    found: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name == COMMAND or parameter.name in without:
            continue
        if parameter.required or _must(parameter, parameters) or source.random() < 0.5:
            value = _value(parameter, source)
            if value is not None:
                found[parameter.name] = value
    return found


def _must(parameter: Parameter, parameters: Sequence[Parameter]) -> bool:
    """Whether a positional one is needed by those behind it."""
    return parameter.positional and any(row.positional for row in parameters)


def _value(parameter: Parameter, source: random.Random) -> Any:
    """Return a value, None where it is not known what the script's own type accepts."""
    if parameter.action == "count":
        least = parameter.default if isinstance(parameter.default, int) else 0
        return least + source.randrange(3)
    if parameter.action == "append_const":
        return True
    if is_bare(parameter):
        return source.random() < 0.5
    many = takes_many(parameter) or repeats(parameter) or str(parameter.nargs or "").isdecimal()
    if not many:
        return _single(parameter, source, TEXTS)
    wanted = str(parameter.nargs or "")
    count = int(wanted) if wanted.isdecimal() else source.randint(1, 3)
    values = [_single(parameter, source, WORDS) for _place in range(count)]
    if None in values:
        return None
    return values[0] if wanted == "1" and not repeats(parameter) else values


def _single(parameter: Parameter, source: random.Random, texts: Sequence[str]) -> Any:
    if parameter.choices:
        return source.choice([choice for choice in parameter.choices if choice is not None])
    if parameter.type == "custom":
        return None if isinstance(parameter.default, list) else parameter.default
    offered: dict[str, Sequence[Any]] = {
        "int": WHOLE,
        "float": NUMBERS,
        "bool": (True, False),
        "truthy": (True, False),
        "Path": PATHS,
    }
    return source.choice(offered.get(parameter.type, texts))


def texts_of(parameter: Parameter, value: Any) -> list[str]:
    """Return the words that the parser's own type converts, none for a flag."""
    if is_bare(parameter):
        return []
    values = value if isinstance(value, list) else [value]
    if parameter.type == "truthy":
        return ["True" if item else "" for item in values]
    return [str(item) for item in values]


def expected(parameter: Parameter, value: Any, made: dict[str, Any], before: Any) -> Any:
    """Return what the namespace must hold, as texts of `repr`.

    `made` is what the parser's option makes of the texts, `before` what the namespace holds
    without the value.
    """
    if parameter.action in {"count", "boolean_optional"}:
        return repr(value)
    if parameter.action == "append_const":
        return [*_listed(before), made["const"]]
    if is_bare(parameter):
        return _switched(parameter, value, made, before)
    if repeats(parameter):
        return [*_listed(before), *made["values"]]
    is_list = takes_many(parameter) or isinstance(made["nargs"], int)
    return list(made["values"]) if is_list else made["values"][0]


def _switched(parameter: Parameter, value: bool, made: dict[str, Any], before: Any) -> Any:
    """Return what a switch makes of its value; one named after what it switches off is passed
    for false.
    """
    is_of_other = plain_name(parameter.flag) != plain_name(parameter.name)
    if value is (parameter.action == "store_false" and is_of_other):
        return before
    return {"store_true": "True", "store_false": "False"}.get(parameter.action, made["const"])


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []
