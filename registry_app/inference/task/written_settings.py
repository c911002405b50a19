"""Find class names in what a script or a notebook writes: settings of a data set, or a list.

%%writefile data.yaml          a cell of a notebook
path.write_text("nc: 2\\nnames: [helmet, head]\\n")
path.write_text(f"nc: {len(CLASSES)}\\nnames: {CLASSES}\\n")
f = open("obj.names", "w"); f.write("helmet\\n"); f.write("head\\n")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.inference.code.constants import NotConstantError, evaluate, module_constants
from registry_app.inference.code.source import PYTHON, Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.task.class_constants import ConstantNames
from registry_app.inference.task.class_files import names_in_yaml
from registry_app.inference.task.class_lists import names_in_named_list

_BLOCK = re.compile(r"^[ \t]*(names:[^\n]*(?:\n\s*(?:-\s|\d+:)[^\n]*)*)", re.MULTILINE)
_OF_DATA_SET = re.compile(r"^[ \t]*(?:nc|train|val):", re.MULTILINE)
_APART = re.compile(r"\s*names:\s*\[")
_BESIDE = re.compile(r"[\"'](?:nc|train|val):")
_WEIGHT = 1
# By this the lists go that a script writes into settings, whatever its constant.
WRITTEN = "names"
# A file that lists classes alone, as Darknet and labelling programs read it.
_LIST = re.compile(
    r"(?:.*[/\\_.-])?(?:[\w.-]*\.names|(?:class(?:es|_?names)?|labels?|label_?map)\.txt)"
)
_SIGN_OF_LIST = re.compile(r"\.names[\"']|(?:class|label)\w{0,10}\.txt[\"']")


def written_names(source: Source) -> tuple[ConstantNames, ...]:
    """Return the class names in the settings and the lists that a script writes."""
    lists = tuple(_in_lists(source)) if _SIGN_OF_LIST.search(source.text) else ()
    if "names:" not in source.text and not any("names:" in line for line in source.commands):
        return lists
    return (*lists, *_found(source))


def _in_lists(source: Source) -> Iterator[ConstantNames]:
    """Yield the names of each file for a list into which a script writes known texts alone."""
    opened = sorted(_opened(source))
    known = module_constants(source.tree.body) if opened and source.tree else {}
    writes = sorted(source.calls("write", "writelines"), key=lambda call: call.lineno)
    for line, variable, is_list in opened if any(row[2] for row in opened) else ():
        end = min((row[0] for row in opened if row[0] > line and row[1] == variable), default=None)
        texts = [
            _written(call, known)
            for call in writes
            if _receiver(call) == variable and line <= call.lineno < (end or call.lineno + 1)
        ]
        names = names_in_named_list("".join(texts)) if is_list and all(texts) else ()
        if len(names) > 1:
            yield ConstantNames(names=names, line=line, constant=WRITTEN, weight=_WEIGHT)


def _opened(source: Source) -> Iterator[tuple[int, str, bool]]:
    """Yield the line, the variable and whether it is a list of each file that a script opens."""
    for node in source.nodes(ast.Assign, ast.With):
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=ast.Call() as call):
                yield from _if_opens(call, variable)
            case ast.With(items=items):
                for item in items:
                    match item:
                        case ast.withitem(
                            context_expr=ast.Call() as call, optional_vars=ast.Name(id=variable)
                        ):
                            yield from _if_opens(call, variable)


def _if_opens(call: ast.Call, variable: str) -> Iterator[tuple[int, str, bool]]:
    if called(call) != "open":
        return
    match call.args:
        case [ast.Constant(value=str() as path), ast.Constant(value=str() as mode), *_]:
            is_list = mode.startswith("w") and _LIST.fullmatch(path.lower()) is not None
            yield call.lineno, variable, is_list
        case _:
            yield call.lineno, variable, False


def _receiver(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(value=ast.Name(id=variable)):
            return variable
    return ""


def _written(call: ast.Call, known: Mapping[str, Any]) -> str:
    """Return the text that a call writes, '' where only running tells it."""
    try:
        value = evaluate(call.args[0], known) if len(call.args) == 1 else ""
    except (NotConstantError, RecursionError):
        return ""
    lines = value if isinstance(value, list | tuple) else [value]
    return "".join(lines) if all(isinstance(line, str) for line in lines) else ""


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
