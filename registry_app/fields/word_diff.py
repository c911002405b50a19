"""A word diff of two values: removed, added and unchanged words."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.variables import to_lines
from registry_app.fields.names import is_empty

_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Text of both sides (`state` ''), or only of the old ("gone") or the new ("new") one."""

    text: str
    state: str = ""


def pieces(old: Any, new: Any) -> list[Piece]:
    """Return the diff as pieces in order; adjacent pieces of one state are merged."""
    before, after = _WORDS.findall(as_text(old)), _WORDS.findall(as_text(new))
    found: list[Piece] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, start, end, other, last in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece(text="".join(before[start:end])))
            continue
        for words, state in ((before[start:end], "gone"), (after[other:last], "new")):
            if words:
                found.append(Piece(text="".join(words), state=state))
    return found


def marked(some: Iterable[Piece]) -> str:
    """Return pieces as plain text: `[-gone-]` and `{+new+}`, as `wdiff` writes them."""
    marks = {"": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
    return "".join(f"{marks[piece.state][0]}{piece.text}{marks[piece.state][1]}" for piece in some)


def as_text(value: Any) -> str:
    """Return a value as text, with control characters written out."""
    if is_empty(value):
        return ""
    if isinstance(value, list):
        value = "\n".join(
            item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            for item in value
        )
    if isinstance(value, dict):
        value = to_lines(value)
    return "".join(
        character if character == "\n" else _visible(character) for character in str(value)
    )


def _visible(sign: str) -> str:
    """Return a character, or its code point if it would reorder, hide or imitate others."""
    is_hidden = unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
    is_odd_space = unicodedata.category(sign) == "Zs" and sign != " "
    return f"\\u{{{ord(sign):x}}}" if is_hidden or is_odd_space else sign
