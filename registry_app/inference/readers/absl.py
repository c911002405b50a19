"""Read the flags that a script defines with absl, or with TensorFlow's copy of it.

absl has one set of flags for a whole program, so those of imported modules count too.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.code.outline import Imported
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import MAX_HELP_LENGTH, are_scalars, default_of
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.objects import Names
from registry_app.words import Confidence

MAX_MODULES = 20
_TYPES = {
    "string": "str", "integer": "int", "float": "float", "bool": "bool", "boolean": "bool",
    "enum": "str", "enum_class": "str", "list": "str", "spaceseplist": "str",
    "multi_string": "str", "multi_integer": "int", "multi_float": "float", "multi_enum": "str",
    "config_file": "Path",
}  # fmt: skip
_SEPARATORS = {"list": ",", "spaceseplist": " "}


def read_absl(source: Source, project: Project) -> CommandLine:
    """Return the flags of a program, empty and unknown if it defines none."""
    found: dict[str, Parameter] = {}
    required: set[str] = set()
    known = True
    for module in _modules(source, project):
        names = module.outline.constants
        for call in _definitions(module):
            parameter = _parameter(module, call, names)
            if parameter is None:
                known = False
            else:
                found.setdefault(parameter.name, parameter)
                # `--config.lr=0.1` overrides a value in a file that is only read at run time.
                known = known and parameter.type != "Path"
        required |= _required(module, names)
    return CommandLine(
        parameters=tuple(
            dataclasses.replace(parameter, required=True)
            if parameter.name in required
            else parameter
            for parameter in found.values()
        ),
        known=known and bool(found),
        owners=("",) * len(found),
    )


def _modules(source: Source, project: Project) -> Iterator[Source]:
    """Yield a script and the modules of the directory that it imports, if they define flags."""
    names = Names(project)
    waiting, seen = [source.path], {source.path}
    while waiting:
        path = waiting.pop(0)
        defines, imports = project.found(flags_spoken_of, path) or (False, ())
        module = project.source(path) if defines else None
        if module is not None:
            yield module
        for imported in imports:
            other = names.path_of(imported, path)
            if other is None or other in seen or len(seen) >= MAX_MODULES:
                continue
            if project.found(flags_spoken_of, other) is not None:
                seen.add(other)
                waiting.append(other)


def flags_spoken_of(source: Source) -> tuple[bool, tuple[Imported, ...]]:
    """Return whether a script defines flags, and what it imports at its top."""
    imports = source.top_imports
    return "DEFINE_" in source.text, (*imports.names.values(), *imports.stars)


def _definitions(source: Source) -> list[ast.Call]:
    calls = [
        call
        for call in source.nodes(ast.Call)
        if isinstance(call.func, ast.Attribute | ast.Name)
        and _last_name(call.func).startswith("DEFINE_")
    ]
    return sorted(calls, key=lambda call: call.lineno)


def _parameter(source: Source, call: ast.Call, names: dict[str, Any]) -> Parameter | None:
    """Return one flag, None if it cannot be read."""
    kind = _last_name(call.func).removeprefix("DEFINE_")
    places = ["name", "default", "help"]
    if "enum" in kind:
        places.insert(2, "enum_values")
    given = dict(zip(places, call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    name = literal(given.get("name"), names)
    if kind not in _TYPES or not isinstance(name, str) or not NAME.fullmatch(name):
        return None
    default, expression = default_of(given.get("default"), names)
    if isinstance(default, list):
        separator = _SEPARATORS.get(kind)
        default = separator.join(map(str, default)) if separator else default
    choices = literal(given.get("enum_values"), names)
    help_text = literal(given.get("help"), names)
    return Parameter(
        name=name,
        flag=f"--{name}=",
        type=_TYPES[kind],
        action="append" if kind.startswith("multi_") else "",
        default=default,
        default_expr=expression,
        required=bool(literal(given.get("required"), names)),
        choices=tuple(choices) if isinstance(choices, list) and are_scalars(choices) else (),
        help=help_text[:MAX_HELP_LENGTH] if isinstance(help_text, str) else "",
        confidence=str(Confidence.SURE),
        source=f"{source.path}:{call.lineno}",
    )


def _required(source: Source, names: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for call in source.calls("mark_flag_as_required", "mark_flags_as_required"):
        value = literal(call.args[0], names) if call.args else None
        found |= set(value) if isinstance(value, list) else {value} if value else set()
    return found


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
