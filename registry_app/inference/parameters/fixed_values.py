"""Values hard-coded in a script: shown to users, never passed.

Many scripts have no command line. Their settings are in constants, and in the keywords of calls
such as `model.train(data="ppe.yaml", epochs=100)`. Values that a user would not set are skipped:
the script's own location (`ROOT = Path(__file__).parent`), values without a literal
(`LOGGER = getLogger(__name__)`), and variables that are only known at run time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.inference.code.constants import module_constants
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import walk_below
from registry_app.inference.parameters.arguments import name_of, written
from registry_app.inference.parameters.command_line import literal

MAX_VALUES = 60
MAX_VALUE_LENGTH = 120
# A process launcher sets these for each of its processes.
_OF_LAUNCHERS = frozenset({"RANK", "LOCAL_RANK", "WORLD_SIZE"})
_UPWARDS = re.compile(r"[./\\]*")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]")
# Ultralytics' modes, and the classes whose first argument names the weights.
_MODES = ("train", "tune", "val", "predict", "track", "export", "benchmark")
_MODELS = ("YOLO", "YOLOWorld", "RTDETR", "SAM", "FastSAM", "NAS")


@dataclass(frozen=True, kw_only=True)
class FixedValue:
    """One value as written in the source; `source` is `file:line`."""

    name: str
    value: str
    source: str


def fixed_values(source: Source) -> tuple[FixedValue, ...]:
    """Return upper-case constants and the keywords of Ultralytics' calls, by line."""
    if source.tree is None:
        return ()
    found = [*_constants(source.tree.body, {"__file__"}), *_calls(source)]
    return tuple(
        FixedValue(name=name, value=value, source=f"{source.path}:{line}")
        for line, name, value in sorted(found)[:MAX_VALUES]
    )


def _constants(body: list[ast.stmt], places: set[str]) -> Iterator[tuple[int, str, str]]:
    """Yield values that may be set; `places` collects the names of the script's own location."""
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if _CONSTANT.fullmatch(name) or _is_place(value, places):
                text = _text(value)
                if _is_place(value, places):
                    places.add(name)
                elif text and name not in _OF_LAUNCHERS and not _is_made_of_nothing(value):
                    yield statement.lineno, name, text
            case ast.If(body=inner) | ast.Try(body=inner):
                yield from _constants(inner, places)


def _is_place(node: ast.expr, places: set[str]) -> bool:
    """Whether an expression is only the script's location, or a folder above it."""
    below = list(walk_below(node))
    is_of_place = any(isinstance(node, ast.Name) and node.id in places for node in below)
    texts = [node.value for node in below if isinstance(node, ast.Constant)]
    return is_of_place and all(_UPWARDS.fullmatch(text) for text in texts if isinstance(text, str))


def _is_made_of_nothing(node: ast.expr) -> bool:
    """Whether a call has no literal argument, neither directly nor in another constant."""
    return isinstance(node, ast.Call) and not any(
        isinstance(inner, ast.Constant)
        or (isinstance(inner, ast.Name) and _CONSTANT.fullmatch(inner.id))
        for inner in walk_below(node)
    )


def _calls(source: Source) -> Iterator[tuple[int, str, str]]:
    if "ultralytics" not in source.outline.libraries:
        return
    known = module_constants(source.tree.body) if source.tree else {}
    for call in source.calls(*_MODELS):
        text = _given(call.args[0], known) if call.args else ""
        if text:
            yield call.lineno, name_of(call.func).rpartition(".")[2], text
    for call in source.calls(*_MODES):
        if not isinstance(call.func, ast.Attribute):
            continue
        for keyword in call.keywords:
            text = _given(keyword.value, known) if keyword.arg else ""
            if text:
                yield keyword.value.lineno, f"{call.func.attr}.{keyword.arg}", text


def _given(node: ast.expr, known: Mapping[str, Any]) -> str:
    """Return an argument of a call; for a variable its value, '' if only known at run time."""
    if not isinstance(node, ast.Name) or _CONSTANT.fullmatch(node.id):
        return _text(node)
    text = str(known.get(node.id, ""))
    return text if len(text) <= MAX_VALUE_LENGTH and "\n" not in text else ""


def _text(node: ast.expr) -> str:
    """Return a value as a user would write it, '' if it does not fit in one line."""
    value = literal(node, {})
    text = value if isinstance(value, str) else written(node)
    is_short = len(text) <= MAX_VALUE_LENGTH and "\n" not in text
    is_value = not isinstance(node, ast.Lambda | ast.Dict | ast.ListComp | ast.DictComp)
    return text if is_short and is_value else ""
