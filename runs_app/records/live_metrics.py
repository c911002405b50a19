"""Metrics of a script that is still running, from its files and its output so far.

The follower of a run appends to `live.jsonl` under a lock, and never after the script has ended.
The process that closes the run takes the same lock first. So the live points are complete when
the final metrics are made, and both agree on each point of a table: its name, value and time.

Points from the output, and from documents that are rewritten as a whole, are shown on the page
only. Their names are final only at the end, when it is known which of them the tables repeat.
MLflow cannot delete single points, so they are sent to it then.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from registry_app.results.file_names import TRAINER_RECORD, may_hold_results
from registry_app.results.settings_files import is_settings_file
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.records.epoch import milliseconds
from runs_app.records.metrics import point_line, point_of
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs import links
from runs_app.runner.outputs.before import OldFiles
from runs_app.runner.outputs.keeping import as_text
from runs_app.runner.outputs.live_file import LiveFile
from runs_app.runner.outputs.live_log import LiveLog
from runs_app.runner.outputs.metric_names import importance, own_name
from runs_app.runner.outputs.metric_points import LivePoint, MetricPoint
from runs_app.runner.outputs.moments import STREAMS
from runs_app.runner.outputs.snapshot import Fingerprint, Manifest, take
from runs_app.runner.own_file import make_way, open_own
from runs_app.system import locks

LOCK = "live.lock"
MAX_FILES = 20
# Per name; of a longer series every second point is taken, then every fourth, and so on.
MAX_POINTS = 2_000
LOOK_EVERY_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All points that were seen of a script while it ran.

    `rewritten` are the files that were seen shorter than they were before the start.
    """

    points: list[LivePoint] = field(default_factory=list)
    rewritten: frozenset[str] = frozenset()


def settled(folder: RunFolder) -> Seen:
    """Return all live points of a script that has ended; waits for a follower that still writes."""
    if not folder.live_metrics.exists():
        return Seen()
    with locks.hold(folder.path / LOCK, wait=True):
        return _read(folder.live_metrics)


def _read(path: Path) -> Seen:
    points: list[LivePoint] = []
    rewritten: set[str] = set()
    try:
        lines = open_own(path)
    except OSError:
        return Seen()
    with lines:
        for line in lines:
            try:
                row = json.loads(line)
                if "rewritten" in row:
                    rewritten.add(str(row["rewritten"]))
                else:
                    points.append(_live_point(row))
            except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
                # Truncated by a crash, or written by the script.
                continue
    return Seen(points=points, rewritten=frozenset(rewritten))


def _live_point(row: dict[str, object]) -> LivePoint:
    point = point_of(row)
    return LivePoint(
        point=point, name=str(row.get("name", point.key)), is_sent=row["is_sent"] is True
    )


