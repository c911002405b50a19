"""What a browser may be shown of a kept file: pictures, tables and text, never a live document."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

# Types are fixed by the name; what a script calls a picture is never shown as a page.
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
MOST_BYTES = 2**18
MOST_ROWS = 200
MOST_COLUMNS = 60
MOST_CELL = 300


@dataclass(frozen=True, kw_only=True)
class Table:
    """The first rows of a table; `is_cut` says that there is more."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_cut: bool


def kind_of(path: str) -> str:
    """Return how a file can be shown: "image", "table", "text", or '' for not at all."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in IMAGE_TYPES:
        return "image"
    if suffix in TABLES:
        return "table"
    return "text" if suffix in TEXTS else ""


def image_type(path: str) -> str:
    """Return the content type of a picture, '' for what is none."""
    return IMAGE_TYPES.get(PurePosixPath(path).suffix.lower(), "")


def read_table(file: BinaryIO, path: str) -> Table:
    """Read the first rows; a half-written last row is shown as it is."""
    text, is_cut = read_text(file)
    delimiter = TABLES.get(PurePosixPath(path).suffix.lower(), ",")
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) > MOST_ROWS:
                is_cut = True
                break
            rows.append(tuple(cell.strip()[:MOST_CELL] for cell in row[:MOST_COLUMNS]))
    except csv.Error:
        is_cut = True
    if not rows:
        return Table(header=(), rows=(), is_cut=is_cut)
    return Table(header=rows[0], rows=tuple(rows[1:]), is_cut=is_cut)


def read_text(file: BinaryIO) -> tuple[str, bool]:
    """Return the beginning of a file as text, and whether there is more."""
    data = file.read(MOST_BYTES + 1)
    return data[:MOST_BYTES].decode("utf-8-sig", "replace"), len(data) > MOST_BYTES
