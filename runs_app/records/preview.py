"""What a browser may show of a saved file: images, tables and text, never an active document."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from runs_app.records.logs.text import readable

# The name alone decides the type; a file named as an image is never shown as a page.
IMAGE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
}
TABLES = {".csv": ",", ".tsv": "\t"}
TEXTS = frozenset({".txt", ".log", ".json", ".jsonl", ".yaml", ".yml", ".md", ".xml", ".html"})
MAX_BYTES = 2**18
MAX_ROWS = 200
MAX_COLUMNS = 60
MAX_CELL = 300
# Of characters; a document of nested lists grows when it is indented.
MAX_PRETTY = 2**20
_INDENT = "  "
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, kw_only=True)
class Table:
    """The first rows of a table; `is_cut` means that there are more."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_cut: bool


def kind_of(path: str) -> str:
    """Return how a file can be shown: "image", "table", "text", or '' if it cannot."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in IMAGE_TYPES:
        return "image"
    if suffix in TABLES:
        return "table"
    return "text" if suffix in TEXTS else ""


def image_type(path: str) -> str:
    """Return the content type of an image, '' for any other file."""
    return IMAGE_TYPES.get(PurePosixPath(path).suffix.lower(), "")


def read_table(file: BinaryIO, path: str) -> Table:
    """Read the first rows; a half-written last row is shown as it is."""
    text, is_cut = read_text(file)
    delimiter = TABLES.get(PurePosixPath(path).suffix.lower(), ",")
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) > MAX_ROWS:
                is_cut = True
                break
            rows.append(tuple(cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]))
    except csv.Error:
        is_cut = True
    if not rows:
        return Table(header=(), rows=(), is_cut=is_cut)
    return Table(header=rows[0], rows=tuple(rows[1:]), is_cut=is_cut)


def read_text(file: BinaryIO) -> tuple[str, bool]:
    """Return the beginning of a file as text, and whether there is more."""
    data = file.read(MAX_BYTES + 1)
    text = readable(data[:MAX_BYTES]).decode("utf-8-sig", "replace")
    return text, len(data) > MAX_BYTES


def pretty(text: str) -> str:
    """Return a JSON document with a line for each value; a text that is none stays as it is.

    Only spaces between its parts change: a number that is parsed and written again could differ.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    parts: list[str] = []
    depth, before, size = 0, "", 0
    for piece in _TOKENS.findall(text):
        depth -= piece in "]}"
        is_empty = piece in "]}" and before in ("[", "{")
        if before and (before in "[{," or piece in "]}") and not is_empty:
            parts.append("\n" + _INDENT * depth)
        parts.append(": " if piece == ":" else piece)
        size += len(parts[-1]) + len(_INDENT) * depth
        if size > MAX_PRETTY:
            return text
        depth += piece in "[{"
        before = piece
    return "".join(parts)
