"""The edits that lead from one content of a file to another, as plain data.

A missing key, a key without a value and an empty mapping say the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Any

Path = tuple[str, ...]
# The depth of the keys that are names of experiments and customers.
ENTRY_DEPTH = 2


class EditKind(IntEnum):
    """What an edit does, in the order in which the edits of a file are carried out."""

    SET = 1
    ADD = 2
    REMOVE = 3
    RENAME = 4
    ADD_ENTRY = 5


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit of the value at a path of keys, which are those before any renaming.

    `new` is the value, for a renaming the new key. `before` are the keys that a new key follows,
    in the order of the format.
    """

    kind: EditKind
    path: Path
    old: Any = None
    new: Any = None
    before: tuple[str, ...] = ()


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], *, renames: Mapping[Path, str] | None = None
) -> list[Edit]:
    """Return the edits that turn `old` into `new`, in the order of their kinds.

    The keys of `new` are in the order of the format. `renames` has the new key for the path of the
    present one.
    """
    found = list(_differences((), old, new, renames or {}))
    return sorted(found, key=lambda edit: edit.kind)


def _differences(
    path: Path, old: Mapping[str, Any], new: Mapping[str, Any], renames: Mapping[Path, str]
) -> Iterator[Edit]:
    target_of = {key: renames.get((*path, key), key) for key in old}
    for key, value in old.items():
        here, target = (*path, key), target_of[key]
        wanted = new.get(target)
        if target != key:
            yield Edit(kind=EditKind.RENAME, path=here, old=key, new=target)
        if isinstance(value, Mapping) and value and isinstance(wanted, Mapping):
            yield from _differences(here, value, wanted, renames)
        elif _is_unset(wanted):
            if not _is_unset(value):
                yield Edit(kind=EditKind.REMOVE, path=here, old=value)
        elif _is_unset(value) or canonical(value) != canonical(wanted):
            yield Edit(kind=EditKind.SET, path=here, old=value, new=wanted)
    there = set(target_of.values())
    kind = EditKind.ADD_ENTRY if len(path) < ENTRY_DEPTH else EditKind.ADD
    before: list[str] = []
    for key, value in new.items():
        if key not in there and not _is_unset(value):
            yield Edit(kind=kind, path=(*path, key), new=value, before=tuple(before))
        if len(path) != 1:  # entries are put by name
            before.append(key)


def applied(data: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """Return the content after the edits; mappings are copied where they change."""
    result = dict(data)
    own: dict[Path, dict[str, Any]] = {(): result}
    for kind, group in groupby(edits, key=lambda edit: edit.kind):
        some = list(group)
        if kind is EditKind.RENAME:
            _rename(some, own)
        for edit in some:
            target = _owned(edit.path[:-1], own)
            if kind is EditKind.REMOVE:
                del target[edit.path[-1]]
            elif kind is not EditKind.RENAME:
                target[edit.path[-1]] = edit.new
    return result


def canonical(data: Any) -> str:
    """Return a text that is equal for equal contents; 1, 1.0, true and "1" differ."""
    return json.dumps(_plain(data), sort_keys=True, ensure_ascii=False)


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        plain = {key: _plain(value) for key, value in data.items() if value is not None}
        return {key: value for key, value in plain.items() if value != {}}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data


def _is_unset(value: Any) -> bool:
    return value is None or value == {}


def _owned(path: Path, own: dict[Path, dict[str, Any]]) -> dict[str, Any]:
    if path not in own:
        parent = _owned(path[:-1], own)
        parent[path[-1]] = own[path] = dict(parent.get(path[-1]) or {})
    return own[path]


def _rename(edits: Sequence[Edit], own: dict[Path, dict[str, Any]]) -> None:
    """Rename all keys at once, so that chains and swaps need no temporary name."""
    moved: list[tuple[dict[str, Any], str, Any]] = []
    for edit in edits:
        target = _owned(edit.path[:-1], own)
        moved.append((target, edit.new, target.pop(edit.path[-1])))
    for target, key, value in moved:
        target[key] = value
