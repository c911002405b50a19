"""Find class names in data files: YAML, label maps, rows of COCO annotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

KEYS = (
    *("names", "class_names", "classes", "labels", "categories", "id2label", "class_mapping"),
    *("thing_classes", "class_list", "class_labels", "label_map", "class_map"),
    *("id_to_name", "id2name", "id_to_label", "idx2label", "target_names", "label_names"),
    *("label_list", "labels_list", "classes_list", "disease_list", "disease_names", "diseases"),
    *("pathologies", "defects", "defect_types", "defect_classes", "emotions", "tasks"),
    *("target_classes", "object_classes", "object_names", "targets"),
)
# Columns of a multi-label data set, each with a disease; elsewhere what a model is to do.
_KEY_OF_TASKS = "tasks"
# Also hosts and programs, which are written small.
_NAMED_KEYS = frozenset({_KEY_OF_TASKS, "targets"})
_FEWEST_TASKS = 3
# Deeper in a file, the other words too often mean something else.
_DEEP_KEYS = (
    *("names", "class_names", "classes", "thing_classes", "id2label", "class_list"),
    *("class_labels", "label_names", "disease_list", "pathologies", "tasks"),
    *("target_classes", "object_classes", "object_names"),
)
DEEPEST = 3
MAX_CLASSES = 400
MAX_NAME = 80
MAX_DIGITS = 10
MAX_NUMBER = 9_999  # of a class; larger numbers count something, such as a model's parameters
_MAX_FIRST = 255  # the lowest number of a class: also a value of pixels, and no count of pictures
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HAS_KEY = re.compile(rf"\b(?:{'|'.join(KEYS)})[\"']?\s*:", re.IGNORECASE)
_DOTTED = re.compile(r"[a-z_]\w*(?:\.\w+)+")  # modules and classes of Python
_ITEM = re.compile(r"item\s*\{([^{}]*)\}", re.DOTALL)
_FIELD = re.compile(r"(\w+)\s*:\s*(\d+|'[^'\n]*'|\"[^\"\n]*\")")
_SHOWN_LABEL = ("display_name", "name")
_BACKGROUND = re.compile(r"_+back_?ground_+|_+bg_+", re.IGNORECASE)
# What LabelMe's list begins with: pixels that count for nothing.
_IGNORED = "__ignore__"
_JOINERS = "\u200c\u200d"
_ODD_SIGNS = frozenset({"Cc", "Cf"})
_NO_NAME = re.compile(
    r"^[./~\[{]|\\|\.(?:jpe?g|png|bmp)\b|\.(?:pt|pth|ya?ml|txt|csv|py|onnx|mp4)$",
    re.IGNORECASE,
)


def names_in_yaml(text: str) -> tuple[tuple[str, ...], int, str, bool] | None:
    """Return the class names of a YAML file, their line and their key; no object is constructed.

    The last is whether these are the names of one data set of several that the file describes.
    """
    if not _HAS_KEY.search(text):  # composing is slow, and most files have none
        return None
    root = _composed(text)
    found = list(_in_mapping(root, KEYS, 0)) if isinstance(root, yaml.MappingNode) else []
    if not found:
        return None
    names, line, key, depth = min(found, key=lambda found: (found[3], KEYS.index(found[2])))
    others = {other[0] for other in found if other[2:] == (key, depth)} - {names}
    return names, line, key, depth > 0 and bool(others)


def names_in_list_of_yaml(text: str) -> tuple[str, ...]:
    """Return the names of a YAML file that holds nothing else: `classes.yaml`.

    [dent, rust]     {0: dent, 1: rust}     {dent: 0, rust: 1}     {dent: [3, 7], rust: [8]}
    """
    root = _composed(text)
    if isinstance(root, yaml.SequenceNode):
        are_texts = all(isinstance(item, yaml.ScalarNode) for item in root.value)
        return _names(root) if are_texts else ()  # rows with colours are labels of issues
    if not isinstance(root, yaml.MappingNode):
        return ()
    if all(_is_of_numbers(value) for _key, value in root.value):
        return checked([getattr(key, "value", None) for key, _value in root.value])
    return _names(root)


def _is_of_numbers(node: yaml.Node) -> bool:
    """Whether a list holds the numbers that a class has in the annotations, or its colour."""
    items = node.value if isinstance(node, yaml.SequenceNode) else ()
    return bool(items) and all(str(getattr(item, "value", "")).isdecimal() for item in items)


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _in_mapping(
    root: yaml.MappingNode, keys: Sequence[str], depth: int
) -> Iterator[tuple[tuple[str, ...], int, str, int]]:
    """Yield names, line, key and depth of every list of names in a mapping and those below."""
    for key, node in root.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        names = _names(node) if key.value.lower() in keys else ()
        if names and not _fits_key(key.value.lower(), names, node):
            names = ()
        if names:
            yield names, key.start_mark.line + 1, key.value.lower(), depth
        elif isinstance(node, yaml.MappingNode) and depth < DEEPEST:
            yield from _in_mapping(node, _DEEP_KEYS, depth + 1)


def _fits_key(key: str, names: Sequence[str], node: yaml.Node) -> bool:
    """Whether names are classes under a key that other lists have too."""
    if key == "categories":  # of a web page, say
        return _is_of_rows(node)
    are_named = len(names) >= _FEWEST_TASKS and all(name[:1].isupper() for name in names)
    return key not in _NAMED_KEYS or are_named


def _is_of_rows(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and isinstance(node.value[0], yaml.MappingNode)


def _names(node: yaml.Node) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        rows = [_scalars(item) for item in node.value if isinstance(item, yaml.MappingNode)]
        if rows:
            return names_of(rows) if len(rows) == len(node.value) else ()
        texts = [item.value for item in node.value if isinstance(item, yaml.ScalarNode)]
        return checked(texts) if len(texts) == len(node.value) else ()
    if not isinstance(node, yaml.MappingNode):
        return ()
    settings = [value for _key, value in node.value if isinstance(value, yaml.MappingNode)]
    if settings and len(settings) == len(node.value):
        return _numbered([(key.value, _scalars(value)) for key, value in node.value])
    pairs = _scalars(node)
    return names_of(pairs) if len(pairs) == len(node.value) else ()


def _numbered(rows: Sequence[tuple[Any, Mapping[Any, Any]]]) -> tuple[str, ...]:
    """Return the names of settings for each class, by their ids: `car: {id: 2, enabled: true}`."""
    by_number = {number_of(row.get("id")): name for name, row in rows}
    if None in by_number or len(by_number) < len(rows):
        return ()
    return names_of({number: str(name) for number, name in by_number.items()})


def _scalars(node: yaml.MappingNode) -> dict[Any, Any]:
    """Return the scalar pairs of a mapping, with numbers as numbers."""
    return {
        _number_or_text(key): _number_or_text(value)
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
    }


def _number_or_text(node: yaml.ScalarNode) -> int | str:
    text = str(node.value)
    return int(text) if text.isdecimal() and len(text) < 6 else text


def names_in_label_map(text: str) -> tuple[str, ...]:
    """Return the names of a TensorFlow label map (`item { id: 1 name: "helmet" }`)."""
    numbered: dict[int, str] = {}
    for item in _ITEM.findall(text):
        fields = dict(_FIELD.findall(item))
        label = next((fields[key] for key in _SHOWN_LABEL if key in fields), "")
        number = number_of(fields.get("id", ""))
        if number is None or not label:
            return ()
        numbered[number] = label.strip("'\"")
    return checked([numbered[number] for number in sorted(numbered)])


def names_of(value: Any, *, may_count: bool = False) -> tuple[str, ...]:
    """Return the names in a list, `{0: "stand"}`, `{"stand": 0}` or a list of rows.

    `may_count`: names may be small numbers, as text: `("1", "2", "3")`.
    """
    if isinstance(value, Mapping):
        return () if _are_counts(value) else checked(_bynumber_of(value))
    if not isinstance(value, list | tuple):
        return ()
    if value and all(isinstance(row, Mapping) for row in value):
        return checked(_of_rows(value))
    is_text = may_count and all(isinstance(item, str) for item in value)
    return checked(value, may_count=is_text)


def _bynumber_of(value: Mapping[Any, Any]) -> list[Any]:
    for pairs in (value.items(), [(number, name) for name, number in value.items()]):
        numbered = [(number_of(number), name) for number, name in pairs]
        known = {number: name for number, name in numbered if number is not None}
        if len(known) == len(value):
            return [known[number] for number in sorted(known)]
    return []


def _are_counts(value: Mapping[Any, Any]) -> bool:
    """Whether a mapping says how many there are of each: `{"dent": 738, "rust": 1204}`."""
    numbers = [number for item in value.values() if (number := number_of(item)) is not None]
    are_high = len(numbers) == len(value) and min(numbers, default=0) > _MAX_FIRST
    # Numbers of classes that begin high count up: 1001, 1002, 1003.
    return are_high and (len(numbers) == 1 or numbers != sorted(numbers))


def _of_rows(rows: Sequence[Mapping[Any, Any]]) -> list[Any]:
    """Return the names of rows such as `{"id": 1, "name": "helmet"}`, in order of their ids.

    A supercategory, which some COCO export tools put first, is skipped.
    """
    parents = {row.get("supercategory") for row in rows}
    named = [row for row in rows if isinstance(row.get("name"), str)]
    if len(named) != len(rows):
        return []
    own = [
        row
        for row in named
        if not (row.get("supercategory") == "none" and len(rows) > 1 and row["name"] in parents)
    ]
    numbers = [number_of(row.get("id")) for row in own]
    if None not in numbers:
        own.sort(key=lambda row: number_of(row.get("id")) or 0)
    return [row["name"] for row in own]


def number_of(value: Any) -> int | None:
    """Return a number that may be one of a class, also of a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value <= MAX_NUMBER else None
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else None


