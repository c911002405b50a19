"""A small evaluator: the value of an expression that is certain without running anything."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

MAX_DEPTH = 30
MAX_ITEMS = 1000
MAX_TEXT = 20_000

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class NotConstantError(Exception):
    """The value depends on something that only a run knows."""


def evaluate(node: ast.expr, names: Mapping[str, Any] = {}, depth: int = 0) -> Any:
    """Return the value of `node`; `names` holds values already known. Raises NotConstantError."""
    if depth > MAX_DEPTH:
        raise NotConstantError
    match node:
        case ast.Constant(value=str() | int() | float() | bool() | None as value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return _items(items, names, depth)
        case ast.Dict(keys=keys, values=values):
            return _mapping(keys, values, names, depth)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _apply(operator.neg, evaluate(operand, names, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not evaluate(operand, names, depth + 1)
        case ast.BinOp(left=left, op=sign, right=right):
            return _binary(left, sign, right, names, depth)
        case ast.JoinedStr(values=pieces):
            return "".join(str(evaluate(_piece(piece), names, depth + 1)) for piece in pieces)
        case ast.Subscript(value=container, slice=key):
            return _subscript(container, key, names, depth)
        case ast.Call():
            return _call(node, names, depth)
    raise NotConstantError


def _items(items: list[ast.expr], names: Mapping[str, Any], depth: int) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise NotConstantError
    return [evaluate(item, names, depth + 1) for item in items]


def _mapping(
    keys: list[ast.expr | None], values: list[ast.expr], names: Mapping[str, Any], depth: int
) -> dict[Any, Any]:
    if len(keys) > MAX_ITEMS or None in keys:
        raise NotConstantError
    try:
        return {
            evaluate(key, names, depth + 1): evaluate(value, names, depth + 1)
            for key, value in zip(keys, values, strict=True)
            if key is not None
        }
    except TypeError as error:
        raise NotConstantError from error


def _piece(piece: ast.expr) -> ast.expr:
    if isinstance(piece, ast.FormattedValue):
        if piece.format_spec is not None:
            raise NotConstantError
        return piece.value
    return piece


def _binary(
    left: ast.expr, sign: ast.operator, right: ast.expr, names: Mapping[str, Any], depth: int
) -> Any:
    apply = _OPERATORS.get(type(sign))
    if apply is None:
        raise NotConstantError
    first, second = evaluate(left, names, depth + 1), evaluate(right, names, depth + 1)
    if isinstance(sign, ast.Mult) and not (_is_number(first) and _is_number(second)):
        raise NotConstantError  # "x" * 10**9 would be a large text
    return _apply(apply, first, second)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 10**12


def _apply(function: Callable[..., Any], *values: Any) -> Any:
    try:
        result = function(*values)
    except (TypeError, ValueError, ArithmeticError, KeyError, IndexError) as error:
        raise NotConstantError from error
    if isinstance(result, str | list) and len(result) > MAX_TEXT:
        raise NotConstantError
    return result


def _subscript(container: ast.expr, key: ast.expr, names: Mapping[str, Any], depth: int) -> Any:
    if isinstance(key, ast.Slice):
        raise NotConstantError
    value = evaluate(container, names, depth + 1)
    return _apply(operator.getitem, value, evaluate(key, names, depth + 1))


def _call(node: ast.Call, names: Mapping[str, Any], depth: int) -> Any:
    """Only conversions that cannot do harm: `list(X.keys())`, `tuple(...)`, `dict(a=1)`."""
    match node:
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" as kind), args=[argument]):
            value = evaluate(argument, names, depth + 1)
            if not isinstance(value, list | dict):
                raise NotConstantError
            return _apply(sorted, value) if kind == "sorted" else list(value)
        case ast.Call(func=ast.Name(id="range"), args=arguments) if 1 <= len(arguments) <= 3:
            bounds = [evaluate(argument, names, depth + 1) for argument in arguments]
            numbers = _apply(range, *bounds)
            if len(numbers) > MAX_ITEMS:
                raise NotConstantError
            return list(numbers)
        case ast.Call(func=ast.Name(id="int" | "float" | "str" as kind), args=[argument]):
            value = evaluate(argument, names, depth + 1)
            return _apply({"int": int, "float": float, "str": str}[kind], value)
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            return {
                keyword.arg: evaluate(keyword.value, names, depth + 1)
                for keyword in keywords
                if keyword.arg
            }
        case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "values" as part), args=[]):
            value = evaluate(owner, names, depth + 1)
            if not isinstance(value, dict):
                raise NotConstantError
            return list(value) if part == "keys" else list(value.values())
        case ast.Call(func=ast.Attribute(value=owner, attr="split"), args=arguments):
            text = evaluate(owner, names, depth + 1)
            if not isinstance(text, str):
                raise NotConstantError
            return _apply(text.split, *[evaluate(item, names, depth + 1) for item in arguments])
    raise NotConstantError


def module_constants(body: list[ast.stmt]) -> dict[str, Any]:
    """Values of the names that a module assigns exactly once, in the order of the assignments."""
    assignments = [pair for statement in body for pair in _assignment(statement)]
    written: dict[str, int] = {}
    for name, _value in assignments:
        written[name] = written.get(name, 0) + 1
    names: dict[str, Any] = {}
    for name, value in assignments:
        if written[name] == 1:
            try:
                names[name] = evaluate(value, names)
            except (NotConstantError, RecursionError):
                continue
    return names


def _assignment(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            return [(target.id, value) for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
        case ast.If(body=body) | ast.Try(body=body):
            return [pair for inner in body for pair in _assignment(inner)]
    return []
