"""Reads the command line of a script from click's decorators, without running anything.

One decorated command is the script's; several are its sub-commands.
"""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

from registry_app.choices import Confidence
from registry_app.inference.command_line import NAME, CommandLine, literal
from registry_app.inference.constants import module_constants
from registry_app.inference.source import Source
from registry_app.parameters import SWITCH_ACTIONS, Parameter

_TYPES = {"INT": "int", "FLOAT": "float", "BOOL": "bool", "STRING": "str", "Path": "Path"}
_BUILT_IN = frozenset({"int", "float", "str", "bool"})


def read_click(source: Source) -> CommandLine:
    """Return the command line that click gives a script, empty and unknown where it has none."""
    if source.tree is None:
        return CommandLine()
    commands = [
        node
        for node in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
        if any(_called(one) == "command" for one in node.decorator_list)
    ]
    if not commands:
        return CommandLine()
    names = module_constants(source.tree.body)
    parameters: list[Parameter] = []
    owners: list[str] = []
    known = True
    for command in commands:
        owner = _command_name(command) if len(commands) > 1 else ""
        for decorator in command.decorator_list:
            if _called(decorator) not in {"option", "argument"}:
                continue
            parameter = _parameter(source, decorator, names)
            if parameter is None:
                known = False
            else:
                parameters.append(parameter)
                owners.append(owner)
    return CommandLine(
        parameters=tuple(parameters),
        known=known,
        commands=tuple(dict.fromkeys(owner for owner in owners if owner)),
        owners=tuple(owners),
    )


def _command_name(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the name that click gives a command: as written, else the function's own."""
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(args=[ast.Constant(value=str() as name), *_]) if (
                _called(decorator) == "command"
            ):
                return name
    return function.name.replace("_", "-")


def _parameter(source: Source, node: ast.expr, names: dict[str, Any]) -> Parameter | None:
    """Return one option or argument, None where it cannot be read."""
    if not isinstance(node, ast.Call):
        return None
    words = [literal(one, names) for one in node.args]
    if not words or not all(isinstance(word, str) for word in words):
        return None
    given = {one.arg: one.value for one in node.keywords if one.arg}
    flags = [word for word in words if word.startswith("-")]
    plain = [word for word in words if not word.startswith("-")]
    is_option = _called(node) == "option"
    if is_option != bool(flags):
        return None
    flag = next((one for one in flags if one.startswith("--")), flags[0] if flags else "")
    action = _action(flag, given, names)
    flag = flag.partition("/")[0]
    name = (plain[0] if plain else flag.lstrip("-")).replace("-", "_").lower()
    if action is None or not NAME.fullmatch(name):
        return None
    read = _default(given, names)
    nargs = literal(given.get("nargs"), names)
    return dataclasses.replace(
        read,
        name=name,
        flag=flag,
        positional=not is_option,
        action=action,
        default=bool(read.default) if action in SWITCH_ACTIONS else read.default,
        type=_type(given.get("type"), read.default),
        nargs="*" if nargs == -1 else nargs if isinstance(nargs, str | int) else None,
        required=bool(literal(given.get("required"), names))
        or (not is_option and "default" not in given),
        choices=_choices(given.get("type"), names),
        help=str(literal(given.get("help"), names) or "")[:500],
        confidence=str(Confidence.SURE),
        source=f"{source.path}:{node.lineno}",
    )


def _action(flag: str, given: dict[str, ast.expr], names: dict[str, Any]) -> str | None:
    """Return argparse's word for what an option does, None for one that it has no word for."""
    positive, slash, negative = flag.partition("/")
    if slash:
        return "boolean_optional" if negative.strip() == f"--no-{positive[2:].strip()}" else None
    if literal(given.get("count"), names):
        return None
    if literal(given.get("multiple"), names):
        return "append"
    return "store_true" if literal(given.get("is_flag"), names) else ""


def _default(given: dict[str, ast.expr], names: dict[str, Any]) -> Parameter:
    node = given.get("default")
    if node is None:
        return Parameter(name="")
    value = literal(node, names)
    if isinstance(value, str | int | float | bool):
        return Parameter(name="", default=value)
    is_none = isinstance(node, ast.Constant) and node.value is None
    return Parameter(name="", default_expr="" if is_none else ast.unparse(node)[:200])


def _type(node: ast.expr | None, default: Any) -> str:
    """Return the declared type; click takes that of the default where none is declared."""
    if node is None:
        return type(default).__name__ if isinstance(default, int | float) else ""
    name = _called(node)
    return name if name in _BUILT_IN else _TYPES.get(name, "str" if name == "Choice" else "custom")


def _choices(node: ast.expr | None, names: dict[str, Any]) -> tuple[str, ...]:
    if isinstance(node, ast.Call) and _called(node) == "Choice" and node.args:
        values = literal(node.args[0], names)
        if isinstance(values, list):
            return tuple(str(value) for value in values)
    return ()


def _called(node: ast.expr) -> str:
    """Return the last word of what is called or named: `click.option(...)` gives option."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
