"""Read the command line of a script from click's decorators, without running anything.

One command without a group is the script's; those of a group are its sub-commands. Decorators
that the directory defines itself are followed: they often hold the options that commands share.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from registry_app.arguments.parameters import SWITCH_ACTIONS, Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import walk_below
from registry_app.inference.parameters.arguments import MAX_HELP_LENGTH, default_of, name_of
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.objects import Function, Names
from registry_app.words import Confidence

_TYPES = {
    "INT": "int", "IntRange": "int", "FLOAT": "float", "FloatRange": "float", "BOOL": "bool",
    "STRING": "str", "Choice": "str", "Path": "Path",
}  # fmt: skip
_BUILT_IN = frozenset({"int", "float", "str", "bool"})
# These options end the command before it does anything.
_ENDING = frozenset({"version_option", "help_option"})


def read_click(source: Source, project: Project) -> CommandLine:
    """Return the command line that a script builds with click, empty and unknown if none."""
    if "click" not in source.outline.libraries:
        return CommandLine()
    names = Names(project)
    functions = [
        Function(source=source, node=function) for function in source.outline.functions.values()
    ]
    functions += _added(source, names)
    groups = {
        function.node.name: function for function in functions if _decorator(function.node, "group")
    }
    commands = [function for function in functions if _decorator(function.node, "command")]
    if not commands and not groups:
        return CommandLine()
    reading = _Reading(names)
    for function in (*groups.values(), *commands):
        reading.add(function, _path_of(function.node, groups))
    return reading.line(is_grouped=bool(groups) or len(commands) > 1)


class _Reading:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._rows: list[tuple[str, Parameter]] = []
        self._commands: list[str] = []
        self._known = True

    def add(self, function: Function, path: str) -> None:
        """Read the options and arguments of one command or group."""
        if path:
            self._commands.append(path)
        for decorator in function.node.decorator_list:
            self._add(decorator, function.source, path)

    def _add(self, node: ast.expr, source: Source, path: str) -> None:
        word = _called(node)
        if word in {"option", "argument"} and isinstance(node, ast.Call):
            parameter = _parameter(source, node, source.outline.constants)
            if parameter is None:
                self._known = False
            else:
                self._rows.append((path, parameter))
        elif word in {"password_option", "confirmation_option"}:
            self._known = False
        elif word not in _ENDING:
            for option, place in self._shared(node, source):
                self._add(option, place, path)

    def _shared(self, node: ast.expr, source: Source) -> Iterator[tuple[ast.expr, Source]]:
        """Yield the options that a decorator of the directory adds."""
        inner = node.func if isinstance(node, ast.Call) else node
        found = self._names.dotted(inner, source)
        if isinstance(found, Function):
            for below in walk_below(found.node):
                if isinstance(below, ast.Call) and _called(below) in {"option", "argument"}:
                    yield below, found.source

    def line(self, *, is_grouped: bool) -> CommandLine:
        """Return the command line that was read; a single command needs no name."""
        rows = self._rows if is_grouped else [("", parameter) for _path, parameter in self._rows]
        return CommandLine(
            parameters=tuple(parameter for _path, parameter in rows),
            known=self._known,
            commands=tuple(dict.fromkeys(self._commands)) if is_grouped else (),
            owners=tuple(path for path, _one in rows),
            needs_command=is_grouped,
        )


def _added(source: Source, names: Names) -> Iterator[Function]:
    """Yield commands of other files: `cli.add_command(train)`."""
    for call in source.calls("add_command"):
        found = names.dotted(call.args[0], source) if call.args else None
        if isinstance(found, Function) and found.source is not source:
            yield found


def _path_of(function: FunctionNode, groups: dict[str, Function]) -> str:
    """Return the words that select a command: those of its parent groups, then its own."""
    words: list[str] = []
    node: FunctionNode | None = function
    while node is not None and len(words) < len(groups) + 1:
        decorator = _decorator(node, "command") or _decorator(node, "group")
        above = decorator.func if isinstance(decorator, ast.Call) else decorator
        owner = name_of(above.value) if isinstance(above, ast.Attribute) else ""
        if _decorator(node, "group") is not None and owner not in groups:
            break  # the outermost group is the script itself
        words.insert(0, _command_name(node, decorator))
        node = groups[owner].node if owner in groups and groups[owner].node is not node else None
    return " ".join(words)


def _decorator(function: FunctionNode, word: str) -> ast.expr | None:
    return next((node for node in function.decorator_list if _called(node) == word), None)


def _command_name(function: FunctionNode, decorator: ast.expr | None) -> str:
    """Return the name of a command: as written, else derived from the function's name."""
    if isinstance(decorator, ast.Call):
        given = [*decorator.args[:1], *(k.value for k in decorator.keywords if k.arg == "name")]
        for node in given:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                return node.value
    return function.name.replace("_", "-")


