"""Read command lines built from functions and classes by fire, tyro and jsonargparse."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Sequence

from registry_app.arguments.parameters import Parameter
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.command_line import CommandLine, literal
from registry_app.inference.parameters.dataclass_options import dataclass_parameters
from registry_app.inference.parameters.objects import Class, External, Function, Names, Ref
from registry_app.inference.parameters.signatures import (
    Declared,
    class_behind,
    described,
    of_class,
    of_function,
)

LIBRARIES = frozenset({"fire", "tyro", "jsonargparse", "simple_parsing"})
# A default passed as text may be parsed differently: fire reads "a,b" as a tuple.
REREADING = frozenset({"fire", "jsonargparse"})
DEEPEST = 4
Writer = Callable[[Parameter, Declared], Parameter]


def read_signatures(source: Source, project: Project) -> CommandLine:
    """Return the command line built from a function, empty and unknown if there is none."""
    if not source.outline.libraries & LIBRARIES:
        return CommandLine()
    names = Names(project)
    for call in source.calls("Fire", "cli", "CLI", "auto_cli", "parse"):
        found = names.dotted(call.func, source)
        library = found.name.partition(".")[0] if isinstance(found, External) else ""
        if library in _WRITERS:
            return _Reading(names, source, library).of_call(call)
        if library == "simple_parsing" and call.args:
            return _of_dataclass(names.dotted(call.args[0], source), names)
    return CommandLine()


def _of_dataclass(found: Ref | None, names: Names) -> CommandLine:
    if not isinstance(found, Class):
        return CommandLine()
    parameters, is_whole = dataclass_parameters(found, names)
    return CommandLine(parameters=tuple(parameters), known=is_whole, owners=("",) * len(parameters))


class _Reading:
    def __init__(self, names: Names, source: Source, library: str) -> None:
        self._names = names
        self._source = source
        self._library = library
        self._write = _WRITERS[library]
        self._parameters: list[Parameter] = []
        self._owners: list[str] = []
        self._commands: list[str] = []
        self._known = True

    def of_call(self, call: ast.Call) -> CommandLine:
        given = call.args or [
            keyword.value
            for keyword in call.keywords
            if keyword.arg in {"component", "components", "config_class"}
        ]
        if not given and self._library == "fire":
            functions = self._source.outline.functions
            for name, node in functions.items():
                self._command(name, Function(source=self._source, node=node))
        elif not given:
            self._known = False
        else:
            self._of(given[0])
        return CommandLine(
            parameters=tuple(self._parameters),
            known=self._known,
            commands=tuple(self._commands),
            owners=tuple(self._owners),
            withheld=tuple(
                (owner, parameter.name)
                for owner, parameter in zip(self._owners, self._parameters, strict=True)
                if self._library in REREADING
            ),
            needs_command=bool(self._commands),
        )

    def _of(self, node: ast.expr) -> None:
        """Read the library's argument: one function or class, or several as commands."""
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    self._command(
                        str(literal(key, {}) or ""), self._names.dotted(value, self._source)
                    )
            case ast.List(elts=values):
                for value in values:
                    found = self._names.dotted(value, self._source)
                    name = found.node.name if isinstance(found, Function | Class) else ""
                    self._command(name, found)
            case _:
                self._one(self._names.dotted(node, self._source))

    def _command(self, name: str, found: Ref | None) -> None:
        if not name or not isinstance(found, Function | Class):
            self._known = False
            return
        self._commands.append(name)
        self._add(found, owner=name)

    def _one(self, found: Ref | None) -> None:
        if isinstance(found, Class) and self._library in {"fire", "jsonargparse"}:
            start = self._names.method(found, "__init__")
            if start is not None:
                self._add(start)
            for method in _public_methods(found):
                self._command(method.name, Function(source=found.source, node=method))
        elif isinstance(found, Function | Class):
            self._add(found)
        else:
            self._known = False

    def _add(self, found: Function | Class, *, owner: str = "", prefix: str = "") -> None:
        if isinstance(found, Function):
            fields: Sequence[Declared] = of_function(found.node, found.source)
            self._known = self._known and found.node.args.kwarg is None
        else:
            fields, is_whole = of_class(found, self._names)
            self._known = self._known and is_whole
        for field in fields:
            inner = None if self._library == "fire" else class_behind(field, self._names)
            if inner is not None and prefix.count(".") < DEEPEST:
                self._add(inner, owner=owner, prefix=f"{prefix}{field.name}.")
                continue
            read = described(field, self._names)
            read = dataclasses.replace(read, name=f"{prefix}{field.name}")
            self._parameters.append(self._write(read, field))
            self._owners.append(owner)


def _public_methods(cls: Class) -> list[FunctionNode]:
    return [
        statement
        for statement in cls.node.body
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        and not statement.name.startswith("_")
    ]


def _fire(parameter: Parameter, _declared: Declared) -> Parameter:
    """Pass values as Python literals after `--name=`; lists in Python syntax."""
    default = (
        parameter.default if not isinstance(parameter.default, list) else str(parameter.default)
    )
    return dataclasses.replace(
        parameter, flag=f"--{parameter.name}=", nargs=None, default=default, choices=(),
        type=parameter.type if parameter.nargs is None else "custom",
    )  # fmt: skip


def _tyro(parameter: Parameter, _declared: Declared) -> Parameter:
    """Use dashes in names; a bool with a default is an on/off switch."""
    flag = f"--{parameter.name.replace('_', '-')}"
    if parameter.type == "bool" and parameter.nargs is None and not parameter.required:
        return dataclasses.replace(parameter, flag=flag, action="boolean_optional", type="")
    return dataclasses.replace(parameter, flag=flag)


def _jsonargparse(parameter: Parameter, declared: Declared) -> Parameter:
    """Make a parameter without a default positional; a list is one argument in YAML syntax."""
    many = parameter.nargs is not None
    default = (
        str(parameter.default) if many and parameter.default is not None else parameter.default
    )
    plain = dataclasses.replace(
        parameter, nargs=None, default=default, type="custom" if many else parameter.type
    )
    if parameter.required and not declared.keyword_only and "." not in parameter.name:
        return dataclasses.replace(plain, positional=True)
    return dataclasses.replace(plain, flag=f"--{parameter.name}")


_WRITERS: dict[str, Writer] = {"fire": _fire, "tyro": _tyro, "jsonargparse": _jsonargparse}
