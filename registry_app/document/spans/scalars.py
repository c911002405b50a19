"""Replace a single value; comments after it stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry_app.document.spans import written
from registry_app.document.spans.lines import (
    Replacement,
    end_of_line,
    has_deeper_comment,
)
from registry_app.document.spans.tree import BLOCK_STYLES, Leaf, ListNode, MapNode
from registry_app.document.spans.written import INDENT


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where values are written: the text, its line break, the column of the mapping or list."""

    text: str
    eol: str
    column: int
    is_flow: bool


def set_scalar(place: Place, leaf: Leaf, value: Any) -> list[Replacement]:
    """Replace a scalar, or an empty value, by a scalar or by a list of scalars in one line."""
    if _fits_block(place, leaf, value):
        return _as_block(place, leaf, value)
    style = leaf.style if leaf.style in {"'", '"'} else ""
    if leaf.start == leaf.end:
        style = written.own_style(value)
    new = written.inline(value, style=style, is_flow=place.is_flow)
    return _replaced(place.text, leaf, new, "")


def set_new(
    place: Place, there: Leaf | ListNode | MapNode, value: Mapping[str, Any] | list[Any]
) -> list[Replacement]:
    """Put a mapping, or a list of mappings, where there is no value or an empty collection."""
    if place.is_flow:
        return _spaced(place.text, there, written.inline(value, is_flow=True))
    if isinstance(value, Mapping):
        lines = written.pairs(
            value,
            place.column + INDENT,
            place.eol,
            has_blocks=not has_deeper_comment(place.text, there.end, place.column),
        )
    else:
        lines = place.eol.join(written.item(item, place.column, place.eol) for item in value)
    at = end_of_line(place.text, there.end)
    ending = place.eol if at == len(place.text) and written.last_text(value).endswith("\n") else ""
    start = there.start
    while start < there.end and place.text[start - 1] == " ":
        start -= 1
    return [
        Replacement(start, there.end, ""),
        Replacement(at, at, f"{place.eol}{lines}{ending}"),
    ]


def _spaced(text: str, there: Leaf | ListNode | MapNode, new: str) -> list[Replacement]:
    """Replace a value; an empty one is directly after the colon or the dash."""
    is_close = there.start == there.end and text[there.start - 1 : there.start] in {":", "-"}
    return [Replacement(there.start, there.end, f" {new}" if is_close else new)]


def _fits_block(place: Place, leaf: Leaf, value: Any) -> bool:
    """Whether a text is written as lines; a deeper comment after it would become part of it."""
    return (
        not place.is_flow
        and written.is_block_text(value)
        and not has_deeper_comment(place.text, leaf.end, place.column + INDENT - 1)
    )


def _as_block(place: Place, leaf: Leaf, value: str) -> list[Replacement]:
    header = "|" if value.endswith("\n") else "|-"
    body = written.block_body(value, place.column + INDENT, place.eol)
    if value.endswith("\n") and end_of_line(place.text, leaf.end) == len(place.text):
        body += place.eol
    return _replaced(place.text, leaf, header, body)


def _replaced(text: str, leaf: Leaf, head: str, body: str) -> list[Replacement]:
    """Replace the part of a value in its key's line, and its lines below."""
    end = end_of_line(text, leaf.end)
    if leaf.style in BLOCK_STYLES and leaf.style:
        below = min(end_of_line(text, leaf.header_end), end)
        return [
            Replacement(leaf.start, leaf.header_end, head),
            Replacement(below, end, body),
        ]
    first = _spaced(text, leaf, head)
    return [*first, Replacement(end, end, body)] if body else first
