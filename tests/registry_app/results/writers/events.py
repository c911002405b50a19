"""Event files as TensorBoard's writers leave them, byte for byte."""

from __future__ import annotations

import struct

from registry_app.results.tables.crc32c import masked_crc32c
from tests.registry_app.results.writers.labels import file


def record(data: bytes) -> bytes:
    """Return data framed as a record."""
    head = struct.pack("<Q", len(data))
    return (
        head
        + struct.pack("<I", masked_crc32c(head))
        + data
        + struct.pack("<I", masked_crc32c(data))
    )


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def event(step: int, *values: bytes, wall_s: float = 1.7e9) -> bytes:
    """Return the record of an event with these values of a summary."""
    summary = b"".join(field(1, value) for value in values)
    parts = b"\x09" + struct.pack("<d", wall_s) + b"\x10" + _varint(step) + field(5, summary)
    return record(parts)


def simple(tag: str, value: float) -> bytes:
    """Return a value as `torch.utils.tensorboard` writes it."""
    return field(1, tag.encode()) + b"\x15" + struct.pack("<f", value)


def tensor(tag: str, value: float) -> bytes:
    """Return a value as TensorFlow 2 writes it."""
    content = b"\x08\x01" + field(2, b"") + field(4, struct.pack("<f", value))
    return field(1, tag.encode()) + field(8, content)


VERSION = record(b"\x09" + struct.pack("<d", 1.7e9) + field(3, b"brain.Event:2"))
EVENTS = [
    file(
        "torch.utils.tensorboard",
        "runs/events.out.tfevents.1700000000.host.1.0",
        VERSION
        + event(0, simple("Loss/train", 1.0))
        + event(300, simple("Loss/train", 0.5), simple("Acc", 0.75)),
        {"Loss/train": {0: 1.0, 300: 0.5}, "Acc": {300: 0.75}},
    ),
    file(
        "TensorFlow 2",
        "logs/train/events.out.tfevents.1700000000.host.1.0.v2",
        VERSION + event(0, tensor("epoch_loss", 1.5)) + event(1, tensor("epoch_loss", 0.75)),
        {"epoch_loss": {0: 1.5, 1: 0.75}},
    ),
]
