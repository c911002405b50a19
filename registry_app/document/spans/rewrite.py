"""Carry out the edits of a file, and check that the result says what was meant.

Edits of one kind are made together, with a parse between the kinds. If the result does not read as
meant, the edits are halved until the one is found that cannot be made; it is refused, and the
others are made. So an edit is either made exactly, or refused with its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import yaml

from registry_app.document import yaml_nodes
from registry_app.document.spans import lists, pairs, scalars, written
from registry_app.document.spans.edits import Edit, EditKind, Path, applied, canonical
from registry_app.document.spans.lines import Replacement, line_break, replaced
from registry_app.document.spans.refused import EditRefusedError
from registry_app.document.spans.tree import Leaf, ListNode, MapNode, Node, Pair, find, parse
from registry_app.document.yaml_text import dump_plain
from registry_app.exceptions import RegistryFileError
from registry_app.messages import Message
from registry_app.texts.spans import KEY_GONE, NOT_MAPPING, READS_DIFFERENTLY

_BOM = "\ufeff"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An edit that was not made: its line in the file, the reason, and the lines to write."""

    edit: Edit
    line: int | None
    reason: Message
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A file after the edits that could be made; the same bytes if there were none."""

    data: bytes
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _State:
    """A text, what it says, and the edits that were refused so far."""

    text: str
    content: Mapping[str, Any]
    refused: tuple[tuple[Edit, Message], ...] = ()


class _BrokenError(Exception):
    """The text after some of the edits is not valid YAML."""


def content_of(data: bytes) -> dict[str, Any]:
    """Return what a file says as plain data; raises RegistryFileError if it cannot be read."""
    node = yaml_nodes.read(data)
    content = yaml_nodes.plain(node) if node is not None else {}
    return content if isinstance(content, dict) else {}


def rewrite(data: bytes, content: Mapping[str, Any], edits: Sequence[Edit]) -> Rewritten:
    """Carry out the edits on a file whose content is `content`."""
    if not edits:
        return Rewritten(data=data)
    text = data.decode("utf-8")
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    if not content and parse(text) is None:
        return Rewritten(data=(mark + _begun(text, edits)).encode())
    state = _carried_out(_State(text=text, content=content), list(edits))
    root = parse(text) if state.refused else None
    refusals = tuple(
        Refusal(edit=edit, line=_line_of(root, edit.path), reason=why, wanted=_wanted(edit))
        for edit, why in state.refused
    )
    return Rewritten(data=(mark + state.text).encode(), refusals=refusals)


def _begun(text: str, edits: Sequence[Edit]) -> str:
    """Return a text that has only comments, with its first content after them."""
    eol = line_break(text)
    before = text if not text or text.endswith("\n") else f"{text}{eol}"
    return before + dump_plain(applied({}, edits)).replace("\n", eol)


def _carried_out(state: _State, edits: Sequence[Edit]) -> _State:
    try:
        text, refused = _in_phases(state.text, edits)
    except _BrokenError:
        text, refused = "", []
        done = list(edits)
    else:
        out = {id(edit) for edit, _why in refused}
        done = [edit for edit in edits if id(edit) not in out]
        content = applied(state.content, done)
        if _has_content(text, content):
            return _State(text=text, content=content, refused=(*state.refused, *refused))
    state = _State(text=state.text, content=state.content, refused=(*state.refused, *refused))
    if not done:
        return state
    if len(done) == 1:
        why = (done[0], READS_DIFFERENTLY())
        return _State(text=state.text, content=state.content, refused=(*state.refused, why))
    half = len(done) // 2
    return _carried_out(_carried_out(state, done[:half]), done[half:])


def _has_content(text: str, content: Mapping[str, Any]) -> bool:
    try:
        return canonical(content_of(text.encode())) == canonical(content)
    except RegistryFileError:
        return False


def _in_phases(text: str, edits: Sequence[Edit]) -> tuple[str, list[tuple[Edit, Message]]]:
    """Return the text after the edits, and those that are refused with the reason."""
    refused: list[tuple[Edit, Message]] = []
    for _kind, group in groupby(edits, key=lambda edit: edit.kind):
        left = list(group)
        while left:
            text, left = _one_pass(text, left, refused)
    return text, refused


def _one_pass(
    text: str, edits: Sequence[Edit], refused: list[tuple[Edit, Message]]
) -> tuple[str, list[Edit]]:
    """Carry out edits that do not touch each other; return the text and the remaining edits."""
    try:
        root = parse(text)
    except (yaml.YAMLError, IndexError) as error:
        raise _BrokenError from error
    eol = line_break(text)
    planned = []
    for parent, group in _by_parent(edits):
        try:
            planned.append((_planned(_At(text, eol, root, parent), group), group))
        except EditRefusedError as error:
            refused += [(edit, error.message) for edit in group]
    planned.sort(key=lambda plan: _range(plan[0]))
    made: list[Replacement] = []
    later: list[Edit] = []
    done = -1
    for replacements, group in planned:
        start, end = _range(replacements)
        if start > done or (start == done and end > start):
            made += replacements
            done = end
        else:
            later += group
    return replaced(text, made), later


class _At(NamedTuple):
    """The mapping that is edited: by its path in a tree of the present text."""

    text: str
    eol: str
    root: Node | None
    path: Path


def _by_parent(edits: Sequence[Edit]) -> list[tuple[Path, list[Edit]]]:
    """Return the edits that are planned together: of one mapping, or each value alone."""
    groups: dict[tuple[Path, int], list[Edit]] = {}
    for number, edit in enumerate(edits):
        is_alone = edit.kind in {EditKind.SET, EditKind.RENAME}
        groups.setdefault((edit.path[:-1], number if is_alone else -1), []).append(edit)
    return [(path, some) for (path, _number), some in groups.items()]


def _planned(at: _At, edits: Sequence[Edit]) -> list[Replacement]:
    """Return the replacements of edits of one mapping; raises EditRefusedError."""
    node = find(at.root, at.path)
    if not isinstance(node, MapNode):
        raise EditRefusedError(NOT_MAPPING(key=".".join(at.path) or "–"))
    holder = _pair(at.root, at.path) if at.path else None
    place = scalars.Place(text=at.text, eol=at.eol, column=node.column, is_flow=node.is_flow)
    if edits[0].kind in {EditKind.ADD, EditKind.ADD_ENTRY}:
        return pairs.add(place, node, holder, edits)
    there = [node.find(edit.path[-1]) for edit in edits]
    found = [pair for pair in there if pair is not None]
    if len(found) < len(there):
        raise EditRefusedError(KEY_GONE())
    if edits[0].kind is EditKind.REMOVE:
        return pairs.remove_all(place, node, holder, found)
    if edits[0].kind is EditKind.RENAME:
        return pairs.rename(found[0], edits[0].new)
    return _set(place, found[0], edits[0])


def _set(place: scalars.Place, pair: Pair, edit: Edit) -> list[Replacement]:
    value = pair.value
    is_nested = isinstance(edit.new, Mapping) or (
        isinstance(edit.new, list) and any(isinstance(item, dict) for item in edit.new)
    )
    if isinstance(value, ListNode) and isinstance(edit.new, list):
        return lists.set_list(place, pair, edit.old, edit.new)
    if isinstance(value, MapNode) and value.pairs:
        raise EditRefusedError(NOT_MAPPING(key=".".join(edit.path)))
    if is_nested:
        return scalars.set_new(place, value, edit.new)
    if isinstance(value, Leaf):
        return scalars.set_scalar(place, value, edit.new)
    return [Replacement(value.start, value.end, written.inline(edit.new))]


def _pair(root: Node | None, path: Path) -> Pair | None:
    node = find(root, path[:-1])
    return node.find(path[-1]) if isinstance(node, MapNode) else None


def _range(replacements: Sequence[Replacement]) -> tuple[int, int]:
    return min(replacement.start for replacement in replacements), max(
        replacement.end for replacement in replacements
    )


def _line_of(root: Node | None, path: Path) -> int | None:
    """Return the line of a key, or of the nearest key above it."""
    for depth in range(len(path), 0, -1):
        pair = _pair(root, path[:depth])
        if pair is not None:
            return pair.key.line
    return None


def _wanted(edit: Edit) -> str:
    """Return the lines that a user would write instead of the edit; '' to remove them."""
    if edit.kind is EditKind.REMOVE:
        return ""
    if edit.kind is EditKind.RENAME:
        return f"{written.inline(edit.new)}:"
    return written.pairs({edit.path[-1]: edit.new}, 0, "\n")
