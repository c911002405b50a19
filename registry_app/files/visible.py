"""Show untrusted text, such as file names, without hidden or reordered characters."""

from __future__ import annotations

# They change the display order of the text after them: `r<U+202E>gnp.txt` looks like `rtxt.png`.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str, *, keep: str = "") -> str:
    """Return text with reordering characters named and unprintable ones replaced.

    Those in `keep` stay. The result is for display only: it is no longer a valid file name.
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) if character not in keep else character for character in text)


def _shown(character: str) -> str:
    if character in TURNING:
        return f"[U+{ord(character):04X}]"
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
