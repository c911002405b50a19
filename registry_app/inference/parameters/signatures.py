"""Read parameters from signatures of functions and dataclasses: names, annotations, defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.inference.code.outline import FunctionNode
from registry_app.inference.code.source import Source
from registry_app.inference.parameters.arguments import MAX_HELP_LENGTH, default_of, name_of
from registry_app.inference.parameters.command_line import literal
from registry_app.inference.parameters.objects import Class, External, Names
from registry_app.words import Confidence

_SIMPLE = {"int": "int", "float": "float", "str": "str", "bool": "bool", "Path": "Path"}
_MANY = frozenset("list List Sequence set Set Iterable Collection".split())
_REQUIRED = frozenset({"MISSING", "Ellipsis", "REQUIRED"})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One parameter of a function, or one field of a class; `options` are those of `field()`."""

    name: str
    source: Source
    line: int
    annotation: ast.expr | None = None
    default: ast.expr | None = None
    help: str = ""
    keyword_only: bool = False

    @property
    def call(self) -> ast.Call | None:
        """The call in the place of a default: `field(...)`, `typer.Option(...)`."""
        return self.default if isinstance(self.default, ast.Call) else None


def of_function(function: FunctionNode, source: Source) -> list[Declared]:
    """Return the parameters of a function, without `self`, `*args` and `**kwargs`."""
    arguments = function.args
    places = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(places) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults]
    pairs = [(argument, default, False) for argument, default in zip(places, defaults, strict=True)]
    pairs += [
        (argument, default, True)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    helps = _documented(ast.get_docstring(function) or "")
    return [
        Declared(
            name=argument.arg,
            source=source,
            line=argument.lineno,
            annotation=argument.annotation,
            default=default,
            help=helps.get(argument.arg, ""),
            keyword_only=keyword_only,
        )
        for argument, default, keyword_only in pairs
        if argument.arg not in {"self", "cls"}
    ]


def of_class(cls: Class, names: Names) -> tuple[list[Declared], bool]:
    """Return the fields of a dataclass, its bases' first, and whether all bases were read."""
    found: dict[str, Declared] = {}
    is_whole = True
    for base in reversed(list(names.line_of(cls))):
        if isinstance(base, External):
            is_whole = is_whole and base.name.rpartition(".")[2] in {
                "object", "Tap", "NamedTuple", "BaseModel", "ABC", "Generic", "Protocol",
                "Serializable", "FlattenedAccess",
            }  # fmt: skip
            continue
        found |= {field.name: field for field in _fields(base)}
    return list(found.values()), is_whole


def _fields(cls: Class) -> Iterator[Declared]:
    helps = _documented(ast.get_docstring(cls.node) or "")
    body = cls.node.body
    for statement, behind in zip(body, [*body[1:], None], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=default):
                if "ClassVar" in ast.dump(annotation) or name.startswith("_"):
                    continue
                yield Declared(
                    name=name,
                    source=cls.source,
                    line=statement.lineno,
                    annotation=annotation,
                    default=default,
                    help=_text_of(behind) or helps.get(name, ""),
                )


def described(declared: Declared, names: Names, *, default: ast.expr | None = None) -> Parameter:
    """Return a parameter with this type and default, without a flag yet.

    `default` replaces the declared one if that is a call such as `typer.Option(...)`.
    """
    constants = declared.source.outline.constants
    call = declared.call
    given = default if default is not None else declared.default
    help_text = declared.help
    if call is not None and name_of(call.func).rpartition(".")[2] in {"field", "Field"}:
        given, own_help = _field_default(call, constants)
        help_text = own_help or help_text
    is_missing = given is None or _is_ellipsis(given)
    value, expression = default_of(None if is_missing else given, constants)
    kind, nargs, choices = _annotated(declared.annotation, declared.source, names)
    if not kind and isinstance(value, bool):
        kind = "bool"
    elif not kind and isinstance(value, int | float):
        kind = type(value).__name__
    return Parameter(
        name=declared.name,
        type=kind,
        nargs=nargs,
        default=value,
        default_expr=expression,
        required=is_missing,
        choices=choices,
        help=help_text[:MAX_HELP_LENGTH],
        confidence=str(Confidence.SURE),
        source=f"{declared.source.path}:{declared.line}",
    )


def class_behind(declared: Declared, names: Names) -> Class | None:
    """Return the class of the directory that a field is annotated with."""
    if declared.annotation is None:
        return None
    found = names.dotted(_without_none(declared.annotation), declared.source)
    if isinstance(found, Class) and not _members(found):
        return found
    return None


def _field_default(call: ast.Call, constants: Mapping[str, Any]) -> tuple[ast.expr | None, str]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    metadata = literal(given.get("metadata"), constants)
    found = metadata.get("help") if isinstance(metadata, dict) else None
    if found is None and isinstance(given.get("metadata"), ast.Dict):
        found = _help_in(given["metadata"], constants)
    found = found or literal(given.get("description") or given.get("help"), constants)
    default = given.get("default") or (call.args[0] if call.args else None)
    factory = given.get("default_factory")
    if isinstance(factory, ast.Lambda):
        default = factory.body
    elif isinstance(factory, ast.Name) and factory.id in {"list", "dict", "set"}:
        default = ast.List(elts=[], ctx=ast.Load())
    elif factory is not None:
        default = ast.Call(func=factory, args=[], keywords=[])
    if default is not None and name_of(default).rpartition(".")[2] in _REQUIRED:
        default = None
    return default, found if isinstance(found, str) else ""


def _help_in(metadata: ast.expr, constants: Mapping[str, Any]) -> Any:
    if isinstance(metadata, ast.Dict):
        for key, value in zip(metadata.keys, metadata.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "help":
                return literal(value, constants)
    return None


def _annotated(
    node: ast.expr | None, source: Source, names: Names
) -> tuple[str, str | int | None, tuple[Any, ...]]:
    """Return type, nargs and choices of an annotation."""
    if node is None:
        return "", None, ()
    node = _without_none(node)
    if isinstance(node, ast.Subscript):
        outer = name_of(node.value).rpartition(".")[2]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer == "Literal":
            values = literal(ast.List(elts=list(inner), ctx=ast.Load()), {})
            choices = tuple(values) if isinstance(values, list) else ()
            return type(choices[0]).__name__ if choices else "str", None, choices
        if outer == "Annotated":
            return _annotated(inner[0], source, names)
        if outer in _MANY or (outer.lower() == "tuple" and _is_ellipsis(inner[-1])):
            kind, _nargs, choices = _annotated(inner[0], source, names)
            return kind, "*", choices
        if outer.lower() == "tuple":
            kinds = {_annotated(node, source, names)[0] for node in inner}
            return kinds.pop() if len(kinds) == 1 else "custom", len(inner), ()
        return "custom", None, ()
    name = name_of(node).rpartition(".")[2]
    if name in _MANY or name == "tuple":
        return "", "*", ()
    if name in _SIMPLE:
        return _SIMPLE[name], None, ()
    found = names.dotted(node, source)
    if isinstance(found, Class) and (members := _members(found)):
        return "str", None, members
    return "custom", None, ()


def _without_none(node: ast.expr) -> ast.expr:
    """Return the type without None: X for `Optional[X]` and `X | None`."""
    match node:
        case ast.Constant(value=str() as text):
            try:
                return _without_none(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError):
                return node
        case ast.Subscript(value=outer, slice=inner):
            name = name_of(outer).rpartition(".")[2]
            if name == "Optional":
                return _without_none(inner)
            if name == "Union" and isinstance(inner, ast.Tuple):
                return _only_one(inner.elts, node)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _only_one([left, right], node)
    return node


def _only_one(nodes: Sequence[ast.expr], otherwise: ast.expr) -> ast.expr:
    left = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    return _without_none(left[0]) if len(left) == 1 else otherwise


def _members(cls: Class) -> tuple[Any, ...]:
    """Return the values of an enumeration, () for any other class."""
    if not any("Enum" in name_of(base) for base in cls.node.bases):
        return ()
    return tuple(
        statement.value.value
        for statement in cls.node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    )


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _text_of(statement: ast.stmt | None) -> str:
    match statement:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return " ".join(text.split())
    return ""


def _documented(text: str) -> dict[str, str]:
    """Return the description of each name in a docstring: `lr: ...`, `:param lr: ...`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, rest = line.strip().removeprefix(":param ").partition(":")
        name = name.partition("(")[0].strip()
        if colon and name.isidentifier() and rest.strip():
            found.setdefault(name, rest.strip())
    return found
