"""Whether a file that a script wrote has the format of its name: cheap checks without decoding."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO

MAX_JSON_BYTES = 2**20
HEAD_BYTES = 2**18
# Programs append a little data of their own after the end of an image.
TAIL_BYTES = 2**12
# The bytes at the start and at the end of each image format.
_IMAGES: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    ".png": ((b"\x89PNG\r\n\x1a\n",), b"IEND"),
    ".jpg": ((b"\xff\xd8\xff",), b"\xff\xd9"),
    ".jpeg": ((b"\xff\xd8\xff",), b"\xff\xd9"),
    ".gif": ((b"GIF87a", b"GIF89a"), b";"),
    ".bmp": ((b"BM",), b""),
    ".webp": ((b"RIFF",), b""),
}
# The parser's message for a complete value that is followed by more text.
_MORE_THAN_ONE = "Extra data"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DamagedAs(StrEnum):
    """The format that a corrupt file should have."""

    JSON = "json"
    TABLE = "table"
    IMAGE = "picture"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """Why a file cannot be read in the format of its name; `line` if it has lines."""

    kind: DamagedAs
    line: int | None = None


def damage_of(file: BinaryIO, name: str) -> Damage | None:
    """Return what is wrong with an open file, and rewind it.

    None if nothing is, or for a format that is not checked. Raises OSError.
    """
    suffix = PurePosixPath(name).suffix.lower()
    try:
        if suffix in _IMAGES:
            return _of_image(file, *_IMAGES[suffix])
        if suffix in {".csv", ".tsv"}:
            return _of_table(file)
        return _of_json(file) if suffix == ".json" else None
    finally:
        file.seek(0)


def _of_image(file: BinaryIO, starts: tuple[bytes, ...], end: bytes) -> Damage | None:
    head = file.read(max(map(len, starts)))
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    is_whole = head.startswith(starts) and end in file.read(TAIL_BYTES)
    return None if is_whole else Damage(kind=DamagedAs.IMAGE)


def _of_table(file: BinaryIO) -> Damage | None:
    data = file.read(HEAD_BYTES)
    if data.startswith(_UTF_16):
        return None
    before, zero, _after = data.partition(b"\0")
    if zero:
        return Damage(kind=DamagedAs.TABLE, line=before.count(b"\n") + 1)
    rows = csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline=""))
    try:
        for _row in rows:
            pass
    except csv.Error:
        return Damage(kind=DamagedAs.TABLE, line=rows.line_num)
    return None


def _of_json(file: BinaryIO) -> Damage | None:
    data = file.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        return None
    try:
        return _of_json_text(_decoded(data))
    except (ValueError, RecursionError):
        return Damage(kind=DamagedAs.JSON)


def _of_json_text(text: str) -> Damage | None:
    """Check JSON; frameworks also write one value per line, as MMEngine does in `log.json`."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        line = _broken_line(text) if error.msg == _MORE_THAN_ONE else error.lineno
        return Damage(kind=DamagedAs.JSON, line=line) if line else None
    return None


def _broken_line(text: str) -> int:
    """Return the number of the first line that is not a value, 0 if all are."""
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            json.loads(line or "null")
        except json.JSONDecodeError:
            return number
    return 0


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:  # text from Korean Windows
        return data.decode("cp949")
