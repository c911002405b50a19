"""Lines of a log that look like errors, and the line that the cause of a failure names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from registry_app.arguments.secret_text import masked_template
from runs_app.records.logs.lines import index_of
from runs_app.records.logs.opening import opened, read_at
from runs_app.runner.ending.cause import MAX_LINE_LENGTH
from runs_app.runner.ending.log_end import TAIL_BYTES, lines_of

TRACEBACK = b"Traceback (most recent call last)"
# A traceback is as long at most; the line of its exception comes last.
MAX_TRACEBACK_BYTES = 2**14
# Messages of exceptions have more lines, which need not be indented.
MAX_UNINDENTED = 3
_LOOKS_WRONG = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^\W*(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception)\b(?::|$)"
    r"|\b(?:ERROR|CRITICAL|FATAL)\b(?!\s*(?:[=:]\s*\d|RATE))"
    r"|(?:^|[:\]>|-] ?)(?:[Ff]atal(?: error)?|[Ee]rror|오류|에러)\s?(?:[!\]]|:(?!\s*\d))"
    r"|\bFatal Python error|Segmentation fault|core dumped|out of memory|OutOfMemory"
    r"|^(?:\S+: line \d+: +)?(?:\d+ )?Killed(?: |$)|: command not found",
    re.MULTILINE,
)
_KOREAN = tuple(
    word.encode(encoding) for word in ("오류", "에러") for encoding in ("utf-8", "cp949")
)


class ErrorLine:
    """A line that looks like an error: a traceback, a message at that level, a crash."""

    is_remembered = True
    needles = (
        TRACEBACK.lower(), b"error", b"exception", b"critical", b"fatal", b"segmentation fault",
        b"core dumped", b"out of memory", b"killed", b"command not found", *_KOREAN,
    )  # fmt: skip

    def prepared(self, data: bytes) -> bytes:
        return data.lower()

    def place_in(self, text: str) -> int | None:
        found = _LOOKS_WRONG.search(text.replace("\r", "\n"))
        return found.start() if found else None


@dataclass(frozen=True, kw_only=True)
class LogPlace:
    """Where something is in the log: `offset` begins a line, `line` is its number if known."""

    stream: str
    offset: int
    line: int | None


def place_of_cause(folder: Path, line: str) -> LogPlace | None:
    """Return where the log has the line that shows the cause; its traceback's first line if any.

    The cause was read from the end of a log, and only that is read here.
    """
    if not line:
        return None
    for stream in ("stderr", "stdout"):
        with opened(folder, stream) as (log, size_bytes):
            start = max(0, size_bytes - TAIL_BYTES)
            tail = read_at(log, start, size_bytes - start)
            found = _line_in(tail, line)
            if found is None:
                continue
            begin = _beginning(tail, found)
            number = index_of(log, size_bytes).line_at(log, start + begin)
            return LogPlace(stream=stream, offset=start + begin, line=number)
    return None


def _beginning(tail: bytes, found: int) -> int:
    """Return where the traceback begins that ends with a line, or the line itself."""
    header = tail.rfind(TRACEBACK, max(0, found - MAX_TRACEBACK_BYTES), found)
    between = tail[header:found].split(b"\n")[1:] if header >= 0 else []
    is_its_own = sum(not line[:1].isspace() for line in between if line) <= MAX_UNINDENTED
    return tail.rfind(b"\n", 0, header if header >= 0 and is_its_own else found) + 1


def _line_in(tail: bytes, line: str) -> int | None:
    """Return where the last line with this text begins, as the cause has it: clean and masked."""
    end = len(tail)
    while end > 0:
        begin = max(tail.rfind(b"\n", 0, end), tail.rfind(b"\r", 0, end)) + 1
        for text in lines_of(tail[begin:end]):
            if masked_template(text).strip()[:MAX_LINE_LENGTH] == line:
                return begin
        end = begin - 1
    return None
