"""Replace a list; each element that stays keeps its own source text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from registry_app.document.spans import written
from registry_app.document.spans.edits import canonical
from registry_app.document.spans.lines import (
    Replacement,
    end_of_line,
    has_comment,
    is_alone,
    next_line,
    start_of_line,
)
from registry_app.document.spans.refused import EditRefusedError
from registry_app.document.spans.scalars import Place, set_new, set_scalar
from registry_app.document.spans.tree import Leaf, ListNode, MapNode, Node, Pair, last_leaf
from registry_app.texts.spans import COMMENTS_INSIDE, NOT_ALONE

_SEPARATOR = re.compile(r" *, *")
_COMMA = re.compile(r"[ \t]*,")


def set_list(place: Place, pair: Pair, old: list[Any], new: list[Any]) -> list[Replacement]:
    """Replace the list of a pair; raises EditRefusedError."""
    node = pair.value
    assert isinstance(node, ListNode)  # noqa: S101
    if not node.items:
        return _first_items(place, node, new)
    if not new:
        return _emptied(place, pair, node)
    if not node.is_flow:
        return _lines(place, node, old, new)
    if "\n" not in place.text[node.start : node.end]:
        return [Replacement(node.start, node.end, _in_one_line(place, node, old, new))]
    if _has_item_lines(place.text, node):
        return _flow_lines(place, node, old, new)
    if has_comment(_gaps(place.text, node)):
        raise EditRefusedError(COMMENTS_INSIDE())
    return [Replacement(node.start, node.end, _in_one_line(place, node, old, new))]


def _first_items(place: Place, node: ListNode, new: list[Any]) -> list[Replacement]:
    if any(isinstance(item, dict) for item in new):
        return set_new(place, node, new)
    return [Replacement(node.start, node.end, written.inline(new))]


def _emptied(place: Place, pair: Pair, node: ListNode) -> list[Replacement]:
    if node.is_flow:
        return [Replacement(node.start, node.end, "[]")]
    colon = place.text.index(":", pair.key.end) + 1
    lines = [_item_lines(place.text, node, number) for number in range(len(node.items))]
    return [Replacement(colon, colon, " []"), *(Replacement(*line, "") for line in lines)]


def _opcodes(old: list[Any], new: list[Any]) -> Sequence[tuple[str, int, int, int, int]]:
    before, after = [canonical(item) for item in old], [canonical(item) for item in new]
    return difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _in_one_line(place: Place, node: ListNode, old: list[Any], new: list[Any]) -> str:
    """Return the list in one line, with the separator and the padding of the old one."""
    text, items = place.text, node.items
    parts: list[str] = []
    for action, first, last, from_, to in _opcodes(old, new):
        if action == "equal":
            parts += [text[item.start : item.end] for item in items[first:last]]
        else:
            parts += [_new_item(node, value) for value in new[from_:to]]
    between = text[items[0].end : items[1].start] if len(items) > 1 else ""
    separator = between if _SEPARATOR.fullmatch(between) else ", "
    before = _padding(text[node.start + 1 : items[0].start])
    behind = _padding(text[items[-1].end : node.end - 1])
    return f"[{before}{separator.join(parts)}{behind}]"


def _padding(text: str) -> str:
    return text if not text.strip(" ") else ""


def _new_item(node: ListNode, value: Any) -> str:
    """Return a new element, in the quotes that all others have."""
    styles = {item.style if isinstance(item, Leaf) else "" for item in node.items}
    style = styles.pop() if len(styles) == 1 else ""
    return written.inline(value, style=style or written.own_style(value), is_flow=True)


def _gaps(text: str, node: ListNode) -> list[str]:
    starts = [item.start for item in node.items] + [node.end]
    ends = [node.start] + [item.end for item in node.items]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _has_item_lines(text: str, node: ListNode) -> bool:
    """Whether each element, and the closing bracket, has a line of its own."""
    return is_alone(text, node.end - 1) and all(
        is_alone(text, item.start) and "\n" not in text[item.start : item.end]
        for item in node.items
    )


def _flow_lines(place: Place, node: ListNode, old: list[Any], new: list[Any]) -> list[Replacement]:
    text, items = place.text, node.items
    indent = " " * (items[0].start - start_of_line(text, items[0].start))
    found: list[Replacement] = []
    for action, first, last, from_, to in _opcodes(old, new):
        if action == "equal":
            continue
        both = min(last - first, to - from_)
        for item, value in zip(items[first : first + both], new[from_ : from_ + both], strict=True):
            found.append(Replacement(item.start, item.end, _new_item(node, value)))
        for item in items[first + both : last]:
            start, end = start_of_line(text, item.start), next_line(text, item.end)
            found.append(Replacement(start, end, ""))
        added = [
            f"{indent}{_new_item(node, value)},{place.eol}" for value in new[from_ + both : to]
        ]
        if added and first + both:
            before = items[first + both - 1].end
            if not _COMMA.match(text, before):
                found.append(Replacement(before, before, ","))
            at = next_line(text, before)
        else:
            at = start_of_line(text, items[0].start)
        if added:
            found.append(Replacement(at, at, "".join(added)))
    return found


def _lines(place: Place, node: ListNode, old: list[Any], new: list[Any]) -> list[Replacement]:
    """Replace elements of a block list: whole lines come in and go out."""
    text = place.text
    own = Place(text=text, eol=place.eol, column=node.column, is_flow=False)
    found: list[Replacement] = []
    for action, first, last, from_, to in _opcodes(old, new):
        if action == "equal":
            continue
        both = min(last - first, to - from_)
        for number in range(both):
            value = new[from_ + number]
            found += _item(own, node, first + number, old[first + number], value)
        for number in range(first + both, last):
            found.append(Replacement(*_item_lines(text, node, number), ""))
        found += _added(own, node, first + both, new[from_ + both : to])
    return found


def _added(place: Place, node: ListNode, number: int, values: Sequence[Any]) -> list[Replacement]:
    """Insert elements before the element with this index."""
    if not values:
        return []
    lines = [written.item(value, node.column, place.eol) for value in values]
    if number == 0:
        start, _end = _item_lines(place.text, node, 0)
        return [Replacement(start, start, "".join(f"{line}{place.eol}" for line in lines))]
    _start, end = _item_lines(place.text, node, number - 1)
    if place.text[end - 1] == "\n":
        return [Replacement(end, end, "".join(f"{line}{place.eol}" for line in lines))]
    return [Replacement(end, end, "".join(f"{place.eol}{line}" for line in lines))]


def _item(place: Place, node: ListNode, number: int, old: Any, new: Any) -> list[Replacement]:
    item = node.items[number]
    if isinstance(item, Leaf) and not isinstance(new, (dict, list)):
        return set_scalar(place, item, new)
    if isinstance(item, MapNode) and isinstance(new, dict) and old.keys() == new.keys():
        leaves = _changed_leaves(item, old, new)
        if leaves is not None:
            inner = Place(text=place.text, eol=place.eol, column=item.column, is_flow=item.is_flow)
            return [
                replacement
                for leaf, key in leaves
                for replacement in set_scalar(inner, leaf, new[key])
            ]
    start, end = _item_lines(place.text, node, number)
    if has_comment(_outside_of_values(place.text, item, start, end)):
        raise EditRefusedError(COMMENTS_INSIDE())
    ending = place.eol if place.text[end - 1 : end] == "\n" else ""
    return [Replacement(start, end, f"{written.item(new, node.column, place.eol)}{ending}")]


def _changed_leaves(
    item: MapNode, old: dict[str, Any], new: dict[str, Any]
) -> list[tuple[Leaf, str]] | None:
    """Return the values to replace in a mapping, None if one of them is not a single value."""
    found = []
    for pair in item.pairs:
        key = pair.key.value
        if canonical(old[key]) != canonical(new[key]):
            if not isinstance(pair.value, Leaf) or isinstance(new[key], dict):
                return None
            found.append((pair.value, key))
    return found


def _outside_of_values(text: str, item: Node, start: int, end: int) -> list[str]:
    parts, done = [], start
    for leaf in _leaves(item):
        parts.append(text[done : leaf.start])
        done = max(leaf.end, done)
    return [*parts, text[done:end]]


def _leaves(node: Node) -> list[Leaf]:
    if isinstance(node, Leaf):
        return [node]
    if isinstance(node, ListNode):
        return [leaf for item in node.items for leaf in _leaves(item)]
    return [leaf for pair in node.pairs for leaf in (pair.key, *_leaves(pair.value))]


def _item_lines(text: str, node: ListNode, number: int) -> tuple[int, int]:
    """Return where the lines of an element of a block list start and end."""
    item = node.items[number]
    start = start_of_line(text, item.start)
    least = start_of_line(text, node.items[number - 1].end if number else node.start)
    while start > least and text[start : start + node.column + 1].strip(" ") != "-":
        start = start_of_line(text, start - 1)
    if text[start : start + node.column + 1].strip(" ") != "-":
        raise EditRefusedError(NOT_ALONE())
    leaf = last_leaf(item)
    if isinstance(leaf, Leaf) and leaf.whole > leaf.end:
        return start, leaf.whole
    return start, next_line(text, end_of_line(text, leaf.end))
