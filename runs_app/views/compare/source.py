"""How a source file of one run differs from that of another, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from registry_app.files.visible import visible
from runs_app.models import Run
from runs_app.records import source
from runs_app.records.differences import hashes_of
from runs_app.records.logs.text import readable

MAX_BYTES = 2**20
# Comparing takes time that grows faster than the lines.
MAX_LINES = 4000
MAX_SHOWN = 2000
AROUND = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the difference. `kind`: "new", "old", "place" for where it is, else ''."""

    text: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class FileDifference:
    """The lines that differ, with those around them.

    `more` and `fewer` count the lines that only the second or the first has. `is_kept`: False if
    one of the files is known by its digest only. `is_long`: too long to be compared.
    """

    lines: tuple[Line, ...] = ()
    more: int = 0
    fewer: int = 0
    is_kept: bool = True
    is_long: bool = False
    is_cut: bool = False


def file_difference(runs: Sequence[Run], path: str) -> FileDifference | None:
    """Compare a file of two runs, None if neither had it or nothing is recorded.

    A file that only one of them had differs in all its lines.
    """
    hashes = [hashes_of(run) for run in runs]
    if None in hashes or not any(path in (known or {}) for known in hashes):
        return None
    texts = []
    for run, known in zip(runs, hashes, strict=True):
        had = path in (known or {})
        content = source.archived(run.folder, path, max_bytes=MAX_BYTES) if had else b""
        if content is None:
            return FileDifference(is_kept=False)
        texts.append(visible_lines(content))
    if max(map(len, texts)) > MAX_LINES:
        return FileDifference(is_long=True)
    lines = list(_lines(*texts))
    return FileDifference(
        lines=tuple(lines[:MAX_SHOWN]),
        more=sum(line.kind == "new" for line in lines),
        fewer=sum(line.kind == "old" for line in lines),
        is_cut=len(lines) > MAX_SHOWN,
    )


def visible_lines(content: bytes) -> list[str]:
    """Return the lines of a file as pages show them, CP949 and tabs included."""
    text = readable(content).decode("utf-8", "replace")
    return [visible(line, keep="\t") for line in text.splitlines()]


def _lines(before: list[str], now: list[str]) -> Iterator[Line]:
    kinds = {"+": "new", "-": "old", "@": "place"}
    found = unified_diff(before, now, n=AROUND, lineterm="")
    for number, line in enumerate(found):
        if number >= 2:  # after the names of the files
            yield Line(text=line, kind=kinds.get(line[:1], ""))
