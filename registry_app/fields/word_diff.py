"""Two values side by side, word by word: what went, what came, what stays."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry_app.fields.names import is_empty

_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Text that both sides have (`state` ''), or only the old ("gone") or new ("new") one."""

    text: str
    state: str = ""


def pieces(old: Any, new: Any) -> list[Piece]:
    """Return both values as one text of pieces in order; neighbours of one state are one piece."""
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
    return "".join(f"{marks[one.state][0]}{one.text}{marks[one.state][1]}" for one in some)


def as_text(value: Any) -> str:
    """Return a value as text in which nothing is hidden: what steers a screen is written out."""
    if is_empty(value):
        return ""
    if isinstance(value, list):
        value = "\n".join(
            one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value
        )
    return "".join(one if one == "\n" else _visible(one) for one in str(value))


def _visible(sign: str) -> str:
    """Return a character, or its number where it would turn, hide or imitate others."""
    is_hidden = unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
    is_odd_space = unicodedata.category(sign) == "Zs" and sign != " "
    return f"\\u{{{ord(sign):x}}}" if is_hidden or is_odd_space else sign
