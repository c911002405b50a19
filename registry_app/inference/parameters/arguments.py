"""Read one parameter from one call of `add_argument`, or of optparse's `add_option`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import NAME
from registry_app.inference.parameters.command_line import literal
from registry_app.words import Confidence

# These actions end the script before it does anything.
ENDING_ACTIONS = frozenset({"help", "version"})
TYPES = frozenset({"int", "float", "str"})
# argparse's constants for `nargs`, and optparse's names of types.
NARGS = {
    "REMAINDER": "...",
    "OPTIONAL": "?",
    "ZERO_OR_MORE": "*",
    "ONE_OR_MORE": "+",
    "PARSER": "A...",
}
WORDS = {"string": "str", "long": "int", "choice": "str"}
MAX_EXPRESSION_LENGTH = 200
MAX_HELP_LENGTH = 500


class UnreadableError(Exception):
    """The parameter or its name is only known at run time."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A parsed call: its positional words, its keywords, and the names known around it."""

    words: tuple[str, ...]
    given: Mapping[str, ast.expr]
    names: Mapping[str, Any]

    def value(self, keyword: str) -> Any:
        """Return the literal value of a keyword, None if there is none."""
        return literal(self.given.get(keyword), self.names)


def read_call(node: ast.Call, names: Mapping[str, Any]) -> Call:
    """Return a parsed call, with `*flags` and `**options` expanded.

    Raises UnreadableError if a word or the keywords are only known at run time.
    """
    words: list[str] = []
    for argument in node.args:
        starred = isinstance(argument, ast.Starred)
        value = literal(argument.value if isinstance(argument, ast.Starred) else argument, names)
        found = value if starred and isinstance(value, list) else [value]
        if not all(isinstance(value, str) for value in found):
            raise UnreadableError
        words += found
    given: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg:
            given[keyword.arg] = keyword.value
            continue
        more = literal(keyword.value, names)
        if not isinstance(more, dict):
            raise UnreadableError
        given.update({str(name): _as_node(value) for name, value in more.items()})
    return Call(words=tuple(words), given=given, names=names)


def read_argument(
    node: ast.Call,
    *,
    path: str,
    names: Mapping[str, Any],
    confidence: Confidence = Confidence.SURE,
) -> Parameter | None:
    """Return one parameter, None for `--help`, `--version` and others that only end the script.

    Raises UnreadableError if the name is only known at run time or cannot occur in a template.
    """
    call = read_call(node, names)
    action = _action(call)
    if action in ENDING_ACTIONS:
        return None
    options = [word for word in call.words if word.startswith("-")]
    flag = next(
        (option for option in options if option.startswith("--")), options[0] if options else ""
    )
    dest = call.value("dest")
    if not isinstance(dest, str):
        dest = (flag or (call.words[0] if call.words else "")).lstrip("-").replace("-", "_")
    if not NAME.fullmatch(dest) or len(options) not in {0, len(call.words)}:
        raise UnreadableError
    default, expression = default_of(call.given.get("default"), names)
    if default is None and not expression and action in {"store_true", "store_false"}:
        default = action == "store_false"
    nargs = _nargs(call)
    choices = call.value("choices")
    help_text = call.value("help")
    return Parameter(
        name=dest,
        flag=flag,
        positional=not options,
        type=declared_type(call.given.get("type"), names),
        action=action,
        nargs=nargs,
        default=default,
        default_expr=expression,
        required=bool(call.value("required")) or (not options and nargs not in {"?", "*", "..."}),
        choices=tuple(choices) if isinstance(choices, list) and are_scalars(choices) else (),
        help=help_text[:MAX_HELP_LENGTH] if isinstance(help_text, str) else "",
        confidence=str(confidence),
        source=f"{path}:{node.lineno}",
    )


def default_of(node: ast.expr | None, names: Mapping[str, Any]) -> tuple[Any, str]:
    """Return a literal default, or the source text of one that the script computes."""
    if node is None or name_of(node).endswith("SUPPRESS"):
        return None, ""
    value = literal(node, names)
    if isinstance(value, str | int | float) or (isinstance(value, list) and are_scalars(value)):
        return value, ""
    if value is None and isinstance(node, ast.Constant | ast.Name) and _is_none(node, names):
        return None, ""
    return None, written(node)


def written(node: ast.expr) -> str:
    """Return the source text of an expression, shortened where it is long."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "..."
    return (
        text if len(text) <= MAX_EXPRESSION_LENGTH else f"{text[: MAX_EXPRESSION_LENGTH - 4]} ..."
    )


def declared_type(node: ast.expr | None, names: Mapping[str, Any] = {}) -> str:
    """Return our word for the value of `type=`; '' without one.

    A function that parses true and false is `bool`. The builtin `bool` is `truthy`: it takes any
    non-empty string as true, "False" too.
    """
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ""
    word = literal(node, names)
    if isinstance(word, str):
        word = "truthy" if word == "bool" else WORDS.get(word, word)
        return word if word in {*TYPES, "truthy"} else "custom"
    name = name_of(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    if name == "bool":
        return "truthy"
    if "bool" in name.lower() or _tells_true(node):
        return "bool"
    if name == "Path":
        return "Path"
    return name if name in TYPES else "custom"


def are_scalars(values: list[Any]) -> bool:
    """Whether all values of a list can be passed on a command line."""
    return all(value is None or isinstance(value, str | int | float | bool) for value in values)


def name_of(node: ast.AST) -> str:
    """Return a dotted name, '' if there is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""


def _action(call: Call) -> str:
    node = call.given.get("action")
    if node is None:
        return ""
    if name_of(node).endswith("BooleanOptionalAction"):
        return "boolean_optional"
    value = literal(node, call.names)
    action = value if isinstance(value, str) else name_of(node) or "custom"
    return "" if action == "store" else action


def _nargs(call: Call) -> str | int | None:
    node = call.given.get("nargs")
    if node is None:
        return None
    known = NARGS.get(name_of(node).rpartition(".")[2])
    value = known or literal(node, call.names)
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _tells_true(node: ast.expr) -> bool:
    """Whether a lambda compares with "true"."""
    return isinstance(node, ast.Lambda) and any(
        isinstance(inner, ast.Constant) and str(inner.value).lower() == "true"
        for inner in ast.walk(node)
    )


def _is_none(node: ast.Constant | ast.Name, names: Mapping[str, Any]) -> bool:
    return node.value is None if isinstance(node, ast.Constant) else node.id in names


def _as_node(value: Any) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body
