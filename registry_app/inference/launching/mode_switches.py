"""Find the switches of a script that choose what it does: `if args.train: learn()`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from registry_app.inference.code.source import Source

TypeOf = Callable[[str], str | None]

_MESSAGES = frozenset("print info warning debug format echo".split())


def switches_that_choose(
    source: Source, named: Mapping[str, str], type_of: TypeOf
) -> frozenset[str]:
    """Return the switches without which a script leaves out the work that they name.

    `named` are its switches with the type that each names; `type_of` says that of any name. The
    script does something only if the switch is given, or leaves if it is not; where it does the
    same type of work otherwise, the switch says how. Where another module looks at the switches,
    they choose if they name several types.
    """
    if not any(name in named for name in _tested(source)):
        return frozenset(named if len(set(named.values())) > 1 else ())
    return frozenset(_guarding(source, named, type_of))


def _guarding(source: Source, named: Mapping[str, str], type_of: TypeOf) -> Iterator[str]:
    for statement in source.nodes(ast.If):
        for name in _given(statement.test):
            if name not in named or _works_alike(statement.orelse, named[name], type_of):
                continue
            if _works(statement.body, named[name], type_of):
                yield name
        if _leaves(statement.body):
            yield from (name for name in _missing(statement.test) if name in named)


def _tested(source: Source) -> Iterator[str]:
    for statement in source.nodes(ast.If, ast.IfExp):
        for node in ast.walk(statement.test):
            yield _name_of(node)


def _given(test: ast.expr) -> Iterator[str]:
    """Yield the names that must be true for a test to be: `a`, `a and b`, `a is True`."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _given(value)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(True)]):
            yield _name_of(left)
        case _:
            yield _name_of(test)


def _missing(test: ast.expr) -> Iterator[str]:
    """Yield the names of which a test says that they are false: `not a`, `not (a or b)`.

    Not those of `not a and not exists(path)`, which also asks for something else.
    """
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            each = [list(_missing(value)) for value in values]
            yield from (name for names in each if all(each) for name in names)
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.Or(), values=values)):
            yield from map(_name_of, values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _name_of(operand)


def _name_of(node: ast.AST) -> str:
    """Return the name of what holds a parsed value: `args.train`, `train`, `args["train"]`."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _works(body: Sequence[ast.stmt], kind: str, type_of: TypeOf) -> bool:
    """Whether statements do something: they call more than what shows a message.

    A result that is kept shows work only if the name of what is called does: a loader or a path
    that is chosen is none.
    """
    return any(
        _name_of(node.func) not in _MESSAGES
        and (not _keeps(statement) or type_of(_name_of(node.func)) == kind)
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    )


def _works_alike(body: Sequence[ast.stmt], kind: str, type_of: TypeOf) -> bool:
    """Whether the names of what is called tell of this type alone."""
    kinds = {
        type_of(_name_of(node.func))
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    }
    return kinds - {None} == {kind}


def _keeps(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether statements end the script or the function: `return`, `raise`, `parser.error()`."""
    last = body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return True
    return (
        isinstance(last, ast.Expr)
        and isinstance(last.value, ast.Call)
        and _name_of(last.value.func) in {"exit", "error", "print_help", "_exit"}
    )
