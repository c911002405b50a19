"""Find what takes classes away: a list that narrows another, and a model that only sees crops.

A model that reads letters or digits sees what another found: a plate, the display of a meter.

keep = [CLASSES.index(name) for name in DEFECT_CLASSES]     the classes are DEFECT_CLASSES
crops.predict(image[top:bottom, left:right])                those of `crops` come second
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source

# What a meter is read from, and its parts.
_OF_METERS = re.compile(
    r"panel|display|screen|dial|meter|counter|decimal|section|window|lcd|plate|number|digits",
    re.IGNORECASE,
)
# What letters are read from, and the fewest signs of an alphabet.
_OF_PLATES = re.compile(r"plate|licen[cs]e|^lpr?$|번호판|container|text", re.IGNORECASE)
_ALPHABET = 20
# What a model besides tells of people that another found.
_SEXES = frozenset({"male", "female", "man", "woman", "남", "여", "남자", "여자", "남성", "여성"})
_OF_SEX = re.compile(r"gender|sex|성별", re.IGNORECASE)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
# How many outputs a training makes: `num_classes = len(CLASSES)`.
_COUNTED = re.compile(r"\b(?:num|n)_?(?:classes|labels)\s*=\s*len\((?:self\.)?(\w{1,40})\)")
_WEIGHTS = re.compile(r"([\w.\-]+)\.(?:pt|pth|onnx|engine|h5|keras|tflite|xml|weights)$")
_SUFFIX = re.compile(r"\.(?:pt|pth|onnx|engine|h5|keras|tflite|xml|weights)\b")


def are_all_digits(names: Sequence[str]) -> bool:
    """Whether these are the ten digits, which a meter is read by."""
    return len(names) == 10 and all(name.isdecimal() for name in names)


def only_locate(names: Sequence[str]) -> bool:
    """Whether these name what digits are read from: one thing, or parts of a meter."""
    return len(names) == 1 or all(_OF_METERS.search(name) for name in names)


def are_besides(names: Sequence[str], name: str) -> bool:
    """Whether these are of a model besides that of an experiment of this name: male and female."""
    are_sexes = len(names) > 1 and all(given.lower() in _SEXES for given in names)
    return are_sexes and _OF_SEX.search(name) is None


def find_plates(names: Sequence[str]) -> bool:
    """Whether these name what letters are read from: number plates."""
    return all(_OF_PLATES.search(name) for name in names)


def are_signs(names: Sequence[str]) -> bool:
    """Whether these are letters and digits, by which what another model found is read."""
    single = sum(len(name) == 1 for name in names)
    return single >= _ALPHABET and 10 * single >= 9 * len(names)


def narrow_each_other(project: Project, one: str, other: str) -> bool:
    """Whether a script picks from one list of names by another, given by their constants."""
    # Two scripts, each with a list of its own under this name; outputs that the whole one counts.
    if one == other or _counts_outputs(project, one, other):
        return False
    for path, text in project.texts():
        source = project.source(path) if one in text and other in text else None
        for node in () if source is None else source.nodes(*_COMPREHENSIONS):
            used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            if {one, other} <= used:
                return True
    return False


def _counts_outputs(project: Project, one: str, other: str) -> bool:
    """Whether scripts make as many outputs as the first list has names, and none as the second."""
    counted = {name for _path, text in project.texts() for name in _COUNTED.findall(text)}
    return one in counted and other not in counted


def models_of_crops(project: Project) -> frozenset[str]:
    """Return the stems of weights whose models are only called with parts of an image."""
    return frozenset(
        name for _path, names in project.found_in_scripts(crops_in_script) for name in names
    )


def crops_in_script(source: Source) -> frozenset[str]:
    """Return the stems of weights whose models one script only calls with parts of an image."""
    # Most scripts name no weights; that takes less time to see than to follow its variables.
    if source.tree is None or _SUFFIX.search(source.text) is None:
        return frozenset()
    weights = dict(_loaded(source))
    if len(weights) < 2:  # a single model that sees parts sees tiles of the whole
        return frozenset()
    cut = {name for name, value in _assigned(source) if _is_part(value)}
    parts: set[str] = set()
    wholes: set[str] = set()
    for call in source.nodes(ast.Call):
        name = _receiver(call)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if name not in weights or not given:
            continue
        sees_part = any(
            _is_part(value) or (isinstance(value, ast.Name) and value.id in cut) for value in given
        )
        (parts if sees_part else wholes).add(name)
    return frozenset(weights[name] for name in parts - wholes) if wholes else frozenset()


def _loaded(source: Source) -> Iterator[tuple[str, str]]:
    """Yield each variable that holds a model, with the stem of its weights."""
    for name, value in _assigned(source):
        if not isinstance(value, ast.Call):
            continue
        for given in (*value.args, *(keyword.value for keyword in value.keywords)):
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                file = _WEIGHTS.search(posixpath.basename(given.value.replace("\\", "/")))
                if file:
                    yield name, file[1].lower()


def _assigned(source: Source) -> Iterator[tuple[str, ast.expr]]:
    for node in source.nodes(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from (
                    (name, value)
                    for one, value in zip(target.elts, node.value.elts, strict=False)
                    if (name := _name(one))
                )
            elif name := _name(target):
                yield name, node.value


def _is_part(node: ast.expr) -> bool:
    """Whether an expression cuts rows and columns out of an image: `image[a:b, c:d]`."""
    if isinstance(node, ast.Call):  # `crop.copy()`, `resize(image[a:b, c:d], ...)`
        inner = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        return any(_is_part(one) for one in inner)
    if isinstance(node, ast.List):
        return any(_is_part(one) for one in node.elts)
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Tuple):
        return False
    return (
        sum(isinstance(part, ast.Slice) and part.upper is not None for part in node.slice.elts) > 1
    )


def _receiver(call: ast.Call) -> str:
    """Return the variable that a call goes to: `crops(...)`, `self.crops.predict(...)`."""
    return _name(call.func) or (
        _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    )


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "self" else ""
    return node.id if isinstance(node, ast.Name) else ""
