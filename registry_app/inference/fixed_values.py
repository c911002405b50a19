"""Values that a script has written into itself: shown to people, never passed.

Many scripts have no command line. What they run with stands in constants, and in the keywords of
calls such as `model.train(data="ppe.yaml", epochs=100)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from registry_app.inference.arguments import name_of, written
from registry_app.inference.command_line import literal
from registry_app.inference.source import Source

MOST_VALUES = 60
LONGEST_VALUE = 120
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
    found = [*_constants(source.tree.body), *_calls(source)]
    return tuple(
        FixedValue(name=name, value=value, source=f"{source.path}:{line}")
        for line, name, value in sorted(found)[:MOST_VALUES]
    )


def _constants(body: list[ast.stmt]) -> Iterator[tuple[int, str, str]]:
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if _CONSTANT.fullmatch(name):
                text = _text(value)
                if text:
                    yield statement.lineno, name, text
            case ast.If(body=inner) | ast.Try(body=inner):
                yield from _constants(inner)


def _calls(source: Source) -> Iterator[tuple[int, str, str]]:
    if "ultralytics" not in source.outline.libraries:
        return
    for call in source.calls(*_MODELS):
        text = _text(call.args[0]) if call.args else ""
        if text:
            yield call.lineno, name_of(call.func).rpartition(".")[2], text
    for call in source.calls(*_MODES):
        if not isinstance(call.func, ast.Attribute):
            continue
        for keyword in call.keywords:
            text = _text(keyword.value) if keyword.arg else ""
            if text:
                yield keyword.value.lineno, f"{call.func.attr}.{keyword.arg}", text


def _text(node: ast.expr) -> str:
    """Return a value as people would write it, '' for one that says nothing in a line."""
    value = literal(node, {})
    text = value if isinstance(value, str) else written(node)
    is_short = len(text) <= LONGEST_VALUE and "\n" not in text
    is_value = not isinstance(node, ast.Lambda | ast.Dict | ast.ListComp | ast.DictComp)
    return text if is_short and is_value else ""
