"""Find classes that code adds or numbers one by one.

self.add_class("yard", 1, "helmet")                       a data set of Mask R-CNN
def class_text_to_int(row): if row == "helmet": return 1  records of TensorFlow's detection
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.task.class_constants import ConstantNames
from registry_app.inference.task.class_files import checked
from registry_app.inference.task.class_shapes import may_be_classes

_ADDS = "add_class"
_NUMBERS = re.compile(r"(?:class|label|category|cls)_?(?:text|name|str)?_?(?:to|2)_?(?:int|id|idx)")
_SIGNS = (_ADDS, "_to_i", "2i", "_toi")
_ADDED_WEIGHT = 1
# A script for records may be older than the label map beside it.
_NUMBERED_WEIGHT = 2

Place = tuple[int, str, int]  # number, name, line


def names_added(source: Source) -> tuple[ConstantNames, ...]:
    """Return the lists of classes that a script adds or numbers one by one."""
    if source.tree is None or not any(sign in source.text for sign in _SIGNS):
        return ()
    return (*_added(source), *_numbered(source))


def _added(source: Source) -> Iterator[ConstantNames]:
    """Yield the classes that each data set of a script adds; they count from 1."""
    of_sets: dict[str, list[Place]] = {}
    for call in source.calls(_ADDS):
        match call.args:
            case [
                ast.Constant(value=str() as of),
                ast.Constant(value=int() as number),
                ast.Constant(value=str() as name),
            ]:
                of_sets.setdefault(of, []).append((number, name, call.lineno))
    for places in of_sets.values():
        yield from _as_list(places, _ADDS, _ADDED_WEIGHT)


def _numbered(source: Source) -> Iterator[ConstantNames]:
    """Yield the names that a function compares with, and returns a number for each."""
    for function in source.nodes(ast.FunctionDef):
        if _NUMBERS.fullmatch(function.name):
            places = [place for node in ast.walk(function) for place in _compared(node)]
            yield from _as_list(places, function.name, _NUMBERED_WEIGHT)


def _compared(node: ast.AST) -> Iterator[Place]:
    match node:
        case ast.If(
            test=ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value=str() as name)]),
            body=[ast.Return(value=ast.Constant(value=int() as number))],
        ):
            yield number, name, node.lineno


def _as_list(places: list[Place], constant: str, weight: int) -> Iterator[ConstantNames]:
    """Yield the names in the order of their numbers, if each has a number of its own."""
    by_number = {number: name for number, name, _line in sorted(places)}
    names = checked([by_number[number] for number in sorted(by_number)])
    are_apart = len(by_number) == len({(number, name) for number, name, _line in places})
    if names and are_apart and may_be_classes(names):
        line = min(line for _number, _name, line in places)
        yield ConstantNames(names=names, line=line, constant=constant, weight=weight)
