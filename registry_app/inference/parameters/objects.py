"""The objects that a trace of a script distinguishes; everything else is unknown to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry_app.inference.code.outline import FunctionNode, Imported
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.parsers import Parser


@dataclass(kw_only=True, eq=False)
class Function:
    """A function of the directory; `receiver` if it is bound to an object."""

    source: Source
    node: FunctionNode
    owner: Class | None = None
    receiver: Ref | None = None


@dataclass(kw_only=True, eq=False)
class Class:
    source: Source
    node: ast.ClassDef


@dataclass(kw_only=True, eq=False)
class Module:
    path: str


@dataclass(kw_only=True, eq=False)
class External:
    """A name of a library, by its full dotted name."""

    name: str


@dataclass(kw_only=True, eq=False)
class Instance:
    """An object of a class of the directory; `parser` if it is itself a parser."""

    made_of: Class | None
    attributes: dict[str, Ref] = field(default_factory=dict)
    parser: Parser | None = None


@dataclass(kw_only=True, eq=False)
class Group:
    """A group of a parser; its members are mutually exclusive if `is_either`."""

    parser: Parser
    is_either: bool = False


@dataclass(kw_only=True, eq=False)
class Commands:
    """The result of `add_subparsers`."""

    parser: Parser


@dataclass(kw_only=True, eq=False)
class Method:
    """A method of a library's object: `parser.add_argument`."""

    owner: Instance | Group | Commands
    name: str


@dataclass(kw_only=True, eq=False)
class Several:
    """A tuple or list of objects."""

    items: tuple[Ref | None, ...]


@dataclass(kw_only=True, eq=False)
class Super:
    """The result of `super()` in a method of `owner`."""

    receiver: Ref | None
    owner: Class


Ref = Function | Class | Module | External | Instance | Group | Commands | Method | Several | Super


@dataclass(kw_only=True, eq=False)
class Scope:
    """The names around a statement: objects bound so far, and constants."""

    source: Source
    constants: Mapping[str, Any]
    refs: dict[str, Ref] = field(default_factory=dict)
    outer: Scope | None = None
    function: Function | None = None
    results: list[Ref] = field(default_factory=list)


class Names:
    """Resolve names of the directory's own code."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.executed: dict[str, Scope] = {}

    def in_scope(self, name: str, scope: Scope) -> Ref | None:
        """Return what a name refers to where it is used."""
        here: Scope | None = scope
        while here is not None:
            if name in here.refs:
                return here.refs[name]
            here = here.outer
        return self.in_module(name, scope.source)

    def in_module(self, name: str, source: Source, depth: int = 0) -> Ref | None:
        """Return what a name refers to in a module, including its imports."""
        scope = self.executed.get(source.path)
        if scope is not None and name in scope.refs:
            return scope.refs[name]
        outline = source.outline
        if name in outline.functions:
            return Function(source=source, node=outline.functions[name])
        if name in outline.classes:
            return Class(source=source, node=outline.classes[name])
        if depth > 5:
            return None
        if name in outline.imports:
            return self.imported(outline.imports[name], source, depth + 1)
        for star in outline.stars:
            found = self.imported(
                Imported(module=star.module, member=name, level=star.level), source, depth + 1
            )
            is_own = self.path_of(star, source.path) is not None
            if found is not None and (is_own or star.module in {"argparse", "configargparse"}):
                return found
        return None

    def imported(self, imported: Imported, source: Source, depth: int = 0) -> Ref | None:
        """Return the target of an imported name."""
        path = self.path_of(imported, source.path)
        if path is None:
            return External(name=imported.dotted) if not imported.level else None
        if not imported.member or path != self.project.module(
            source.path, imported.module, level=imported.level
        ):
            return Module(path=path)
        other = self.project.source(path)
        return self.in_module(imported.member, other, depth) if other is not None else None

    def path_of(self, imported: Imported, importer: str) -> str | None:
        """Return the file that an import loads, the module's own before its package's."""
        if imported.member:
            dotted = f"{imported.module}.{imported.member}" if imported.module else imported.member
            inner = self.project.module(importer, dotted, level=imported.level)
            if inner is not None:
                return inner
        return self.project.module(importer, imported.module, level=imported.level)

    def line_of(self, cls: Class) -> Iterator[Class | External]:
        """Yield a class and its bases, nearest first; those of libraries by their name."""
        waiting: list[Class | External] = [cls]
        seen: set[int] = set()
        while waiting:
            current = waiting.pop(0)
            if isinstance(current, External):
                yield current
                continue
            if id(current.node) in seen:
                continue
            seen.add(id(current.node))
            yield current
            for base in current.node.bases:
                found = self.dotted(base, current.source)
                if isinstance(found, Class | External):
                    waiting.append(found)

    def dotted(self, node: ast.expr, source: Source) -> Ref | None:
        """Return what `name` or `module.name` refers to at the top of a module."""
        if isinstance(node, ast.Name):
            return self.in_module(node.id, source)
        if isinstance(node, ast.Attribute):
            return self.member(self.dotted(node.value, source), node.attr, source)
        return None

    def member(self, owner: Ref | None, name: str, source: Source) -> Ref | None:
        """Return a member of a module, the directory's or a library's."""
        if isinstance(owner, External):
            full = f"{owner.name}.{name}"
            path = self.project.module(source.path, full)
            return Module(path=path) if path else External(name=full)
        if isinstance(owner, Module):
            other = self.project.source(owner.path)
            found = self.in_module(name, other) if other is not None else None
            if found is None:
                folder = owner.path.removesuffix("/__init__.py").removesuffix(".py")
                for path in (f"{folder}/{name}.py", f"{folder}/{name}/__init__.py"):
                    if path in self.project:
                        return Module(path=path)
            return found
        return None

    def method(self, cls: Class, name: str, *, after: Class | None = None) -> Function | None:
        """Return a method of a class or its bases; `after` starts the search after that class."""
        passed = after is None
        for base in self.line_of(cls):
            if isinstance(base, Class):
                if passed:
                    for statement in base.node.body:
                        if (
                            isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
                            and statement.name == name
                        ):
                            return Function(source=base.source, node=statement, owner=base)
                passed = passed or (after is not None and base.node is after.node)
        return None

    def is_parser(self, cls: Class) -> bool:
        """Whether a class derives from an argparse parser."""
        return any(
            isinstance(base, External) and base.name.endswith(("ArgumentParser", "ArgParser"))
            for base in self.line_of(cls)
        )
