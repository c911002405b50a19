"""Whether a file that a script wrote is what its name says: cheap looks, nothing is decoded."""

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

MOST_JSON_BYTES = 2**20
HEAD_BYTES = 2**18
# Programs append a little of their own behind the end of a picture.
TAIL_BYTES = 2**12
# How each kind of picture begins, and what stands at its end.
_PICTURES: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    ".png": ((b"\x89PNG\r\n\x1a\n",), b"IEND"),
    ".jpg": ((b"\xff\xd8\xff",), b"\xff\xd9"),
    ".jpeg": ((b"\xff\xd8\xff",), b"\xff\xd9"),
    ".gif": ((b"GIF87a", b"GIF89a"), b";"),
    ".bmp": ((b"BM",), b""),
    ".webp": ((b"RIFF",), b""),
}
# What the parser says of a whole value with something behind it.
_MORE_THAN_ONE = "Extra data"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class DamagedAs(StrEnum):
    """What a damaged file ought to have been."""

    JSON = "json"
    TABLE = "table"
    PICTURE = "picture"


@dataclass(frozen=True, kw_only=True)
class Damage:
    """Why a file cannot be read as what its name says; `line` where it has lines."""

    kind: DamagedAs
    line: int | None = None


def damage_of(file: BinaryIO, name: str) -> Damage | None:
    """Return what is wrong with an open file, which is at its start again afterwards.

    None where nothing is, or for a kind that nobody looks at. Raises OSError.
    """
    suffix = PurePosixPath(name).suffix.lower()
    try:
        if suffix in _PICTURES:
            return _of_picture(file, *_PICTURES[suffix])
        if suffix in {".csv", ".tsv"}:
            return _of_table(file)
        return _of_json(file) if suffix == ".json" else None
    finally:
        file.seek(0)


def _of_picture(file: BinaryIO, starts: tuple[bytes, ...], end: bytes) -> Damage | None:
    head = file.read(max(map(len, starts)))
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    is_whole = head.startswith(starts) and end in file.read(TAIL_BYTES)
    return None if is_whole else Damage(kind=DamagedAs.PICTURE)


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
    data = file.read(MOST_JSON_BYTES + 1)
    if len(data) > MOST_JSON_BYTES:
        return None
    try:
        return _of_json_text(_decoded(data))
    except (ValueError, RecursionError):
        return Damage(kind=DamagedAs.JSON)


def _of_json_text(text: str) -> Damage | None:
    """Frameworks also write a value on each line, as MMEngine does its `log.json`."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        line = _broken_line(text) if error.msg == _MORE_THAN_ONE else error.lineno
        return Damage(kind=DamagedAs.JSON, line=line) if line else None
    return None


def _broken_line(text: str) -> int:
    """Return the first line that is no value by itself, 0 where all are."""
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            json.loads(line or "null")
        except json.JSONDecodeError:
            return number
    return 0


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:  # as Korean Windows writes it
        return data.decode("cp949")
