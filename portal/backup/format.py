"""The format of a backup: a tar archive whose last member lists the others with their hashes.

The secret key is not in it: a backup must not be enough to forge log-ins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = 1
# The same with members that are second names of earlier ones, which older versions refuse.
LINKED = 2
CHUNK_BYTES = 2**20

MANIFEST = "manifest.json"
SQLITE = "database.sqlite3"
POSTGRESQL = "database.pgdump"
REGISTRY = "registry.yaml"
RUNS = "runs"
MLFLOW = "mlflow"
MLFLOW_STORE = "mlflow/mlflow.sqlite3"
MLFLOW_ARTIFACTS = "mlflow/artifacts"

# Called with the name and the size in bytes of each member that is done.
Progress = Callable[[str, int], None]


class BackupError(Exception):
    """A backup cannot be made or restored; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of the archive."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The contents and the origin of an archive.

    `artifacts` is the folder that the MLflow store names in its rows; `left_out` are the skipped
    links and other special files.
    """

    format: int
    version: str
    made_at: str
    host: str
    database: str
    migrations: Sequence[Sequence[str]]
    artifacts: str
    left_out: Sequence[str]
    members: dict[str, Member]

    def dump(self) -> bytes:
        # ASCII, so that a name that is not UTF-8 survives unchanged.
        return json.dumps(asdict(self), indent=1).encode("ascii")


def parse(text: bytes) -> Manifest:
    """Return the manifest of an archive; raises ValueError, KeyError or TypeError for any other."""
    values: dict[str, Any] = json.loads(text)
    if values.get("format") not in {FORMAT, LINKED}:
        raise ValueError("another format")
    if not all(isinstance(value, list) and len(value) == 2 for value in values["migrations"]):
        raise ValueError("migrations that are no pairs")
    members = {str(name): Member(**facts) for name, facts in values.pop("members").items()}
    return Manifest(members=members, **values)


def mlflow_store() -> Path:
    """The database file of the embedded MLflow store."""
    return Path(settings.MLFLOW_HOME) / "mlflow.sqlite3"
