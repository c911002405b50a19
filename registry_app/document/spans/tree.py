"""The values of a YAML text with their positions, built from the events of the parser.

Nodes would not do: PyYAML gives an empty value or a block's end positions far after it. Positions
count characters; a byte order mark must be taken off before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from registry_app.document.yaml_nodes import LOADER

Path = tuple[str, ...]
BLOCK_STYLES = frozenset("|>")
_HEADER = re.compile(r"(?:[!]\S*[ \t]+)*[|>][-+0-9]*")
_BLANK_END = re.compile(r"(?:[ \t]*\r?\n[ \t]*)+\Z")


@dataclass(slots=True)
class Leaf:
    """A scalar. `end` is that of its text; `whole` includes blank lines that are part of it.

    `style` is '', a quote, or the indicator of a block scalar; `header_end` is after that
    indicator.
    """

    start: int
    end: int
    whole: int
    line: int
    column: int
    style: str
    value: str
    header_end: int = 0


@dataclass(slots=True)
class ListNode:
    """A list; `end` is after the bracket, or after the last item of a block."""

    start: int
    line: int
    column: int
    is_flow: bool
    end: int = 0
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MapNode:
    """A mapping; `end` is after the bracket, or after the last value of a block."""

    start: int
    line: int
    column: int
    is_flow: bool
    end: int = 0
    pairs: list[Pair] = field(default_factory=list)
    by_key: dict[str, Pair] = field(default_factory=dict)

    def find(self, key: str) -> Pair | None:
        return self.by_key.get(key)


@dataclass(slots=True)
class Pair:
    key: Leaf
    value: Node


Node = Leaf | ListNode | MapNode


def parse(text: str) -> Node | None:
    """Return the tree of a text that `yaml_nodes.read` accepts; None if it is empty."""
    events = yaml.parse(text, Loader=LOADER)
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return _node(event, events, text)
    return None


def find(root: Node | None, path: Sequence[str]) -> Node | None:
    """Return the value at a path of keys, None if there is none."""
    node = root
    for key in path:
        pair = node.find(key) if isinstance(node, MapNode) else None
        if pair is None:
            return None
        node = pair.value
    return node


def last_leaf(node: Node) -> Node:
    """Return the last thing written of a value: a scalar, or a collection in brackets."""
    while not isinstance(node, Leaf) and not node.is_flow:
        node = node.items[-1] if isinstance(node, ListNode) else node.pairs[-1].value
    return node


def _node(event: Any, events: Any, text: str) -> Node:
    start, mark = event.start_mark.index, event.start_mark
    if isinstance(event, yaml.ScalarEvent):
        return _leaf(event, text)
    if isinstance(event, yaml.SequenceStartEvent):
        items = ListNode(start, mark.line + 1, mark.column, bool(event.flow_style))
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                break
            items.items.append(_node(inner, events, text))
        items.end = _end(items, inner.end_mark.index)
        return items
    mapping = MapNode(start, mark.line + 1, mark.column, bool(event.flow_style))
    for inner in events:
        if isinstance(inner, yaml.MappingEndEvent):
            break
        key = _node(inner, events, text)
        if isinstance(key, Leaf):  # the reader refuses any other
            pair = Pair(key, _node(next(events), events, text))
            mapping.pairs.append(pair)
            mapping.by_key[key.value] = pair
    mapping.end = _end(mapping, inner.end_mark.index)
    return mapping


def _end(node: ListNode | MapNode, mark: int) -> int:
    """Return the end of a collection; PyYAML's own mark of a block's end is too late."""
    last = mark if node.is_flow else last_leaf(node)
    return last if isinstance(last, int) else last.end


def _leaf(event: Any, text: str) -> Leaf:
    mark = event.start_mark
    start, end = mark.index, event.end_mark.index
    style = event.style or ""
    leaf = Leaf(start, end, end, mark.line + 1, mark.column, style, event.value)
    if style in BLOCK_STYLES and style:
        header = _HEADER.match(text, start)
        leaf.header_end = header.end() if header else start
        blank = _BLANK_END.search(text, leaf.header_end, end)
        leaf.end = blank.start() if blank else end
        if "+" not in text[start : leaf.header_end]:
            leaf.whole = leaf.end
    return leaf
