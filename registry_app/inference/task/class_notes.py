"""Find class names in the prose of a note that also says how many there are.

categorized into six cuisine classes:      five classes: helmet, head, vest, boots and person
- American                                 4 classes (dent, rust, crack, stain)
- Chinese

A list counts only if it is as long as the note says: other lists stand in notes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from registry_app.inference.task.class_files import checked
from registry_app.inference.task.class_shapes import may_be_classes

_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
).split()
_KIND = re.compile(r"\b(?:classes|categories|class labels|labels)\b", re.IGNORECASE)
_NUMBER = re.compile(rf"\b(?:{'|'.join(_WORDS)}|\d{{1,2}})\b", re.IGNORECASE)
_MOST_WORDS_BETWEEN = 4
_APART = re.compile(r"[.:;]")
# What leads from the word to the list.
_OPENS = re.compile(r"[^.:()\n]{0,60}[:(]|\*{0,2} ?[:(]")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,2}[.):])\s+(\S.*)")
# What stands behind a name: what it means, or its number.
_EXPLAINED = re.compile(r"\s+[-–—=→]+\s.*|\s*[:(–—].*")
_MARKS = "*`_\"' .;,"
_BETWEEN = re.compile(r",\s*(?:and|&)\s+|\s+(?:and|&)\s+|,|;|\s/\s")
_LONGEST = 40
_MOST_WORDS = 5
_LEAST = 2
# Two categories are as often those of methods: one-stage and two-stage detectors.
_LEAST_CATEGORIES = 3


def names_in_note(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line and the names of each list of classes whose number the note says."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        for kind in _KIND.finditer(line):
            number = _number_before(line[: kind.start()])
            least = _LEAST_CATEGORIES if kind[0].lower() == "categories" else _LEAST
            opened = _OPENS.match(line, kind.end()) if number >= least else None
            if opened is None:
                continue
            rest = line[opened.end() :].strip(" *")
            items = _in_line(rest, opened[0][-1]) if rest else _below(lines[index + 1 :], number)
            names = _names(items)
            if len(names) == number:
                yield index + 1, names


def _number_before(text: str) -> int:
    """Return the number that stands a few words before the end of a text, else 0."""
    found = list(_NUMBER.finditer(text))
    between = text[found[-1].end() :] if found else ""
    if not found or len(between.split()) > _MOST_WORDS_BETWEEN or _APART.search(between):
        return 0
    word = found[-1][0].lower()
    return int(word) if word.isdecimal() else _WORDS.index(word) + _LEAST


def _in_line(text: str, opened: str) -> list[str]:
    listed = text.partition(")")[0] if opened == "(" else text.partition(". ")[0]
    return _BETWEEN.split(listed)


def _below(lines: Sequence[str], number: int) -> list[str]:
    """Return the items of the list that follows, with maybe empty lines before and between."""
    found: list[str] = []
    for line in lines[: 2 * number + 3]:
        item = _ITEM.fullmatch(line)
        if item:
            found.append(item[1])
        elif line.strip():
            break
    return found


def _names(items: Sequence[str]) -> tuple[str, ...]:
    plain = [_EXPLAINED.sub("", item.strip(_MARKS)).strip(_MARKS) for item in items]
    fits = all(0 < len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS for name in plain)
    names = checked(plain) if fits and plain else ()
    return names if may_be_classes(names) else ()
