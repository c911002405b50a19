"""Metrics of a script that is still running, as far as its result tables go.

Whoever follows a run appends to `live.jsonl` under a lock, and never once the script has ended;
whoever closes the run takes the same lock first. So what was seen live is complete when the final
metrics are made, and those say the same of each point: its key, value and time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from runs_app.executors.local import folder_of
from runs_app.models import Run
from runs_app.records.metrics import point_line, point_of
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.live_table import LiveTable
from runs_app.runner.outputs.metrics import (
    MAX_POINTS,
    LivePoint,
    MetricPoint,
    clean_key,
    own_key,
    same_number,
)
from runs_app.runner.outputs.result_table import TableRow
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest, take
from runs_app.runner.own_file import make_way, open_own
from runs_app.system import locks

LOCK = "live.lock"
MOST_TABLES = 20
SUFFIX = ".csv"


def settled(folder: RunFolder) -> list[LivePoint]:
    """Return all that was seen live of a script that has ended; waits for who is writing it."""
    if not folder.live_metrics.exists():
        return []
    with locks.hold(folder.path / LOCK, wait=True):
        return list(_read(folder.live_metrics))


def _read(path: Path) -> Iterator[LivePoint]:
    try:
        lines = open_own(path)
    except OSError:
        return
    with lines:
        for line in lines:
            try:
                row = json.loads(line)
                file, has_plain_key = str(row.pop("file")), bool(row.pop("has_plain_key"))
                yield LivePoint(point=point_of(row), file=file, has_plain_key=has_plain_key)
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
                # Cut by a crash, or written by the script.
                continue


class Follower:
    """Reads what the result tables of one running script say, each point once."""

    def __init__(self, run: Run) -> None:
        self._folder = folder_of(run)
        self._directory = Path(run.cwd)
        self._started_s = run.started_at.timestamp() if run.started_at else 0.0
        self._tables: dict[str, LiveTable] = {}
        self._before: dict[str, Fingerprint] = {}
        self._pruned: frozenset[str] | None = None
        self._owners: dict[str, str] = {}
        self._values: dict[tuple[str, int], float] = {}
        self.points: list[MetricPoint] = []
        self._resume()

    def _resume(self) -> None:
        """Take over what an earlier follower wrote: those points keep their times."""
        for seen in _read(self._folder.live_metrics):
            self._values[seen.point.key, seen.point.step] = seen.point.value
            self.points.append(seen.point)
            if seen.has_plain_key:
                self._owners.setdefault(seen.point.key, seen.file)

    def _forget(self) -> None:
        """Read every table from its beginning next time: what it said could not be written."""
        self._tables = {path: LiveTable(self._directory, path) for path in self._tables}
        self._owners, self._values, self.points = {}, {}, []
        self._resume()

    def find_tables(self) -> None:
        """Look for tables that are not followed yet, by one walk; raises OSError, ValueError."""
        if self._pruned is None:
            before = Manifest.load(self._folder.manifest_before)
            self._pruned = before.pruned
            self._before = {path: seen for path, seen in before.files.items() if _is_table(path)}
        now = take(self._directory, prunable=self._pruned).files
        changed = (p for p, seen in now.items() if _is_table(p) and seen != self._before.get(p))
        for path in sorted(changed, key=lambda one: (one.count("/"), one)):
            if path not in self._tables and len(self._tables) < MOST_TABLES:
                self._tables[path] = LiveTable(self._directory, path)

    def look(self) -> int:
        """Append what is new to `points` and to the run folder; return how many points that is.

        Raises OSError where the run folder cannot be written; its points are then found again.
        """
        with locks.hold(self._folder.path / LOCK) as ours:
            if not ours or self._folder.exit_record() is not None:
                return 0
            found = [
                point
                for table in self._tables.values()
                for row, written_s in table.rows()
                for point in self._new_points(table.path, row, written_s)
            ]
            if found:
                try:
                    self._append(found)
                except OSError:
                    self._forget()
                    raise
        self.points += [seen.point for seen in found]
        return len(found)

    def _new_points(self, path: str, row: TableRow, written_s: float) -> Iterator[LivePoint]:
        """Return the points of a row that are new or no longer have their value."""
        at_s = written_s if row.seconds is None else self._started_s + row.seconds
        for name, value in row.values.items():
            key = own_key(name, path, self._owners)
            there = self._values.get((key, row.step))
            is_known = there is not None and same_number(there, value)
            if not key or is_known or len(self._values) >= MAX_POINTS:
                continue
            self._values[key, row.step] = value
            yield LivePoint(
                point=MetricPoint(
                    key=key, value=value, step=row.step, timestamp_ms=round(at_s * 1000)
                ),
                file=path,
                has_plain_key=key == clean_key(name),
            )

    def _append(self, found: list[LivePoint]) -> None:
        lines = [
            point_line(seen.point, file=seen.file, has_plain_key=seen.has_plain_key)
            for seen in found
        ]
        make_way(self._folder.live_metrics)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._folder.live_metrics, flags, 0o600), "a+b") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            # A line that a crash cut must not swallow the next one.
            is_cut = size_bytes and os.pread(file.fileno(), 1, size_bytes - 1) != b"\n"
            text = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
            file.write((b"\n" if is_cut else b"") + text)


def _is_table(path: str) -> bool:
    return path.lower().endswith(SUFFIX)
