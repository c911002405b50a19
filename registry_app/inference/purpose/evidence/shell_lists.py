"""Lists of words in a launcher: commands that are put together, or names of files.

`cmd=("$PYTHON" train.py)` is a command where `"${cmd[@]}"` runs it, and `args=(--conf 0.5)` are the
options of the command that gets them. `FILES=(config.yaml detect.py)` starts nothing, unless a
loop hands its scripts to Python or a shell one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_BEGIN = re.compile(
    r"^[ \t]*(?:(?:local|declare|readonly|export|typeset)[ \t]+(?:-\w+[ \t]+)?)?"
    r"([A-Za-z_]\w*)\+?=\((.*)$"
)
_LOOP = re.compile(r"\bfor[ \t]+(\w+)[ \t]+in[ \t]+[\"']?\$\{(\w+)\[")
_EXPANDED = re.compile(r"\$\{(\w+)\[[@*]\]")
_QUOTED_LIST = re.compile(r"\"?\$\{(\w+)\[[@*]\]\}\"?")
_SHOWING = re.compile(r"^\s*(?:echo|printf|log\w*|info|print)\b")
_BETWEEN = re.compile(r"&&|\|\||[;|&]")
# What may stand before the script that is run.
_RUNNING = re.compile(
    r"(?:\S*python[\d.]*|\$\{?py\w*\}?|bash|sh|source|\.|exec|nohup|time|sudo|eval|if|!"
    r"|do|then|uv|run|torchrun|accelerate|launch|-\S*|\w+=\S*)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{(\w+)\})")
_QUOTES = "\"'"


def with_lists_in_place(text: str) -> str:
    """Return a text with the commands that its lists hold, and without its other lists."""
    if "=(" not in text:
        return text
    lines = text.splitlines()
    looped = frozenset(_looped(lines))
    expanded = {
        name
        for line in lines
        if not _SHOWING.match(line) and _LOOP.search(line) is None
        for name in _EXPANDED.findall(line)
    }
    return "\n".join(_replaced(lines, looped, expanded))


def _replaced(lines: Sequence[str], looped: frozenset[str], expanded: set[str]) -> Iterator[str]:
    name, depth = "", 0
    options: dict[str, str] = {}
    written: list[str] = []
    words: list[str] = []
    for line in lines:
        found = _BEGIN.match(line) if not name else None
        if found is not None:
            name, depth, written, words = found[1], 1, [], []
        elif not name:
            yield _with_options(line, options)
            continue
        written.append(line)
        rest = found[2] if found is not None else line
        depth += rest.count("(") - rest.count(")")
        words += rest.rstrip().removesuffix("\\").split()
        if depth <= 0:
            listed = " ".join(words).rpartition(")")[0].split()
            if name in looped:
                yield from (word.strip(_QUOTES) for word in listed)
            elif name in expanded and (name in options or (listed[:1] and listed[0][0] == "-")):
                options[name] = " ".join([*options.get(name, "").split(), *listed])
            elif name in expanded:
                yield " ".join(listed)
            name = ""
    if name:  # nothing closes it, so it is none
        yield from written


def _with_options(line: str, options: dict[str, str]) -> str:
    """Return a line with the options that lists before it hold: `"$BIN" "${args[@]}"`."""
    if not options:
        return line
    return _QUOTED_LIST.sub(lambda found: options.get(found[1], found[0]), line)


def _looped(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lists whose members a loop runs: `for s in "${STEPS[@]}"; do python "$s"; done`."""
    variables: dict[str, str] = {}
    for line in lines:
        variables.update(_LOOP.findall(line))
        for part in _BETWEEN.split(line) if variables else ():
            for plain, braced in _VARIABLE.findall(_run_in(part)):
                yield from (variables[name] for name in (plain, braced) if name in variables)


def _run_in(command: str) -> str:
    """Return the first word of a command that is not there to run the next: the script."""
    words = (word for word in command.split() if not _RUNNING.fullmatch(word.strip(_QUOTES)))
    return next(words, "")
