"""Reads the private store that a script's own MLflow calls wrote to, as plain files.

Clients 2.x and 3.x write the same folders, EXPERIMENT/RUN/ with meta.yaml, params, metrics, tags
and artifacts.
What stands there was written by the script and is not trusted: links are not followed, and
whatever cannot be read is left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runs_app.runner.outputs.metrics import MetricPoint

# MLflow's own numbers for the status of a run.
_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
PARENT_TAG = "mlflow.parentRunId"
_MAX_VALUE_BYTES = 2**16
_PLAIN_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, kw_only=True)
class ChildRun:
    """One run that the script opened; `finished_ms` is None where it never closed it."""

    run_id: str
    name: str
    status: str
    started_ms: int
    finished_ms: int | None
    tags: dict[str, str]
    params: dict[str, str]
    folder: Path

    @property
    def parent_id(self) -> str:
        """The run of the same store that this one is nested in, or ''."""
        return self.tags.get(PARENT_TAG, "")

    def metrics(self) -> Iterator[MetricPoint]:
        """Read the points of every metric; a line that is none is left out."""
        for path, key in _entries(self.folder / "metrics"):
            with path.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    point = _point(key, line)
                    if point is not None:
                        yield point

    def artifacts(self) -> Iterator[tuple[Path, str]]:
        """Return each regular file with its path among the artifacts.

        A 3.x client keeps the files of a logged model beside the runs, under the model's name.
        """
        yield from _entries(self.folder / "artifacts")
        for meta in sorted(self.folder.parent.glob("models/*/meta.yaml")):
            facts = _facts(meta)
            if facts.get("source_run_id") == self.run_id:
                name = str(facts.get("name"))
                folder = name if _PLAIN_NAME.fullmatch(name) else meta.parent.name
                for path, relative in _entries(meta.parent / "artifacts"):
                    yield path, f"models/{folder}/{relative}"


def read_runs(store: Path) -> list[ChildRun]:
    """Return the runs of a store, parents before the runs nested in them."""
    runs = [run for meta in sorted(store.glob("*/*/meta.yaml")) if (run := _run(meta))]
    known = {run.run_id for run in runs}
    ordered: list[ChildRun] = []
    placed: set[str] = set()
    while runs:
        ready = [
            run for run in runs if run.parent_id in placed or run.parent_id not in known
        ] or runs  # a circle of parents, made by hand
        ordered += sorted(ready, key=lambda run: (run.started_ms, run.run_id))
        placed |= {run.run_id for run in ready}
        runs = [run for run in runs if run.run_id not in placed]
    return ordered


def _run(meta: Path) -> ChildRun | None:
    folder = meta.parent
    try:
        facts = _facts(meta)
        if folder.parent.is_symlink() or "run_id" not in facts:
            return None
        tags = dict(_values(folder / "tags"))
        return ChildRun(
            run_id=str(facts["run_id"]),
            name=str(facts.get("run_name") or tags.get("mlflow.runName", "")),
            status=_STATUS.get(facts.get("status", 0), "RUNNING"),
            started_ms=int(facts.get("start_time") or 0),
            finished_ms=int(facts["end_time"]) if facts.get("end_time") else None,
            tags=tags,
            params=dict(_values(folder / "params")),
            folder=folder,
        )
    except (OSError, ValueError, TypeError):
        return None


def _facts(meta: Path) -> dict[str, Any]:
    """Return what a meta.yaml says; nothing where it is a link, too large or not readable."""
    try:
        if meta.is_symlink() or meta.parent.is_symlink() or meta.stat().st_size > _MAX_VALUE_BYTES:
            return {}
        facts = yaml.safe_load(meta.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _values(folder: Path) -> Iterator[tuple[str, str]]:
    for path, key in _entries(folder):
        with path.open("rb") as file:
            yield key, file.read(_MAX_VALUE_BYTES).decode("utf-8", "replace")


def _entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Return every regular file below `folder` with its relative path; follows no link."""
    if folder.is_symlink():
        return
    for parent, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path, path.relative_to(folder).as_posix()


def _point(key: str, line: str) -> MetricPoint | None:
    """Read `timestamp value [step]`; newer clients may add more words."""
    words = line.split()
    try:
        timestamp_ms, value = int(words[0]), float(words[1])
        step = int(words[2]) if len(words) > 2 else 0
    except (ValueError, IndexError):
        return None
    return MetricPoint(key=key, value=value, step=step, timestamp_ms=timestamp_ms)
