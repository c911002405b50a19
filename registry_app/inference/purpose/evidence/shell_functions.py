"""Follow a launcher into the files that it sources: what they do, and what it calls of them.

`source "$D/_common.sh"` runs what that file does outside its functions; what a function there
starts is started by the launchers that call it, and by no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Reads a sourced file, by its path as the launcher writes it; None if the directory lacks it.
Reader = Callable[[str], str | None]

_SOURCED = re.compile(r"^[ \t]*(?:source|\.)[ \t]+([^\n;&|]+?\.(?:sh|bash))\b", re.MULTILINE)
_DEFINED = re.compile(
    r"^([ \t]*)(?:function[ \t]+([\w.:-]+)(?:[ \t]*\([ \t]*\))?|([\w.:-]+)[ \t]*\([ \t]*\))"
    r"[ \t]*(?:\{(.*))?$"
)
_BETWEEN = re.compile(r"&&|\|\||[;|&`]|\$\(")
_BEFORE = frozenset("if elif then else do while until ! time exec {".split())
# How many files may source the next.
_MAX_DEPTH = 3


def with_sourced(text: str, read: Reader) -> str:
    """Return a launcher's text with what it takes from the files that it sources."""
    if _SOURCED.search(text) is None:
        return text
    functions: dict[str, str] = {}
    lines = list(_with_files(text, read, functions, _MAX_DEPTH))
    return "\n".join(_with_calls(lines, functions)) if functions else "\n".join(lines)


def _with_files(text: str, read: Reader, functions: dict[str, str], depth: int) -> Iterator[str]:
    """Yield the lines of a text with those of sourced files, whose functions are collected."""
    for line in text.splitlines():
        found = _SOURCED.match(line)
        sourced = read(found[1]) if found is not None and depth else None
        if found is None or sourced is None:
            yield line
            continue
        outside, defined = functions_of(sourced)
        functions.update(defined)
        yield from _with_files(outside, read, functions, depth - 1)
        yield line[found.end() :].lstrip(" \t\"'&;|")


def _with_calls(lines: list[str], functions: dict[str, str]) -> Iterator[str]:
    """Yield lines, each followed by the bodies of the functions that it calls first."""
    for line in lines:
        yield line
        for name in _called(line):
            body = functions.pop(name, None)
            if body is not None:
                yield from _with_calls(body.splitlines(), functions)


def _called(line: str) -> Iterator[str]:
    """Yield the first word of each command of a line."""
    for part in _BETWEEN.split(line):
        words = part.split()
        while words and (words[0] in _BEFORE or "=" in words[0]):
            words.pop(0)
        if words:
            yield words[0]


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
