"""What is known of the data of a run: its data parameter, and the content of the file it names.

The key of a run's data is `NAME@DIGEST` where the content of a data file is known, else `NAME`
alone: the value of the parameter. It is empty if no parameter names data. Two runs have the same
data only if a digest says so; the same name alone is no proof.
"""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from runs_app.comparing.data_parameter import data_parameter
from runs_app.comparing.storable import storable
from runs_app.executors import script_user
from runs_app.models import Run
from runs_app.records import source
from runs_app.runner.isolation.fence import is_inside

# A file that describes data; weights and images are data themselves.
SUFFIXES = frozenset({".yaml", ".yml", ".json", ".txt", ".csv", ".tsv", ".data", ".names", ".toml"})
MAX_BYTES = 8 * 2**20
NAME_LENGTH = 270
DIGEST_LENGTH = 16


class SameData(StrEnum):
    """What is known of the data of two runs; NAMED_SAME: the same name, contents not known."""

    SAME = "same"
    DIFFERENT = "different"
    NAMED_SAME = "named_same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class DataKnown:
    """The data of a run: the name that its parameter gave, the digest of its file if known."""

    name: str = ""
    digest: str = ""
    content: bytes = b""

    @property
    def key(self) -> str:
        """What `Run.data_key` stores."""
        if not self.digest:
            return storable(self.name, NAME_LENGTH)
        return f"{storable(self.name, NAME_LENGTH)}@{self.digest}"

    @staticmethod
    def of_key(key: str) -> DataKnown:
        """Read a key; the content stays unknown."""
        name, at, digest = key.rpartition("@")
        is_digest = len(digest) == DIGEST_LENGTH and set(digest) <= set("0123456789abcdef")
        return DataKnown(name=name, digest=digest) if at and is_digest else DataKnown(name=key)


def same_data(one: str, other: str) -> SameData:
    """Compare two data keys."""
    if not one or not other:
        return SameData.UNKNOWN
    first, second = DataKnown.of_key(one), DataKnown.of_key(other)
    if first.digest and second.digest:
        return SameData.SAME if first.digest == second.digest else SameData.DIFFERENT
    return SameData.NAMED_SAME if first.name == second.name else SameData.DIFFERENT


def data_of(run: Run) -> DataKnown:
    """Read what is known of the data of a run from its folder and, if unchanged, the file itself.

    Never raises OSError: what cannot be read is not known.
    """
    value = data_parameter(run.params, run.secrets)
    if not value:
        return DataKnown()
    place = _inside(run, value)
    name = place or value
    if posixpath.splitext(value)[1].lower() not in SUFFIXES:
        return DataKnown(name=name)
    recorded = _recorded(run, place) if place else ""
    path = Path(run.cwd, place) if place else Path(value)
    content = None
    if _may_read(path, run):
        content = _read_unchanged(path, digest=recorded, before=run.started_at)
    if content is None and recorded:
        content = source.archived(run.folder, place, max_bytes=MAX_BYTES)
    digest = recorded or (sha256(content).hexdigest() if content is not None else "")
    return DataKnown(
        name=posixpath.basename(name) if digest else name,
        digest=digest[:DIGEST_LENGTH],
        content=content or b"",
    )


def _inside(run: Run, value: str) -> str:
    """Return the path of a file relative to the experiment, '' if it is elsewhere."""
    path = os.path.normpath(os.path.join(run.start_directory, os.path.expanduser(value)))
    relative = os.path.relpath(path, run.cwd) if os.path.isabs(run.cwd) else ".."
    return "" if relative.startswith("..") or relative == "." else relative


def _may_read(path: Path, run: Run) -> bool:
    """Whether the portal may look at a file that a user named.

    Where scripts run as another user, the portal could read more than their users may see.
    """
    if script_user.by_settings() is None:
        return True
    real = os.path.realpath(path)
    allowed = [run.cwd, *map(str, settings.GUARDIANFLOW_ROOTS)]
    return any(is_inside(real, os.path.realpath(root)) for root in allowed)


def _recorded(run: Run, place: str) -> str:
    """Return the SHA-256 of a file as it was at the start of the run, '' if not recorded."""
    files = source.read(run.folder).get("files")
    found = files.get(place) if isinstance(files, dict) else None
    return found if isinstance(found, str) else ""


def _read_unchanged(path: Path, *, digest: str, before: datetime | None) -> bytes | None:
    """Return a file's content if it is that of the run: by its digest, else by its times."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > MAX_BYTES:
            return None
        try:
            content = file.read(MAX_BYTES)
        except OSError:
            return None
    if digest:
        return content if sha256(content).hexdigest() == digest else None
    is_older = before is not None and max(seen.st_mtime, seen.st_ctime) < before.timestamp()
    return content if is_older else None
