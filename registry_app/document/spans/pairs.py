"""Add, remove and rename keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry_app.document.spans import written
from registry_app.document.spans.edits import Edit, EditKind
from registry_app.document.spans.lines import (
    Replacement,
    comments_below,
    end_of_line,
    has_comment,
    is_alone,
    next_line,
    start_of_line,
)
from registry_app.document.spans.refused import EditRefusedError
from registry_app.document.spans.scalars import Place, set_new
from registry_app.document.spans.tree import BLOCK_STYLES, Leaf, MapNode, Pair, last_leaf
from registry_app.texts.spans import COMMENTS_INSIDE, NOT_ALONE


def add(
    place: Place, node: MapNode, parent: Pair | None, edits: Sequence[Edit]
) -> list[Replacement]:
    """Add keys to a mapping that has some; those that follow the same key are added together."""
    if not node.pairs:
        return _first(place, node, parent, edits)
    if node.is_flow:
        return [_add_in_line(node, edits)]
    groups: dict[int, list[Edit]] = {}
    names = [pair.key.value for pair in node.pairs]
    is_sorted = names == sorted(names)
    for edit in edits:
        groups.setdefault(_predecessor(names, edit, is_sorted=is_sorted), []).append(edit)
    found = [_add_lines(place, node, parent, number, some) for number, some in groups.items()]
    return [*found, *_closed(place, node)] if len(names) - 1 in groups else found


def remove_all(
    place: Place, node: MapNode, parent: Pair | None, removed: Sequence[Pair]
) -> list[Replacement]:
    """Remove keys with their values and the comments indented deeper than they are.

    A mapping that loses its last key becomes `{}`.
    """
    text = place.text
    if node.is_flow:
        return _remove_in_line(text, node, removed)
    found = []
    for pair in removed:
        if not is_alone(text, pair.key.start) or pair.key.column != node.column:
            raise EditRefusedError(NOT_ALONE())
        end = comments_below(text, _end_of_pair(text, pair), node.column)
        found.append(Replacement(start_of_line(text, pair.key.start), end, ""))
    if len(removed) == len(node.pairs) and parent is not None:
        colon = text.index(":", parent.key.end) + 1
        found.append(Replacement(colon, colon, " {}"))
    return found


def rename(pair: Pair, new: str) -> list[Replacement]:
    key = pair.key
    style = key.style if key.style in {"'", '"'} else ""
    return [Replacement(key.start, key.end, written.inline(new, style=style, is_flow=True))]


def _first(
    place: Place, node: MapNode, parent: Pair | None, edits: Sequence[Edit]
) -> list[Replacement]:
    """Add keys to an empty mapping: `{}`."""
    data = {edit.path[-1]: edit.new for edit in edits}
    if parent is None:
        return [Replacement(node.start, node.end, written.pairs(data, 0, place.eol))]
    own = replace(place, column=parent.key.column, is_flow=False)
    return set_new(own, node, data)


def _predecessor(names: list[str], edit: Edit, *, is_sorted: bool) -> int:
    """Return the number of the key after which a new one is inserted, -1 for none."""
    key = edit.path[-1]
    if edit.kind is EditKind.ADD_ENTRY and len(edit.path) > 1:
        if not is_sorted:
            return len(names) - 1
        return sum(name < key for name in names) - 1
    there = {name: number for number, name in enumerate(names)}
    return next((there[name] for name in reversed(edit.before) if name in there), -1)


def _add_lines(
    place: Place, node: MapNode, parent: Pair | None, number: int, edits: Sequence[Edit]
) -> Replacement:
    text, eol = place.text, place.eol
    data = {edit.path[-1]: edit.new for edit in edits}
    if edits[0].kind is EditKind.ADD_ENTRY:
        data = dict(sorted(data.items()))
    lines = written.pairs(data, node.column, eol)
    if number < 0 and parent is None:
        start = start_of_line(text, node.start)
        return Replacement(start, start, f"{lines}{eol}")
    behind = (
        parent.key if number < 0 and parent is not None else last_leaf(node.pairs[number].value)
    )
    last = written.last_text(data)
    if isinstance(behind, Leaf) and behind.whole > behind.end:
        at = behind.whole
    else:
        at = end_of_line(text, behind.end)
        below = next_line(text, at)
        if "\n" not in last or comments_below(text, below, node.column) == below:
            ending = eol if last.endswith("\n") and at == len(text) else ""
            return Replacement(at, at, f"{eol}{lines}{ending}")
        at = comments_below(text, below, node.column)
    before = "" if text[at - 1] == "\n" else eol
    return Replacement(at, at, f"{before}{lines}{eol}")


def _closed(place: Place, node: MapNode) -> list[Replacement]:
    """Mark a block scalar that ends the file without a line break, because text follows it now."""
    leaf = last_leaf(node)
    is_block = isinstance(leaf, Leaf) and leaf.style in BLOCK_STYLES and leaf.style
    if not is_block or not isinstance(leaf, Leaf) or leaf.value.endswith("\n"):
        return []
    header = place.text[leaf.start : leaf.header_end]
    if "-" in header or end_of_line(place.text, leaf.end) < len(place.text):
        return []
    return [Replacement(leaf.start, leaf.header_end, f"{header.replace('+', '')}-")]


def _add_in_line(node: MapNode, edits: Sequence[Edit]) -> Replacement:
    parts = [
        f"{written.inline(edit.path[-1], is_flow=True)}: "
        + written.inline(edit.new, style=written.own_style(edit.new), is_flow=True)
        for edit in edits
    ]
    at = node.pairs[-1].value.end
    return Replacement(at, at, f", {', '.join(parts)}")


def _remove_in_line(text: str, node: MapNode, removed: Sequence[Pair]) -> list[Replacement]:
    """Write the remaining pairs of a mapping in brackets, each with the text before it."""
    keys = {pair.key.value for pair in removed}
    left = [pair for pair in node.pairs if pair.key.value not in keys]
    starts = [pair.value.end for pair in node.pairs[:-1]]
    before = dict(zip((pair.key.value for pair in node.pairs[1:]), starts, strict=True))
    first = node.pairs[0].key.start
    gaps = [text[start : node.pairs[number + 1].key.start] for number, start in enumerate(starts)]
    if has_comment([*gaps, text[node.start : first], text[node.pairs[-1].value.end : node.end]]):
        raise EditRefusedError(COMMENTS_INSIDE())
    parts = [
        text[pair.key.start if number == 0 else before[pair.key.value] : pair.value.end]
        for number, pair in enumerate(left)
    ]
    return [Replacement(first, node.pairs[-1].value.end, "".join(parts))]


def _end_of_pair(text: str, pair: Pair) -> int:
    leaf = last_leaf(pair.value)
    if isinstance(leaf, Leaf) and leaf.whole > leaf.end:
        return leaf.whole
    return next_line(text, end_of_line(text, leaf.end))