def _parameter(source: Source, node: ast.Call, names: dict[str, Any]) -> Parameter | None:
    """Return one option or argument, None if it cannot be read."""
    words = [literal(argument, names) for argument in node.args]
    if not words or not all(isinstance(word, str) for word in words):
        return None
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    flags = [word for word in words if word.startswith("-")]
    plain = [word for word in words if not word.startswith("-")]
    is_option = _called(node) == "option"
    if is_option != bool(flags):
        return None
    written = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    default, expression = default_of(given.get("default"), names)
    flag, action = _action(written, given, names, default)
    name = (plain[0] if plain else written.partition("/")[0].lstrip("-")).replace("-", "_").lower()
    if not NAME.fullmatch(name):
        return None
    nargs = literal(given.get("nargs"), names)
    help_text = literal(given.get("help"), names)
    return Parameter(
        name=name,
        flag=flag,
        positional=not is_option,
        action=action,
        default=bool(default) if action in SWITCH_ACTIONS else default,
        default_expr=expression,
        type="" if action in SWITCH_ACTIONS else _type(given.get("type"), default),
        nargs="*" if nargs == -1 else nargs if isinstance(nargs, str | int) else None,
        required=_is_required(given, names, is_option=is_option),
        choices=_choices(given.get("type"), names),
        help=help_text[:MAX_HELP_LENGTH] if isinstance(help_text, str) else "",
        confidence=str(Confidence.SURE),
        source=f"{source.path}:{node.lineno}",
    )


def _is_required(given: dict[str, ast.expr], names: dict[str, Any], *, is_option: bool) -> bool:
    """Whether a value is required. It also is for a prompt, since a run is not interactive."""
    required = literal(given.get("required"), names)
    if required is not None:
        return bool(required)
    prompts = bool(literal(given.get("prompt"), names)) or not is_option
    return prompts and "default" not in given and literal(given.get("nargs"), names) != -1


def _action(
    flag: str, given: dict[str, ast.expr], names: dict[str, Any], default: Any
) -> tuple[str, str]:
    """Return the flag to pass and argparse's name of its action.

    For an on/off pair other than `--x/--no-x`, pass the side that changes the default.
    """
    positive, slash, negative = (part.strip() for part in flag.partition("/"))
    if slash:
        if negative == f"--no-{positive.removeprefix('--')}":
            return positive, "boolean_optional"
        return (negative, "store_false") if default is True else (positive, "store_true")
    if literal(given.get("count"), names):
        return positive, "count"
    if literal(given.get("multiple"), names):
        return positive, "append"
    if "flag_value" in given:
        return positive, "store_const"
    return positive, "store_true" if literal(given.get("is_flag"), names) else ""


def _type(node: ast.expr | None, default: Any) -> str:
    """Return the declared type; click uses the default's type if none is declared."""
    if node is None:
        return type(default).__name__ if isinstance(default, int | float) else ""
    name = _called(node)
    return name if name in _BUILT_IN else _TYPES.get(name, "custom")


def _choices(node: ast.expr | None, names: dict[str, Any]) -> tuple[str, ...]:
    if isinstance(node, ast.Call) and _called(node) == "Choice" and node.args:
        values = literal(node.args[0], names)
        if isinstance(values, list):
            return tuple(str(value) for value in values)
    return ()


def _called(node: ast.expr) -> str:
    """Return the last part of a called or dotted name: option for `click.option(...)`."""
    return name_of(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
