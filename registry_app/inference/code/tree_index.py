"""The nodes of a syntax tree by their type, found in one pass for all rules together.

A walk through a tree costs as much as parsing it, and every rule needs another type of node.
So rules call `Source.nodes(ast.Call)` or `Source.calls("backward", "fit")` instead of walking
the whole tree again; within a function or statement, `walk_below` does what `ast.walk` does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeVar, overload

Node = TypeVar("Node", bound=ast.AST)
Other = TypeVar("Other", bound=ast.AST)

# Fields that hold no nodes, or nodes without information of their own.
_PASSED_OVER = frozenset(
    "ctx op ops id attr name names kind type_comment lineno level module conversion simple"
    " is_async tag rest".split()
)
_LEAVES = (ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Import, ast.ImportFrom)
_children_of: dict[type[ast.AST], tuple[str, ...]] = dict.fromkeys(_LEAVES, ())


class TreeIndex:
    """All nodes of one tree, except contexts, operators and the aliases of imports."""

    def __init__(self, tree: ast.AST) -> None:
        self._by_type: dict[type[ast.AST], list[ast.AST]] = {}
        self._calls: dict[str, list[ast.Call]] | None = None
        # As `walk_below`, written out: this loop is a third of the time of reading a script.
        by_type, children = self._by_type, _children_of
        waiting = [tree]
        wait = waiting.append
        for node in waiting:
            kind = node.__class__
            if kind in by_type:
                by_type[kind].append(node)
            else:
                by_type[kind] = [node]
            for name in children[kind] if kind in children else _fields_of(kind):
                value = getattr(node, name, None)
                if value.__class__ is list:
                    for item in value:
                        if isinstance(item, ast.AST):
                            wait(item)
                elif value is not None and isinstance(value, ast.AST):
                    wait(value)

    @overload
    def nodes(self, kind: type[Node], /) -> list[Node]: ...
    @overload
    def nodes(self, kind: type[Node], other: type[Other], /) -> list[Node | Other]: ...
    @overload
    def nodes(self, *types: type[ast.AST]) -> list[ast.AST]: ...
    def nodes(self, *types: type[ast.AST]) -> list[Any]:
        """Return the nodes of exactly these types, grouped by type, in the order of `ast.walk`."""
        return [node for kind in types for node in self._by_type.get(kind, ())]

    def calls(self, *names: str) -> list[ast.Call]:
        """Return the calls of these names: `fit` finds `fit()`, `model.fit()` and `a.b.fit()`."""
        if self._calls is None:
            self._calls = {}
            for call in self.nodes(ast.Call):
                self._calls.setdefault(called(call), []).append(call)
        return [call for name in names for call in self._calls.get(name, ())]

    def called(self) -> frozenset[str]:
        """Return the last names of everything that is called."""
        self.calls()
        return frozenset(self._calls or ())


def walk_below(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and everything below it in the order of `ast.walk`, but twice as fast.

    Contexts, operators and the aliases of imports are skipped.
    """
    waiting = [node]
    wait = waiting.append
    for current in waiting:
        yield current
        kind = current.__class__
        for name in _children_of[kind] if kind in _children_of else _fields_of(kind):
            value = getattr(current, name, None)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        wait(item)
            elif isinstance(value, ast.AST):
                wait(value)


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a type that hold nodes, and remember them."""
    fields = tuple(name for name in kind._fields if name not in _PASSED_OVER)
    _children_of[kind] = fields
    return fields


def called(call: ast.Call) -> str:
    """Return the last name of what is called: fit for `model.fit(...)`, '' for `f()()`."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
