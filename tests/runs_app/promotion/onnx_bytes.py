"""Writes the bytes of small ONNX files, as the format says."""

from __future__ import annotations


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def onnx(metadata: dict[str, str], graph: bytes = b"weights") -> bytes:
    """A model with an IR version, a producer, a graph, and its metadata after it."""
    pairs = b"".join(
        field(14, field(1, key.encode()) + field(2, value.encode()))
        for key, value in metadata.items()
    )
    return varint(1 << 3) + varint(8) + field(2, b"pytorch") + field(7, graph) + pairs
