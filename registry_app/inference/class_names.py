"""The classes of a model: from the YAML file of a dataset, a list of names, or a constant."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

import yaml

from registry_app.choices import Confidence
from registry_app.inference import reasons
from registry_app.inference.constants import NotConstantError, evaluate, module_constants
from registry_app.inference.guess import Guess
from registry_app.inference.project import Project

KEYS = ("names", "class_names", "classes", "labels")
CONSTANTS = frozenset(
    {"classes", "class_names", "names", "labels", "class_list", "class_labels", "categories"}
)
LIST_NAMES = ("classes.txt", "labels.txt", "obj.names", "class_names.txt", "predefined_classes.txt")
MAX_CLASSES = 400
MAX_NAME = 80
COCO_CLASSES = 80
_SAMPLE_SET = re.compile(
    r"(coco|voc|objects365|argoverse|globalwheat|sku-?110k|visdrone|xview|imagenet|lvis|dota"
    r"|openimages|open-images|tiger-pose|crack-seg|african-wildlife|brain-tumor|signature)",
    re.IGNORECASE,
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def guess_classes(
    project: Project, *, mentioned: Sequence[str] = ()
) -> Guess[tuple[str, ...]] | None:
    """Return the classes in the order of the model's outputs.

    `mentioned` are names of files that scripts are given by default (`--data data/ppe.yaml`).
    """
    found = [*_from_yaml(project), *_from_lists(project), *_from_constants(project)]
    if not found:
        return None
    # Lists of sample sets lie beside many detectors and are rarely meant.
    names = {posixpath.basename(name) for name in mentioned}
    return min(
        found,
        key=lambda one: (
            len(one.value) == COCO_CLASSES
            or bool(_SAMPLE_SET.match(posixpath.basename(_path(one)))),
            _path(one) not in mentioned and posixpath.basename(_path(one)) not in names,
            one.confidence != Confidence.SURE,
            one.confidence == Confidence.UNSURE,
            _path(one).count("/"),
            one.source,
        ),
    )


def _path(guess: Guess[tuple[str, ...]]) -> str:
    return guess.source.rpartition(":")[0] or guess.source


def _from_yaml(project: Project) -> Iterator[Guess[tuple[str, ...]]]:
    for path in project.paths:
        if path.lower().endswith((".yaml", ".yml")):
            text = project.text(path)
            found = names_in_yaml(text) if text else None
            if found:
                names, line, key = found
                yield Guess(
                    value=names,
                    confidence=Confidence.SURE if key == "names" else Confidence.LIKELY,
                    source=f"{path}:{line}",
                    reason=reasons.KEY_OF_YAML.format(key=key),
                )


def names_in_yaml(text: str) -> tuple[tuple[str, ...], int, str] | None:
    """Return the class names of a YAML file, their line and their key; nothing is constructed."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(root, yaml.MappingNode):
        return None
    for key in KEYS:
        for name, node in root.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                names = _names(node)
                if names:
                    return names, name.start_mark.line + 1, key
    return None


def _names(node: yaml.Node) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        texts = [one.value for one in node.value if isinstance(one, yaml.ScalarNode)]
        return _checked(texts) if len(texts) == len(node.value) else ()
    if not isinstance(node, yaml.MappingNode):
        return ()
    numbered: dict[int, str] = {}
    for key, value in node.value:
        scalars = isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
        if not scalars or not key.value.isdecimal():
            return ()
        numbered[int(key.value)] = value.value
    return _checked([numbered[number] for number in sorted(numbered)])


def _from_lists(project: Project) -> Iterator[Guess[tuple[str, ...]]]:
    for path in project.paths:
        name = posixpath.basename(path).lower()
        if name in LIST_NAMES or name.endswith(".names"):
            lines = (project.text(path) or "").splitlines()
            names = _checked([line.strip() for line in lines if line.strip()])
            if names:
                yield Guess(
                    value=names,
                    confidence=Confidence.LIKELY,
                    source=f"{path}:1",
                    reason=reasons.LIST_OF_NAMES,
                )


def _from_constants(project: Project) -> Iterator[Guess[tuple[str, ...]]]:
    for source in project.scripts():
        if source.tree is None:
            continue
        known = module_constants(source.tree.body)
        for statement in source.tree.body:
            name, node = _assigned(statement)
            if name.lower() not in CONSTANTS or node is None:
                continue
            try:
                value = evaluate(node, known)
            except (NotConstantError, RecursionError):
                continue
            if isinstance(value, dict):
                value = _by_number(value)
            names = _checked(value) if isinstance(value, list) else ()
            if names:
                yield Guess(
                    value=names,
                    confidence=Confidence.UNSURE,
                    source=f"{source.path}:{statement.lineno}",
                    reason=reasons.CONSTANT.format(name=name),
                )


def _assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
    return "", None


def _by_number(value: dict[object, object]) -> list[object]:
    """Return the names of `{0: "stand"}` or `{"stand": 0}` in the order of their numbers."""
    if all(isinstance(key, int) for key in value):
        return [value[key] for key in sorted(value, key=lambda key: int(str(key)))]
    if all(isinstance(number, int) for number in value.values()):
        return sorted(value, key=lambda key: int(str(value[key])))
    return []


def _checked(values: Sequence[object]) -> tuple[str, ...]:
    """Return the values as names, or nothing where they can be none."""
    names = tuple(str(one).strip() for one in values if isinstance(one, str | int))
    fits = (
        len(names) == len(values)
        and 1 <= len(names) <= MAX_CLASSES
        and len(set(names)) == len(names)
        and all(name and len(name) <= MAX_NAME and "\n" not in name for name in names)
        and not all(name.lstrip("-").isdecimal() for name in names)
    )
    return names if fits else ()
