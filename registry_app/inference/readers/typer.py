"""Read the command line that typer builds from function signatures."""

from __future__ import annotations

import ast
import dataclasses

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import MAX_HELP_LENGTH, name_of
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.objects import Function, Names
from registry_app.inference.parameters.signatures import Declared, described, of_function


def read_typer(source: Source, project: Project) -> CommandLine:
    """Return the command line that a script builds with typer, empty and unknown if none."""
    if "typer" not in source.outline.libraries:
        return CommandLine()
    names = Names(project)
    for call in source.calls("run"):
        if name_of(call.func) in {"typer.run", "run"} and call.args:
            found = names.dotted(call.args[0], source)
            if isinstance(found, Function):
                return _line([("", found.node)], found.source, names)
    commands = _decorated(source, "command")
    common = [("", node) for _name, node in _decorated(source, "callback")]
    if len(commands) == 1 and not common:
        commands = [("", commands[0][1])]
    line = _line([*common, *commands], source, names)
    return dataclasses.replace(line, known=line.known and not source.calls("add_typer"))


def _decorated(source: Source, word: str) -> list[tuple[str, FunctionNode]]:
    """Return the functions decorated with `@app.<word>()`, each with its command name."""
    found: list[tuple[str, FunctionNode]] = []
    for function in source.outline.functions.values():
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and name_of(decorator.func).endswith(f".{word}"):
                given = [literal(argument, {}) for argument in decorator.args[:1]]
                given += [
                    literal(keyword.value, {})
                    for keyword in decorator.keywords
                    if keyword.arg == "name"
                ]
                name = next((value for value in given if isinstance(value, str)), "")
                found.append((name or function.name.replace("_", "-"), function))
    return found


def _line(commands: list[tuple[str, FunctionNode]], source: Source, names: Names) -> CommandLine:
    parameters: list[Parameter] = []
    owners: list[str] = []
    for command, function in commands:
        for declared in of_function(function, source):
            if declared.annotation is not None and "Context" in ast.dump(declared.annotation):
                continue
            parameters.append(_parameter(declared, names))
            owners.append(command)
    named = [command for command, _function in commands if command]
    return CommandLine(
        parameters=tuple(parameters),
        known=bool(commands),
        commands=tuple(named),
        owners=tuple(owners),
        needs_command=bool(named),
    )


def _parameter(declared: Declared, names: Names) -> Parameter:
    call, default, words = _parts(declared)
    read = described(declared, names, default=default)
    constants = declared.source.outline.constants
    given = {keyword.arg: keyword.value for keyword in call.keywords} if call is not None else {}
    help_text = literal(given.get("help"), constants)
    if isinstance(help_text, str):
        read = dataclasses.replace(read, help=help_text[:MAX_HELP_LENGTH])
    is_argument = call is not None and name_of(call.func).endswith("Argument")
    if is_argument or (call is None and read.required):
        return dataclasses.replace(read, positional=True)
    flags = [word for word in words if word.startswith("-")]
    flag = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    positive, slash, negative = flag.partition("/")
    read = dataclasses.replace(read, flag=positive or f"--{read.name.replace('_', '-')}")
    if read.type == "bool" and read.nargs is None:
        has_no_side = bool(flag) and not slash
        is_usual = not slash or negative == f"--no-{positive.removeprefix('--')}"
        action = "store_true" if has_no_side or not is_usual else "boolean_optional"
        return dataclasses.replace(read, action=action, type="")
    if read.nargs == "*":
        return dataclasses.replace(read, action="append", nargs=None)
    return read


def _parts(declared: Declared) -> tuple[ast.Call | None, ast.expr | None, list[str]]:
    """Return `typer.Option(...)` or `typer.Argument(...)`, the default, and the flags."""
    match declared.annotation:
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=[_, *more])) if name_of(
            outer
        ).endswith("Annotated"):
            for node in more:
                if isinstance(node, ast.Call) and _is_typers(node):
                    return node, declared.default, _texts(node.args)
    call = declared.call
    if call is None or not _is_typers(call):
        return None, declared.default, []
    given = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    default = call.args[0] if call.args else given[0] if given else ast.Constant(value=...)
    return call, default, _texts(call.args[1:])


def _is_typers(call: ast.Call) -> bool:
    return name_of(call.func).rpartition(".")[2] in {"Option", "Argument"}


def _texts(nodes: list[ast.expr]) -> list[str]:
    found = [literal(node, {}) for node in nodes]
    return [value for value in found if isinstance(value, str) and NAME.search(value)]
