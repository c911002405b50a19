"""Searches a log of any size on the server, for a literal or for errors, in bounded memory.

The log is read in pieces; a caller that stops asking stops the search. A line is found once. A
literal is looked for in UTF-8 and in CP949, and a line is found only if its readable text contains
it: equal bytes of another encoding are no match. Case is ignored for A to Z. Colours inside a word
hide it, as they are bytes between its letters.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import read_at
from runs_app.records.logs.text import readable, without_escapes

PIECE_BYTES = 2**20
MAX_HITS = 200
MAX_QUERY = 200
# Of one request; the next one goes on from where it ended.
LIMIT_S = 20.0
# As much of a long line is looked at on each side of a find, and shown.
SIDE_BYTES = 2**15
SIDE_CHARACTERS = 80
_ASCII_UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A line that was found: where it begins, its number if known, the text around the find."""

    offset: int
    line: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The log has been searched up to `next`, which is where another search goes on."""

    next: int
    is_end: bool = False


class Sign(Protocol):
    """What is searched for: bytes that point to a find, and the judgement of the line."""

    needles: tuple[bytes, ...]
    # Whether it is the same for all readers, so that what was searched in vain is passed over.
    is_remembered: bool

    def prepared(self, data: bytes) -> bytes:
        """Return as many bytes as `data` has, in which the needles are looked for."""

    def place_in(self, text: str) -> int | None:
        """Return where it is in the readable text of a line, None if it is not there."""


class Literal:
    """A text as it was typed, on one line."""

    is_remembered = False

    def __init__(self, text: str, *, ignores_case: bool = False) -> None:
        self._ignores_case = ignores_case
        self._text = text.translate(_ASCII_UPPER) if ignores_case else text
        self.needles = tuple(dict.fromkeys(map(self.prepared, _encoded(text))))

    def prepared(self, data: bytes) -> bytes:
        return data.lower() if self._ignores_case else data

    def place_in(self, text: str) -> int | None:
        place = (text.translate(_ASCII_UPPER) if self._ignores_case else text).find(self._text)
        return None if place < 0 else place


def _encoded(text: str) -> Iterator[bytes]:
    yield text.encode("utf-8", "surrogatepass")
    try:
        yield text.encode("cp949")
    except UnicodeEncodeError:
        return


def search(
    log: BinaryIO, size_bytes: int, sign: Sign, *, start: int = 0, max_hits: int = MAX_HITS
) -> Iterator[Hit | Progress]:
    """Yield hits from `start`, which begins a line, and the progress after each piece.

    It ends with a progress: at the end of the log, after `max_hits`, or after LIMIT_S.
    """
    index, until_s, found = index_of(log, size_bytes), time.monotonic() + LIMIT_S, 0
    is_quiet = sign.is_remembered and start <= index.quiet_bytes
    place = index.quiet_bytes if is_quiet else start
    if is_quiet and place >= size_bytes:
        yield Progress(next=size_bytes, is_end=True)
    while place < size_bytes:
        data, step = _piece(log, place, size_bytes)
        if not data:  # truncated meanwhile
            break
        index.count(log, place, size_bytes=size_bytes)
        line, counted = None, None
        for begin, text in _finds(data, sign):
            if counted is None:
                line, counted = index.line_at(log, place), 0
            if line is not None:
                line += data.count(b"\n", counted, begin)
                counted = begin
            yield Hit(offset=place + begin, line=line, text=text)
            found += 1
            if found == max_hits:
                after = data.find(b"\n", begin) + 1
                yield Progress(next=place + (after or step))
                return
        if is_quiet and not found:
            index.quiet_bytes = max(index.quiet_bytes, place + data.rfind(b"\n") + 1)
        place += step
        yield Progress(next=place, is_end=place >= size_bytes)
        if time.monotonic() > until_s:
            return


def _piece(log: BinaryIO, place: int, size_bytes: int) -> tuple[bytes, int]:
    """Return whole lines and their length; of a line that is too long, a part and less."""
    data = read_at(log, place, min(PIECE_BYTES, size_bytes - place))
    if place + len(data) >= size_bytes:
        return data, size_bytes - place
    end = data.rfind(b"\n") + 1
    # The next part overlaps, so that nothing is missed between them.
    return (data[:end], end) if end else (data, max(1, len(data) - SIDE_BYTES))


def _finds(data: bytes, sign: Sign) -> Iterator[tuple[int, str]]:
    """Yield where the lines that were found begin, and the text around each find."""
    is_ascii = data.isascii()
    needles = [needle for needle in sign.needles if needle.isascii() or not is_ascii]
    if not needles:
        return
    haystack, at = sign.prepared(data), 0
    nearest: dict[bytes, int] = dict.fromkeys(needles, -1)
    while True:
        first = _next(haystack, nearest, at)
        if first is None:
            return
        begin = data.rfind(b"\n", 0, first) + 1
        end = data.find(b"\n", first)
        end = len(data) if end < 0 else end
        left, right = max(begin, first - SIDE_BYTES), min(end, first + SIDE_BYTES)
        text = _text(data[left:right], is_cut=left > begin)
        place = sign.place_in(text)
        if place is not None:
            yield begin, _around(text, place)
            at = end + 1
        else:
            at = right + 1


def _next(haystack: bytes, nearest: dict[bytes, int], at: int) -> int | None:
    """Return the first place from `at` where any needle is; remembers where each is."""
    for needle, place in tuple(nearest.items()):
        if place >= at:
            continue
        found = haystack.find(needle, at)
        if found < 0:
            del nearest[needle]
        else:
            nearest[needle] = found
    return min(nearest.values(), default=None)


def _text(line: bytes, *, is_cut: bool) -> str:
    """Return the readable text of a line, or of a part that may begin inside a character."""
    while is_cut and line and line[0] & 0xC0 == 0x80:
        line = line[1:]
    return without_escapes(readable(line).decode("utf-8", "replace"))


def _around(text: str, place: int) -> str:
    """Return the text around a find; of a line that was overwritten, that state of it."""
    begin = text.rfind("\r", 0, place) + 1
    end = text.find("\r", place)
    end = len(text) if end < 0 else end
    left, right = max(begin, place - SIDE_CHARACTERS), min(end, place + 2 * SIDE_CHARACTERS)
    head, tail = "…" if left > begin else "", "…" if right < end else ""
    return f"{head}{text[left:right].strip()}{tail}"
