"""Results outside the directory of a run: paths in its log, and targets of links."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

MAX_PATHS = 50
MAX_ENTRIES = 2000
MAX_DEPTH = 4
# The clock of another machine, such as a file server, may be slightly off.
SLACK_S = 2.0
_WORD = r"[^\s'\"`‘’“”,;]+"
_REPORTED = re.compile(
    r"\b(?:sav(?:ed|e|ing)|stor(?:ed|ing)|wr(?:ote|itten|iting)|export(?:ed|ing)|dump(?:ed|ing)"
    r"|logg(?:ed|ing))\b(?P<between>[^/\n]{0,60}?)(?:\b(?:to|in|into|at|as)\b\s*:?|:)\s+"
    rf"(?:file://)?(?:[`'\"‘“](?P<quoted>[^'\"`’”\n]+)['\"`’”]|(?P<plain>{_WORD}))",
    re.IGNORECASE,
)
_WROTE = re.compile(rf"^\W*(?:wrote|saved)\s+['\"`]?(?P<plain>~?\.{{0,2}}/{_WORD})", re.IGNORECASE)
_KOREAN = re.compile(r"(?<![^\s'\"])(?P<plain>[^\s'\"/]*/[^\s'\"]+?)(?:에|으로|로)\s*저장")
_SKIPPED = frozenset({"proc", "sys", "dev"})


def reported_paths(lines: Sequence[str]) -> list[str]:
    """Return the paths that a log names as saved to, as it writes them."""
    found: dict[str, None] = {}
    for line in lines:
        for pattern in (_REPORTED, _WROTE, _KOREAN):
            for match in pattern.finditer(line):
                groups = match.groupdict()
                path = (groups.get("quoted") or groups.get("plain") or "").rstrip(".:)]}!…")
                if _is_path(path):
                    found[path] = None
    return list(found)[-MAX_PATHS:]


def _is_path(text: str) -> bool:
    if "://" in text or not text.strip("./~") or len(text) > 1000:
        return False
    return "/" in text or re.search(r"\.[A-Za-z]\w{1,11}$", text) is not None


def outside(
    paths: Sequence[str], directory: Path, *, since_s: float, until_s: float = math.inf
) -> Iterator[str]:
    """Yield the paths that are outside a directory and were written to in the time given."""
    inside = os.path.realpath(directory)
    for path in paths:
        place = os.path.realpath(os.path.join(inside, os.path.expanduser(path)))
        is_inside = place == inside or place.startswith(inside + os.sep)
        is_real = place.split(os.sep)[1] not in _SKIPPED
        if not is_inside and is_real and is_new(place, since_s=since_s, until_s=until_s):
            yield place


def links_out(
    directory: Path, *, since_s: float, until_s: float = math.inf
) -> Iterator[tuple[str, str]]:
    """Yield the links of a directory that lead out of it to something written in the time given.

    Each is the link's path in the directory, and its target. A link that was made later is not of
    the run.
    """
    inside = os.path.realpath(directory)
    looked_at = 0
    folders = [("", 0)]
    while folders and looked_at < MAX_ENTRIES:
        folder, depth = folders.pop()
        try:
            with os.scandir(os.path.join(inside, folder)) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            continue
        looked_at += len(entries)
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                is_out = not f"{target}{os.sep}".startswith(inside + os.sep)
                is_of_run = is_out and _written_s(entry.path) <= until_s + SLACK_S
                if is_of_run and is_new(target, since_s=since_s, until_s=until_s):
                    yield path, target
            elif depth < MAX_DEPTH and not entry.name.startswith("."):
                try:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((path, depth + 1))
                except OSError:
                    continue


def is_new(place: str, *, since_s: float, until_s: float = math.inf) -> bool:
    """Return whether a file, or any file in a folder, was written in the time given; bounded.

    Times are in seconds since 1970.
    """
    try:
        seen = os.stat(place)
    except OSError:
        return False
    if not os.path.isdir(place):
        return since_s - SLACK_S <= seen.st_mtime <= until_s + SLACK_S
    looked_at = 0
    for parent, folders, files in os.walk(place):
        folders.sort(reverse=True)
        for name in files:
            written_s = _written_s(os.path.join(parent, name))
            if since_s - SLACK_S <= written_s <= until_s + SLACK_S:
                return True
        looked_at += len(files) + len(folders)
        if looked_at > MAX_ENTRIES:
            return False
    return False


def _written_s(path: str) -> float:
    """Return when a file, or a link itself, was written; not a number if it is gone."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return math.nan
