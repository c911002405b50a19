"""A small evaluator: the value of an expression that is known without running anything."""

from __future__ import annotations

import ast
import operator
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

MAX_DEPTH = 30
MAX_ITEMS = 1000
# Comprehensions within each other go over the product of their items.
MAX_ROUNDS = 10_000
MAX_TEXT = 20_000
TYPE_NAMES = frozenset({"int", "float", "str", "bool"})

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.In: lambda item, many: item in many,
    ast.NotIn: lambda item, many: item not in many,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
# String methods that are harmless with any argument.
_TEXT_METHODS = frozenset(
    "split rsplit splitlines strip lstrip rstrip lower upper title capitalize replace"
    " startswith endswith removeprefix removesuffix".split()
)
# A format string with a width could request a gigabyte.
_WIDE = re.compile(r"[%{:][^a-zA-Z%{}]*(?:\d{4}|\*)|\{[^}]*\{")
MAX_ARGUMENT_LENGTH = 2000


class NotConstantError(Exception):
    """The value is only known at run time."""


class Record(dict[str, Any]):
    """A named tuple; types among its values are stored as their names."""


class RecordType(tuple[str, ...]):
    """The result of `namedtuple`: the field names."""

    __slots__ = ()


class Scope(dict[str, Any]):
    """The names within a comprehension, which is evaluated for `rounds` items in all."""

    rounds = 1


def evaluate(node: ast.expr, names: Mapping[str, Any] = {}, depth: int = 0) -> Any:
    """Return the value of `node`; `names` maps known names to values. Raises NotConstantError."""
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
        case ast.JoinedStr(values=pieces):
            return "".join(str(evaluate(_piece(piece), names, depth + 1)) for piece in pieces)
        case ast.Subscript(value=container, slice=key):
            return _subscript(container, key, names, depth)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return _comprehension(node, node.elt, names, depth)
        case ast.DictComp():
            pair = ast.Tuple(elts=[node.key, node.value])
            return _pairs(_comprehension(node, pair, names, depth))
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if isinstance(
            names.get(owner), Record
        ):
            return _apply(operator.getitem, names[owner], name)
        case ast.Call():
            return _call(node, names, depth)
    return _operation(node, names, depth)


