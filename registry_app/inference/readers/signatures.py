"""Reads command lines that libraries make from functions and classes: fire, tyro, jsonargparse."""

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
# Given as text, a default may come back as something else: fire makes a tuple of "a,b".
REREADING = frozenset({"fire", "jsonargparse"})
DEEPEST = 4
Writer = Callable[[Parameter, Declared], Parameter]


def read_signatures(source: Source, project: Project) -> CommandLine:
    """Return what a library makes of a function, empty and unknown where none does."""
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
            one.value
            for one in call.keywords
            if one.arg in {"component", "components", "config_class"}
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
                (owner, one.name)
                for owner, one in zip(self._owners, self._parameters, strict=True)
                if self._library in REREADING
            ),
            needs_command=bool(self._commands),
        )

    def _of(self, node: ast.expr) -> None:
        """Read what the library is handed: one function or class, or several as commands."""
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
        for one in fields:
            inner = None if self._library == "fire" else class_behind(one, self._names)
            if inner is not None and prefix.count(".") < DEEPEST:
                self._add(inner, owner=owner, prefix=f"{prefix}{one.name}.")
                continue
            read = described(one, self._names)
            read = dataclasses.replace(read, name=f"{prefix}{one.name}")
            self._parameters.append(self._write(read, one))
            self._owners.append(owner)


def _public_methods(cls: Class) -> list[FunctionNode]:
    return [
        one
        for one in cls.node.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_")
    ]


def _fire(one: Parameter, _declared: Declared) -> Parameter:
    """Values are Python literals behind `--name=`; lists are written as Python writes them."""
    default = one.default if not isinstance(one.default, list) else str(one.default)
    return dataclasses.replace(
        one, flag=f"--{one.name}=", nargs=None, default=default, choices=(),
        type=one.type if one.nargs is None else "custom",
    )  # fmt: skip


def _tyro(one: Parameter, _declared: Declared) -> Parameter:
    """Dashes in the names; a truth value with a default is a switch with two sides."""
    flag = f"--{one.name.replace('_', '-')}"
    if one.type == "bool" and one.nargs is None and not one.required:
        return dataclasses.replace(one, flag=flag, action="boolean_optional", type="")
    return dataclasses.replace(one, flag=flag)


def _jsonargparse(one: Parameter, declared: Declared) -> Parameter:
    """What has no default stands in its place; lists are one word, as YAML writes them."""
    many = one.nargs is not None
    default = str(one.default) if many and one.default is not None else one.default
    plain = dataclasses.replace(
        one, nargs=None, default=default, type="custom" if many else one.type
    )
    if one.required and not declared.keyword_only and "." not in one.name:
        return dataclasses.replace(plain, positional=True)
    return dataclasses.replace(plain, flag=f"--{one.name}")


_WRITERS: dict[str, Writer] = {"fire": _fire, "tyro": _tyro, "jsonargparse": _jsonargparse}
