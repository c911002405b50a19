"""Find class names in Python: constants, attributes, arguments, keys of settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from registry_app.inference.code.constants import NotConstantError, evaluate, module_constants
from registry_app.inference.code.source import NOTEBOOK, Source
from registry_app.inference.code.tree_index import as_text, called
from registry_app.inference.task.class_bindings import (
    SETS_CLASSES,
    is_of_data_set,
    named_values,
    unwrapped,
)
from registry_app.inference.task.class_files import names_of
from registry_app.inference.task.class_shapes import (
    names_by_code,
    names_by_colour,
    names_of_enum,
    names_of_records,
)

_TAIL = r"(?:_?(?:names?|list|labels?|map(?:ping)?|dict|table|id))?"
_DEDICATED = re.compile(
    rf"_*(?:class(?:es)?{_TAIL}|categor(?:y|ies){_TAIL}|cat_?names|thing_classes|stuff_classes"
    r"|(?:(?:class|cls|label|category|cat)_?)?(?:id|idx|index|num|int)_?(?:2|to)_?(?:label|name|class|cls|category)s?"
    r"|(?:label|name|class|cls|category)_?(?:2|to)_?(?:id|idx|index|num|int)x?"
    r"|(?:label|class|cls|category|cat)_?(?:2|to)_?(?:name|text|str)s?"
    r"|name_?(?:2|to)_?(?:label|class|cls|category|cat)"
    r"|(?:idx|id)_classes|labels?_?(?:map|names|list|dict)|class_?to_?idx|names?_classes"
    # Names of what is looked for, as an inspection, a report or a plot calls them.
    r"|(?:cls|obj|object|target|defect|damage|fault|disease|part|gesture|emotion|activity)_(?:names|list|labels)"
    r"|(?:defect|damage|fault|disease|gesture|emotion)_types|display_labels)",
    re.IGNORECASE,
)
_PREFIXED = re.compile(
    r"[a-z0-9_]+_(?:classes|class_names|class_list|class_labels|categories|labels?_map)",
    re.IGNORECASE,
)
# A constant of the module; `train_labels` and `y_labels` hold other things.
_CONSTANT_LABELS = re.compile(r"[A-Z0-9_]+_LABELS|GESTURES|EMOTIONS|ACTIVITIES|POSTURES")
_NO_LABELS = re.compile(
    r"(?:TRAIN|VAL|TEST|X|Y|AXIS|AXES|TICK|PLOT|KEYPOINT|JOINT|COL|BAR|LEGEND)_"
)
# What a conversion of annotations leads to: `NEW_NAMES` beside the names in the annotations.
AFTER_CONVERSION = re.compile(
    r"(?:new|final|merged|unified|dest|dst)_(?:names|classes|class_names|categories|labels)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"_*(?:names|labels)", re.IGNORECASE)
# What people are seen to do; elsewhere such names are those of commands.
_ACTS = re.compile(
    r"(?:actions|activities|gestures|emotions|behaviou?rs|postures|poses)(?:_list)?", re.IGNORECASE
)
# What is looked for, by its kind; a report lists some of it under such names too.
_THINGS = re.compile(r"defects|damages|faults|diseases|pests|anomalies|hazards", re.IGNORECASE)
# Tables of the colours in which classes are drawn.
_COLOURS = re.compile(
    r"(?:class|cls|label|category|defect)_?colou?rs?(?:_?(?:map|dict|table))?", re.IGNORECASE
)
# Prefixes of lists that are not a model's classes.
_ELSEWHERE = re.compile(
    r"(?:^|_)(?:permission|authentication|renderer|parser|throttle|filter|css|html|elem|base|sub|data|model"
    r"|input|output|file|column|feature|metric|ignore|exclude|skip|unknown)_",
    re.IGNORECASE,
)
# What a script about pictures or models has anywhere in it.
_SEES = re.compile(
    r"cv2|torch|tensorflow|keras|yolo|onnx|detect|predict|classif|infer|model|image|imread|PIL\b"
    r"|numpy|sklearn|dataset|annot|bbox|xml",
    re.IGNORECASE,
)
_LISTS = frozenset(
    {ast.List, ast.Tuple, ast.Dict, ast.Call, ast.BinOp, ast.Name, ast.Set, ast.DictComp}
)
# Words of tables and plots, not of objects that a camera sees.
_NO_CLASSES = frozenset(
    "train val valid validation test loss accuracy precision recall f1 map epoch x y z id name"
    " mean std min max count label image path width height score confidence yes no true false none"
    " images labels avg total feature features classifier backbone".split()
)


# Fields of a record, of which a message or a table has several; no model looks for them.
_FIELD = re.compile(
    r"(?:[a-z]+_)+(?:id|uuid|time|url|path|ip|mean|std|sum|avg)|(?:created|updated)_at"
    r"|latitude|longitude|timestamp|uuid",
    re.IGNORECASE,
)
_FEWEST_FIELDS = 2
_BACKGROUND = re.compile(r"_*back_?ground_*(?: ?\([^()]{1,30}\))?|_*bg_*", re.IGNORECASE)
_BINARY = 2
_CHANNELS = (3, 4)
_AXES = frozenset("batch batch_size n height width h w num_dets anchors dynamic sequence".split())
_PLAIN_WEIGHT = 2
GUESSWORK = 3
# What goes over the classes, one by one: `for class_name in ["fire", "smoke"]`; over categories
# of goods go scripts for sets of many models too.
_EACH_CLASS = re.compile(r"(?:class|cls)_?(?:name|label)?|category", re.IGNORECASE)
_EACH_CATEGORY = "category"
# What a list of classes is indexed by: `labels[predicted]`, `names[int(box.cls)]`.
_PREDICTED = re.compile(r"pred|cls|class|argmax|categor", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ConstantNames:
    """A list of names in a script; a lower `weight` means more certainly class names.

    A list of weight GUESSWORK counts only if this or another script repeats it.
    """

    names: tuple[str, ...]
    line: int
    constant: str
    weight: int


def constants_with_names(source: Source) -> tuple[ConstantNames, ...]:
    """Return every list of names that a script assigns to a name suggesting classes."""
    return tuple(names_in_script(source))


def names_in_script(source: Source) -> Iterator[ConstantNames]:
    """Yield every list of names that a script assigns to a name suggesting classes."""
    if source.tree is None:
        return
    known: dict[str, Any] | None = None
    others = _of_axes(source) | _of_table(source)
    shown = _shown_by_use(source)
    top = {id(node) for node in source.tree.body}
    for node in _holders(source):
        for name, value in named_values(node):
            if value.__class__ not in _LISTS or id(value) in others:
                continue
            is_top = id(node) in top
            weight = _weight(name, is_top, False)
            # Most names hold no classes, whatever wraps the list.
            if weight is not None and unwrapped(value) is not value:
                weight = _weight(name, is_top, True)
            if weight is None:
                continue
            weight = _at(node, name, shown(name, weight))
            if known is None:
                known = module_constants(source.tree.body)
            names = _names(unwrapped(value), known, are_colours=bool(_COLOURS.fullmatch(name)))
            if names:
                yield ConstantNames(
                    names=names, line=_line(node, value), constant=name, weight=weight
                )
    for kind in source.nodes(ast.ClassDef):
        if names := names_of_enum(kind):
            yield ConstantNames(
                names=names, line=kind.lineno, constant=kind.name, weight=_PLAIN_WEIGHT
            )
    for name, items, weight in _gone_over(source):
        if names := _names(items, {}):
            yield ConstantNames(names=names, line=items.lineno, constant=name, weight=weight)


def _holders(source: Source) -> Iterator[ast.AST]:
    """Yield what may give a name to a list, without most of the assignments and calls."""
    for node in source.nodes(ast.Assign):
        if node.value.__class__ in _LISTS:
            yield node
    yield from source.nodes(ast.AnnAssign)
    sets_classes = source.calls(SETS_CLASSES) if SETS_CLASSES in source.text else ()
    for call in source.nodes(ast.Call):
        if call.keywords or len(call.args) > 1 or call in sets_classes:
            yield call
    yield from source.nodes(ast.Dict)
    yield from source.nodes(ast.FunctionDef)


def _at(node: ast.AST, name: str, weight: int) -> int:
    """Return the weight of a list by what holds it: settings of a data set, or a parameter."""
    if name == "names" and is_of_data_set(node):
        return min(weight, 1)
    # What a function takes if nothing else is given to it may be a sample.
    return max(weight, _PLAIN_WEIGHT) if isinstance(node, ast.FunctionDef) else weight


def _gone_over(source: Source) -> Iterator[tuple[str, ast.expr, int]]:
    """Yield the lists whose items a loop calls classes, with what it calls one, and the weight."""
    for loop in source.nodes(ast.For):
        target, items = loop.target, loop.iter
        if isinstance(items, ast.Call) and called(items) == "enumerate" and items.args:
            items = items.args[0]
            target = target.elts[-1] if isinstance(target, ast.Tuple) else target
        if not isinstance(items, ast.List | ast.Tuple) or len(items.elts) < _BINARY:
            continue
        name = target.id if isinstance(target, ast.Name) else ""
        if _EACH_CLASS.fullmatch(name):
            yield name, items, GUESSWORK if name == _EACH_CATEGORY else _PLAIN_WEIGHT


def _shown_by_use(source: Source) -> Callable[[str, int], int]:
    """Return what weighs a plain name, such as `labels`, by what the script does.

    A list that is indexed by a prediction holds classes, one in a script without pictures may be
    any list.
    """

    @cache
    def indexed() -> frozenset[str]:
        return frozenset(
            node.value.id
            for node in source.nodes(ast.Subscript)
            if isinstance(node.value, ast.Name)
            and not isinstance(node.slice, ast.Constant | ast.Slice)
            and _PREDICTED.search(as_text(node.slice))
        )

    def shown(name: str, weight: int) -> int:
        if weight < _PLAIN_WEIGHT or not _PLAIN.fullmatch(name):
            return weight
        if weight == GUESSWORK:
            return _PLAIN_WEIGHT if name in indexed() else weight
        is_of_pictures = source.path.endswith(NOTEBOOK) or _SEES.search(source.text)
        return (
            weight if is_of_pictures or not source.nodes(ast.Import, ast.ImportFrom) else GUESSWORK
        )

    return shown


def _of_axes(source: Source) -> set[int]:
    """Return the values of mappings that name axes of tensors: `{"det_classes": {0: "batch"}}`."""
    return {
        id(value)
        for node in source.nodes(ast.Dict)
        if any(isinstance(value, ast.Dict) for value in node.values)
        for value in node.values
        if isinstance(value, ast.Dict)
        and any(
            isinstance(item, ast.Constant) and str(item.value).lower() in _AXES
            for item in value.values
        )
    }


def _of_table(source: Source) -> set[int]:
    """Return the rows of tables of colours, each with the same columns: they name no classes.

    {"category": {"frame": [0, 255, 0], "text": RED}, "box": {"frame": RED, "text": RED}}
    """
    found: set[int] = set()
    for table in source.nodes(ast.Dict):
        rows = [value for value in table.values if isinstance(value, ast.Dict)]
        if _BINARY <= len(rows) == len(table.values) and _have_same_columns(rows):
            found.update(
                id(row)
                for key, row in zip(table.keys, rows, strict=True)
                if isinstance(key, ast.Constant) and not _COLOURS.fullmatch(str(key.value))
            )
    return found


def _have_same_columns(rows: Sequence[ast.Dict]) -> bool:
    first, *others = ([getattr(key, "value", None) for key in row.keys] for row in rows)
    is_coloured = any(
        isinstance(cell, ast.List | ast.Tuple) and len(cell.elts) in _CHANNELS
        for row in rows
        for cell in row.values
    )
    return is_coloured and all(columns == first for columns in others)


def _line(node: ast.AST, value: ast.expr) -> int:
    return int(node.lineno) if isinstance(node, ast.stmt) else value.lineno


@lru_cache(maxsize=4096)
def _weight(name: str, is_top: bool, is_array: bool) -> int | None:
    """Return the weight of a variable with this name, None if it is unlikely to hold classes."""
    if _DEDICATED.fullmatch(name) or (is_top and AFTER_CONVERSION.fullmatch(name)):
        return 0
    if _PLAIN.fullmatch(name):
        return (0 if name.isupper() else _PLAIN_WEIGHT) if is_top else GUESSWORK
    if is_top and _CONSTANT_LABELS.fullmatch(name) and not _ELSEWHERE.search(name):
        return None if _NO_LABELS.match(name) else 1
    if _COLOURS.fullmatch(name):
        return _PLAIN_WEIGHT
    if _THINGS.fullmatch(name):
        return _PLAIN_WEIGHT if is_top and name.isupper() else GUESSWORK
    if _ACTS.fullmatch(name):
        return 2 if is_array else GUESSWORK
    return 1 if _PREFIXED.fullmatch(name) and not _ELSEWHERE.search(name) else None


def _names(
    node: ast.expr, known: Mapping[str, Any], *, are_colours: bool = False
) -> tuple[str, ...]:
    try:
        value = evaluate(node, known)
    except (NotConstantError, RecursionError):
        return ()
    if isinstance(value, str):
        return ()
    if are_colours:
        names = names_by_colour(value)
    else:
        names = names_of(value, may_count=True) or names_of_records(value) or names_by_code(value)
    if not may_be_classes(names):
        return ()
    # A first place for the background is none of what is looked for.
    return names[1:] if len(names) >= _BINARY and _BACKGROUND.fullmatch(names[0]) else names


def may_be_classes(names: Sequence[str]) -> bool:
    """Whether texts are no words of tables and plots, fields of records or axes of tensors."""
    if names and all(re.split(r"[\W_]+", name.lower())[0] in _NO_CLASSES for name in names):
        return False
    return sum(_FIELD.fullmatch(name) is not None for name in names) < _FEWEST_FIELDS
