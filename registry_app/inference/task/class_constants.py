"""Find class names in Python: constants, attributes, arguments, keys of settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from registry_app.inference.code.constants import NotConstantError, evaluate, module_constants
from registry_app.inference.code.source import NOTEBOOK, Source
from registry_app.inference.code.tree_index import as_text, called
from registry_app.inference.task.class_bindings import (
    ASKING,
    is_of_data_set,
    name_of_target,
    named_values,
    unwrapped,
)
from registry_app.inference.task.class_files import names_of
from registry_app.inference.task.class_shapes import (
    COLOURS,
    may_be_classes,
    names_by_colour,
    names_of_any_form,
    names_of_enum,
    without_classes,
)

_TAIL = r"(?:_?(?:names?|list|labels?|map(?:ping)?|dict|table|id))?"
_DEDICATED = re.compile(
    rf"_*(?:class(?:es)?{_TAIL}|categor(?:y|ies){_TAIL}|cat_?names|thing_classes|stuff_classes"
    r"|(?:(?:class|cls|label|category|cat)_?)?(?:id|idx|index|num|int)_?(?:2|to)_?(?:label|name|class|cls|category)s?"
    r"|(?:label|name|class|cls|category)_?(?:2|to)_?(?:id|idx|index|num|int)x?"
    r"|(?:label|class|cls|category|cat)_?(?:2|to)_?(?:name|text|str)s?"
    r"|name_?(?:2|to)_?(?:label|class|cls|category|cat)"
    r"|(?:idx|id)_classes|labels?_?(?:map(?:ping)?|names|list|dict)|class_?to_?idx|names?_classes"
    r"|(?:class|label|category)_?(?:index|indices)"
    # Names of what is looked for, as an inspection, a report or a plot calls them.
    r"|(?:cls|obj|object|target|defect|damage|fault|disease|part|gesture|emotion|activity)_(?:names|list|labels)(?:_array)?"
    r"|(?:class|label)_(?:names_)?array"
    r"|(?:defect|damage|fault|disease|gesture|emotion)_types|display_labels"
    r"|(?:defect|damage|fault|disease|gesture|emotion|expression)s?_(?:map(?:ping)?|dict))",
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
# Names with their numbers; elsewhere names of other things and what these are called.
_NUMBERED = re.compile(r"names?_?(?:map(?:ping)?|dict)", re.IGNORECASE)
# What people are seen to do; elsewhere such names are those of commands.
_ACTS = re.compile(
    r"(?:actions|activities|gestures|emotions|behaviou?rs|postures|poses)(?:_list)?", re.IGNORECASE
)
# What is looked for, by its kind; a report lists some of it under such names too.
_THINGS = re.compile(r"defects|damages|faults|diseases|pests|anomalies|hazards", re.IGNORECASE)
_KNOWN = re.compile(
    "|".join(
        f"(?:{known.pattern})"
        for known in (
            _DEDICATED, _PREFIXED, _CONSTANT_LABELS, AFTER_CONVERSION, _PLAIN, _ACTS, _THINGS,
            _NUMBERED, COLOURS,
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
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
_BACKGROUND = re.compile(r"_*back_?ground_*(?: ?\([^()]{1,30}\))?|_*bg_*", re.IGNORECASE)
_BINARY = 2
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
    yield from _of_named_lists(source, list(_named_lists(source)), source.tree)
    for kind in source.nodes(ast.ClassDef):
        if names := names_of_enum(kind):
            yield ConstantNames(
                names=names, line=kind.lineno, constant=kind.name, weight=_PLAIN_WEIGHT
            )
    for name, items, weight in _gone_over(source):
        if names := _names(items, {}, read=names_of_any_form):
            yield ConstantNames(names=names, line=items.lineno, constant=name, weight=weight)


def _of_named_lists(
    source: Source, lists: Sequence[tuple[ast.AST, str, ast.expr]], tree: ast.Module
) -> Iterator[ConstantNames]:
    if not lists:  # most scripts have none, and need nothing of what follows
        return
    known = module_constants(tree.body)
    others = without_classes(source)
    shown = _shown_by_use(source)
    top = {id(node) for node in tree.body}
    for node, name, value in lists:
        weight = _weight(name, id(node) in top, unwrapped(value) is not value)
        if weight is None or id(value) in others:
            continue
        weight = _at(node, name, shown(name, weight))
        names = _names(unwrapped(value), known, read=_reader_of(name))
        if names:
            yield ConstantNames(names=names, line=_line(node, value), constant=name, weight=weight)


def _named_lists(source: Source) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """Yield what may be a list with a name that may be one of classes, and the holder of both."""
    for node in _holders(source):
        for name, value in named_values(node):
            if _may_list(value) and _is_telling(name):
                yield node, name, value


def _may_list(value: ast.expr) -> bool:
    """Whether a value may list names: also a column of a table, `[row[0] for row in ROWS]`."""
    if isinstance(value, ast.ListComp):
        return isinstance(value.generators[0].iter, ast.Name)
    return value.__class__ in _LISTS


def _holders(source: Source) -> Iterator[ast.AST]:
    """Yield what may give a telling name to a list, without most of the assignments and calls."""
    for node in source.nodes(ast.Assign):
        if _may_list(node.value) and any(
            _is_telling(name_of_target(target)) for target in node.targets
        ):
            yield node
    yield from source.nodes(ast.AnnAssign)
    telling = {keyword for keyword in source.nodes(ast.keyword) if _is_telling(keyword.arg or "")}
    asking = {*source.calls(*ASKING)}
    for call in source.nodes(ast.Call) if telling or asking else ():
        if call in asking or not telling.isdisjoint(call.keywords):
            yield call
    yield from source.nodes(ast.Dict)
    for function in source.nodes(ast.FunctionDef):
        arguments, last = function.args, function.body[-1]
        if arguments.defaults or arguments.kw_defaults or isinstance(last, ast.Return):
            yield function


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

    def is_indexed(name: str) -> bool:
        return any(
            isinstance(node.value, ast.Name)
            and node.value.id == name
            and not isinstance(node.slice, ast.Constant | ast.Slice)
            and _PREDICTED.search(as_text(node.slice))
            for node in source.nodes(ast.Subscript)
        )

    def shown(name: str, weight: int) -> int:
        if weight < _PLAIN_WEIGHT or not _PLAIN.fullmatch(name):
            return weight
        if weight == GUESSWORK:
            return _PLAIN_WEIGHT if is_indexed(name) else weight
        is_of_pictures = source.path.endswith(NOTEBOOK) or _SEES.search(source.text)
        return (
            weight if is_of_pictures or not source.nodes(ast.Import, ast.ImportFrom) else GUESSWORK
        )

    return shown


def _line(node: ast.AST, value: ast.expr) -> int:
    return int(node.lineno) if isinstance(node, ast.stmt) else value.lineno


@lru_cache(maxsize=4096)
def _is_telling(name: str) -> bool:
    """Whether `_weight` may know a name; almost every name in a script comes here, and does not."""
    return _KNOWN.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _weight(name: str, is_top: bool, is_array: bool) -> int | None:
    """Return the weight of a variable with this name, None if it is unlikely to hold classes."""
    if _DEDICATED.fullmatch(name) or (is_top and AFTER_CONVERSION.fullmatch(name)):
        return 0
    if _PLAIN.fullmatch(name):
        return (0 if name.isupper() else _PLAIN_WEIGHT) if is_top else GUESSWORK
    if is_top and _CONSTANT_LABELS.fullmatch(name) and not _ELSEWHERE.search(name):
        return None if _NO_LABELS.match(name) else 1
    if COLOURS.fullmatch(name):
        return _PLAIN_WEIGHT
    if _NUMBERED.fullmatch(name):
        return _PLAIN_WEIGHT if is_top else None
    if _THINGS.fullmatch(name):
        return _PLAIN_WEIGHT if is_top and name.isupper() else GUESSWORK
    if _ACTS.fullmatch(name):
        return 2 if is_array else GUESSWORK
    return 1 if _PREFIXED.fullmatch(name) and not _ELSEWHERE.search(name) else None


def _reader_of(name: str) -> Callable[[Any], tuple[str, ...]]:
    """Return what reads the names out of a value that is called so."""
    if COLOURS.fullmatch(name):
        return names_by_colour
    return names_of if _NUMBERED.fullmatch(name) else names_of_any_form


def _names(
    node: ast.expr, known: Mapping[str, Any], *, read: Callable[[Any], tuple[str, ...]]
) -> tuple[str, ...]:
    try:
        value = evaluate(node, known)
    except (NotConstantError, RecursionError):
        return ()
    if isinstance(value, str):
        return ()
    if isinstance(value, list) and len(value) > _BINARY and value[0] is None:
        value = value[1:]  # the place of the background
    names = read(value)
    if not may_be_classes(names):
        return ()
    # A first place for the background is none of what is looked for.
    return names[1:] if len(names) >= _BINARY and _BACKGROUND.fullmatch(names[0]) else names