def _operation(node: ast.expr, names: Mapping[str, Any], depth: int) -> Any:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _apply(operator.neg, evaluate(operand, names, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not evaluate(operand, names, depth + 1)
        case ast.BinOp(left=left, op=sign, right=right):
            return _binary(left, sign, right, names, depth)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return evaluate(body if evaluate(test, names, depth + 1) else orelse, names, depth + 1)
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISONS:
            sides = (evaluate(side, names, depth + 1) for side in (left, right))
            return _apply(_COMPARISONS[type(sign)], *sides)
        case ast.BoolOp(op=sign, values=values):
            found = [evaluate(value, names, depth + 1) for value in values]
            wanted = isinstance(sign, ast.Or)
            return next((value for value in found if bool(value) is wanted), found[-1])
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
    if isinstance(sign, ast.Mult | ast.Pow) and not (_is_number(first) and _is_number(second)):
        raise NotConstantError  # "x" * 10**9 would be a large string
    if isinstance(sign, ast.Pow) and (abs(first) > 10**4 or abs(second) > 64):
        raise NotConstantError
    if isinstance(sign, ast.Mod) and isinstance(first, str):
        _check_width(first)
        second = tuple(second) if isinstance(second, list) else second
    return _apply(apply, first, second)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 10**12


def _check_width(pattern: str) -> None:
    if _WIDE.search(pattern):
        raise NotConstantError


def _apply(function: Callable[..., Any], *values: Any) -> Any:
    try:
        result = function(*values)
    except (TypeError, ValueError, ArithmeticError, KeyError, IndexError) as error:
        raise NotConstantError from error
    if isinstance(result, str | list) and len(result) > MAX_TEXT:
        raise NotConstantError
    return result


def _subscript(container: ast.expr, key: ast.expr, names: Mapping[str, Any], depth: int) -> Any:
    value = evaluate(container, names, depth + 1)
    if isinstance(key, ast.Slice):
        ends = [end and evaluate(end, names, depth + 1) for end in (key.lower, key.upper, key.step)]
        return _apply(operator.getitem, value, _apply(slice, *ends))
    return _apply(operator.getitem, value, evaluate(key, names, depth + 1))


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    element: ast.expr,
    names: Mapping[str, Any],
    depth: int,
) -> list[Any]:
    match node.generators:
        case [ast.comprehension(target=ast.Name(id=name), iter=items, ifs=conditions)]:
            targets = [name]
        case [
            ast.comprehension(
                target=ast.Tuple(elts=[ast.Name(id=first), ast.Name(id=second)]),
                iter=items,
                ifs=conditions,
            )
        ]:
            targets = [first, second]
        case _:
            raise NotConstantError
    values = evaluate(items, names, depth + 1)
    if not isinstance(values, list | dict) or len(values) > MAX_ITEMS:
        raise NotConstantError
    scope = Scope(names)
    scope.rounds = len(values) * (names.rounds if isinstance(names, Scope) else 1)
    if scope.rounds > MAX_ROUNDS:
        raise NotConstantError
    found = []
    for value in values:
        _bind(scope, targets, value)
        if all(evaluate(condition, scope, depth + 1) for condition in conditions):
            found.append(evaluate(element, scope, depth + 1))
    return found


def _bind(scope: Scope, targets: list[str], value: Any) -> None:
    if len(targets) == 1:
        scope[targets[0]] = value
    elif isinstance(value, list) and len(value) == len(targets):
        scope.update(zip(targets, value, strict=True))
    else:
        raise NotConstantError


def _pairs(items: list[Any]) -> dict[Any, Any]:
    if not all(isinstance(item, list) and len(item) == 2 for item in items):
        raise NotConstantError
    result: dict[Any, Any] = _apply(dict, items)
    return result


def _call(node: ast.Call, names: Mapping[str, Any], depth: int) -> Any:
    """Evaluate harmless calls only: `list(X.keys())`, `dict(a=1)`, `"a b".split()`."""
    if isinstance(node.func, ast.Name) and isinstance(names.get(node.func.id), RecordType):
        return _record(names[node.func.id], node, names, depth)
    if _dotted(node.func) in {"namedtuple", "collections.namedtuple"}:
        return _record_type(node)
    if isinstance(node.func, ast.Name):
        return _built_in(node.func.id, node, names, depth)
    if isinstance(node.func, ast.Attribute) and not node.keywords:
        if _dotted(node.func) in {"os.path.join", "osp.join", "path.join"}:
            parts = [evaluate(part, names, depth + 1) for part in node.args]
            return _apply(posixpath.join, *parts)
        return _method(node.func, node.args, names, depth)
    raise NotConstantError


def _dotted(node: ast.expr) -> str:
    """Return a name with its dots, '' for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(names))) if isinstance(node, ast.Name) else ""


def _record_type(node: ast.Call) -> RecordType:
    fields = evaluate(node.args[1]) if len(node.args) > 1 else None
    if isinstance(fields, str):
        fields = fields.replace(",", " ").split()
    if not isinstance(fields, list):
        raise NotConstantError
    return RecordType(fields)


def _record(kind: RecordType, node: ast.Call, names: Mapping[str, Any], depth: int) -> Record:
    given = dict(zip(kind, node.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return Record(
        {
            name: value.id
            if isinstance(value, ast.Name) and value.id in TYPE_NAMES
            else evaluate(value, names, depth + 1)
            for name, value in given.items()
        }
    )


def _built_in(kind: str, node: ast.Call, names: Mapping[str, Any], depth: int) -> Any:
    if kind == "dict" and not node.args:
        return {
            keyword.arg: evaluate(keyword.value, names, depth + 1)
            for keyword in node.keywords
            if keyword.arg
        }
    if node.keywords:
        raise NotConstantError
    values = [evaluate(argument, names, depth + 1) for argument in node.args]
    match kind, values:
        case "list" | "tuple" | "set" | "sorted", [list() | dict() as items]:
            return _apply(sorted, items) if kind == "sorted" else list(items)
        case "enumerate", [list() | dict() as items, *start] if not start or type(start[0]) is int:
            return [[number, item] for number, item in enumerate(items, *start)]
        case "dict", [list() as items]:
            return _pairs(items)
        case "len", [list() | dict() | str() as items]:
            return len(items)
        case "range", [_, *more] if len(more) < 3:
            numbers = _apply(range, *values)
            if len(numbers) > MAX_ITEMS:
                raise NotConstantError
            return list(numbers)
        case "int" | "float" | "str", [value]:
            return _apply({"int": int, "float": float, "str": str}[kind], value)
    raise NotConstantError


def _method(
    function: ast.Attribute, arguments: list[ast.expr], names: Mapping[str, Any], depth: int
) -> Any:
    owner = evaluate(function.value, names, depth + 1)
    given = [evaluate(argument, names, depth + 1) for argument in arguments]
    if any(isinstance(value, str) and len(value) > MAX_ARGUMENT_LENGTH for value in given):
        raise NotConstantError
    match owner, function.attr, given:
        case dict(), "keys", []:
            return list(owner)
        case dict(), "values", []:
            return list(owner.values())
        case dict(), "items", []:
            return [[key, value] for key, value in owner.items()]
        case dict(), "get", [_, *_]:
            return _apply(owner.get, *given)
        case str(), "join", [list() as items]:
            return _apply(owner.join, items)
        case str(), "format", _:
            _check_width(owner)
            return _apply(owner.format, *given)
        case str(), name, _ if name in _TEXT_METHODS and len(owner) < MAX_TEXT:
            return _apply(getattr(owner, name), *given)
    raise NotConstantError


def module_constants(body: list[ast.stmt], known: Mapping[str, Any] = {}) -> dict[str, Any]:
    """Return the values of names that a module assigns exactly once, in assignment order.

    `known` are outer names, which assignments shadow.
    """
    assignments = [pair for statement in body for pair in _assignment(statement)]
    written: dict[str, int] = {}
    for name, _value in assignments:
        written[name] = written.get(name, 0) + 1
    names = {name: value for name, value in known.items() if name not in written}
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
