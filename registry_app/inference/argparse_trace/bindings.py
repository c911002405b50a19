"""Bind the names of a function or a loop to their arguments or items."""

from __future__ import annotations

import ast
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from registry_app.inference.code.constants import module_constants
from registry_app.inference.parameters.command_line import literal
from registry_app.inference.parameters.objects import Function, Ref


def bound_constants(
    function: Function, node: ast.Call | None, around: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the constants known in a function for this call; `around` are the caller's."""
    outside = function.source.outline.constants
    bound: dict[str, Any] = {}
    arguments = function.node.args
    places = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    for name, default in zip(reversed(places), reversed(arguments.defaults), strict=False):
        keep(bound, name, default, outside)
    for argument, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        keep(bound, argument.arg, given, outside)
    if node is not None:
        skipped = places[1:] if function.receiver is not None else places
        for name, value in zip(skipped, node.args, strict=False):
            keep(bound, name, value, around)
        for keyword in node.keywords:
            keep(bound, keyword.arg or "", keyword.value, around)
    unknown = {place: None for place in places if place not in bound}
    known = {name: value for name, value in outside.items() if name not in unknown}
    return module_constants(function.node.body, {**known, **bound})


def keep(
    bound: MutableMapping[str, Any], name: str, node: ast.expr | None, names: Mapping[str, Any]
) -> None:
    """Record the value that a name is bound to; drop the name if the value is unknown."""
    value = literal(node, names)
    if value is not None:
        bound[name] = value
    else:
        bound.pop(name, None)


def bound_refs(
    function: Function, given: Sequence[Ref | None], named: Mapping[str | None, Ref | None]
) -> list[tuple[str, Ref]]:
    """Return the objects passed to a function, by parameter name."""
    arguments = function.node.args
    places = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    pairs: list[tuple[str, Ref | None]] = []
    if function.receiver is not None and places:
        pairs.append((places[0], function.receiver))
        places = places[1:]
    pairs += zip(places, given, strict=False)
    pairs += [(name, ref) for name, ref in named.items() if name]
    return [(name, ref) for name, ref in pairs if ref is not None]


def loop_items(node: ast.expr) -> ast.expr:
    """Return the iterated object: for `d.items()` the mapping itself."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]):
            return owner
    return node


def loop_names(target: ast.expr, value: Any) -> dict[str, Any]:
    """Return the names bound in one iteration of a loop."""
    match target:
        case ast.Name(id=name):
            return {name: value}
        case ast.Tuple(elts=elements) if isinstance(value, list | tuple):
            pairs = zip(elements, value, strict=False)
            return {
                name: item for node, part in pairs for name, item in loop_names(node, part).items()
            }
    return {}
