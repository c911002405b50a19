"""Read experiment directories and draft their registry documents.

Nothing is imported, executed or written; version control is never started. Every guess carries
its confidence, its source and its reason. Directories are read by separate processes, so a
bad file costs only itself. What did not change since the last scan is not read again.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from django.conf import settings

from registry_app.document.model import RegistryDocument
from registry_app.files.link_targets import LinkRule
from registry_app.inference.task.vocabulary import BUILT_IN, Vocabulary
from registry_app.messages import Message, plain
from registry_app.scan.cache import Entry, ScanCache
from registry_app.scan.candidates import Candidates, candidates
from registry_app.scan.contents import why_no_experiment
from registry_app.scan.left_out import NOTHING_DECIDED, Decided, LeftOut, key_of
from registry_app.scan.looking import look_at_each
from registry_app.scan.pool import Done, Pool, cores
from registry_app.scan.protocol import Brief, Outcome, Reply, Request
from registry_app.scan.results import Drafts
from registry_app.scan.scanned import ScannedExperiment, decode
from registry_app.texts import left_out

logger = logging.getLogger(__name__)

CACHE_FOLDER = "scan-cache"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What was found in all roots, experiments by name.

    `left_out` are all other children of the roots with their reasons, except those `never` to be
    seen again. `warnings` name the directory or root that they are about.
    `vocabulary` are the words that the scan knew.
    """

    experiments: Sequence[ScannedExperiment] = ()
    left_out: tuple[LeftOut, ...] = ()
    never: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()
    warnings: tuple[Message, ...] = ()
    vocabulary: Vocabulary = BUILT_IN

    @property
    def document(self) -> RegistryDocument:
        return RegistryDocument(
            experiments=tuple(experiment.document for experiment in self.experiments)
        )


def scan(
    roots: Sequence[Path],
    *,
    progress: Progress | None = None,
    vocabulary: Vocabulary = BUILT_IN,
    decided: Decided = NOTHING_DECIDED,
) -> ScanResult:
    """Read every direct child folder of the roots, except those that are decided never to be.

    `progress` is called at least once per second with the number of directories done, the total,
    and the one being read. Raises ScanError if two roots hold directories of the same name, or if
    no process can be started. A missing root is a warning.
    """
    listed = candidates(roots, decided)
    directories = listed.directories
    report = progress or _silence
    links = LinkRule.of({*settings.GUARDIANFLOW_ROOTS, *roots}, [str(settings.GUARDIANFLOW_HOME)])
    cache = ScanCache(Path(settings.GUARDIANFLOW_HOME) / CACHE_FOLDER)
    found = _Found(cache, links, vocabulary, decided)
    report(0, len(directories), directories[0][0] if directories else "")
    touched: list[tuple[str, Path]] = []
    looks = look_at_each(
        found.untouched,
        directories,
        waits=lambda place: report(found.done, len(directories), place[0]),
    )
    for (name, directory), known in zip(directories, looks, strict=True):
        if known:
            found.take_untouched(name, directory, *known)
            report(found.done, len(directories), name)
        else:
            touched.append((name, directory))
    with Pool(min(cores(), len(touched))) as pool:
        for scanned in pool.run(found.requests(touched)):
            if scanned is not None:
                found.take(scanned)
            report(found.done, len(directories), pool.current)
    return found.result(listed, tuple(roots))


class _Found:
    """What was found so far, and what the last scan knew about the directories being read."""

    def __init__(
        self, cache: ScanCache, links: LinkRule, vocabulary: Vocabulary, decided: Decided
    ) -> None:
        self._cache = cache
        self._links = links
        self._vocabulary = vocabulary
        self._words = tuple(sorted(vocabulary.own.items()))
        self._decided = decided
        self.done = 0
        self._entries: dict[str, Entry] = {}
        self._drafts = Drafts()
        self._left_out: list[LeftOut] = []
        self._warnings: dict[str, tuple[Message, ...]] = {}

    def untouched(self, place: tuple[str, Path]) -> tuple[Brief, bytes] | tuple[()]:
        """Return the cached draft of a directory if nothing in it was touched, else nothing."""
        return self._cache.find_untouched(self._request(*place)) or ()

    def take_untouched(self, name: str, directory: Path, brief: Brief, draft: bytes) -> None:
        """Add the cached draft of a directory."""
        self._add(name, directory, draft, brief.warnings, is_experiment=brief.is_experiment)

    def requests(self, directories: Sequence[tuple[str, Path]]) -> Iterator[Request]:
        for name, directory in directories:
            request = self._request(name, directory)
            entry = self._cache.find(request)
            if entry is not None:
                self._entries[request.name] = entry
                request = dataclasses.replace(request, known=entry.known)
            yield request

    def _request(self, name: str, directory: Path) -> Request:
        return Request(
            name=name,
            directory=str(directory),
            path=written_path(directory),
            links=self._links,
            words=self._words,
        )

    def take(self, done: Done) -> None:
        """Add the result of one directory."""
        name, reply, path = done.request.name, done.reply, Path(done.request.directory)
        entry = self._entries.pop(name, None)
        if reply.outcome is Outcome.UNCHANGED and entry is not None:
            draft, scanned = entry.draft, entry.experiment
        elif reply.outcome is Outcome.DRAFTED:
            draft, scanned = done.draft, decode(done.draft)
        else:
            self._left_out.append(LeftOut(path=path, reason=_not_read(reply)))
            self.done += 1
            return
        if reply.known is not None and done.lasting:
            self._cache.keep(done.request, reply.known, draft, scanned)
        self._add(name, path, draft, scanned.warnings, is_experiment=scanned.is_experiment)

    def _add(
        self,
        name: str,
        path: Path,
        draft: bytes,
        warnings: tuple[Message, ...],
        *,
        is_experiment: bool,
    ) -> None:
        self.done += 1
        self._warnings[name] = warnings
        if is_experiment or key_of(path) in self._decided.added:
            self._drafts.add(name, draft)
        else:
            self._left_out.append(LeftOut(path=path, reason=why_no_experiment(path)))

    def result(self, listed: Candidates, roots: tuple[Path, ...]) -> ScanResult:
        self._cache.tidy()
        ordered = [
            text.at(name) for name in sorted(self._warnings) for text in self._warnings[name]
        ]
        return ScanResult(
            experiments=self._drafts,
            left_out=tuple(sorted([*listed.left_out, *self._left_out], key=attrgetter("path"))),
            never=tuple(listed.never),
            roots=roots,
            warnings=(*listed.warnings, *ordered),
            vocabulary=self._vocabulary,
        )


def _not_read(reply: Reply) -> Message:
    """Return why the reader has no draft of a directory."""
    problem = reply.problem or plain(reply.outcome)
    if reply.outcome is Outcome.UNREADABLE:
        return left_out.UNREADABLE(**problem.values)
    return left_out.NOT_READ(problem=problem)


def _silence(done: int, total: int, name: str) -> None:
    """Ignore the progress."""


def written_path(directory: Path) -> str:
    """Return a path as users write it: with `~` for the home directory."""
    home = os.path.expanduser("~")
    text = str(directory)
    return f"~{text[len(home) :]}" if home != "/" and text.startswith(home + os.sep) else text
