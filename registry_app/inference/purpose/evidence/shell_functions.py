"""Follow a launcher into the files that it sources: what they do, and what it calls of them.

`source "$D/_common.sh"` runs what that file does outside its functions; what a function there
starts is started by the launchers that call it, and by no other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

# Reads a sourced file, by its path as the launcher writes it; None if the directory lacks it.
ReadSourced = Callable[[str], str | None]

_SOURCED = re.compile(r"^[ \t]*(?:source|\.)[ \t]+([^\n;&|]+?\.(?:sh|bash))\b", re.MULTILINE)
_DEFINED = re.compile(
    r"^([ \t]*)(?:function[ \t]+([\w.:-]+)(?:[ \t]*\([ \t]*\))?|([\w.:-]+)[ \t]*\([ \t]*\))"
    r"[ \t]*(?:\{(.*))?$"
)
_BETWEEN = re.compile(r"&&|\|\||[;|&`]|\$\(")
_BEFORE = frozenset("if elif then else do while until ! time exec {".split())
# How many files may source the next, and how many lines they may have together.
_MAX_DEPTH = 3
_MAX_LINES = 20_000


def with_sourced(text: str, read: ReadSourced) -> str:
    """Return a launcher's text with what it takes from the files that it sources."""
    if _SOURCED.search(text) is None:
        return text
    functions: dict[str, str] = {}
    lines = list(itertools.islice(_with_files(text, read, functions, set(), 0), _MAX_LINES))
    return "\n".join(_with_calls(lines, functions)) if functions else "\n".join(lines)


def _with_files(
    text: str, read: ReadSourced, functions: dict[str, str], seen: set[str], depth: int
) -> Iterator[str]:
    """Yield the lines of a text with those of sourced files, whose functions are collected.

    Each file counts once, where it is sourced first: files may source each other.
    """
    for line in text.splitlines():
        found = _SOURCED.match(line)
        is_new = found is not None and depth < _MAX_DEPTH and found[1] not in seen
        sourced = read(found[1]) if found is not None and is_new else None
        if found is None or sourced is None:
            yield line
            continue
        seen.add(found[1])
        outside, defined = functions_of(sourced)
        functions.update(defined)
        yield from _with_files(outside, read, functions, seen, depth + 1)
        yield line[found.end() :].lstrip(" \t\"'&;|")


def _with_calls(lines: list[str], functions: dict[str, str]) -> Iterator[str]:
    """Yield lines, each followed by the bodies of the functions that it calls first."""
    waiting = [iter(lines)]
    while waiting:
        line = next(waiting[-1], None)
        if line is None:
            waiting.pop()
            continue
        yield line
        bodies = [functions.pop(name, None) for name in _called(line)]
        following = [text for body in bodies if body is not None for text in body.splitlines()]
        if following:
            waiting.append(iter(following))


def _called(line: str) -> Iterator[str]:
    """Yield the first word of each command of a line."""
    for part in _BETWEEN.split(line):
        words = (word for word in part.split() if word not in _BEFORE and "=" not in word)
        if (first := next(words, None)) is not None:
            yield first


def functions_of(text: str) -> tuple[str, dict[str, str]]:
    """Return what a text does outside its functions, and the bodies of these by name.

    A function ends at a brace that stands as far to the right as its name.
    """
    outside: list[str] = []
    functions: dict[str, str] = {}
    name, indent = "", ""
    body: list[str] = []
    for line in text.splitlines():
        found = _DEFINED.match(line) if not name else None
        if found is not None and (found[4] or "").rstrip().endswith("}"):
            functions[found[2] or found[3]] = found[4].rstrip()[:-1]
        elif found is not None:
            name, indent, body = found[2] or found[3], found[1], [found[4] or ""]
        elif name and line.startswith(f"{indent}}}"):
            functions[name] = "\n".join(body)
            name = ""
        else:
            (body if name else outside).append(line)
    return "\n".join(outside), functions
