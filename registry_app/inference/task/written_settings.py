"""Find class names in settings that a script or a notebook writes: `names: [...]` in a text.

%%writefile data.yaml          a cell of a notebook
path.write_text("nc: 2\\nnames: [helmet, head]\\n")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.task.class_constants import ConstantNames
from registry_app.inference.task.class_files import names_in_yaml

_BLOCK = re.compile(r"^\s*names:[^\n]*(?:\n\s*(?:-\s|\d+:)[^\n]*)*", re.MULTILINE)
_OF_DATA_SET = re.compile(r"^\s*(?:nc|train|val):", re.MULTILINE)
_WEIGHT = 1


def written_names(source: Source) -> tuple[ConstantNames, ...]:
    """Return the class names in the settings of data sets that a script writes."""
    if "names:" not in source.text and not any("names:" in line for line in source.commands):
        return ()
    return tuple(_found(source))


def _found(source: Source) -> Iterator[ConstantNames]:
    texts = [("\n".join(source.commands), 1)]
    if source.tree is not None:
        texts += [(text, node.lineno) for node in source.nodes(ast.Constant, ast.JoinedStr)
                  if (text := _text(node))]  # fmt: skip
    for text, line in texts:
        block = _BLOCK.search(text) if _OF_DATA_SET.search(text) else None
        found = names_in_yaml(block[0]) if block else None
        if found:
            yield ConstantNames(names=found[0], line=line, constant="names", weight=_WEIGHT)


def _text(node: ast.AST) -> str:
    """Return a text, with a 0 for what an f-string fills in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and "names:" in node.value else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    pieces = (str(piece.value) if isinstance(piece, ast.Constant) else "0" for piece in node.values)
    return "".join(pieces)
