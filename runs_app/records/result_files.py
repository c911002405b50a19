"""Which saved files of a run are read for results, and how their copies are opened."""

from __future__ import annotations

import functools
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry_app.results.file_names import may_hold_results
from registry_app.results.settings_files import is_settings_file
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.keeping import KeptFile, as_text
from runs_app.runner.outputs.metric_names import importance
from runs_app.runner.outputs.metric_points import SourceRecord
from runs_app.runner.outputs.snapshot import DELETED, Fingerprint, Manifest
from runs_app.runner.outputs.sources import ResultFile
from runs_app.runner.own_file import open_own
from runs_app.texts import results as texts

MAX_FILES = 500
# Of the files that could not be read; the list of files has all of them.
MAX_NOT_KEPT = 100


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The files to read, and the messages about those that cannot be read."""

    read: tuple[KeptFile, ...]
    not_read: tuple[SourceRecord, ...]


def choose(kept: Sequence[KeptFile]) -> Choice:
    """Choose by name; if there are very many, those that users look at first."""
    candidates = [file for file in kept if file.change != DELETED and may_hold_results(file.path)]
    candidates.sort(key=lambda file: (is_settings_file(file.path), importance(file.path)))
    there = [file for file in candidates if file.kept]
    not_kept = [file for file in candidates if not file.kept]
    not_read = [
        SourceRecord(source=as_text(file.path), reason=texts.NOT_KEPT())
        for file in not_kept[:MAX_NOT_KEPT]
    ]
    if len(there) > MAX_FILES:
        reason = texts.NOT_LOOKED_AT(count=len(there) - MAX_FILES)
        not_read.append(SourceRecord(source="…", reason=reason))
    return Choice(read=tuple(there[:MAX_FILES]), not_read=tuple(not_read))


@contextmanager
def opener(
    folder: RunFolder, rewritten: frozenset[str]
) -> Iterator[Callable[[KeptFile], ResultFile]]:
    """Provide a function that makes a result file of a saved file; copies stay open meanwhile."""
    before, after = _fingerprints(folder)
    with ExitStack() as stack:
        archive_of = functools.cache(lambda name: _Archive(folder.path / name, stack))

        def as_result(file: KeptFile) -> ResultFile:
            def opened() -> BinaryIO:
                if file.archived:
                    return archive_of(file.kept).open(as_text(file.path))
                return open_own(folder.path / file.kept)

            return ResultFile(
                path=file.path,
                open=opened,
                before=before.get(file.path),
                after=after.get(file.path),
                was_rewritten=as_text(file.path) in rewritten,
            )

        yield as_result


class _Archive:
    """An archive of small files, opened when its first member is asked for."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._members: dict[str, tarfile.TarInfo] | None = None

    def open(self, name: str) -> BinaryIO:
        """Return a copy of a member as a file; raises OSError."""
        try:
            if self._members is None:
                opened = tarfile.open(self._path, mode="r:")  # noqa: SIM115  # on the stack
                self._tar = self._stack.enter_context(opened)
                self._members = {member.name: member for member in self._tar.getmembers()}
            member = self._tar.extractfile(self._members[name])
        except (tarfile.TarError, LookupError) as error:
            raise FileNotFoundError(name) from error
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # its reader closes it
        copy.write(member.read() if member else b"")
        copy.seek(0)
        return copy


def _fingerprints(folder: RunFolder) -> tuple[dict[str, Fingerprint], dict[str, Fingerprint]]:
    found: list[dict[str, Fingerprint]] = [{}, {}]
    for place, path in enumerate((folder.manifest_before, folder.manifest_after)):
        with suppress(OSError, ValueError, TypeError, LookupError, StopIteration):
            found[place] = Manifest.load(path).files
    return found[0], found[1]
