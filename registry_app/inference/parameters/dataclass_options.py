"""Options that a parser creates from the fields of a dataclass.

HfArgumentParser and simple_parsing agree: `--name VALUE`, true and false as words, lists as
several words, and the fields of a nested dataclass under their own names.
"""

from __future__ import annotations

import ast
import dataclasses

from registry_app.arguments.parameters import Parameter
from registry_app.inference.parameters.command_line import literal
from registry_app.inference.parameters.objects import Class, Names
from registry_app.inference.parameters.signatures import class_behind, described, of_class

DEEPEST = 4


def dataclass_parameters(cls: Class, names: Names, depth: int = 0) -> tuple[list[Parameter], bool]:
    """Return the options of a dataclass, and whether they are complete."""
    fields, is_whole = of_class(cls, names)
    parameters: list[Parameter] = []
    for field in fields:
        if field.call is not None and _is_hidden(field.call):
            continue
        inner = class_behind(field, names)
        if inner is not None and depth < DEEPEST:
            more, is_inner_whole = dataclass_parameters(inner, names, depth + 1)
            parameters += more
            is_whole = is_whole and is_inner_whole
            continue
        read = described(field, names)
        parameters.append(
            dataclasses.replace(
                read,
                flag=f"--{field.name}",
                nargs="?" if read.type == "bool" and read.nargs is None else read.nargs,
            )
        )
    return parameters, is_whole


def _is_hidden(call: ast.Call) -> bool:
    """Whether the class itself computes a field: `field(init=False)`."""
    return any(
        keyword.arg == "init" and literal(keyword.value, {}) is False for keyword in call.keywords
    )
