"""The one reason why a run failed, as far as the end of its logs and its exit status show.

A guess is worse than nothing here: a failure that matches no sign has no cause.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from registry_app.arguments.secret_text import masked_template
from registry_app.messages import Message
from runs_app.runner.ending import signs
from runs_app.runner.ending.log_end import Traceback, tracebacks, without_ignored
from runs_app.texts import causes

MAX_LINE_LENGTH = 400
# How many of the last lines are searched for a sign, and how many for a fatal one.
LAST_LINES = 30
FINAL_LINES = 6
# Exceptions that only report a failed process, worker or cell: the one before has the reason.
_WRAPPERS = frozenset(
    {
        "CalledProcessError", "ChildFailedError", "ProcessRaisedException", "RemoteTraceback",
        "ProcessExitedException", "TrialError", "RayTaskError", "BrokenProcessPool",
    }
)  # fmt: skip
_CELL_ERROR = "CellExecutionError"
_NAMED_EXCEPTION = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)(?::|$)")
_CLAIMS = re.compile(
    r"^(?:\S+: )?(?:fatal|error|critical|오류)\b ?[:\]!-] ?(?P<problem>.+)", re.IGNORECASE
)
_KILLED = 128 + signal.SIGKILL
_CRASHES = {
    128 + number: number.name
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What is known about how a script ended.

    `exit_code` as a shell shows it. `was_memory_short`: the OOM killer killed a process while the
    script ran. `first_nan` is the metric that was NaN first, and its step.
    """

    exit_code: int
    stderr: Sequence[str] = ()
    stdout: Sequence[str] = ()
    was_memory_short: bool = False
    first_nan: tuple[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a run failed, and the line of its log that shows it; '' if no line does."""

    message: Message
    line: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the form in rows and `--json`: code, values and line."""
        line = self.line.strip()[:MAX_LINE_LENGTH]
        return {"code": self.message.code, "values": dict(self.message.values), "line": line}


def find_cause(ending: Ending) -> Cause | None:
    """Return why a script failed, without secrets that it printed; None if not known."""
    streams = [
        [*map(masked_template, without_ignored(lines))]
        for lines in (ending.stderr, ending.stdout)
        if lines
    ]
    by_logs = (
        _first(map(_of_final_line, streams))
        or _of_kill(ending)
        or _first(map(_of_traceback, streams))
        or _first(map(_of_last_lines, streams))
    )
    cause = by_logs or _of_exit_code(ending.exit_code)
    if cause is not None and cause.message.code == causes.KILLED.code and ending.was_memory_short:
        return Cause(message=causes.KILLED_FOR_MEMORY(), line=cause.line)
    if ending.first_nan and (cause is None or cause.message.code in _VAGUE):
        name, step = ending.first_nan
        return Cause(
            message=causes.NAN(name=name, epoch=str(step)), line=cause.line if cause else ""
        )
    return cause or _first(map(_of_claim, streams))


_VAGUE = frozenset({causes.NAN_VALUES.code, causes.NAN.code})


def _first(causes: Iterable[Cause | None]) -> Cause | None:
    return next((cause for cause in causes if cause is not None), None)


def _of_final_line(lines: Sequence[str]) -> Cause | None:
    """Return the cause in a final message of a program: the shell's `Killed`, a usage error."""
    for line in reversed(lines[-FINAL_LINES:]):
        message = signs.read_line(line, final_only=True)
        if message is not None and not _EXCEPTION_LINE.match(line):
            return Cause(message=message, line=line)
    return None


_EXCEPTION_LINE = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception): ")


def _of_kill(ending: Ending) -> Cause | None:
    """Return the cause of a kill; a killed process prints nothing, so its log is older."""
    return Cause(message=causes.KILLED()) if ending.exit_code == _KILLED else None


def _of_traceback(lines: Sequence[str]) -> Cause | None:
    found = tracebacks(lines)
    while found:
        last = found.pop()
        cause = _of_exception(last, lines)
        if cause.message.code != causes.EXCEPTION.code:
            return cause
        if found and last.name in _WRAPPERS:
            continue
        earlier = _of_exception(found[-1], lines) if found and last.is_caused else None
        is_special = earlier and earlier.message.code != causes.EXCEPTION.code
        return earlier if is_special else cause
    return None


def _of_exception(traceback: Traceback, lines: Sequence[str]) -> Cause:
    line = traceback.exception
    if traceback.name == _CELL_ERROR:  # of a notebook: the cell's own exception comes last
        own = [line for line in lines[traceback.index + 1 :] if _NAMED_EXCEPTION.match(line)]
        line = own[-1] if own else line
    # Some libraries write a heading first and the actual error below it.
    for candidate in (line, *_behind(line, lines, traceback.index)):
        message = signs.read_line(candidate)
        if message is not None:
            return Cause(message=message, line=line if candidate == line else candidate)
    return Cause(message=causes.EXCEPTION(exception=line[: signs.MAX_VALUE_LENGTH]), line=line)


def _behind(line: str, lines: Sequence[str], index: int) -> Sequence[str]:
    """Return the lines that continue an exception whose line ends with a colon."""
    return lines[index + 1 : index + 4] if line.endswith(":") else ()


def _of_last_lines(lines: Sequence[str]) -> Cause | None:
    for line in reversed(lines[-LAST_LINES:]):
        message = signs.read_line(line)
        if message is not None:
            return Cause(message=message, line=line)
    return None


def _of_exit_code(exit_code: int) -> Cause | None:
    if exit_code in _CRASHES:
        return Cause(message=causes.CRASHED(problem=_CRASHES[exit_code]))
    return None


def _of_claim(lines: Sequence[str]) -> Cause | None:
    """Return the last message if it calls itself an error."""
    for line in reversed(lines[-FINAL_LINES:]):
        found = _CLAIMS.match(line)
        if found is not None:
            problem = found["problem"].strip()[: signs.MAX_VALUE_LENGTH]
            return Cause(message=causes.LAST_MESSAGE(problem=problem), line=line)
    return None
