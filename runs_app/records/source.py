"""The source of what ran, kept in the run folder, and whether it changed while it ran.

`source.json` names every source file with its hash; `source.tar.gz` holds the small ones. Where
there is git, `source.patch` holds what is different from the commit. A patch leaves out files that
git does not track, therefore the archive is made in any case.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from registry_app.files.git_state import head_commit
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
# What a row and a page show; the list of files has the others.
MOST_CHANGED = 50


def write(directory: Path, manifest: Manifest, folder: Path) -> None:
    """Keep the source of a script that was just started; raises OSError."""
    source = archive_source(directory, manifest, folder / ARCHIVE)
    write_json(
        folder / NAME,
        {
            "format": FORMAT,
            "git": _git(directory, folder),
            "files": {as_text(path): sha256 for path, sha256 in sorted(source.sha256.items())},
            "skipped": {as_text(path): why for path, why in sorted(source.skipped.items())},
            "archived_bytes": source.archived_bytes,
        },
    )


def _git(directory: Path, folder: Path) -> dict[str, Any] | None:
    """Return the commit and what is different from it; None without a repository."""
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
    """Return what was kept of the source; empty where there is nothing that can be read."""
    try:
        kept = json.loads(read_own(folder / NAME))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def changed(directory: Path, deltas: Iterable[FileDelta], folder: Path) -> list[str]:
    """Return the source files that are not what they were at the start.

    One that was only touched, or written again with the same bytes, is not among them.
    """
    suspects = [one for one in deltas if one.change != CREATED and is_source(one.path)]
    if not suspects:
        return []
    known = read(folder).get("files")
    if not isinstance(known, dict):
        known = {}
    return [
        as_text(one.path)
        for one in suspects
        if one.change == DELETED
        or not known.get(as_text(one.path))
        or hash_of(directory, one.path) != known[as_text(one.path)]
    ][:MOST_CHANGED]
