"""The drafts of a scan on disk, so that a scan of many directories needs little more memory."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import overload

from registry_app.scan.scanned import ScannedExperiment, ScannedScript, decode

IN_MEMORY_BYTES = 8 * 2**20


class Drafts(Sequence[ScannedExperiment]):
    """A sequence whose members are read from disk on each access, sorted by name.

    A member holds its document; its scripts, which are most of it, are read again on
    iteration. Large drafts are in a private temporary file, which is deleted with the last
    reference or when the process exits. Not thread-safe.
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
            return [self._light(*place[1:]) for place in self._places[index]]
        return self._light(*self._places[index][1:])

    def __iter__(self) -> Iterator[ScannedExperiment]:
        for _name, begin, length in self._places:
            yield self._light(begin, length)

    def read(self, begin: int, length: int) -> ScannedExperiment:
        """Return the complete experiment that was written there."""
        self._file.seek(begin)
        return decode(self._file.read(length))

    def _light(self, begin: int, length: int) -> ScannedExperiment:
        whole = self.read(begin, length)
        return replace(whole, scripts=_Scripts(self, begin, length, len(whole.scripts)))


class _Scripts(Sequence[ScannedScript]):
    """The scripts of one experiment, read on iteration."""

    def __init__(self, drafts: Drafts, begin: int, length: int, count: int) -> None:
        self._drafts, self._begin, self._length, self._count = drafts, begin, length, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> ScannedScript: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScannedScript]: ...
    def __getitem__(self, index: int | slice) -> ScannedScript | Sequence[ScannedScript]:
        return self._drafts.read(self._begin, self._length).scripts[index]

    def __iter__(self) -> Iterator[ScannedScript]:
        return iter(self._drafts.read(self._begin, self._length).scripts)