def checked(values: Sequence[Any], *, may_count: bool = False) -> tuple[str, ...]:
    """Return the values as names, or nothing if they cannot be names."""
    given = tuple(str(value).strip() for value in values if _can_be_name(value))
    names = given if len(given) != len(values) else _without_background(given)
    fits = (
        len(given) == len(values)
        and 1 <= len(names) <= MAX_CLASSES
        and len(set(names)) == len(names)
        and all(name and len(name) <= MAX_NAME and _is_shown_as_it_is(name) for name in names)
        and (
            _are_digits(names, least=3 if may_count else 10)
            or not all(name.lstrip("-").isdecimal() for name in names)
        )
        and not any(_NO_NAME.search(name) for name in names)
        and not all(_DOTTED.fullmatch(name) for name in names)
    )
    return names if fits else ()


def _is_shown_as_it_is(name: str) -> bool:
    """Whether a name has no sign that moves, hides or turns what stands beside it.

    Joiners between letters are part of some scripts.
    """
    odd = (sign for sign in name if sign not in _JOINERS)
    return _ODD_SIGNS.isdisjoint(map(unicodedata.category, odd))


def _without_background(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without a first place for the background, which no model is sold with."""
    names = names[1:] if len(names) > 1 and names[0] == _IGNORED else names
    if len(names) > 1 and _BACKGROUND.fullmatch(names[0]):
        return names[1:]
    return names


def _are_digits(names: Sequence[str], *, least: int) -> bool:
    """Whether these count up from 0 or 1, as the digits of a meter do."""
    if not least <= len(names) <= MAX_DIGITS or names[0] not in {"0", "1"}:
        return False
    return list(names) == [str(int(names[0]) + number) for number in range(len(names))]


def _can_be_name(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
