"""Read class names out of values that hold more of each class, and out of enumerations.

{0: ("dent", (0, 0, 255))}     {"dent": (0, 0, 255)}     {"dent": {"id": 0}}
{0: {"name": "dent"}}          [("dent", (0, 0, 255))]   [(0, "dent")]
{"DE": "dent", "RU": "rust"}
class DefectType(Enum): DENT = 0
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry_app.inference.code.source import Source
from registry_app.inference.task.class_files import checked, names_of

_FEWEST = 2
_CHANNELS = (3, 4)
_HEX = re.compile(r"#[0-9a-fA-F]{3,8}")
_NAME_KEYS = ("name", "label", "class_name", "class")
_NUMBER_KEYS = ("id", "index", "class_id", "idx")
_COLOUR_KEYS = ("color", "colour", "rgb", "bgr", "hex")
# What files are named by: `AF01HAS.JPG`.
_CODE = re.compile(r"[A-Za-z]{1,5}\d?")
_FEWEST_CODES = 3
# What a table of colours has for anything else.
_OTHERWISE = frozenset({"default", "unknown", "other", "others"})
_OF_CLASSES = re.compile(
    r"_?(?:[A-Z][A-Za-z0-9]*)?(?:Class(?:es)?|Class_?(?:Id|ID|Ids|Name|Names|Label|Labels)|Labels?|Categor(?:y|ies))"
    r"|(?:Defect|Damage|Fault|Disease|Hazard|PPE|Ppe|Gesture|Emotion)(?:Type|Kind)s?"
)
_NO_CLASSES = re.compile(r"(?:Base|Risk|Severity|Quality|Data|Error|Log|Age|Priority)")
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum"})

# Words of tables and plots, not of objects that a camera sees.
_NO_OBJECTS = frozenset(
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


# Tables of the colours in which classes are drawn.
COLOURS = re.compile(
    r"(?:class|cls|label|category|defect)_?colou?rs?(?:_?(?:map|dict|table))?", re.IGNORECASE
)
_AXES = frozenset("batch batch_size n height width h w num_dets anchors dynamic sequence".split())


def without_classes(source: Source) -> set[int]:
    """Return the mappings of a script, by their `id`, that name no classes whatever holds them."""
    return _of_axes(source) | _of_table(source)


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
        if _FEWEST <= len(rows) == len(table.values) and _have_same_columns(rows):
            found.update(
                id(row)
                for key, row in zip(table.keys, rows, strict=True)
                if isinstance(key, ast.Constant) and not COLOURS.fullmatch(str(key.value))
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


def names_of_any_form(value: Any) -> tuple[str, ...]:
    """Return the names in a value that an author calls classes."""
    return names_of(value, may_count=True) or names_of_records(value) or names_by_code(value)


def names_of_records(value: Any) -> tuple[str, ...]:
    """Return the names in a value that holds numbers, colours or more of each class."""
    if isinstance(value, Mapping):
        if len(value) < _FEWEST:
            return ()
        items = list(value.items())
        if _count_up([key for key, _item in items]):
            return checked([_name_of(item) for _key, item in items])
        return checked(list(_by_record(items)))
    if not isinstance(value, list | tuple) or len(value) < _FEWEST:
        return ()
    rows = [row for row in value if isinstance(row, list | tuple) and len(row) >= _FEWEST]
    if len(rows) < len(value):
        return ()
    if _count_up([row[0] for row in rows]):
        return checked([_text(row[1]) for row in rows])
    is_coloured = all(any(_is_colour(cell) for cell in row[1:]) for row in rows)
    return checked([_text(row[0]) for row in rows]) if is_coloured else ()


def names_by_colour(value: Any) -> tuple[str, ...]:
    """Return the names that a table gives colours to."""
    if not isinstance(value, Mapping):
        return ()
    names = [name for name in value if str(name).lower() not in _OTHERWISE]
    is_table = len(names) >= _FEWEST and all(_is_colour(item) for item in value.values())
    return checked([_text(name) for name in names]) if is_table else ()


def names_by_code(value: Any) -> tuple[str, ...]:
    """Return the names that are written with codes, each of them longer than its code."""
    if not isinstance(value, Mapping) or len(value) < _FEWEST_CODES:
        return ()
    are_coded = all(
        isinstance(code, str)
        and isinstance(name, str)
        and _CODE.fullmatch(code)
        and len(name) > len(code)
        and name.isascii()
        for code, name in value.items()
    )
    return checked(list(value.values())) if are_coded else ()


def names_of_enum(node: ast.ClassDef) -> tuple[str, ...]:
    """Return the members of an enumeration of classes, by their numbers or as their texts."""
    if not _OF_CLASSES.fullmatch(node.name) or _NO_CLASSES.search(node.name):
        return ()
    bases = {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
             for base in node.bases}  # fmt: skip
    if not bases & _ENUMS:
        return ()
    members = list(_members(node))
    if len(members) < _FEWEST:
        return ()
    if all(isinstance(value, str) for _name, value in members):
        return checked([value for _name, value in members])
    numbered = sorted((value, name) for name, value in members if type(value) is int and value >= 0)
    if not _count_up([value for value, _name in numbered]):
        return ()
    return checked([name for _value, name in numbered])


def _members(node: ast.ClassDef) -> Iterator[tuple[str, Any]]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                yield name, value
            case ast.Assign(targets=[ast.Name(id=name)]):  # `UNKNOWN = -1`, `auto()`
                yield name, None


def _by_record(items: Sequence[tuple[Any, Any]]) -> Iterator[Any]:
    """Yield the names in `{"dent": {"id": 0}}` by their numbers, else those with colours."""
    if all(_is_colour(item) for _name, item in items):
        yield from (name for name, _item in items)
        return
    records = [(name, item) for name, item in items if isinstance(item, Mapping)]
    if len(records) < len(items):
        return
    for key in _NUMBER_KEYS:
        numbers = [record.get(key) for _name, record in records]
        if all(type(number) is int for number in numbers) and len(set(numbers)) == len(numbers):
            yield from (name for name, _record in sorted(records, key=lambda pair: pair[1][key]))
            return
    if all(any(key in record for key in _COLOUR_KEYS) for _name, record in records):
        yield from (name for name, _record in records)


def _name_of(item: Any) -> str | None:
    if isinstance(item, Mapping):
        return next((item[key] for key in _NAME_KEYS if isinstance(item.get(key), str)), None)
    is_row = isinstance(item, list | tuple) and len(item) >= _FEWEST
    return _text(item[0]) if is_row and any(_is_colour(cell) for cell in item[1:]) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _count_up(values: Sequence[Any]) -> bool:
    return any(
        all(type(value) is int and value == first + number for number, value in enumerate(values))
        for first in (0, 1)
    )


def _is_colour(value: Any) -> bool:
    if isinstance(value, str):
        return _HEX.fullmatch(value) is not None
    return (
        isinstance(value, list | tuple)
        and len(value) in _CHANNELS
        and all(type(channel) in {int, float} and 0 <= channel <= 255 for channel in value)
    )


def may_be_classes(names: Sequence[str]) -> bool:
    """Whether texts are no words of tables and plots, fields of records or axes of tensors."""
    if names and all(re.split(r"[\W_]+", name.lower())[0] in _NO_OBJECTS for name in names):
        return False
    return sum(_FIELD.fullmatch(name) is not None for name in names) < _FEWEST_FIELDS
