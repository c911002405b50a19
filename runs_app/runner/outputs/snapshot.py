"""What a run changed in its directory, by a manifest before and after.

One walk each time. Links are followed only inside the roots, and each folder once. Version
control, caches, environments and leftovers of file systems and editors are skipped, and so are the
images of folders with thousands of them, unless the run itself added that many.
"""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from runs_app.runner.isolation.helper_client import HelperError
from runs_app.runner.other_user import current
from runs_app.runner.outputs import links
from runs_app.runner.outputs.leftovers import is_leftover
from runs_app.runner.own_file import make_way, open_own

FORMAT = 1
SKIPPED_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".tox", "node_modules",
    }
)  # fmt: skip
MEDIA = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".txt", ".xml", ".mp4", ".avi"}
)
DATA_FOLDER_FILES = 2000
DATA_FOLDER_SHARE = 0.9

CREATED, CHANGED, DELETED = "created", "changed", "deleted"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What changes when a file changes: size in bytes, nanoseconds since 1970, and inode."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def has_content_of(self, facts: os.stat_result) -> bool:
        """Return whether the same file has the same content; links and permissions do not count."""
        now = (facts.st_size, facts.st_mtime_ns, facts.st_ino)
        return now == (self.size_bytes, self.mtime_ns, self.inode)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The regular files of a directory by relative path, without media of `pruned` folders."""

    files: dict[str, Fingerprint]
    pruned: frozenset[str] = field(default_factory=frozenset)

    def save(self, path: Path) -> None:
        """Write the manifest, one line per file, and rename it into place; raises OSError."""
        aside = path.with_name(f"{path.name}.part")
        make_way(aside)
        make_way(path)
        with aside.open("w", encoding="ascii") as out:
            out.write(json.dumps({"format": FORMAT, "pruned": sorted(self.pruned)}) + "\n")
            for name, seen in self.files.items():
                row = [name, seen.size_bytes, seen.mtime_ns, seen.ctime_ns, seen.inode]
                out.write(json.dumps(row) + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, path)

    def with_inodes_of(self, other: Manifest) -> Manifest:
        """Return this manifest with the inodes of another for the files that both have."""
        files = {
            path: replace(seen, inode=other.files[path].inode) if path in other.files else seen
            for path, seen in self.files.items()
        }
        return replace(self, files=files)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote; raises OSError, ValueError."""
        with open_own(path) as file, io.TextIOWrapper(file, encoding="ascii") as lines:
            try:
                head = json.loads(next(lines))
                files = {}
                for line in lines:
                    name, *numbers = json.loads(line)
                    files[name] = Fingerprint(*numbers)
            except RecursionError as error:
                raise ValueError("nested too deeply") from error
        return cls(files=files, pruned=frozenset(head["pruned"]))


@dataclass(frozen=True, kw_only=True)
class FileDelta:
    """A file that was created, deleted or changed.

    A deleted file has its old size. `changed_ns` is the time of its last change, by the kernel's
    clock in nanoseconds since 1970; 0 for a deleted file. `seen` is the file as it was at the end,
    None for a deleted file, and where its inode is no longer the same.
    """

    path: str
    change: str
    size_bytes: int
    changed_ns: int = 0
    seen: Fingerprint | None = None


def take(
    directory: Path, *, prunable: Collection[str] | None = None, follows_links: bool = True
) -> Manifest:
    """Return the manifest of a directory; unreadable entries are skipped.

    With `prunable`, the many images of those folders only are skipped.
    """
    files: dict[str, Fingerprint] = {}
    pruned: set[str] = set()
    open_folders = [""]
    followed: set[str] = set()
    while open_folders:
        folder = open_folders.pop()
        found, folders = _list(directory, folder, followed, follows_links=follows_links)
        open_folders += folders
        may_prune = prunable is None or folder in prunable
        if folder and may_prune and _is_data_folder([name for name, _seen in found]):
            pruned.add(folder)
            found = [(name, seen) for name, seen in found if not _is_media(name)]
        files.update(found)
    return Manifest(files=files, pruned=frozenset(pruned))


def compare(before: Manifest, after: Manifest) -> tuple[FileDelta, ...]:
    """Return what was created, changed or deleted between two manifests, by path."""
    return tuple(sorted(_deltas(before, after), key=lambda delta: delta.path))


def _deltas(before: Manifest, after: Manifest) -> Iterator[FileDelta]:
    for path, now in after.files.items():
        then = before.files.get(path)
        if then is None:
            if os.path.dirname(path) not in before.pruned or not _is_media(path):
                yield _delta(path, CREATED, now)
        elif now != then:
            yield _delta(path, CHANGED, now)
    for path in before.files.keys() - after.files.keys():
        if is_leftover(os.path.basename(path)):  # listed by an older version
            continue
        yield FileDelta(path=path, change=DELETED, size_bytes=before.files[path].size_bytes)


def _delta(path: str, change: str, now: Fingerprint) -> FileDelta:
    return FileDelta(
        path=path, change=change, size_bytes=now.size_bytes, changed_ns=now.ctime_ns, seen=now
    )


def _list(
    directory: Path, folder: str, followed: set[str], *, follows_links: bool
) -> tuple[list[tuple[str, Fingerprint]], list[str]]:
    """Return files and folders of one folder; `followed` are the link targets so far."""
    files: list[tuple[str, Fingerprint]] = []
    folders: list[str] = []
    try:
        with os.scandir(directory / folder) as entries:
            listed = [entry for entry in entries if follows_links or not entry.is_symlink()]
    except PermissionError:
        return _list_as_script_user(directory, folder)
    except OSError:
        return files, folders
    if any(entry.name == "pyvenv.cfg" for entry in listed):  # an environment by any name
        return files, folders
    for entry in listed:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            if entry.is_symlink():
                target = links.target_of(entry.path, directory)
                facts = os.stat(target, follow_symlinks=False) if target else None
                if facts is None:
                    continue
                if stat.S_ISDIR(facts.st_mode) and target not in followed:
                    followed.add(target)
                    folders.append(path)
                elif stat.S_ISREG(facts.st_mode) and not is_leftover(entry.name):
                    files.append((path, _fingerprint(facts)))
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS:
                    folders.append(path)
            elif entry.is_file(follow_symlinks=False) and not is_leftover(entry.name):
                files.append((path, _fingerprint(entry.stat(follow_symlinks=False))))
        except OSError:  # deleted meanwhile
            continue
    return files, folders


def _fingerprint(facts: os.stat_result) -> Fingerprint:
    return Fingerprint(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def _list_as_script_user(
    directory: Path, folder: str
) -> tuple[list[tuple[str, Fingerprint]], list[str]]:
    """List a folder that only the user of scripts can read; raises HelperError."""
    user = current()
    if user is None:
        return [], []
    try:
        rows = user.entries(directory, folder)
    except HelperError:
        raise
    except OSError:
        return [], []
    files: list[tuple[str, Fingerprint]] = []
    folders: list[str] = []
    if any(row[0] == "pyvenv.cfg" for row in rows):
        return files, folders
    for name, kind, size, mtime, ctime, inode in rows:
        path = f"{folder}/{name}" if folder else name
        if kind == "f" and not is_leftover(name):
            files.append((path, Fingerprint(size, mtime, ctime, inode)))
        elif kind == "d" and name not in SKIPPED_FOLDERS:
            folders.append(path)
    return files, folders


def _is_data_folder(names: Sequence[str]) -> bool:
    if len(names) < DATA_FOLDER_FILES:
        return False
    return sum(map(_is_media, names)) >= DATA_FOLDER_SHARE * len(names)


def _is_media(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in MEDIA
