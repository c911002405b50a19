"""The definitions and imports at a module's top level: what its names refer to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from registry_app.inference.code.constants import module_constants

# The statements that hold others which also run at the top level.
_HOLDING = frozenset({ast.If, ast.Try, ast.With})
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_WORD = re.compile(r"[^\W\d]\w*")


class Imported(NamedTuple):
    """The target of an imported name; `member` is '' if the name is the module itself."""

    module: str
    member: str = ""
    level: int = 0

    @property
    def dotted(self) -> str:
        """The full name in the library: `argparse.ArgumentParser`."""
        return ".".join(part for part in (self.module, self.member) if part)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """Definitions, imports (also below `if` and `try`) and constants of one module.

    `modules` is everything that is imported: for `import a.b` also `a.b`, though only `a` is bound.
    """

    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, Imported] = field(default_factory=dict)
    stars: tuple[Imported, ...] = ()
    modules: tuple[Imported, ...] = ()
    constants: dict[str, Any] = field(default_factory=dict)

    @property
    def libraries(self) -> frozenset[str]:
        """Top-level names of all imports: `absl` for `from absl import flags`."""
        return frozenset(
            imported.module.partition(".")[0] for imported in (*self.imports.values(), *self.stars)
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TopImports:
    """The imports at a module's top level, as in its outline."""

    names: dict[str, Imported] = field(default_factory=dict)
    stars: tuple[Imported, ...] = ()
    modules: tuple[Imported, ...] = ()


def outline_of(tree: ast.Module, imports: TopImports) -> Outline:
    """Read the top level of a module; skip the bodies of functions and classes."""
    functions: dict[str, FunctionNode] = {}
    classes: dict[str, ast.ClassDef] = {}
    for statement in _top_level(tree.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                functions[name] = statement
            case ast.ClassDef(name=name):
                classes[name] = statement
    return Outline(
        functions=functions,
        classes=classes,
        imports=imports.names,
        stars=imports.stars,
        modules=imports.modules,
        constants=module_constants(tree.body),
    )


def top_imports(tree: ast.Module) -> TopImports:
    """Return what the top level of a module imports."""
    names: dict[str, Imported] = {}
    stars: list[Imported] = []
    modules: list[Imported] = []
    for statement in _top_level(tree.body):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        pairs = list(imported_names(statement))
        if isinstance(statement, ast.Import):
            modules += imported_modules(statement)
        else:
            modules += [imported for _name, imported in pairs]
        for name, imported in pairs:
            if name == "*":
                stars.append(imported)
            else:
                names.setdefault(name, imported)
    return TopImports(names=names, stars=tuple(stars), modules=tuple(modules))


def imported_names(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Imported]]:
    """Yield each name that an import binds, `*` for all names of a module."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, Imported(module=alias.name)
            else:
                top = alias.name.partition(".")[0]
                yield top, Imported(module=top)
        return
    for alias in statement.names:
        module = statement.module or ""
        member = "" if alias.name == "*" else alias.name
        yield (
            alias.asname or alias.name,
            Imported(module=module, member=member, level=statement.level),
        )


def imported_modules(statement: ast.Import | ast.ImportFrom) -> list[Imported]:
    """Return every module that an import loads."""
    if isinstance(statement, ast.Import):
        return [Imported(module=alias.name) for alias in statement.names]
    return [imported for _name, imported in imported_names(statement)]


def words_of(lines: list[str], node: ast.stmt) -> frozenset[str]:
    """Return the words in the source of a definition, including comments and strings."""
    return frozenset(_WORD.findall("\n".join(lines[node.lineno - 1 : node.end_lineno])))


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if statement.__class__ not in _HOLDING:
            continue
        match statement:
            case ast.If(body=inner, orelse=orelse):
                yield from _top_level([*inner, *orelse])
            case ast.Try(body=inner, handlers=handlers, orelse=orelse):
                yield from _top_level(inner)
                for handler in handlers:
                    yield from _top_level(handler.body)
                yield from _top_level(orelse)
            case ast.With(body=inner):
                yield from _top_level(inner)
