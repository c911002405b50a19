"""Reads experiment directories and drafts what the registry says of them.

Nothing is imported, executed or written; version control is never started. Every guess carries
its confidence, its source and its reason.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from registry_app.documents import ExperimentDocument, RegistryDocument
from registry_app.exceptions import ScanError
from registry_app.inference import remarks
from registry_app.inference.draft import Draft, draft_experiment
from registry_app.inference.entry_points import EntryScript
from registry_app.inference.past_runs import PastRun
from registry_app.inference.project import Project
from registry_app.scan_walk import Listing, walk

logger = logging.getLogger(__name__)

LONGEST_NAME = 200
LONGEST_SCRIPT = 500
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True)
class ScannedScript:
    """A script as it was found, with the digest of what was read."""

    entry: EntryScript
    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class ScannedExperiment:
    """One directory: the drafted document, its scripts, and what the scan stumbled over."""

    directory: Path
    document: ExperimentDocument
    scripts: tuple[ScannedScript, ...]
    past_runs: tuple[PastRun, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """What was found below all roots, experiments by name.

    `without_scripts` are directories in which nothing can be started; `warnings` name the
    directory or root that they speak of.
    """

    experiments: tuple[ScannedExperiment, ...] = ()
    without_scripts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def document(self) -> RegistryDocument:
        return RegistryDocument(experiments=tuple(one.document for one in self.experiments))


def scan(roots: Sequence[Path], *, progress: Progress | None = None) -> ScanResult:
    """Read every direct child folder of the roots.

    `progress` is told how many directories are done, of how many, and which comes next.
    Raises ScanError if two roots hold directories of one name. A root that is missing is a
    warning.
    """
    directories, warnings = _candidates(roots)
    found: list[ScannedExperiment] = []
    without_scripts: list[str] = []
    for number, directory in enumerate(directories):
        if progress:
            progress(number, len(directories), directory.name)
        try:
            one = scan_experiment(directory)
        except OSError as error:
            warnings.append(
                f"{directory.name}: {remarks.UNREADABLE.format(problem=error.strerror)}"
            )
            continue
        if one.scripts:
            found.append(one)
        else:
            without_scripts.append(directory.name)
        warnings += [f"{directory.name}: {text}" for text in one.warnings]
    if progress:
        progress(len(directories), len(directories), "")
    return ScanResult(
        experiments=tuple(sorted(found, key=lambda one: one.document.name)),
        without_scripts=tuple(without_scripts),
        warnings=tuple(warnings),
    )


def scan_experiment(directory: Path) -> ScannedExperiment:
    """Read one directory; raises OSError if it cannot be listed."""
    listing = walk(directory)
    project = Project(name=directory.name, paths=list(listing.sizes), read=listing.read)
    draft = draft_experiment(project, path=written_path(directory))
    scripts = tuple(_scanned(entry, listing) for entry in draft.scripts)
    return ScannedExperiment(
        directory=directory,
        document=draft.document,
        scripts=tuple(one for one in scripts if len(one.entry.path) <= LONGEST_SCRIPT),
        past_runs=draft.past_runs,
        warnings=(*listing.warnings, *_warnings(draft)),
    )


def written_path(directory: Path) -> str:
    """Return a path as people write it: with `~` for the home directory."""
    home = os.path.expanduser("~")
    text = str(directory)
    return f"~{text[len(home) :]}" if home != "/" and text.startswith(home + os.sep) else text


def _candidates(roots: Sequence[Path]) -> tuple[list[Path], list[str]]:
    by_name: dict[str, Path] = {}
    warnings: list[str] = []
    for root in roots:
        try:
            children = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
        except FileNotFoundError:
            warnings.append(
                _("{root}: there is no such folder; make it or change GUARDIANFLOW_ROOTS").format(
                    root=root
                )
            )
            continue
        except OSError as error:
            warnings.append(f"{root}: {remarks.UNREADABLE.format(problem=error.strerror)}")
            continue
        for name in children:
            if name.startswith("."):
                continue
            if not _can_be_named(name):
                shown = os.fsencode(name).decode(errors="replace")
                warnings.append(f"{shown}: {remarks.BAD_NAME}")
                continue
            if name in by_name:
                raise ScanError(
                    _(
                        "Two experiments are called {name}: {one} and {other}. "
                        "Rename one of the directories or take its root out."
                    ).format(name=name, one=by_name[name], other=root / name)
                )
            by_name[name] = root / name
    return [by_name[name] for name in sorted(by_name)], warnings


def _can_be_named(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return len(name) <= LONGEST_NAME and name.isprintable()


def _scanned(entry: EntryScript, listing: Listing) -> ScannedScript:
    data = listing.read(entry.path) or b""
    return ScannedScript(
        entry=entry, sha256=hashlib.sha256(data).hexdigest(), size_bytes=listing.sizes[entry.path]
    )


def _warnings(draft: Draft) -> list[str]:
    return [f"{one.path}: {text}" for one in draft.scripts for text in one.warnings]
