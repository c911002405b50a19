"""The metadata of an ONNX file, read from its bytes: no library, and nothing of it is executed.

A model is a protobuf message. Its field 14 holds pairs of texts; the graph with the weights is a
field of its own, which is skipped without reading it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import BinaryIO

_METADATA = 14
_KEY, _VALUE = 1, 2
_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
MAX_PAIR_BYTES = 2**20
MAX_FIELDS = 10_000


class _MalformedError(Exception):
    """The bytes are no protobuf message."""


def metadata_of(file: BinaryIO) -> dict[str, str]:
    """Return the metadata of an ONNX file; {} for anything that is no ONNX file."""
    found: dict[str, str] = {}
    try:
        for number, payload in _fields(file, wanted=_METADATA):
            if number == _METADATA:
                key, value = _pair(payload)
                found[key] = value
    except (_MalformedError, OSError):
        return {}
    return found


def class_names(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the classes in an ONNX file's metadata: a list, or a mapping of numbers to names."""
    for key in ("names", "classes", "class_names", "labels"):
        names = _names(metadata.get(key, ""))
        if names:
            return names
    return ()


def _names(text: str) -> tuple[str, ...]:
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if isinstance(value, dict):
        if not all(isinstance(key, int) for key in value):
            return ()
        value = [value[key] for key in sorted(value)]
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(value) if all(isinstance(name, str) for name in value) else ()


def _pair(payload: bytes) -> tuple[str, str]:
    """Return the key and the value of one entry."""
    from io import BytesIO

    texts = {_KEY: "", _VALUE: ""}
    for number, inner in _fields(BytesIO(payload), wanted=None):
        if number in texts:
            texts[number] = inner.decode("utf-8", "replace")
    return texts[_KEY], texts[_VALUE]


def _fields(file: BinaryIO, *, wanted: int | None) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each field with a length; others are skipped."""
    for _field in range(MAX_FIELDS):
        first = file.read(1)
        if not first:
            return
        tag = _varint(file, first)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            _varint(file, file.read(1))
        elif kind in {_FIXED_64, _FIXED_32}:
            _exactly(file, 8 if kind == _FIXED_64 else 4)
        elif kind == _LENGTH:
            size = _varint(file, file.read(1))
            if wanted in {None, number} and size <= MAX_PAIR_BYTES:
                yield number, _exactly(file, size)
            else:
                file.seek(size, 1)
        else:
            raise _MalformedError
    raise _MalformedError


def _varint(file: BinaryIO, first: bytes) -> int:
    value, byte = 0, first
    for position in range(_LONGEST_VARINT):
        if len(byte) != 1:
            raise _MalformedError
        value |= (byte[0] & 0x7F) << (7 * position)
        if not byte[0] & 0x80:
            return value
        byte = file.read(1)
    raise _MalformedError


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise _MalformedError
    return data
