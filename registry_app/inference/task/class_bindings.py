"""Find the names that a script gives to values, wherever a list of classes may stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.tree_index import called

# Metrics of a monitor have labels too, of which the names are given by this.
_LABELS_OF_METRICS = "labelnames"
# What asks for a value by its name, with the value that holds if there is none.
_ASKS = frozenset({"get", "setdefault", "getattr"})
# Calls that only wrap a list: `np.array(["stand", "fall"])`.
_WRAPPERS = frozenset({"array", "asarray", "tuple", "list", "sorted"})
# Fields of a class of settings: `names: list[str] = field(default_factory=lambda: [...])`.
_FIELDS = frozenset({"field", "Field"})
# What makes an option of a program.
_OPTIONS = frozenset({"add_argument", "option"})
# What a model with an open vocabulary is asked to find.
_SETS_CLASSES = "set_classes"
# Calls that name a value by one of their arguments; all others do so by keywords alone.
ASKING = (*_ASKS, *_OPTIONS, _SETS_CLASSES)
# How a function is named that returns what the rest of its name says.
_GETS = re.compile(r"^_*(?:get|load|return)_")
_COMMAS = re.compile(r"[\w-][\w -]{0,40}(?:,[\w -]{1,40}){1,99}")


def named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that a node assigns a value to.

    Variables, attributes, keywords, keys, and parameters with what holds if they are not given.
    """
    # Not a `match`: every call and mapping of every script comes here.
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg != _LABELS_OF_METRICS:
                yield keyword.arg or "", keyword.value
        yield from _asked(node)
        if node.args and called(node) == _SETS_CLASSES:
            yield "classes", node.args[0]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield name_of_target(target), node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield name_of_target(node.target), node.value
    elif isinstance(node, ast.FunctionDef):
        given = [*node.args.posonlyargs, *node.args.args]
        pairs = [
            *zip(reversed(given), reversed(node.args.defaults), strict=False),
            *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
        ]
        yield from ((parameter.arg, value) for parameter, value in pairs if value is not None)
        yield from _answered(node)


def _answered(node: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield the list that a function returns, under its name: `def get_class_names(): return [..]`.

    Only if it does nothing else, or writes the list down first.
    """
    last = node.body[-1]
    if not isinstance(last, ast.Return):
        return
    listed = last.value
    begin = node.body[int(ast.get_docstring(node, clean=False) is not None) :]
    if isinstance(listed, ast.Name) and isinstance(begin[0], ast.Assign):
        first = begin[0]
        listed = first.value if name_of_target(first.targets[0]) == listed.id else None
    elif len(begin) > 1:
        return
    if isinstance(listed, ast.List | ast.Dict):
        yield _GETS.sub("", node.name), listed


def _asked(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the name that a call asks for, and its value if there is none.

    checkpoint.get("class_names", ["ok", "dent"])     getattr(model, "names", ["ok", "dent"])
    parser.add_argument("--classes", nargs="+", default=["ok", "dent"])
    @click.option("--classes", default="ok,dent")
    """
    if node.keywords and called(node) in _OPTIONS:
        options = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        name = next((str(option) for option in options if str(option).startswith("--")), "")
        for keyword in node.keywords if name else ():
            if keyword.arg == "default":
                yield name.lstrip("-").replace("-", "_"), _listed(keyword.value)
    if len(node.args) > 1 and called(node) in _ASKS:
        asked, otherwise = node.args[-2:]
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            yield asked.value, _listed(otherwise)


def _listed(node: ast.expr) -> ast.expr:
    """Return the list that a text with commas stands for, else the expression itself."""
    text = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(text, str) or not _COMMAS.fullmatch(text):
        return node
    names = [ast.copy_location(ast.Constant(name.strip()), node) for name in text.split(",")]
    return ast.copy_location(ast.List(elts=[*names]), node)


def name_of_target(node: ast.expr) -> str:
    """Return the last name of what a value is assigned to, '' for none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    match node:
        case ast.Subscript(slice=ast.Constant(value=str() as name)):  # cfg["classes"] = [...]
            return name
    return ""


def unwrapped(node: ast.expr) -> ast.expr:
    """Return the list that a call such as `np.array([...])` wraps, else the expression itself."""
    if not isinstance(node, ast.Call):
        return node
    if node.args and called(node) in _WRAPPERS:
        return node.args[0]
    for keyword in node.keywords if called(node) in _FIELDS else ():
        if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
        if keyword.arg == "default":
            return keyword.value
    return node


def is_of_data_set(node: ast.AST) -> bool:
    """Whether a mapping is the settings of a data set: `{"train": a, "val": b, "names": c}`."""
    if isinstance(node, ast.Dict):
        keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
    elif isinstance(node, ast.Call) and called(node) == "dict":
        keys = {keyword.arg for keyword in node.keywords}
    else:
        return False
    return "names" in keys and bool(keys & {"nc", "train", "val"})
