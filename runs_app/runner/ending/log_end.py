"""The last lines of a log as readable text, and the Python tracebacks among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runs_app.runner.own_file import open_own

TAIL_BYTES = 2**16
MAX_CHARACTERS = 2000
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07")
# The prefix that multi-process launchers write before each line of a process.
_ORIGIN = re.compile(
    r"^(?:\[(?:default|rank)\d+\]:\s?|\([\w ]+ pid=[^)]*\)\s?|\[\d+,\d+\]<std\w+>:)"
)
_HEADER = "Traceback (most recent call last):"
# In a frame, as rich prints it, and of a group of exceptions.
_IN_FRAME = re.compile(
    r"^[╭┌+][─-]+ Traceback \(most recent call last\) [─-]+[╮┐+]$"
    r"|^Exception Group Traceback \(most recent call last\):$"
)
# What precedes each line of an exception of a group.
_IN_GROUP = re.compile(r"^ {2,}[|+](?: |$)")
_IN_NOTEBOOK = re.compile(r"^[\w.]+\s+Traceback \(most recent call last\)$")
# How Python begins the report of an exception that ends nothing, such as one in `__del__`.
_IGNORED = re.compile(r"^Exception ignored (?:in|on|when|while)\b")
_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit|Warning|Iteration)(?::|$)")
_UNPARSED = re.compile(r"^(?:SyntaxError|IndentationError|TabError): ")
_EXCEPTION = re.compile(r"^[A-Za-z_]\w*(?:\.\w+)*(?::|$)")
_DIRECT_CAUSE = "The above exception was the direct cause of the following exception:"
_CHAINS = (_DIRECT_CAUSE, "During handling of the above exception, another exception occurred:")


@dataclass(frozen=True, kw_only=True)
class Traceback:
    """One traceback: the line that names its exception, and the index of that line.

    `is_caused`: the traceback before it is its direct cause.
    """

    exception: str
    index: int
    is_caused: bool = False

    @property
    def name(self) -> str:
        """The class of the exception, without its module."""
        return self.exception.partition(":")[0].rpartition(".")[2]


def last_lines(log: Path) -> tuple[str, ...]:
    """Return the last lines of a log, without colours and empty lines; () without a log.

    Each state of a line that was overwritten, as progress bars do, is a line.
    """
    try:
        with open_own(log) as file:
            size_bytes = file.seek(0, 2)
            file.seek(max(0, size_bytes - TAIL_BYTES))
            data = file.read(TAIL_BYTES)
    except OSError:
        return ()
    whole = data if size_bytes <= TAIL_BYTES else data.partition(b"\n")[2] or data
    return lines_of(whole)


def lines_of(data: bytes) -> tuple[str, ...]:
    """Return the lines of what a script printed, as `last_lines` does."""
    lines = (_cleaned(line) for line in re.split(rb"[\r\n]+", data))
    return tuple(line for line in lines if line.strip())


def _cleaned(line: bytes) -> str:
    text = ESCAPES.sub("", _decoded(line[: 4 * MAX_CHARACTERS]))[:MAX_CHARACTERS]
    return _ORIGIN.sub("", text).rstrip()


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp949")  # written by Korean Windows programs
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace")


def without_ignored(lines: Sequence[str]) -> list[str]:
    """Return the lines without the reports of exceptions that Python ignores.

    They say nothing of how a script ended, whatever is printed before and after them.
    """
    left: list[str] = []
    number = 0
    while number < len(lines):
        if _IGNORED.match(lines[number]):
            number = _end_of_ignored(lines, number + 1)
        else:
            left.append(lines[number])
            number += 1
    return left


def _end_of_ignored(lines: Sequence[str], begin: int) -> int:
    """Return the index after a report: one exception, or several that caused each other."""
    is_traceback = begin < len(lines) and lines[begin].strip() == _HEADER
    if not is_traceback:  # some have only the line of the exception
        return begin + (begin < len(lines) and bool(_RAISED.match(lines[begin])))
    end = _end_of(lines, begin)
    if end is None:
        return begin + 1
    is_chained = end + 1 < len(lines) and lines[end + 1] in _CHAINS
    return _end_of_ignored(lines, end + 2) if is_chained else end + 1


def tracebacks(lines: Sequence[str]) -> list[Traceback]:
    """Return the tracebacks in order, also those of a group of exceptions."""
    lines = [_IN_GROUP.sub("", line) or " " for line in lines]
    found: list[Traceback] = []
    for number, line in enumerate(lines):
        if line.strip() == _HEADER or _IN_NOTEBOOK.match(line) or _IN_FRAME.match(line):
            end = _end_of(lines, number)
            if end is not None:
                found.append(_traceback(lines, number, end))
        elif _UNPARSED.match(line) and _is_unparsed(lines, number):
            found.insert(0, Traceback(exception=line, index=number))
    return sorted({trace.index: trace for trace in found}.values(), key=lambda trace: trace.index)


def _end_of(lines: Sequence[str], header: int) -> int | None:
    """Return the index of the line with the exception, None if the log ends before it."""
    for number in range(header + 1, len(lines)):
        line = lines[number]
        if line.strip() == _HEADER:
            return None
        if line[0] not in " \t|" and _EXCEPTION.match(line):
            return number
    return None


def _traceback(lines: Sequence[str], header: int, end: int) -> Traceback:
    before = lines[header - 1] if header else ""
    return Traceback(
        exception=lines[end].strip(), index=end, is_caused=before.strip() == _DIRECT_CAUSE
    )


def _is_unparsed(lines: Sequence[str], number: int) -> bool:
    """Return whether the lines before show a place in a file, as for a SyntaxError."""
    return any(line.startswith('  File "') for line in lines[max(0, number - 4) : number])
