"""Read the arguments that a script takes directly from `sys.argv`: `video = sys.argv[1]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import name_of
from registry_app.inference.parameters.command_line import CommandLine
from registry_app.words import Confidence

MAX_PLACES = 20
_TYPES = {"int": "int", "float": "float", "str": "str", "Path": "Path", "pathlib.Path": "Path"}


def read_argv(source: Source) -> CommandLine:
    """Return the positional parameters of a script, empty and unknown if it takes none.

    They are optional if the script checks the number of its arguments.
    """
    if not _imports_argv(source):
        return CommandLine()
    found: dict[int, Parameter] = {}
    is_counted = any(
        isinstance(call.args[0], ast.expr) and _is_argv(call.args[0])
        for call in source.calls("len")
        if call.args
    )
    for place, name, kind, line in sorted(_places(source)):
        found[place] = Parameter(
            name=name or f"arg{place}",
            positional=True,
            type=kind,
            nargs="?" if is_counted else None,
            required=not is_counted,
            confidence=str(Confidence.LIKELY),
            source=f"{source.path}:{line}",
        )
    if not found:
        return CommandLine()
    last = max(found)
    gaps = {place: _gap(source, place, needed=not is_counted) for place in range(1, last)}
    rows = [(gaps | found)[place] for place in range(1, last + 1)]
    names = [row.name for row in rows]
    if len(set(names)) < len(names):
        return CommandLine()
    return CommandLine(
        parameters=tuple(rows), known=not _reads_more(source), owners=("",) * len(rows)
    )


def _imports_argv(source: Source) -> bool:
    if "argv" not in source.text or source.tree is None:
        return False
    found = source.outline.imports
    return "sys" in found or ("argv" in found and found["argv"].dotted == "sys.argv")


def _gap(source: Source, place: int, *, needed: bool) -> Parameter:
    return Parameter(
        name=f"arg{place}",
        positional=True,
        nargs=None if needed else "?",
        required=needed,
        confidence=str(Confidence.UNSURE),
        source=source.path,
    )


def _places(source: Source) -> Iterator[tuple[int, str, str, int]]:
    """Yield index, name, type and line of each argument that is read."""
    named: dict[int, tuple[str, str]] = {}
    for statement in source.nodes(ast.Assign):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                node, kind = _unwrapped(value)
                named[id(node)] = (name, kind)
            case ast.Assign(targets=[ast.Tuple(elts=[_, *names])], value=value) if _is_argv(value):
                for place, target in enumerate(names, start=1):
                    if isinstance(target, ast.Name):
                        yield place, target.id.lower(), "", statement.lineno
    for node in source.nodes(ast.Subscript):
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=int() as place)) if (
                _is_argv(owner) and 0 < place <= MAX_PLACES
            ):
                name, kind = named.get(id(node), ("", ""))
                yield (
                    place,
                    name.lower() if NAME.fullmatch(name) else "",
                    kind,
                    node.lineno,
                )


def _unwrapped(node: ast.expr) -> tuple[ast.expr, str]:
    """Return the converted expression and its type; the first side of a conditional one."""
    match node:
        case ast.IfExp(body=body):
            return _unwrapped(body)
        case ast.Call(func=function, args=[inner]) if name_of(function) in _TYPES:
            return inner, _TYPES[name_of(function)]
    return node, ""


def _reads_more(source: Source) -> bool:
    """Whether the script also reads its arguments in another way: `sys.argv[1:]`, getopt."""
    sliced = any(
        isinstance(node.slice, ast.Slice) and _is_argv(node.value)
        for node in source.nodes(ast.Subscript)
    )
    compared = any(
        _is_argv(comparator)
        for node in source.nodes(ast.Compare)
        for comparator in node.comparators
    )
    return sliced or compared or bool(source.calls("getopt", "gnu_getopt"))


def _is_argv(node: ast.expr) -> bool:
    return name_of(node) in {"sys.argv", "argv"}
