"""Find lists under any name by what is done with them: a prediction indexes them.

gestures[np.argmax(scores)]                   moods = get_moods(); moods[int(label)]
list(moods).index(code) beside moods = {"HA": "happy", "SA": "sad", "NE": "neutral"}
df["label"] = df["kind"].map({"dent": 0, "rust": 1})
["happy", "sad", "angry", "neutral"]          what only emotions are called
letters = ["0", "1", ..., "Y", "Z"]           the signs that are read
num_classes = 7 beside a list of seven texts  {0: "dent", 1: "rust"} under any name
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import as_text, called, walk_below
from registry_app.inference.task.class_constants import ConstantNames
from registry_app.inference.task.class_files import names_of
from registry_app.inference.task.class_shapes import may_be_classes, names_by_code

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


# What faces are sorted by, in the languages and the forms in which people write it.
_EMOTIONS = re.compile(
    r"ang(?:er|ry)|disgust(?:ed)?|fear(?:ful)?|afraid|scared|happ(?:y|iness)|sad(?:ness)?|surprised?"
    r"|neutral|contempt|calm|joy|excited|bored|tired|sleepy|worried|confused"
    r"|분노|기쁨|슬픔|당황|불안|상처|중립|공포|놀람|혐오|행복",
    re.IGNORECASE,
)
_FEWEST_EMOTIONS = 4
# Signs that a reader of plates or meters tells apart.
_SIGNS = re.compile(r"(?:letter|char|character|symbol)s|alphabet", re.IGNORECASE)
_FEWEST_SIGNS = 20
# Columns that hold the class of a picture.
_COLUMN = re.compile(
    r"(?:\w{0,20}_)?(?:labels?|class(?:es|_?name|_?id)?|targets?|category|disease|emotion|defect)"
    r"(?:_(?:id|num|idx|name|encoded))?",
    re.IGNORECASE,
)


def names_by_outputs(source: Source) -> tuple[ConstantNames, ...]:
    """Return the lists of texts that a script uses as a model's classes, whatever their names."""
    if source.tree is None or not any(library in source.text for library in _SEES):
        return ()
    lists = [found for found in _lists(source) if not _ELSEWHERE.search(found[0])]
    mapped = tuple(_mapped(source))
    if not lists:
        return mapped
    indexed = _indexed(source, frozenset(name for name, _value, _names in lists))
    numbers = _numbers(source)
    return mapped + tuple(
        ConstantNames(names=names, line=value.lineno, constant=name, weight=_WEIGHT)
        for name, value, names in lists
        if name in indexed
        or _are_emotions(names)
        or _are_signs(name, names)
        or (isinstance(value, ast.Dict) and not _codes(value))
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


def _mapped(source: Source) -> Iterator[ConstantNames]:
    """Yield the texts of a column that a script turns into the numbers of classes."""
    for node in source.nodes(ast.Assign) if source.calls("map", "replace") else ():
        match node:
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str() as column))],
                value=ast.Call(
                    func=ast.Attribute(attr="map" | "replace"), args=[ast.Dict() as pairs]
                ),
            ) if _COLUMN.fullmatch(column):
                names = _numbered(pairs)
                if may_be_classes(names) and len(names) >= _FEWEST:
                    yield ConstantNames(
                        names=names, line=node.lineno, constant=column, weight=_WEIGHT
                    )


def _numbered(pairs: ast.Dict) -> tuple[str, ...]:
    """Return the texts that a mapping numbers from 0, each with a number of its own."""
    items = [
        (getattr(number, "value", None), getattr(text, "value", None))
        for text, number in zip(pairs.keys, pairs.values, strict=True)
    ]
    by_number = {number: text for number, text in items if type(number) is int}
    names = [by_number.get(number) for number in range(len(items))]
    return names_of(names) if all(isinstance(name, str) for name in names) else ()


def _codes(node: ast.Dict) -> tuple[str, ...]:
    """Return the names that a mapping writes with codes."""
    pairs = zip(node.keys, node.values, strict=True)
    return names_by_code(
        {getattr(key, "value", None): getattr(name, "value", None) for key, name in pairs}
    )


def _are_emotions(names: tuple[str, ...]) -> bool:
    return len(names) >= _FEWEST_EMOTIONS and all(map(_EMOTIONS.fullmatch, names))


def _are_signs(name: str, names: tuple[str, ...]) -> bool:
    """Whether a list is named as one of signs, and holds nothing else."""
    is_named = _SIGNS.fullmatch(name) is not None and len(names) >= _FEWEST_SIGNS
    return is_named and all(len(sign) == 1 for sign in names)


def _texts(node: ast.expr) -> tuple[str, ...]:
    """Return the texts of a list, or those of a mapping that numbers them from 0."""
    if isinstance(node, ast.Dict):
        if names := _codes(node):
            return names
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
    return _found_in(source) | frozenset(
        name
        for node in source.nodes(ast.Subscript)
        if not isinstance(node.slice, ast.Constant | ast.Slice)
        and (name := _name(node.value) or _called_name(node.value)) in listed
        and ((index := as_text(node.slice)) in decided or _PREDICTED.search(index))
    )


def _found_in(source: Source) -> frozenset[str]:
    """Return the names of what gives a class its number: `list(moods).index(code)`."""
    if ".index(" not in source.text:
        return frozenset()
    return frozenset(
        _name(call.func.value.args[0])
        for call in source.calls("index")
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Call)
        and called(call.func.value) == "list"
        and len(call.func.value.args) == 1
    )


def _decided(source: Source) -> frozenset[str]:
    """Return the variables that hold the number of the best class."""
    lines = {call.lineno for call in source.calls(*_DECIDES)}
    return frozenset(
        _name(node.targets[0])
        for node in (source.nodes(ast.Assign) if lines else ())
        if isinstance(node.value, ast.Call | ast.Subscript)
        and not lines.isdisjoint(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        and any(
            isinstance(inner, ast.Call) and called(inner) in _DECIDES
            for inner in walk_below(node.value)
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
        and any(_SOFTMAX in as_text(keyword.value) for keyword in call.keywords)
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
