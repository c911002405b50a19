"""TensorBoard event files, read without TensorFlow.

A file is a sequence of records: length (8 bytes), its checksum (4), data, its checksum (4). The
data is a protobuf Event, of which only the step, the time and scalar summaries are read: a
`simple_value`, or a tensor with one number, as TensorFlow 2 and `torch.utils.tensorboard` write.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache

from registry_app.results import reasons
from registry_app.results.rows import ResultReader, Row
from registry_app.results.tables.columns import why_ignored
from registry_app.results.tables.crc32c import masked_crc32c
from registry_app.results.tables.event_proto import scalars_of

# A larger record, such as an image or a graph, is skipped without being buffered.
MAX_RECORD_BYTES = 2**20
# The checksum of a larger record is not worth its time.
MAX_CHECKED_BYTES = 4 * 2**10
_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
# Most records of a file are of a few lengths.
_of_length = lru_cache(maxsize=256)(masked_crc32c)
# Numbers that writers add for their own pages.
_IGNORED_TAGS = ("_hparams_/",)


class EventFile(ResultReader):
    """Read one event file; stop at a corrupt record."""

    name = "tensorboard"

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self._pass_bytes = 0
        self._begin = 0
        self._count = 0
        self._is_broken = False

    def feed(self, data: bytes) -> Iterator[Row]:
        if self._is_broken:
            return
        passed = min(self._pass_bytes, len(data))
        self._pass_bytes -= passed
        self._held += data[passed:]
        at = 0
        while not self._is_broken:
            taken, row = self._record(at)
            if not taken:
                break
            at += taken
            if row is not None:
                yield row
        del self._held[:at]

    def end(self) -> Iterator[Row]:
        if not self._count:
            self.reason = reasons.BROKEN_EVENTS() if self._is_broken else reasons.EMPTY()
        return iter(())

    def _record(self, at: int) -> tuple[int, Row | None]:
        """Return the size of the next record in bytes, 0 if incomplete, and its row."""
        if len(self._held) - at < _HEAD.size:
            return 0, None
        length, checksum = _HEAD.unpack_from(self._held, at)
        if _of_length(bytes(self._held[at : at + 8])) != checksum:
            self._is_broken = True
            return 0, None
        taken = _HEAD.size + length + _TAIL.size
        there = len(self._held) - at
        if there < taken and length > MAX_RECORD_BYTES:
            self._pass_bytes, self._begin = taken - there, self._begin + taken
            return there, None
        if there < taken:
            return 0, None
        begin, self._begin = self._begin, self._begin + taken
        self._count += 1
        data = bytes(self._held[at + _HEAD.size : at + _HEAD.size + length])
        (checksum,) = _TAIL.unpack_from(self._held, at + _HEAD.size + length)
        if length <= MAX_CHECKED_BYTES and masked_crc32c(data) != checksum:
            self.skip("record", reasons.DAMAGED())
            return taken, None
        return taken, self._row(data, begin)

    def _row(self, data: bytes, begin: int) -> Row | None:
        try:
            written_s, step, found = scalars_of(data)
        except ValueError:
            self.skip("record", reasons.DAMAGED())
            return None
        values = dict(found)
        for tag in found:
            why = reasons.SETTING() if tag.startswith(_IGNORED_TAGS) else why_ignored(tag)
            if why is not None:
                self.skip(tag, why)
                values.pop(tag)
        if not values:
            return None
        return Row(
            values=values,
            step=step,
            axis="step",
            line=self._count,
            begin_bytes=begin,
            written_s=written_s,
        )
