"""Read typed values from YAML nodes, and collect every problem with its line."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from registry_app.document.yaml_nodes import Items, Mapping, Node, Value
from registry_app.exceptions import Problem
from registry_app.messages import Message
from registry_app.texts import problems as texts

# The key path of a value, or the whole file.
Where = str | Message


class Reader:
    """Collect the problems of one file; every method still returns a usable value."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, message: Message, line: int | None) -> None:
        self.problems.append(Problem(message=message, line=line))

    def mapping(self, node: Node | None, where: Where, *, known: Collection[str] = ()) -> Mapping:
        """Return a mapping; with `known`, any other key is a problem that suggests the nearest.

        With `known`, a key without a value is ignored.
        """
        if not isinstance(node, Mapping):
            if node is not None and not _is_null(node):
                self.report(texts.NO_MAPPING(where=where), node.line)
            return Mapping(line=node.line if node else 0, entries={}, keys={})
        for key, line in node.keys.items():
            if known and key not in known:
                self.report(_unknown_key(key, where, known), line)
        if not known:
            return node
        entries = {key: entry for key, entry in node.entries.items() if not _is_null(entry)}
        return replace(node, entries=entries)

    def text(self, node: Node | None, where: str, *, limit: int = 1000, lines: bool = False) -> str:
        """Return a text of at most `limit` characters; `lines` allows several lines."""
        if node is None or _is_null(node):
            return ""
        if not isinstance(node, Value) or not isinstance(node.value, str):
            self.report(texts.NO_TEXT(where=where), node.line)
            return ""
        if len(node.value) > limit:
            self.report(texts.TOO_LONG(where=where, limit=limit), node.line)
        if _has_control(node.value, allowed="\n\t" if lines else ""):
            self.report(texts.CONTROL(where=where), node.line)
            return ""
        return node.value

    def texts(self, node: Node, where: str, *, limit: int = 200) -> tuple[str, ...]:
        """Return a list of texts, none of them empty."""
        found = []
        for item in self.items(node, where):
            text = self.text(item, where, limit=limit)
            if text.strip():
                found.append(text)
            elif _is_blank(item):
                self.report(texts.EMPTY_ENTRY(where=where), item.line)
        return tuple(found)

    def items(self, node: Node, where: str) -> tuple[Node, ...]:
        if isinstance(node, Items):
            return node.items
        if not _is_null(node):
            self.report(texts.NO_LIST(where=where), node.line)
        return ()

    def number(
        self, node: Node, where: str, *, least: int = 0, most: int = 2**31 - 1
    ) -> int | None:
        """Return a whole number; None, with a problem, if it is not one."""
        value = node.value if isinstance(node, Value) else None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.report(texts.NO_NUMBER(where=where, least=least, most=most), node.line)
            return None
        return value

    def flag(self, node: Node, where: str) -> bool | None:
        if isinstance(node, Value) and isinstance(node.value, bool):
            return node.value
        self.report(texts.NO_FLAG(where=where), node.line)
        return None

    def scalar(self, node: Node, where: str) -> Any:
        if isinstance(node, Value):
            return node.value
        self.report(texts.NO_SCALAR(where=where), node.line)
        return None


def _is_null(node: Node) -> bool:
    return isinstance(node, Value) and node.value is None


def _is_blank(node: Node) -> bool:
    value = node.value if isinstance(node, Value) else node
    return value is None or (isinstance(value, str) and not value.strip())


def _has_control(text: str, *, allowed: str) -> bool:
    return not text.isprintable() and any(
        unicodedata.category(character) in {"Cc", "Cs"} and character not in allowed
        for character in text
    )


def _unknown_key(key: str, where: Where, known: Collection[str]) -> Message:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = texts.DID_YOU_MEAN(names=near[0]) if near else texts.KNOWN_ARE(names=list(known))
    return texts.UNKNOWN_KEY(where=where, key=key, hint=hint)
