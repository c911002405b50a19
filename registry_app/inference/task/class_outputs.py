"""Find lists under any name by what is done with them: a prediction indexes them.

gestures[np.argmax(scores)]                   moods = get_moods(); moods[int(label)]
num_classes = 7 beside a list of seven texts  {0: "dent", 1: "rust"} under any name
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.task.class_constants import ConstantNames, may_be_classes
from registry_app.inference.task.class_files import names_of

_WEIGHT = 0
_LISTS = frozenset({ast.List, ast.Tuple, ast.Dict})
_FEWEST = 2
# Two of something are found by chance, and with them a number of outputs says little.
_FEWEST_OF_OUTPUTS = 3
_MOST = 200
_PREDICTED = re.compile(r"pred|cls|class|argmax|categor|label", re.IGNORECASE)
# What leads to the number of the best class.
_DECIDES = ("argmax", "topk", "predict_classes")
_OUTPUTS = re.compile(
    r"(?:num|n|nb|number_of)_?(?:classes|class|labels)|nc|classes_num", re.IGNORECASE
)
_LAYERS = ("Dense",)
_SOFTMAX = "softmax"
# Lists that go with classes, or are of files, tables and plots.
_ELSEWHERE = re.compile(
    r"colou?r|palette|column|cols?(?:_|$)|field|header|metric|score|path|file|dir|folder|split|phase|mode|stage"
    r"|suffix|ext(?:s|ension)|url|link|model|layer|backbone|optim|loss|title|legend|axis|axes|tick"
    r"|key|day|month|week|season|font|marker|style|device|method|option|command|arg|param|menu|user"
    r"|joint|bone|landmark|aug|transform|interp|input|output|weight|version|lang|status|state"
    r"|dataset|message|msg|caption|prompt|desc",
    re.IGNORECASE,
)
_COLOURS = frozenset(
    "red green blue yellow orange purple pink black white gray grey brown cyan magenta lime navy"
    " r g b c m y k w".split()
)
_SEES = ("cv2", "torch", "keras", "tensorflow", "onnx", "PIL", "tflite", "sklearn", "fastai")


def names_by_outputs(source: Source) -> tuple[ConstantNames, ...]:
    """Return the lists of texts that a script uses as a model's classes, whatever their names."""
    if source.tree is None or not any(library in source.text for library in _SEES):
        return ()
    lists = [found for found in _lists(source) if not _ELSEWHERE.search(found[0])]
    if not lists:
        return ()
    indexed = _indexed(source, frozenset(name for name, _value, _names in lists))
    numbers = _numbers(source)
    return tuple(
        ConstantNames(names=names, line=value.lineno, constant=name, weight=_WEIGHT)
        for name, value, names in lists
        if name in indexed
        or isinstance(value, ast.Dict)
        or (len(names) >= _FEWEST_OF_OUTPUTS and len(names) in numbers)
    )


def _lists(source: Source) -> Iterator[tuple[str, ast.expr, tuple[str, ...]]]:
    """Yield each list of texts or numbered texts, with the name that it is known by."""
    for name, value in _named(source):
        names = _texts(value)
        if _FEWEST <= len(names) <= _MOST and may_be_classes(names) and not _are_colours(names):
            yield name, value, names


def _named(source: Source) -> Iterator[tuple[str, ast.expr]]:
    for node in source.nodes(ast.Assign):
        if node.value.__class__ in _LISTS and (name := _name(node.targets[0])):
            yield name, node.value
    answers: dict[str, ast.expr] = {}
    for function in source.nodes(ast.FunctionDef):
        last = function.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.List):
            answers[function.name] = last.value
            yield function.name, last.value
    for node in source.nodes(ast.Assign) if answers else ():
        held = answers.get(called(node.value)) if isinstance(node.value, ast.Call) else None
        if held is not None and (name := _name(node.targets[0])):
            yield name, held


def _texts(node: ast.expr) -> tuple[str, ...]:
    """Return the texts of a list, or those of a mapping that numbers them from 0."""
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if any(type(key) is not int for key in keys) or keys != list(range(len(keys))):
            return ()
    items = getattr(node, "values" if isinstance(node, ast.Dict) else "elts")
    texts = [item.value for item in items if isinstance(item, ast.Constant)]
    are_texts = len(texts) == len(items) and all(isinstance(text, str) for text in texts)
    return names_of(texts) if are_texts else ()


def _indexed(source: Source, listed: frozenset[str]) -> frozenset[str]:
    """Return the names of those lists that a prediction indexes, or what was chosen by one."""
    decided = _decided(source)
    return frozenset(
        name
        for node in source.nodes(ast.Subscript)
        if not isinstance(node.slice, ast.Constant | ast.Slice)
        and (name := _name(node.value) or _called_name(node.value)) in listed
        and ((index := ast.unparse(node.slice)) in decided or _PREDICTED.search(index))
    )


def _decided(source: Source) -> frozenset[str]:
    """Return the variables that hold the number of the best class."""
    if not any(word in source.text for word in _DECIDES):
        return frozenset()
    return frozenset(
        _name(node.targets[0])
        for node in source.nodes(ast.Assign)
        if isinstance(node.value, ast.Call | ast.Subscript)
        and any(
            isinstance(inner, ast.Call) and called(inner) in _DECIDES
            for inner in ast.walk(node.value)
        )
    )


def _numbers(source: Source) -> frozenset[int]:
    """Return how many outputs a script gives to its models."""
    found = {
        value
        for node in source.nodes(ast.Assign, ast.keyword)
        if isinstance(node.value, ast.Constant)
        and type(value := node.value.value) is int
        and _OUTPUTS.fullmatch(
            node.arg or "" if isinstance(node, ast.keyword) else _name(node.targets[0])
        )
    }
    found |= {
        call.args[0].value
        for call in source.calls(*_LAYERS)
        if call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, int)
        and any(_SOFTMAX in ast.unparse(keyword.value) for keyword in call.keywords)
    }
    return frozenset(found)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _called_name(node: ast.expr) -> str:
    return called(node) if isinstance(node, ast.Call) else ""


def _are_colours(names: tuple[str, ...]) -> bool:
    return all(name.lower() in _COLOURS for name in names)
