"""Find class names in settings that a script or a notebook writes: `names: [...]` in a text.

%%writefile data.yaml          a cell of a notebook
path.write_text("nc: 2\\nnames: [helmet, head]\\n")
path.write_text(f"nc: {len(CLASSES)}\\nnames: {CLASSES}\\n")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.inference.code.constants import NotConstantError, evaluate, module_constants
from registry_app.inference.code.source import PYTHON, Source
from registry_app.inference.task.class_constants import ConstantNames
from registry_app.inference.task.class_files import names_in_yaml

_BLOCK = re.compile(r"^[ \t]*(names:[^\n]*(?:\n\s*(?:-\s|\d+:)[^\n]*)*)", re.MULTILINE)
_OF_DATA_SET = re.compile(r"^[ \t]*(?:nc|train|val):", re.MULTILINE)
_APART = re.compile(r"\s*names:\s*\[")
_BESIDE = re.compile(r"[\"'](?:nc|train|val):")
_WEIGHT = 1
# By this the lists go that a script writes into settings, whatever its constant.
WRITTEN = "names"


def written_names(source: Source) -> tuple[ConstantNames, ...]:
    """Return the class names in the settings of data sets that a script writes."""
    if "names:" not in source.text and not any("names:" in line for line in source.commands):
        return ()
    return tuple(_found(source))


def _found(source: Source) -> Iterator[ConstantNames]:
    texts = [("\n".join(source.commands), 1)]
    if source.tree is None and source.path.endswith(PYTHON):  # settings between lines of code
        texts.append((source.text, 1))
    if source.tree is not None:
        known = module_constants(source.tree.body)
        texts += [(text, node.lineno) for node in source.nodes(ast.Constant, ast.JoinedStr)
                  if (text := _text(node, known))]  # fmt: skip
        if _BESIDE.search(source.text):
            texts += _written_apart(texts)
    for text, line in texts:
        block = block_of_settings(text)
        found = names_in_yaml(block[0]) if block else None
        if found:
            yield ConstantNames(names=found[0], line=line, constant=WRITTEN, weight=_WEIGHT)


def _written_apart(texts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the names that a script writes by a call of its own, beside one for their number.

    t.write("nc: 2\\n")
    t.write("names: ['head', 'helmet']")
    """
    return [(f"nc:\n{text}", line) for text, line in texts[1:] if _APART.match(text)]


def block_of_settings(text: str) -> re.Match[str] | None:
    """Return the names in the settings of a data set that a text holds, as group 1."""
    return _BLOCK.search(text) if _OF_DATA_SET.search(text) else None


def _text(node: ast.AST, known: Mapping[str, Any]) -> str:
    """Return a text; what an f-string fills in is a 0 where only running tells it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and "names:" in node.value else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(
        str(piece.value) if isinstance(piece, ast.Constant) else _filled(piece, known)
        for piece in node.values
    )


def _filled(piece: ast.expr, known: Mapping[str, Any]) -> str:
    try:
        value = evaluate(ast.JoinedStr(values=[piece]), known)
    except (NotConstantError, RecursionError):
        return "0"
    return str(value)
