"""The few fields of TensorBoard's Event that hold scalars, read from protobuf.

Event: wall_time 1 (double), step 2 (varint), summary 5. Summary: value 1. Value: tag 1,
simple_value 2 (float), tensor 8, metadata 9. TensorProto: dtype 1, shape 2, content 4, float 5,
double 6, int 7, int64 10. Metadata: plugin data 1, whose name is 1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# The struct format of one value, by the number of the tensor type.
_DTYPES = {1: "<f", 2: "<d", 3: "<i", 4: "<B", 5: "<h", 6: "<b", 9: "<q", 19: "<e", 22: "<I"}
_TYPED_FIELDS = {5: "<f", 6: "<d"}
Field = tuple[int, int, int | bytes]


def scalars_of(event: bytes) -> tuple[float | None, int, Mapping[str, float]]:
    """Return the time (seconds since 1970), the step and the scalars; raises ValueError."""
    written_s: float | None = None
    step = 0
    values: dict[str, float] = {}
    for number, kind, data in fields(event):
        if number == 1 and kind == _FIXED64 and isinstance(data, bytes):
            (written_s,) = struct.unpack("<d", data)
        elif number == 2 and isinstance(data, int):
            step = data - 2**64 if data >= 2**63 else data
        elif number == 5 and isinstance(data, bytes):
            values |= dict(_summary(data))
    return written_s, step, values


def fields(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message: number, kind, value; raises ValueError if it is truncated."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at) if data[at] & 0x80 else (data[at], at + 1)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        if kind == _BYTES:
            is_long = at >= len(data) or data[at] & 0x80
            length, at = _varint(data, at) if is_long else (data[at], at + 1)
        elif kind in {_FIXED64, _FIXED32}:
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"no such kind of field: {kind}")
        if at + length > len(data):
            raise ValueError("the message is cut")
        yield number, kind, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("the message is cut")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise ValueError("a number without an end")


def _summary(data: bytes) -> Iterator[tuple[str, float]]:
    for number, _kind, value in fields(data):
        if number == 1 and isinstance(value, bytes):
            named = _value(value)
            if named is not None:
                yield named


def _value(data: bytes) -> tuple[str, float] | None:
    tag, scalar = "", None
    for number, kind, value in fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            tag = value.decode("utf-8", "replace")
        elif number == 2 and kind == _FIXED32:
            (scalar,) = struct.unpack("<f", value)
        elif number == 8:
            scalar = _tensor(value)
    return (tag, scalar) if tag and scalar is not None else None


def _tensor(data: bytes) -> float | None:
    """Return the only number of a tensor; None for text, and for one with more numbers."""
    dtype, shape, content = 0, 1, b""
    typed: float | None = None
    for number, _kind, value in fields(data):
        if number == 1 and isinstance(value, int):
            dtype = value
        elif number == 2 and isinstance(value, bytes):
            shape = _size(value)
        elif number == 4 and isinstance(value, bytes):
            content = value
        elif number in _TYPED_FIELDS and isinstance(value, bytes):
            typed = _first(_TYPED_FIELDS[number], value)
        elif number in {7, 10}:
            whole = value if isinstance(value, int) else _varint(value, 0)[0] if value else 0
            typed = float(whole - 2**64 if whole >= 2**63 else whole)
    if shape != 1 or dtype not in _DTYPES:
        return None
    return _first(_DTYPES[dtype], content) if content else typed


def _size(shape: bytes) -> int:
    """Return the number of elements of a tensor with this shape."""
    size = 1
    for number, _kind, dimension in fields(shape):
        if number == 2 and isinstance(dimension, bytes):
            sizes = [value for field, _k, value in fields(dimension) if field == 1]
            size *= int(sizes[0]) if sizes and isinstance(sizes[0], int) else 0
    return size


def _first(layout: str, data: bytes) -> float | None:
    if len(data) < struct.calcsize(layout):
        return None
    (value,) = struct.unpack_from(layout, data)
    return float(value)
