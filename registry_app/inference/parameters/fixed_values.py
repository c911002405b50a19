"""Values that a script has written into itself: shown to people, never passed.

Many scripts have no command line. What they run with stands in constants, and in the keywords of
calls such as `model.train(data="ppe.yaml", epochs=100)`. What nobody would set is left out: where
the script itself lies (`ROOT = Path(__file__).parent`), what is made of nothing that is written
out (`LOGGER = getLogger(__name__)`), and variables that only a run knows.
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

MOST_VALUES = 60
LONGEST_VALUE = 120
# What starts several processes sets these for each of them.
_OF_LAUNCHERS = frozenset({"RANK", "LOCAL_RANK", "WORLD_SIZE"})
_UPWARDS = re.compile(r"[./\\]*")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]")
# Ultralytics' modes, and the classes whose first argument names the weights.
_MODES = ("train", "tune", "val", "predict", "track", "export", "benchmark")
_MODELS = ("YOLO", "YOLOWorld", "RTDETR", "SAM", "FastSAM", "NAS")


@dataclass(frozen=True, kw_only=True)
class FixedValue:
    """One value as the source has it; `source` is `file:line`."""

    name: str
    value: str
    source: str


def fixed_values(source: Source) -> tuple[FixedValue, ...]:
    """Return constants in capitals and the keywords of Ultralytics' calls, by their line."""
    if source.tree is None:
        return ()
    found = [*_constants(source.tree.body, {"__file__"}), *_calls(source)]
    return tuple(
        FixedValue(name=name, value=value, source=f"{source.path}:{line}")
        for line, name, value in sorted(found)[:MOST_VALUES]
    )


def _constants(body: list[ast.stmt], places: set[str]) -> Iterator[tuple[int, str, str]]:
    """Yield what may be set; `places` collects the names of where the script itself lies."""
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
    """Whether an expression only says where the script lies, or a folder above."""
    below = list(walk_below(node))
    is_of_place = any(isinstance(one, ast.Name) and one.id in places for one in below)
    texts = [one.value for one in below if isinstance(one, ast.Constant)]
    return is_of_place and all(_UPWARDS.fullmatch(text) for text in texts if isinstance(text, str))


def _is_made_of_nothing(node: ast.expr) -> bool:
    """Whether a call is given nothing that is written out, in itself or in another constant."""
    return isinstance(node, ast.Call) and not any(
        isinstance(one, ast.Constant) or (isinstance(one, ast.Name) and _CONSTANT.fullmatch(one.id))
        for one in walk_below(node)
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
    """Return what a call is given; of a variable its value, '' where only a run knows it."""
    if not isinstance(node, ast.Name) or _CONSTANT.fullmatch(node.id):
        return _text(node)
    text = str(known.get(node.id, ""))
    return text if len(text) <= LONGEST_VALUE and "\n" not in text else ""


def _text(node: ast.expr) -> str:
    """Return a value as people would write it, '' for one that says nothing in a line."""
    value = literal(node, {})
    text = value if isinstance(value, str) else written(node)
    is_short = len(text) <= LONGEST_VALUE and "\n" not in text
    is_value = not isinstance(node, ast.Lambda | ast.Dict | ast.ListComp | ast.DictComp)
    return text if is_short and is_value else ""
