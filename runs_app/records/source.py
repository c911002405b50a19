"""The source of a run, saved in the run folder, and whether it changed during the run.

`source.json` names every source file with its hash; `source.tar.gz` holds the small files. In a
git repository, `source.patch` holds the difference to the commit. A patch omits untracked files,
so the archive is always made.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from registry_app.exceptions import PathRefusedError
from registry_app.files.git_state import head_commit
from registry_app.files.paths import script_inside
from runs_app.records.kept_file import open_inside
from runs_app.runner.outputs.keeping import as_text
from runs_app.runner.outputs.snapshot import CREATED, DELETED, FileDelta, Manifest
from runs_app.runner.own_file import read_own
from runs_app.runner.source.archive import ARCHIVE, archive_source, hash_of
from runs_app.runner.source.files import is_source
from runs_app.runner.source.git_diff import write_diff
from runs_app.runner.source.repository import find_repository
from runs_app.system.files import write_json

NAME = "source.json"
PATCH = "source.patch"
FORMAT = 1
# How many a row and a page show; the list of files has the others.
MAX_CHANGED = 50


def write(directory: Path, manifest: Manifest, folder: Path, *, script: str = "") -> None:
    """Save the source of `script`, which was just started; raises OSError."""
    links = _links(directory, script)
    source = archive_source(directory, manifest, folder / ARCHIVE, links=links)
    write_json(
        folder / NAME,
        {
            "format": FORMAT,
            "git": _git(directory, folder),
            "files": {as_text(path): sha256 for path, sha256 in sorted(source.sha256.items())},
            "links": {as_text(path): as_text(str(target)) for path, target in links.items()},
            "skipped": {as_text(path): why for path, why in sorted(source.skipped.items())},
            "archived_bytes": source.archived_bytes,
        },
    )


def _links(directory: Path, script: str) -> dict[str, Path]:
    """Return the scripts that link out of the directory, to a script inside a root, by path.

    They are looked for at the top and next to `script`, from where it imports them.
    """
    inside = Path(os.path.realpath(directory))
    found: dict[str, Path] = {}
    for path in [*([script] if script else []), *_linked_files(directory, script)]:
        try:
            target = Path(os.path.realpath(script_inside(directory, path)))
        except (PathRefusedError, OSError):
            continue
        if not target.is_relative_to(inside):
            found[path] = target
    return found


def _linked_files(directory: Path, script: str) -> Iterator[str]:
    for folder in dict.fromkeys(["", os.path.dirname(script)]):
        try:
            with os.scandir(directory / folder) as entries:
                names = sorted(entry.name for entry in entries if entry.is_symlink())
        except OSError:
            continue
        yield from (os.path.join(folder, name) for name in names if is_source(name))


def _git(directory: Path, folder: Path) -> dict[str, Any] | None:
    """Return the commit and the difference to it; None without a repository."""
    repository, commit = find_repository(directory), head_commit(directory)
    if repository is None or not commit:
        return None
    difference = write_diff(repository, commit, directory, folder / PATCH)
    return {
        "commit": commit,
        "patch_bytes": difference.size_bytes,
        "patch_is_cut": difference.is_cut,
        "problem": difference.problem,
    }


def read(folder: Path) -> dict[str, Any]:
    """Return the saved record of the source; empty if there is none that can be read."""
    try:
        kept = json.loads(read_own(folder / NAME))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def archived(folder: Path, path: str, *, max_bytes: int) -> bytes | None:
    """Return the beginning of a source file as it was at the start, None if it is not kept."""
    try:
        with open_inside(folder, ARCHIVE) as packed, tarfile.open(fileobj=packed) as archive:
            member = archive.getmember(path)
            file = archive.extractfile(member) if member.isreg() else None
            return file.read(max_bytes) if file else None
    except (OSError, LookupError, tarfile.TarError, EOFError, ValueError):
        return None


def changed(directory: Path, deltas: Iterable[FileDelta], folder: Path) -> list[str]:
    """Return the source files whose content changed since the start, linked ones too.

    A file that was only touched, or rewritten with the same bytes, is not included.
    """
    record = read(folder)
    known = _mapping(record, "files")
    suspects = [delta for delta in deltas if delta.change != CREATED and is_source(delta.path)]
    found = [
        as_text(suspect.path)
        for suspect in suspects
        if suspect.change == DELETED
        or not known.get(as_text(suspect.path))
        or hash_of(directory, suspect.path) != known[as_text(suspect.path)]
    ]
    linked = [path for path in _mapping(record, "links") if known.get(path)]
    found += [path for path in linked if _linked_hash(directory, path) != known[path]]
    return list(dict.fromkeys(found))[:MAX_CHANGED]


def _linked_hash(directory: Path, path: str) -> str:
    """Return the present SHA-256 of a linked script, '' if the link may not be followed by now."""
    try:
        target = Path(os.path.realpath(script_inside(directory, path)))
    except (PathRefusedError, OSError):
        return ""
    return hash_of(target.parent, target.name)


def _mapping(record: dict[str, Any], key: str) -> dict[str, str]:
    value = record.get(key)
    return value if isinstance(value, dict) else {}
