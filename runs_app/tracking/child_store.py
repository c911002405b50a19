"""Reads the private store that a script's own MLflow calls wrote to, as plain files.

Clients 2.x and 3.x write the same folders, EXPERIMENT/RUN/ with meta.yaml, params, metrics, tags
and artifacts.
The content was written by the script and is not trusted: links are not followed, and anything
unreadable is skipped.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import yaml

from runs_app.runner.outputs.copying import NotKeptError, opened
from runs_app.runner.outputs.metric_points import MetricPoint

# MLflow's own numbers for the status of a run.
_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
PARENT_TAG = "mlflow.parentRunId"
_MAX_VALUE_BYTES = 2**16
_PLAIN_NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True, kw_only=True)
class ChildRun:
    """One run that the script opened; `finished_ms` is None if the script never closed it.

    `is_deleted`: the script, or a user meanwhile, deleted it.
    """

    run_id: str
    name: str
    status: str
    started_ms: int
    finished_ms: int | None
    tags: dict[str, str]
    params: dict[str, str]
    store: Path
    place: str
    is_deleted: bool = False

    @property
    def parent_id(self) -> str:
        """The id of the parent run in the same store, or ''."""
        return self.tags.get(PARENT_TAG, "")

    def metrics(self) -> Iterator[MetricPoint]:
        """Read the points of every metric; a line that is not a point is skipped."""
        for path, key in _entries(self.store, f"{self.place}/metrics"):
            with _opened(self.store, path) as file:
                for line in file:
                    point = _point(key, line.decode("utf-8", "replace"))
                    if point is not None:
                        yield point

    def artifacts(self) -> Iterator[tuple[Path, str]]:
        """Yield each regular file with its artifact path.

        A 3.x client stores the files of a logged model next to the runs, under the model's name.
        """
        for path, relative in _entries(self.store, f"{self.place}/artifacts"):
            yield self.store / path, relative
        experiment = self.store / PurePosixPath(self.place).parent
        for meta in sorted(experiment.glob("models/*/meta.yaml")):
            place = meta.parent.relative_to(self.store).as_posix()
            facts = _facts(self.store, place)
            if facts.get("source_run_id") == self.run_id:
                name = str(facts.get("name"))
                folder = name if _PLAIN_NAME.fullmatch(name) else meta.parent.name
                for path, relative in _entries(self.store, f"{place}/artifacts"):
                    yield self.store / path, f"models/{folder}/{relative}"


def read_runs(store: Path) -> list[ChildRun]:
    """Return the runs of a store, parents before the runs nested in them."""
    places = [meta.parent.relative_to(store) for meta in sorted(store.glob("*/*/meta.yaml"))]
    runs = [run for place in places if (run := _run(store, place.as_posix()))]
    known = {run.run_id for run in runs}
    ordered: list[ChildRun] = []
    placed: set[str] = set()
    while runs:
        ready = [
            run for run in runs if run.parent_id in placed or run.parent_id not in known
        ] or runs  # a cycle of parents, made by hand
        ordered += sorted(ready, key=lambda run: (run.started_ms, run.run_id))
        placed |= {run.run_id for run in ready}
        runs = [run for run in runs if run.run_id not in placed]
    return ordered


def _run(store: Path, place: str) -> ChildRun | None:
    try:
        facts = _facts(store, place)
        if "run_id" not in facts:
            return None
        tags = dict(_values(store, f"{place}/tags"))
        return ChildRun(
            run_id=str(facts["run_id"]),
            name=str(facts.get("run_name") or tags.get("mlflow.runName", "")),
            status=_STATUS.get(facts.get("status", 0), "RUNNING"),
            started_ms=int(facts.get("start_time") or 0),
            finished_ms=int(facts["end_time"]) if facts.get("end_time") else None,
            tags=tags,
            params=dict(_values(store, f"{place}/params")),
            store=store,
            place=place,
            is_deleted=facts.get("lifecycle_stage") == "deleted" or bool(facts.get("deleted_time")),
        )
    except (OSError, ValueError, TypeError):
        return None


def _facts(store: Path, place: str) -> dict[str, Any]:
    """Return the content of a meta.yaml; empty if it is a link, too large or unreadable."""
    try:
        with _opened(store, f"{place}/meta.yaml") as file:
            text = file.read(_MAX_VALUE_BYTES + 1)
        facts = yaml.safe_load(text.decode()) if len(text) <= _MAX_VALUE_BYTES else {}
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _values(store: Path, place: str) -> Iterator[tuple[str, str]]:
    for path, key in _entries(store, place):
        with _opened(store, path) as file:
            yield key, file.read(_MAX_VALUE_BYTES).decode("utf-8", "replace")


@contextmanager
def _opened(store: Path, path: str) -> Iterator[BinaryIO]:
    """Open a regular file of the store; one that has become a link is empty."""
    try:
        with opened(store, path) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            yield file
    except NotKeptError:
        yield io.BytesIO()


def _entries(store: Path, place: str) -> Iterator[tuple[str, str]]:
    """Yield every regular file below a folder: its path in the store, and in the folder."""
    folder = store / place
    if folder.is_symlink() or folder.parent.is_symlink():
        return
    for parent, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(store).as_posix(), path.relative_to(folder).as_posix()


def _point(key: str, line: str) -> MetricPoint | None:
    """Read `timestamp value [step]`; newer clients may append more fields."""
    words = line.split()
    try:
        timestamp_ms, value = int(words[0]), float(words[1])
        step = int(words[2]) if len(words) > 2 else 0
    except (ValueError, IndexError):
        return None
    return MetricPoint(key=key, value=value, step=step, timestamp_ms=timestamp_ms)
