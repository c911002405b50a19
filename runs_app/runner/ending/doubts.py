"""Evidence against an exit status of 0: work that failed although the status hides it.

A launcher without `set -e` exits with the status of its last command. A script may catch all
exceptions, print what went wrong, and exit with 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry_app.arguments.secret_text import masked_template
from registry_app.messages import Message
from runs_app.runner.ending import signs
from runs_app.runner.ending.cause import MAX_LINE_LENGTH
from runs_app.runner.ending.log_end import tracebacks, without_ignored
from runs_app.texts import causes

# What may follow a final failure: a launcher's last message, a logger that closes.
LINES_AFTER = 5
# How many lines of help are searched for their first line.
HELP_LINES = 300
# Without brackets, options or capital letters it may be a line about memory, for example.
_USAGE = re.compile(r"^(?:usage|Usage|USAGE):(?:\s*$|\s+\S+.*(?:[\[<]|\s--?\w|\s[A-Z_]{2,}\b))")
_HELP = re.compile(
    r"^(?:\s|[\w ()-]+:$|[\w./-]+: error: |Error: |Try '|[│╭╰─]|positional |optional |options)",
    re.IGNORECASE,
)

# A line of these codes alone is not a failure: scripts also print them as advice.
_HARMLESS = frozenset(
    {causes.NO_GPU.code, causes.NAN.code, causes.NAN_VALUES.code, causes.NETWORK.code}
)


def doubts_of(
    stderr: Sequence[str], stdout: Sequence[str], *, is_launcher: bool
) -> tuple[Message, ...]:
    """Return at most one message about a run that ended with exit status 0.

    In a launcher a command may fail unnoticed, so messages of the shell about it count too.
    """
    stderr, stdout = without_ignored(stderr), without_ignored(stdout)
    for lines in (stderr, stdout):
        line = _traceback_at_end(lines)
        if line:
            return (causes.TRACEBACK_AT_END(line=_shown(line)),)
    for lines in (stderr, stdout):
        line = _usage_at_end(lines)
        if line:
            return (causes.USAGE_AT_END(line=_shown(line)),)
    for line in reversed(stderr[-LINES_AFTER:] if is_launcher else ()):
        message = signs.read_line(line)
        if message is not None and message.code not in _HARMLESS:
            return (causes.FAILURE_AT_END(line=_shown(line)),)
    return ()


def _shown(line: str) -> str:
    return masked_template(line.strip())[:MAX_LINE_LENGTH]


def _traceback_at_end(lines: Sequence[str]) -> str:
    found = tracebacks(lines)
    if not found or _lines_after(lines, found[-1].index) > LINES_AFTER:
        return ""
    return found[-1].exception


def _lines_after(lines: Sequence[str], index: int) -> int:
    """Count the lines printed after an exception, without the lines of its own message."""
    after = list(lines[index + 1 :])
    while after and after[0][0] in " \t":
        after.pop(0)
    return len(after)


def _usage_at_end(lines: Sequence[str]) -> str:
    """Return the line of a usage text after which only help was printed."""
    tail = lines[-HELP_LINES:]
    for number in range(len(tail) - 1, -1, -1):
        if _USAGE.match(tail[number]):
            others = [line for line in tail[number + 1 :] if not _HELP.match(line)]
            return "" if len(others) > LINES_AFTER else _last_error(tail[number:])
    return ""


def _last_error(lines: Sequence[str]) -> str:
    """Return the error of a usage text if it is printed; else the usage line itself."""
    for line in lines:
        message = signs.read_line(line)
        if message is not None and message.code == causes.BAD_ARGUMENT.code:
            return line
    return lines[0]
