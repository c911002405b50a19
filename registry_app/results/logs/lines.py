"""Lines of a log as a terminal shows them: the last state of a progress bar, no colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from registry_app.results.lines import Line, decode

# Maximum length held of a line without an end; longer lines are cut.
MAX_LINE_BYTES = 16 * 2**10
# Maximum length read of a line: no writer puts a result after that much text.
MAX_CHARACTERS = 4_000
_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# Punctuation as Chinese, Japanese and some Korean writers set it.
_WIDE = str.maketrans("：，（）［］％＝；｜", ":,()[]%=;|")
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))
# Columns are at most this far apart; longer blanks are cut, which bounds what the patterns of a
# line try: two `\s*` beside each other try every way to share a blank.
MAX_BLANK_CHARACTERS = 64
_LONG_BLANK = " " * (MAX_BLANK_CHARACTERS + 1)
_BLANK = re.compile(rf"(\s{{{MAX_BLANK_CHARACTERS}}})\s+")


class LogLines:
    """Split a log that is fed in pieces, in bounded memory however long a line grows.

    A whole line for which `is_passed_over` returns true is counted and not yielded.
    """

    def __init__(self, is_passed_over: Callable[[bytes], bool] = lambda line: False) -> None:
        self._is_passed_over = is_passed_over
        self._held = b""
        self._begin = 0
        self._number = 0
        self._is_cut = False

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that `data` completes."""
        parts = (self._held + data).split(b"\n")
        self._held = parts.pop()
        for part in parts:
            if self._is_passed_over(part):
                self._number += 1
                self._begin += len(part) + 1
            else:
                yield from self._lines(part, is_whole=True)
        if len(self._held) > MAX_LINE_BYTES:
            yield from self._shorten()

    def end(self) -> Iterator[Line]:
        """Yield the rest."""
        if self._held:
            yield from self._lines(self._held, is_whole=False)
            self._held = b""

    def _lines(self, data: bytes, *, is_whole: bool) -> Iterator[Line]:
        """Yield a line, preceded by the last states of other bars drawn in its place."""
        if data.count(b"\r") > 1:
            for bar in _bars(data)[:-1]:
                yield Line(shown(bar), self._number + 1, self._begin, True)
        yield self._line(data, is_whole=is_whole)

    def _shorten(self) -> Iterator[Line]:
        """Shorten an unfinished line to the last state of its bar, else to its beginning."""
        at = self._held.rstrip(b"\r").rfind(b"\r")
        if at >= 0 and len(self._held) - at <= MAX_LINE_BYTES:
            last_key = _bar_key(self._held[at + 1 :])
            for bar in _bars(self._held[:at]):
                if _bar_key(bar) != last_key:
                    yield Line(shown(bar), self._number + 1, self._begin, True)
            self._begin += at
            self._held = self._held[at:]
        else:
            self._begin += len(self._held) - MAX_LINE_BYTES // 2
            self._held = self._held[: MAX_LINE_BYTES // 2]

    def _line(self, data: bytes, *, is_whole: bool) -> Line:
        self._number += 1
        begin, self._begin = self._begin, self._begin + len(data) + is_whole
        return Line(shown(data), self._number, begin, is_whole)


def _bars(data: bytes) -> list[bytes]:
    """Return the last state of each bar that was drawn in one line, by its name."""
    last: list[bytes] = []
    key: bytes | None = None
    for state in data.split(b"\r"):
        if not state.strip():
            continue
        own = _bar_key(state)
        if last and own == key:
            last[-1] = state
        else:
            last.append(state)
        key = own
    return last


def _bar_key(state: bytes) -> bytes:
    """Return the name of a bar: `Epoch 1/3` of `Epoch 1/3:  50%|###|`."""
    called = state[:80].partition(b"%")[0]
    return called.rpartition(b":")[0].strip()


def shown(data: bytes) -> str:
    """Return the text of a line as a terminal finally shows it."""
    if b"\r" in data:
        data = next((part for part in reversed(data.split(b"\r")) if part.strip()), b"")
    if b"\x1b" in data:
        data = _ESCAPE.sub(b"", data)
    if b"\b" in data:
        data = data.rpartition(b"\b")[2] if not data.endswith(b"\b") else data.strip(b"\b")
        data = data.rpartition(b"\b")[2]
    text = decode(data[: MAX_CHARACTERS * 4])[:MAX_CHARACTERS]
    if not text.isascii():
        text = text.translate(_WIDE)
    if not text.isprintable():  # among them all blanks but the space
        text = text.translate(_CONTROL)
    elif _LONG_BLANK not in text:
        return text
    return _BLANK.sub(r"\1", text)