class Follower:
    """Reads the points in the files and the output of one running script, each once."""

    def __init__(self, run: Run) -> None:
        links.allow(settings.GUARDIANFLOW_ROOTS)
        self._folder = folder_of(run)
        self._directory = Path(run.cwd)
        self._started_ms = milliseconds(run.started_at) if run.started_at else 0
        self._files: dict[str, LiveFile] = {}
        self._record = self._trainer_record()
        self._logs = self._new_logs()
        self._old = OldFiles.load(self._folder.path)
        self._before: dict[str, Fingerprint] = {}
        self._pruned: frozenset[str] | None = None
        self._resume()

    def _new_logs(self) -> list[LiveLog]:
        paths = [(self._folder.path / f"{stream}.log", stream) for stream in STREAMS]
        return [LiveLog(path, stream, every_s=LOOK_EVERY_S) for path, stream in paths]

    @property
    def is_sampled(self) -> bool:
        """Whether the output grew faster than it could be read."""
        return any(log.is_sampled for log in self._logs)

    def _resume(self) -> None:
        """Take over the points of an earlier follower, with their times.

        `points` are those to send to MLflow now.
        """
        self._owners: dict[str, str] = {}
        self._known: set[tuple[bool, str, int, str]] = set()
        self._counts: Counter[str] = Counter()
        self.points: list[MetricPoint] = []
        seen = _read(self._folder.live_metrics)
        self._rewritten = set(seen.rewritten)
        for point in seen.points:
            self._known.add(_identity(point))
            if point.is_sent:
                if point.point.key == point.name:
                    self._owners.setdefault(point.name, point.point.file)
                self.points.append(point.point)

    def _forget(self) -> None:
        """Read every file from its beginning next time: its points could not be written."""
        self._files = {path: self._live_file(path) for path in self._files}
        self._record = self._trainer_record()
        self._logs = self._new_logs()
        self._resume()

    def find_files(self) -> None:
        """Look for files that are not followed yet, in one walk; raises OSError, ValueError."""
        if self._pruned is None:
            before = Manifest.load(self._folder.manifest_before)
            self._pruned = before.pruned
            self._before = {
                path: seen for path, seen in before.files.items() if _may_hold_metrics(path)
            }
        now = take(self._directory, prunable=self._pruned).files
        changed = (
            p for p, seen in now.items() if _may_hold_metrics(p) and seen != self._before.get(p)
        )
        for path in sorted(changed, key=importance):
            if path not in self._files and len(self._files) < MAX_FILES:
                self._files[path] = self._live_file(path)

    def _trainer_record(self) -> LiveFile:
        """Return the record of a trainer, which is written into the scratch of the run."""
        return LiveFile(self._folder.trainer, TRAINER_RECORD, old=OldFiles(self._folder.path, ()))

    def _live_file(self, path: str) -> LiveFile:
        before = self._before.get(path)
        old_bytes = before.size_bytes if before else 0
        return LiveFile(self._directory, path, old=self._old, old_size_bytes=old_bytes)

    def look(self) -> int:
        """Append new points to the run folder and to `points`; return how many there are.

        Raises OSError if the run folder cannot be written; the points are then found again.
        """
        with locks.hold(self._folder.path / LOCK) as ours:
            if not ours or self._folder.exit_record() is not None:
                return 0
            found = [*self._of_files(), *self._of_logs()]
            lines = [_line(seen) for seen in found]
            lines += [json.dumps({"rewritten": path}) for path in self._newly_rewritten()]
            if lines:
                try:
                    self._append(lines)
                except OSError:
                    self._forget()
                    raise
        self.points += [seen.point for seen in found if seen.is_sent]
        return len(found)

    def _of_files(self) -> Iterator[LivePoint]:
        for file in (self._record, *self._files.values()):
            source = as_text(file.path)
            for row, written_s in file.rows():
                moment_ms = self._moment_ms(row.seconds, row.written_s or written_s)
                is_sent = file.is_table
                for name, value in row.values.items():
                    key = own_name(name, source, self._owners) if is_sent else name
                    point = MetricPoint(
                        key=key, value=value, step=row.step, timestamp_ms=moment_ms, file=source
                    )
                    yield from self._new(LivePoint(point=point, name=name, is_sent=is_sent))

    def _of_logs(self) -> Iterator[LivePoint]:
        for log in self._logs:
            moment_ms = round(time.time() * 1000)
            for series in log.series():
                for reading in series.points:
                    point = MetricPoint(
                        key=series.name,
                        value=reading.value,
                        step=reading.step,
                        timestamp_ms=moment_ms,
                        file=log.stream,
                    )
                    yield from self._new(LivePoint(point=point, name=series.name, is_sent=False))

    def _new(self, seen: LivePoint) -> Iterator[LivePoint]:
        """Yield a point that was not seen before, unless thinning drops it."""
        identity = _identity(seen)
        if identity in self._known:
            return
        name = f"{seen.point.file}/{seen.name}"
        count = self._counts[name]
        self._counts[name] += 1
        if count % (1 << (count // MAX_POINTS).bit_length()) == 0:
            self._known.add(identity)
            yield seen

    def _moment_ms(self, seconds: float | None, written_s: float) -> int:
        if seconds is not None:
            return self._started_ms + round(seconds * 1000)
        return round(written_s * 1000)

    def _newly_rewritten(self) -> list[str]:
        now = {as_text(path) for path, file in self._files.items() if file.was_rewritten}
        new = sorted(now - self._rewritten)
        self._rewritten |= now
        return new

    def _append(self, lines: list[str]) -> None:
        make_way(self._folder.live_metrics)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._folder.live_metrics, flags, 0o600), "a+b") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            # A line that a crash truncated must not merge with the next line.
            is_cut = size_bytes and os.pread(file.fileno(), 1, size_bytes - 1) != b"\n"
            text = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
            file.write((b"\n" if is_cut else b"") + text)


def _identity(seen: LivePoint) -> tuple[bool, str, int, str]:
    return seen.is_sent, seen.name, seen.point.step, repr(seen.point.value)


def _line(seen: LivePoint) -> str:
    return point_line(seen.point, name=seen.name, is_sent=seen.is_sent)


def _may_hold_metrics(path: str) -> bool:
    return may_hold_results(path) and not is_settings_file(path)
