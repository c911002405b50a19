"""Find class names in JSON, and in files with a line for each: lists, tables, label maps of CVAT.

helmet            0: helmet       dent;rust;      lists, the last one of DeepStream
name,r,g,b        id,name         helmet,0        tables
# label:color_rgb:parts:actions                   CVAT
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from registry_app.inference.task.class_files import KEYS, checked, names_of, number_of

_NUMBERED = re.compile(r"(\d{1,4})\s*[:,\s]\s*([^\d\s].*)")
_ROW_OF_NUMBERS = re.compile(r"[\d\s.,e+-]+\s[\d\s.,e+-]+")
_HEAD_OF_CVAT = "# label:"
_BETWEEN = ";"  # what DeepStream separates the names of a classifier by
# A list named after a model: `labels_ppe.txt`, which may also list the labels of pictures.
_LONGEST = 40
_MOST_WORDS = 4
_NO_CLASS = re.compile(r"[:=/]|(?:^|\s)-?\d+(?:\.\d+)?(?:\s|$)")
_NAMES = ("name", "class", "label", "class_name", "classname", "label_name", "category")
_NUMBERS = ("id", "index", "class_id", "label_id", "idx")
_COLOURS = (("r", "g", "b"), ("red", "green", "blue"))
_BACKGROUND = re.compile(r"_*back_?ground_*", re.IGNORECASE)
_MOST_ROWS = 500
# Other keys of a `config.json` name anything.
_KEYS_OF_MODEL = ("id2label", "class_names")
# Parts of a JSON file with the settings of a training.
_SECTIONS = ("dataset", "data", "datasets", "model", "train", "training", "arch", "network")
# What gives each class its number, in the settings of a training.
_KEYS_OF_NUMBERS = ("encoding", "label_encoding", "class_to_idx", "label2id", "class_to_id")
_KEYS_OF_CONFIG = frozenset({*_KEYS_OF_MODEL, *KEYS, *_KEYS_OF_NUMBERS})


def names_in_list(text: str) -> tuple[str, ...]:
    """Return the names of a file with one name per line, with or without a number before it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith(_HEAD_OF_CVAT):
        return _after_background([line.partition(":")[0] for line in lines[1:]])
    if len(lines) == 1 and _BETWEEN in lines[0]:
        return checked([name for name in lines[0].split(_BETWEEN) if name.strip()])
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    found = {int(hit[1]): hit[2] for hit in numbered if hit}
    if lines and len(found) == len(lines):
        return checked([found[number] for number in sorted(found)])
    if any(_ROW_OF_NUMBERS.fullmatch(line) for line in lines):  # boxes of an image
        return ()
    return checked(lines)


def names_in_named_list(text: str) -> tuple[str, ...]:
    """Return the names of a list that is named after a model, none if they may be other things."""
    names = names_in_list(text)
    fits = all(
        len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS and not _NO_CLASS.search(name)
        for name in names
    )
    return names if fits else ()


def names_in_mapping(text: str) -> tuple[str, ...]:
    """Return the names of a file named after classes, in which each may stand for itself.

    {"Apple___Black_rot": "Apple___Black_rot", "Apple___healthy": "Apple___healthy"}
    """
    names = names_in_json(text)
    root = None if names else _mapping_in(text)
    is_same = root is not None and len(root) > 1 and all(key == root[key] for key in root)
    return checked(list(root)) if root and is_same else names


def _mapping_in(text: str) -> dict[str, Any] | None:
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def names_in_table(text: str) -> tuple[str, ...]:
    """Return the names of a table of classes: with their colours, or with their numbers."""
    try:
        rows = [row for row in csv.reader(text.splitlines()[:_MOST_ROWS]) if row]
    except csv.Error:
        return ()
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return ()
    head = [cell.strip().lower() for cell in rows[0]]
    column = next((head.index(name) for name in _NAMES if name in head), None)
    if column is None:  # as RetinaNet reads it: `helmet,0`
        is_pair = len(head) == 2 and _count_up([row[1] for row in rows])
        return checked([row[0] for row in rows]) if is_pair else ()
    numbers = next((head.index(name) for name in _NUMBERS if name in head), None)
    has_colours = any(set(colours) <= set(head) for colours in _COLOURS)
    if has_colours or (numbers is not None and _count_up([row[numbers] for row in rows[1:]])):
        return _after_background([row[column] for row in rows[1:]])
    return ()


def _count_up(cells: Sequence[str]) -> bool:
    numbers = [cell.strip() for cell in cells]
    return any(
        len(numbers) > 1 and numbers == [str(first + number) for number in range(len(numbers))]
        for first in (0, 1)
    )


def _after_background(names: Sequence[str]) -> tuple[str, ...]:
    found = checked(names)
    return found[1:] if len(found) > 1 and _BACKGROUND.fullmatch(found[0]) else found


def names_in_json(text: str) -> tuple[str, ...]:
    """Return the names of COCO annotations, or of a small file that holds only names."""
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if isinstance(root, dict):
        for key in KEYS:
            names = names_of(root[key]) if key in root else ()
            if names and (key != "categories" or _are_rows(root[key])):
                return names
        if below := _in_settings(root):
            return below
        # A file that counts things has such a mapping too.
        if not all(isinstance(value, str) for value in root.values()) and not _has_numbers(root):
            return ()
    return names_of(root)


def _in_settings(root: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in the settings of a training: `{"dataset": {"labels": ["a", "b"]}}`."""
    found = (
        names_of(part[key])
        for section in _SECTIONS
        if isinstance(part := root.get(section), dict)
        for key in (*KEYS, *_KEYS_OF_NUMBERS)
        if _lists(part.get(key), are_numbered=key in _KEYS_OF_NUMBERS)
    )
    return next(filter(None, found), ())


def _lists(value: Any, *, are_numbered: bool) -> bool:
    """Whether a setting is a list of texts, or gives each of several texts a number, from 0."""
    if isinstance(value, dict):
        counts_up = _has_numbers(value) and all(type(number) is int for number in value.values())
        return len(value) > 1 and counts_up
    are_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return not are_numbered and are_texts and len(value) > 1


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and isinstance(value[0], dict)


def _has_numbers(root: Mapping[str, Any]) -> bool:
    numbers = sorted(number for value in root.values() if (number := number_of(value)) is not None)
    return len(numbers) == len(root) and numbers in (
        list(range(len(root))),
        list(range(1, len(root) + 1)),
    )


def names_in_config(text: str) -> tuple[str, ...]:
    """Return the names in the configuration that a model is stored with, or is trained with.

    {"id2label": {"0": "dent"}}, as of Hugging Face     {"model": {"labels": ["dent", "rust"]}}
    """
    try:
        root = json.loads(text) if any(f'"{key}"' in text for key in _KEYS_OF_CONFIG) else None
    except (ValueError, RecursionError):
        return ()
    if not isinstance(root, dict):
        return ()
    found = (names_of(root[key]) for key in _KEYS_OF_MODEL if key in root)
    return next(filter(None, found), ()) or _in_settings(root)
