"""Reads the command line of a script from its `add_argument` calls, without running anything.

Calls count wherever they stand: in groups, sub-commands, helpers and, where a script only calls
a helper of another file of the directory, in that file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from registry_app.choices import Confidence
from registry_app.inference.command_line import NAME, CommandLine, literal
from registry_app.inference.constants import module_constants
from registry_app.inference.project import Project
from registry_app.inference.source import Source
from registry_app.parameters import Parameter

PARSERS = frozenset({"argparse", "configargparse"})
# They end the script before it does anything.
ENDING_ACTIONS = frozenset({"help", "version"})
TYPES = frozenset({"int", "float", "str", "bool"})
LONGEST_EXPRESSION = 200
LONGEST_HELP = 500


def read_command_line(source: Source, project: Project) -> CommandLine:
    """Return the command line that argparse gives a script, empty and unknown where it has none."""
    if source.tree is None:
        return CommandLine()
    found = _calls_of(source)
    if found or _parses(source.tree):
        found = [*found, *_imported_calls(source, project)]
    if not found and not _makes_parser(source.tree):
        return CommandLine()
    parameters: dict[tuple[str, str], Parameter] = {}
    known = True
    commands = _commands(source.tree)
    for origin, call in found:
        parameter = _parameter(origin, call)
        if parameter is None:
            known = known and _is_harmless(call)
        else:
            parameters.setdefault((_owner(call, commands), parameter.name), parameter)
    return CommandLine(
        parameters=tuple(parameters.values()),
        known=known,
        commands=tuple(dict.fromkeys(name for _line, _variable, name in commands)),
        owners=tuple(owner for owner, _name in parameters),
    )


def _calls_of(source: Source) -> list[tuple[Source, ast.Call]]:
    tree = source.tree
    if tree is None or not _imports_parser(tree):
        return []
    return [(source, call) for call in _in_order(tree)]


def _imported_calls(source: Source, project: Project) -> Iterator[tuple[Source, ast.Call]]:
    """Yield the calls in functions of other files that this script calls by name."""
    tree = source.tree
    if tree is None:
        return
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        path = project.module(source.path, node.module or "", level=node.level)
        other = project.source(path) if path else None
        if other is None or other.tree is None or not _imports_parser(other.tree):
            continue
        wanted = {alias.name for alias in node.names} & called
        for function in ast.walk(other.tree):
            if isinstance(function, ast.FunctionDef) and function.name in wanted:
                yield from ((other, call) for call in _in_order(function))


def _in_order(tree: ast.AST) -> list[ast.Call]:
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"add_argument", "add_arg", "add"}
        and node.args
        and (node.func.attr == "add_argument" or _looks_like_flag(node.args[0]))
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _commands(tree: ast.AST) -> list[tuple[int, str, str]]:
    """Return where a variable becomes the parser of a sub-command: line, variable, name."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=variable)],
                value=ast.Call(
                    func=ast.Attribute(attr="add_parser"),
                    args=[ast.Constant(value=str() as name), *_],
                ),
            ):
                found.append((node.lineno, variable, name))
    return sorted(found)


def _owner(call: ast.Call, commands: list[tuple[int, str, str]]) -> str:
    """Return the sub-command whose parser takes this argument, '' for the main parser."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Name):
        return ""
    named = [
        name for line, variable, name in commands if variable == receiver.id and line <= call.lineno
    ]
    return named[-1] if named else ""


def _looks_like_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).startswith("--")


def _imports_parser(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(one.name in PARSERS for one in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module in PARSERS:
            return True
    return False


def _makes_parser(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and _name_of(node.func).endswith(("ArgumentParser", "ArgParser"))
        for node in ast.walk(tree)
    )


def _parses(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"parse_args", "parse_known_args"}
        for node in ast.walk(tree)
    ) or any(
        isinstance(node, ast.ImportFrom) and any("arg" in one.name.lower() for one in node.names)
        for node in ast.walk(tree)
    )


def _is_harmless(call: ast.Call) -> bool:
    action = next((one.value for one in call.keywords if one.arg == "action"), None)
    return isinstance(action, ast.Constant) and action.value in ENDING_ACTIONS


def _parameter(source: Source, call: ast.Call) -> Parameter | None:
    """Return one parameter, None where its name cannot be read or it only ends the script."""
    names = module_constants(source.tree.body) if source.tree else {}
    flags = [text for one in call.args if isinstance(text := literal(one, names), str)]
    if len(flags) != len(call.args) or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    given = {one.arg: one.value for one in call.keywords if one.arg}
    action = _action(given.get("action"), names)
    if action in ENDING_ACTIONS:
        return None
    options = [flag for flag in flags if flag.startswith("-")]
    flag = next((one for one in options if one.startswith("--")), options[0] if options else "")
    dest = literal(given["dest"], names) if "dest" in given else None
    name = dest if isinstance(dest, str) else (flag or flags[0]).lstrip("-").replace("-", "_")
    if not NAME.fullmatch(name):
        return None  # no template could speak of it
    default, expression = _default(given.get("default"), names)
    if default is None and not expression and action in {"store_true", "store_false"}:
        default = action == "store_false"
    choices = literal(given["choices"], names) if "choices" in given else None
    nargs = literal(given["nargs"], names) if "nargs" in given else None
    help_text = literal(given["help"], names) if "help" in given else None
    return Parameter(
        name=name,
        flag=flag,
        positional=not options,
        type=_type(given.get("type")),
        action=action,
        nargs=nargs if isinstance(nargs, str | int) and not isinstance(nargs, bool) else None,
        default=default,
        default_expr=expression,
        required=bool("required" in given and literal(given["required"], names))
        or (not options and nargs not in {"?", "*"} and "default" not in given),
        choices=tuple(choices) if isinstance(choices, list) and _are_scalars(choices) else (),
        help=help_text[:LONGEST_HELP] if isinstance(help_text, str) else "",
        confidence=str(Confidence.SURE),
        source=f"{source.path}:{call.lineno}",
    )


def _default(node: ast.expr | None, names: Mapping[str, Any]) -> tuple[Any, str]:
    """Return a literal default, or the source text of one that the script computes."""
    if node is None:
        return None, ""
    value = literal(node, names)
    if isinstance(value, str | int | float | bool) or (
        isinstance(value, list) and _are_scalars(value)
    ):
        return value, ""
    if isinstance(node, ast.Constant) and node.value is None:
        return None, ""
    return None, ast.unparse(node)[:LONGEST_EXPRESSION]


def _action(node: ast.expr | None, names: Mapping[str, Any]) -> str:
    if node is None:
        return ""
    if _name_of(node).endswith("BooleanOptionalAction"):
        return "boolean_optional"
    value = literal(node, names)
    return value if isinstance(value, str) else _name_of(node) or "custom"


def _type(node: ast.expr | None) -> str:
    if node is None:
        return ""
    name = _name_of(node).rpartition(".")[2]
    if name == "Path":
        return "Path"
    return name if name in TYPES else "custom"


def _are_scalars(values: list[Any]) -> bool:
    return all(one is None or isinstance(one, str | int | float | bool) for one in values)


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name_of(node.value)}.{node.attr}"
    return ""
