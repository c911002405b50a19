"""Split bytes that arrive in pieces into lines with their offsets."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from registry_app.messages import Message
from registry_app.results import reasons

MAX_LINE_BYTES = 256 * 2**10


# A named tuple: there are many, and a frozen dataclass takes four times the time to make.
class Line(NamedTuple):
    """A line without its end. `number` counts from 1; `is_whole` is false without a line end."""

    text: str
    number: int
    begin_bytes: int
    is_whole: bool = True


def decode(data: bytes) -> str:
    """Return bytes as text: UTF-8, else Korean, else with replacement characters."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp949")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def decode_all(data: bytes) -> str:
    """Return a whole file as text, by its byte order mark, else like a single line."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return decode(data.removeprefix(codecs.BOM_UTF8))


class Lines:
    """Split the fed bytes into lines. A too long line is dropped, and counted in `too_long`.

    The encoding is recognised by the first bytes: a byte order mark, or the zero bytes of UTF-16
    without one; else each line is decoded separately.
    """

    def __init__(self) -> None:
        self.too_long = 0
        self._held = b""
        self._begin = 0
        self._number = 0
        self._wide: str | None = None
        self._has_begun = False
        self._is_dropping = False
        self._newline = b"\n"

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that `data` completes."""
        self._held += data
        if not self._has_begun:
            if len(self._held) < 4 and data:
                return
            self._find_encoding()
        yield from self._whole_lines()
        if len(self._held) > MAX_LINE_BYTES:
            self._drop(len(self._held) - len(self._held) % 2)

    def end(self) -> Iterator[Line]:
        """Yield the rest as an incomplete line."""
        if not self._has_begun:
            self._find_encoding()
        yield from self._whole_lines()
        if len(self._held) > MAX_LINE_BYTES:
            self._drop(len(self._held))
        if self._held and not self._is_dropping:
            yield self._line(self._held, len(self._held), is_whole=False)
        self._held = b""

    def notes(self) -> list[Message]:
        """Return what users of the numbers should know: which lines were dropped."""
        return [reasons.LONG_LINES(count=self.too_long)] if self.too_long else []

    def _find_encoding(self) -> None:
        self._has_begun = True
        head = self._held[:64]
        if head.startswith(codecs.BOM_UTF8):
            self._skip(3)
        elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._wide = "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
            self._skip(2)
        elif len(head) >= 4 and not any(head[1::2]):
            self._wide = "utf-16-le"
        elif len(head) >= 4 and not any(head[::2]):
            self._wide = "utf-16-be"
        if self._wide:
            self._newline = "\n".encode(self._wide)
        elif b"\n" not in self._held and self._held.count(b"\r") > 1:
            self._newline = b"\r"  # as old spreadsheets write

    def _skip(self, count: int) -> None:
        self._held = self._held[count:]
        self._begin += count

    def _whole_lines(self) -> Iterator[Line]:
        width = len(self._newline)
        held, start = self._held, 0
        while True:
            at = self._find_newline(held, start)
            if at < 0:
                break
            part, start = held[start:at], at + width
            if self._is_dropping:
                self._is_dropping = False
                self._begin += len(part) + width
                continue
            if len(part) > MAX_LINE_BYTES:  # the same, however large the pieces are
                self.too_long += 1
                self._number += 1
                self._begin += len(part) + width
                continue
            yield self._line(part, len(part) + width, is_whole=True)
        self._held = held[start:]

    def _find_newline(self, held: bytes, start: int) -> int:
        at = held.find(self._newline, start)
        while at >= 0 and (at - start) % len(self._newline):
            at = held.find(self._newline, at + 1)
        return at

    def _line(self, data: bytes, taken: int, *, is_whole: bool) -> Line:
        self._number += 1
        text = data.decode(self._wide, "replace") if self._wide else decode(data)
        line = Line(text.rstrip("\r"), self._number, self._begin, is_whole)
        self._begin += taken
        return line

    def _drop(self, count: int) -> None:
        if not self._is_dropping:
            self.too_long += 1
            self._number += 1
        self._is_dropping = True
        self._skip(count)
