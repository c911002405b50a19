"""Take over the lines of a script's main guard, so that they run on its imported module.

At the top of a script every name is one of the module. In an adapter the module has been imported,
so each such name becomes an attribute of it: `opt = parse_opt()` becomes
`module.opt = module.parse_opt()`. What the guard sets stays visible to the functions that read it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MODULE = "module"
# Their answers depend on where the line stands.
_SEEING = frozenset({"globals", "locals", "exec", "eval"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class NotLiftedError(Exception):
    """A line of the guard cannot be taken over; the reason is English, as the draft is."""

    line: int
    reason: str


def main_guard(tree: ast.Module) -> ast.If | None:
    """Return the last `if __name__ == "__main__":` at the top of a module."""
    guards = [node for node in tree.body if isinstance(node, ast.If) and _is_guard(node.test)]
    return guards[-1] if guards else None


def _is_guard(test: ast.expr) -> bool:
    if (
        not isinstance(test, ast.Compare)
        or len(test.ops) != 1
        or not isinstance(test.ops[0], ast.Eq)
    ):
        return False
    sides = (test.left, test.comparators[0])
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    texts = {side.value for side in sides if isinstance(side, ast.Constant)}
    return names == {"__name__"} and texts == {"__main__"}


def module_names(tree: ast.Module) -> set[str]:
    """Return the names that the statements of a module bind, those of its main guard included."""
    found: set[str] = set()
    for node in _same_scope(tree.body):
        found |= set(_bound(node))
    return found


def _same_scope(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of statements without entering functions, classes and comprehensions."""
    front: list[ast.AST] = list(body)
    while front:
        node = front.pop()
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)):
            front += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)


def lifted(guard: ast.If, names: set[str]) -> list[str]:
    """Return the lines of a guard's body, with the names of the module as its attributes.

    Raises NotLiftedError with the first line that cannot be taken over.
    """
    for node in ast.walk(ast.Module(body=guard.body, type_ignores=[])):
        _refuse(node)
    lines: list[str] = []
    for statement in guard.body:
        changed = _Prefixed(names).visit(ast.parse(ast.unparse(statement)).body[0])
        lines += ast.unparse(ast.fix_missing_locations(changed)).splitlines()
        lines += [f"{MODULE}.{name} = {name}" for name in _bound_locally(statement)]
    return lines


def _bound_locally(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds but cannot bind to an attribute."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return list(_bound(statement)) if isinstance(statement, kinds) else []


def _refuse(node: ast.AST) -> None:
    line: int = getattr(node, "lineno", 0)
    if isinstance(node, ast.NamedExpr):
        raise NotLiftedError(line, "assigns a name inside an expression")
    if isinstance(node, ast.Match):
        raise NotLiftedError(line, "is a match statement")
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        raise NotLiftedError(line, "imports every name of a module")
    if isinstance(node, ast.Global | ast.Nonlocal):
        raise NotLiftedError(line, "declares global names")
    if isinstance(node, ast.Name) and node.id == MODULE:
        raise NotLiftedError(line, f"uses the name {MODULE} itself")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _sees(node, node.func.id):
        raise NotLiftedError(line, f"calls {node.func.id}()")


def _sees(call: ast.Call, name: str) -> bool:
    return name in _SEEING or (name == "vars" and not call.args)


class _Prefixed(ast.NodeTransformer):
    """Prefix the names of the module, but not those of functions and comprehensions inside."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._inner: list[set[str]] = []

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "__name__":
            return ast.Constant(value="__main__")
        is_inner = any(node.id in scope for scope in self._inner)
        is_builtin = node.id not in self._names and hasattr(builtins, node.id)
        if is_inner or is_builtin or node.id not in self._names | {"__file__", "__doc__"}:
            return node
        owner = ast.Name(id=MODULE, ctx=ast.Load())
        return ast.Attribute(value=owner, attr=node.id, ctx=node.ctx)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        return self._within({node.name} if node.name else set(), node)

    def _function(self, node: Any) -> ast.AST:
        arguments = node.args
        own = {
            argument.arg
            for argument in (
                *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                *filter(None, (arguments.vararg, arguments.kwarg)),
            )
        }  # fmt: skip
        if not isinstance(node, ast.Lambda):
            for inner in _same_scope(node.body):
                own |= set(_bound(inner))
        return self._within(own, node)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        own: set[str] = set()
        for inner in _same_scope(node.body):
            own |= set(_bound(inner))
        return self._within(own, node)

    def _comprehension(self, node: Any) -> ast.AST:
        own = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        return self._within(own, node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def _within(self, names: set[str], node: ast.AST) -> ast.AST:
        self._inner.append(names)
        try:
            return self.generic_visit(node)
        finally:
            self._inner.pop()
