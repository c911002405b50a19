"""The code of a notebook's cell as plain Python, and the commands that it hands to a shell.

Lines keep their numbers. What IPython allows beside Python becomes what it stands for: the
statement behind `%time`, an empty line for `net.fit?`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

_CELL_MAGIC = re.compile(r"^\s*%%(\w+)")
_SHELL_CELLS = frozenset({"bash", "sh", "script", "cmd", "writefile"})
# `% count` goes on with a formatted text.
_LINE_MAGIC = re.compile(
    r"^(\s*)(?:%[\w%]|% (?:matplotlib|cd|load_ext|pylab)\b|!|\?|(?:pip3?|conda) install\b)"
)
# Magic that runs a statement: `%time net.fit(x)`, also in `history = %time net.fit(x)`.
_RUNNING = re.compile(r"^(\s*(?:\w+\s*=\s*)?)%(?:time|timeit|prun|memit)\s+((?!-)\S.*)$")
# What a shell or another magic answers: `files = !ls`.
_ASSIGNED = re.compile(r"^(\s*\w[\w, ]*=\s*)[!%](?!=)(.*)$")
_HELP = re.compile(r"^\s*[\w.]+\?{1,2}\s*$")
# `%run -i train` starts `train.py`.
_RUN = re.compile(r"^run\s+((?:-\w+\s+)*)([\w./-]+)(.*)$")


def cell(source: str) -> tuple[str, list[str]]:
    """Return the Python code of a cell, and its shell lines without their `!`."""
    magic = _CELL_MAGIC.match(source)
    lines = source.splitlines()
    if magic and magic[1] in _SHELL_CELLS:
        return "", [line.strip() for line in lines[1:] if line.strip()]
    pairs = list(_plain_lines(_dedented(lines)))
    return "\n".join(code for code, _command in pairs), [
        command for _code, command in pairs if command
    ]


def _dedented(lines: list[str]) -> list[str]:
    """Return lines without the indentation of all of them, which IPython allows."""
    first = next((line for line in lines if line.strip()), "")
    return textwrap.dedent("\n".join(lines)).split("\n") if first[:1].isspace() else lines


def _plain_lines(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line as Python, and the command in it, '' if it has none."""
    following = iter(lines)
    for first in following:
        if (running := _RUNNING.match(first)) is not None:
            yield running[1] + running[2], ""
            continue
        is_command = _LINE_MAGIC.match(first) or _ASSIGNED.match(first)
        line, count = _whole(first, following) if is_command else (first, 0)
        if (magic := _LINE_MAGIC.match(line)) is not None:
            command = line.strip()[1:].strip() if line.lstrip()[0] in "!%" else ""
            yield (f"{magic[1]}pass" if magic[1] else ""), _as_started(command)
        elif (assigned := _ASSIGNED.match(line)) is not None:
            yield f"{assigned[1]}None", assigned[2].strip()
        else:
            yield ("" if _HELP.match(line) else line), ""
        yield from [("", "")] * count


def _whole(line: str, following: Iterator[str]) -> tuple[str, int]:
    """Return a command with the lines on which it goes on, and how many these are."""
    count = 0
    while line.rstrip().endswith("\\") and (after := next(following, None)) is not None:
        line = f"{line.rstrip()[:-1].rstrip()} {after.strip()}"
        count += 1
    return line, count


def _as_started(command: str) -> str:
    """Return a command; `run -i train` as the script that it names."""
    run = _RUN.match(command)
    if run is None:
        return command
    name = run[2] if "." in run[2].rpartition("/")[2] else f"{run[2]}.py"
    return f"run {name}{run[3]}"
