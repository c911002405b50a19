"""What lies in a backup: one tar archive whose last member lists all others with their hashes.

The secret key is not in it: whoever holds a backup should not be able to forge log-ins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = 1
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
    """A backup cannot be made or restored; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of the archive."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the archive holds and where it comes from.

    `artifacts` is the folder that the MLflow store names in its rows; `left_out` are links and
    other things that are no plain files.
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
        # ASCII: a name that is no UTF-8 stays what it was.
        return json.dumps(asdict(self), indent=1).encode("ascii")


def parse(text: bytes) -> Manifest:
    """Return the manifest of an archive; raises ValueError, KeyError or TypeError for any other."""
    values: dict[str, Any] = json.loads(text)
    if values.get("format") != FORMAT:
        raise ValueError("another format")
    if not all(isinstance(one, list) and len(one) == 2 for one in values["migrations"]):
        raise ValueError("migrations that are no pairs")
    members = {str(name): Member(**facts) for name, facts in values.pop("members").items()}
    return Manifest(members=members, **values)


def mlflow_store() -> Path:
    """The database file of the embedded MLflow store."""
    return Path(settings.MLFLOW_HOME) / "mlflow.sqlite3"
