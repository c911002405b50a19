"""A line diff of two texts, as a user reads it before confirming the new one."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from registry_app.fields.word_diff import as_text

# Unchanged lines that are shown before and after a changed one.
CONTEXT = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of both contents (`state` ''), or only of the old ("gone") or the new ("new") one."""

    text: str
    state: str = ""

    @property
    def marked(self) -> str:
        return {"": "  ", "gone": "- ", "new": "+ "}[self.state] + self.text


def line_diff(old: str, new: str) -> list[Line]:
    """Return the changed lines with some around them, and "…" where others are left out."""
    before, after = _lines(old), _lines(new)
    if after[-1:] == [""] and (not before or before[-1] == ""):
        del before[-1:], after[-1:]
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if found:
            found.append(Line(text="…"))
        for kind, start, end, other, last in group:
            if kind == "equal":
                found += [Line(text=line) for line in before[start:end]]
                continue
            found += [Line(text=line, state="gone") for line in before[start:end]]
            found += [Line(text=line, state="new") for line in after[other:last]]
    return found


def _lines(text: str) -> list[str]:
    """Return the lines of a text, of which the last is empty if the text ends with a line break."""
    return as_text(text).split("\n") if text else []
