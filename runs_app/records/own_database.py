"""Reads the runs of an MLflow database that a script made, and writes them as a file store.

The database is a copy and untrusted: anything in it that does not fit is skipped.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

logger = logging.getLogger(__name__)

MAX_RUNS = 200
MAX_POINTS = 1_000_000
_LONGEST_NAME = 250
# The store's times come from the script's clock.
SLACK_MS = 2000
_STATUS = {"RUNNING": 1, "SCHEDULED": 2, "FINISHED": 3, "FAILED": 4, "KILLED": 5}
_MAX_STEPS = 200_000_000


@dataclass(frozen=True, kw_only=True)
class WrittenRun:
    """A run that was written to `place` of the file store; `artifacts` is where its files are."""

    place: str
    artifacts: str


def write(database: Path, target: Path, *, began_ms: int, ended_ms: int) -> list[WrittenRun]:
    """Write the runs that began in a span of time; raises OSError if they cannot be written.

    A file that is not an MLflow database has no runs.
    """
    try:
        connection = sqlite3.connect(database)
        try:
            connection.set_progress_handler(_Patience(), 1_000_000)
            connection.row_factory = sqlite3.Row
            return list(_written(connection, target, began_ms - SLACK_MS, ended_ms + SLACK_MS))
        finally:
            connection.close()
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        logger.info("not a database of MLflow file=%s error=%s", database.name, error)
        return []


class _Patience:
    """Ends a query that would run forever because of a crafted database."""

    def __init__(self) -> None:
        self._steps = 0

    def __call__(self) -> bool:
        self._steps += 1
        return self._steps * 1_000_000 > _MAX_STEPS


def _written(
    connection: sqlite3.Connection, target: Path, began_ms: int, ended_ms: int
) -> Iterator[WrittenRun]:
    runs = connection.execute(
        "select * from runs where start_time between ? and ? order by start_time limit ?",
        (began_ms, ended_ms, MAX_RUNS),
    ).fetchall()
    for run in runs:
        run_id = str(run["run_uuid"])
        if not run_id.isalnum():
            continue
        place = f"0/{run_id}"
        folder = target / place
        facts = {
            "run_id": run_id,
            "run_name": str(run["name"] or ""),
            "status": _STATUS.get(str(run["status"]), 1),
            "start_time": run["start_time"],
            "end_time": run["end_time"],
            "lifecycle_stage": str(run["lifecycle_stage"] or "active"),
        }
        _put(folder / "meta.yaml", json.dumps(facts, ensure_ascii=False))
        for table in ("params", "tags"):
            for key, value in _pairs(connection, table, run_id):
                _put_named(folder / table, key, value)
        for key, lines in _points(connection, run_id).items():
            _put_named(folder / "metrics", key, "\n".join(lines) + "\n")
        yield WrittenRun(place=place, artifacts=str(run["artifact_uri"] or ""))


def _pairs(connection: sqlite3.Connection, table: str, run_id: str) -> Iterator[tuple[str, str]]:
    query = f"select key, value from {table} where run_uuid = ? limit 10000"  # noqa: S608 - ours
    for row in connection.execute(query, (run_id,)):
        yield str(row["key"]), "" if row["value"] is None else str(row["value"])


def _points(connection: sqlite3.Connection, run_id: str) -> dict[str, list[str]]:
    query = (
        "select key, value, timestamp, step, is_nan from metrics where run_uuid = ?"
        " order by key, step, timestamp limit ?"
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query, (run_id, MAX_POINTS)):
        value: Any = "nan" if row["is_nan"] else row["value"]
        found[str(row["key"])].append(f"{row['timestamp']} {value} {row['step']}")
    return found


def _put_named(folder: Path, name: str, text: str) -> None:
    """Write a file under a name that may contain slashes but must not lead out of the folder."""
    parts = PurePosixPath(name).parts
    is_safe = parts and not name.startswith("/") and ".." not in parts and "\0" not in name
    if is_safe and len(name) <= _LONGEST_NAME:
        _put(folder / name, text)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_dir():  # one name is also a folder of another name
        return
    path.write_text(text, encoding="utf-8", errors="replace")
