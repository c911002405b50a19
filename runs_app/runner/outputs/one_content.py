"""One content for several files of the portal: the run folder, its stores and embedded MLflow.

Only files that the portal alone owns are linked: its copies of outputs and of a script's own
stores, and its archive. A file that a script may write is never linked to; a copy may take its
name once the script and its processes have ended.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs import small_files
from runs_app.runner.outputs.copying import CHUNK_BYTES, FICLONE, created
from runs_app.runner.own_file import is_own, open_own

# Smaller files are not worth a link.
LEAST_BYTES = 2**16
# A second name must not be a way to change the first: opening for writing is refused.
READ_ONLY = 0o400

# Device and inode of a file.
Inode = tuple[int, int]


def own_copies(folder: RunFolder) -> frozenset[Inode]:
    """Return the files of a run folder that the portal alone owns and never writes again."""
    places = [folder.outputs, folder.own_stores]
    found = [path for place in places for path in _files(place)]
    return frozenset(
        inode
        for path in [*found, folder.path / small_files.NAME]
        if (inode := _inode(path)) is not None
    )


def share(folder: RunFolder, hashes: Iterable[tuple[str, str]]) -> int:
    """Let equal files in the stores of a run share the content of its copies.

    `hashes` are the paths of copies in the run folder and their SHA-256. Return how many bytes that
    frees. Repeatable; only for a run whose processes have all ended. Raises OSError.
    """
    by_size: dict[int, dict[str, Path]] = defaultdict(dict)
    for kept, sha256 in hashes:
        path = folder.path / kept
        if sha256 and is_own(path) and (size := path.lstat().st_size) >= LEAST_BYTES:
            by_size[size][sha256] = path
    freed = 0
    for store in folder.child_stores():
        for path in _files(store):
            alike = by_size.get(path.lstat().st_size)
            if not alike or _inode(path) in set(map(_inode, alike.values())):
                continue
            copy = alike.get(_sha256(path))
            if copy is not None and link(copy, path, aside=folder.path / "linked.part"):
                freed += copy.lstat().st_size
    return freed


def place(source: Path, target: Path, *, aside: Path, own: Collection[Inode]) -> bool:
    """Give `target` the content of `source` without a second copy of it; return whether it could.

    A file among `own` is linked; of any other the blocks are shared, where the file system can.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _inode(source) in own and link(source, target, aside=aside):
        return True
    return _clone(source, target, aside=aside)


def link(source: Path, target: Path, *, aside: Path) -> bool:
    """Make `target` a second name of `source`, which can only be read then; False if refused."""
    try:
        aside.unlink(missing_ok=True)
        os.link(source, aside, follow_symlinks=False)
        os.chmod(aside, READ_ONLY)
        os.replace(aside, target)
    except OSError:  # another file system, or one without links
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        return False
    return True


def _clone(source: Path, target: Path, *, aside: Path) -> bool:
    try:
        with open_own(source) as file, created(aside) as out:
            fcntl.ioctl(out, FICLONE, file.fileno())
        os.replace(aside, target)
    except OSError:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        return False
    return True


def _files(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder that is no link; links are not followed."""
    if folder.is_symlink():
        return
    for parent, _folders, names in os.walk(folder):
        for name in sorted(names):
            if is_own(path := Path(parent, name)):
                yield path


def _inode(path: Path) -> Inode | None:
    try:
        facts = path.lstat()
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino) if stat.S_ISREG(facts.st_mode) else None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open_own(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
