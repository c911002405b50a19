"""Lines of a log as readable text: a line that is CP949 and not UTF-8 is converted to UTF-8.

Korean tools write CP949, often into the same log as libraries that write UTF-8, so each line is
decided on its own. A line in neither encoding is left unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from runs_app.runner.ending.log_end import ESCAPES

# A line without an end is held back up to this length.
MAX_LINE_BYTES = 2**16
_LINES = re.compile(rb"[^\r\n]*[\r\n]*")
_UNFINISHED = "unexpected end of data"


def readable(data: bytes) -> bytes:
    """Return whole lines with CP949 converted to UTF-8; all other bytes are unchanged."""
    if _is_utf8(data):
        return data
    return b"".join(map(_readable_line, _LINES.findall(data)))


def without_escapes(text: str) -> str:
    """Return text without the sequences that colour it or move the cursor."""
    return ESCAPES.sub("", text) if "\x1b" in text else text


class ReadableLines:
    """Passes pieces of a log to `sink` as readable text; a character is never split."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._pending = b""

    def write(self, chunk: bytes) -> None:
        """Take the next piece; the undecided part of an unfinished line waits for more."""
        data = self._pending + chunk
        end = len(data) if data.isascii() else max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        whole, self._pending = data[:end], data[end:]
        if self._pending.isascii() or len(self._pending) > MAX_LINE_BYTES:
            whole, self._pending = data, b""
        if whole:
            self._sink(readable(whole))

    def flush(self, *, is_end: bool) -> None:
        """Pass on what is held back; before the end, not an incomplete character."""
        if self._pending and (is_end or not _is_cut_letter(self._pending)):
            self._sink(readable(self._pending))
            self._pending = b""


def _readable_line(line: bytes) -> bytes:
    if _is_utf8(line):
        return line
    try:
        return line.decode("cp949").encode()
    except UnicodeDecodeError:
        return line


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_cut_letter(data: bytes) -> bool:
    """Return whether UTF-8 ends in the middle of a character."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == _UNFINISHED
    return False
