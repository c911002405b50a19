"""The drafts of a scan on disk, so that a scan of many directories needs no more memory."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import overload

from registry_app.scanned import ScannedExperiment, decode

IN_MEMORY_BYTES = 8 * 2**20


class Drafts(Sequence[ScannedExperiment]):
    """A sequence whose members are read each time that they are asked for, sorted by name.

    It may be gone through any number of times, by one thread. Large ones lie in a temporary
    file that nobody else sees and that is gone with the last reference, or with the process.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._places: list[tuple[str, int, int]] = []
        self._end = 0

    def add(self, name: str, data: bytes) -> None:
        """Add the line of JSON of one experiment."""
        self._file.seek(self._end)
        self._file.write(data)
        self._places.append((name, self._end, len(data)))
        self._places.sort()
        self._end += len(data)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> ScannedExperiment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScannedExperiment]: ...
    def __getitem__(self, index: int | slice) -> ScannedExperiment | Sequence[ScannedExperiment]:
        if isinstance(index, slice):
            return [self._read(*place[1:]) for place in self._places[index]]
        return self._read(*self._places[index][1:])

    def __iter__(self) -> Iterator[ScannedExperiment]:
        for _name, begin, length in self._places:
            yield self._read(begin, length)

    def _read(self, begin: int, length: int) -> ScannedExperiment:
        self._file.seek(begin)
        return decode(self._file.read(length))
