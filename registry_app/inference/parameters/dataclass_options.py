"""Options that a parser makes from the fields of a dataclass.

HfArgumentParser and simple_parsing agree: `--name VALUE`, true and false as words, lists as
several words, and the fields of a dataclass within a dataclass under their own names.
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
    """Return the options of a dataclass, and whether none escaped us."""
    fields, is_whole = of_class(cls, names)
    parameters: list[Parameter] = []
    for one in fields:
        if one.call is not None and _is_hidden(one.call):
            continue
        inner = class_behind(one, names)
        if inner is not None and depth < DEEPEST:
            more, is_inner_whole = dataclass_parameters(inner, names, depth + 1)
            parameters += more
            is_whole = is_whole and is_inner_whole
            continue
        read = described(one, names)
        parameters.append(
            dataclasses.replace(
                read,
                flag=f"--{one.name}",
                nargs="?" if read.type == "bool" and read.nargs is None else read.nargs,
            )
        )
    return parameters, is_whole


def _is_hidden(call: ast.Call) -> bool:
    """Whether a field is worked out by the class itself: `field(init=False)`."""
    return any(one.arg == "init" and literal(one.value, {}) is False for one in call.keywords)
