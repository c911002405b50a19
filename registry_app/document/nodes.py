"""Reads typed values out of YAML nodes, and notes every problem with its line."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from registry_app.document.yaml_nodes import Items, Mapping, Node, Value
from registry_app.exceptions import Problem


class Reader:
    """Collects the problems of one file; every method returns something usable all the same."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, message: str, line: int | None) -> None:
        self.problems.append(Problem(message=message, line=line))

    def mapping(self, node: Node | None, where: str, *, known: Collection[str] = ()) -> Mapping:
        """Return a mapping; with `known`, any other key is a problem naming the nearest.

        With `known`, a key without a value is as if it were not there.
        """
        if not isinstance(node, Mapping):
            if node is not None and not _is_null(node):
                self.say(_("{where} must be a mapping of keys.").format(where=where), node.line)
            return Mapping(line=node.line if node else 0, entries={}, keys={})
        for key, line in node.keys.items():
            if known and key not in known:
                self.say(_unknown_key(key, where, known), line)
        if not known:
            return node
        entries = {key: entry for key, entry in node.entries.items() if not _is_null(entry)}
        return replace(node, entries=entries)

    def text(self, node: Node | None, where: str, *, limit: int = 1000, lines: bool = False) -> str:
        """Return a text of at most `limit` characters; `lines` allows several lines."""
        if node is None or _is_null(node):
            return ""
        if not isinstance(node, Value) or not isinstance(node.value, str):
            self.say(_("{where} must be a text; put it in quotes.").format(where=where), node.line)
            return ""
        if len(node.value) > limit:
            self.say(
                _("{where} is longer than {limit} characters.").format(where=where, limit=limit),
                node.line,
            )
        if _has_control(node.value, allowed="\n\t" if lines else ""):
            self.say(_("{where} holds control characters.").format(where=where), node.line)
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
                self.say(_("{where} holds an empty entry.").format(where=where), item.line)
        return tuple(found)

    def items(self, node: Node, where: str) -> tuple[Node, ...]:
        if isinstance(node, Items):
            return node.items
        if not _is_null(node):
            self.say(_("{where} must be a list, like [a, b].").format(where=where), node.line)
        return ()

    def number(
        self, node: Node, where: str, *, least: int = 0, most: int = 2**31 - 1
    ) -> int | None:
        """Return a whole number; None with a problem where it is none."""
        value = node.value if isinstance(node, Value) else None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.say(
                _("{where} must be a whole number from {least} to {most}.").format(
                    where=where, least=least, most=most
                ),
                node.line,
            )
            return None
        return value

    def flag(self, node: Node, where: str) -> bool | None:
        if isinstance(node, Value) and isinstance(node.value, bool):
            return node.value
        self.say(_("{where} must be true or false.").format(where=where), node.line)
        return None

    def scalar(self, node: Node, where: str) -> Any:
        if isinstance(node, Value):
            return node.value
        self.say(_("{where} must be a single value.").format(where=where), node.line)
        return None


def _is_null(node: Node) -> bool:
    return isinstance(node, Value) and node.value is None


def _is_blank(node: Node) -> bool:
    value = node.value if isinstance(node, Value) else node
    return value is None or (isinstance(value, str) and not value.strip())


def _has_control(text: str, *, allowed: str) -> bool:
    return not text.isprintable() and any(
        unicodedata.category(one) in {"Cc", "Cs"} and one not in allowed for one in text
    )


def _unknown_key(key: str, where: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    cure = (
        _("Did you mean {names}?").format(names=near[0])
        if near
        else _("Known are {names}.").format(names=", ".join(known))
    )
    return _("{where} has no key {key}. {cure}").format(where=where, key=key, cure=cure)
