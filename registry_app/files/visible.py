"""Shows text that scripts and file systems name: nothing in it is hidden or turned around."""

from __future__ import annotations

# They change the order in which what follows is shown: `r<U+202E>gnp.txt` looks like `rtxt.png`.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str, *, keep: str = "") -> str:
    """Return text in which a character that turns text is named, and an unprintable one replaced.

    Those in `keep` stay. What is returned is for people: it names no file any more.
    """
    if text.isprintable():
        return text
    return "".join(_shown(one) if one not in keep else one for one in text)


def _shown(character: str) -> str:
    if character in TURNING:
        return f"[U+{ord(character):04X}]"
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
