"""Keeps what a run created or changed, so that a later run cannot change it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from runs_app import executor
from runs_app.artifact_names import artifact_path
from runs_app.atomic import write_lines
from runs_app.epoch import milliseconds
from runs_app.models import Run, RunFile
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import RunFolder
from runs_app.runner.keeping import LONGEST_PATH, KeptFile, as_text, keep
from runs_app.runner.metrics import MetricPoint, collect_metrics
from runs_app.runner.snapshot import Manifest, compare, take

MIB = 2**20


def collect(run: Run) -> None:
    """Copy the new files into the run folder, and write their rows and the metrics.

    Repeatable: a second call leaves the same rows and files. Raises OSError or RunnerError.
    """
    folder = executor.folder_of(run)
    kept = _keep_files(run, folder)
    _store_rows(run, kept)
    write_lines(folder.metrics, (_metric_line(point) for point in _metrics(run, folder, kept)))


def _keep_files(run: Run, folder: RunFolder) -> tuple[KeptFile, ...]:
    if not folder.manifest_before.exists():
        return ()
    directory = Path(run.cwd)
    before = _manifest(folder.manifest_before)
    if not folder.manifest_after.exists():
        take(directory, prunable=before.pruned).save(folder.manifest_after)
    deltas = compare(before, _manifest(folder.manifest_after))
    return keep(
        directory,
        deltas,
        folder.outputs,
        patterns=settings.GUARDIANFLOW_OUTPUT_PATTERNS,
        limit_bytes=settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB * MIB,
    )


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest.load(path)
    except (ValueError, TypeError, LookupError, StopIteration) as error:
        raise FolderError(f"{path} cannot be read: {error}") from error


def _store_rows(run: Run, kept: tuple[KeptFile, ...]) -> None:
    rows = {}
    for one in kept:
        path = _shortened(as_text(one.path))
        rows[path] = RunFile(
            run=run,
            path=path,
            change=one.change,
            size_bytes=one.size_bytes,
            sha256=one.sha256,
            kept=one.kept,
            artifact=artifact_path(path) if one.kept else "",
            left_out=one.left_out[:200],
        )
    with transaction.atomic():
        run.files.all().delete()
        RunFile.objects.bulk_create(rows.values(), batch_size=500)


def _shortened(path: str) -> str:
    """Cut the middle out of a path that is too long to be stored; no copy of it was kept."""
    return path if len(path) <= LONGEST_PATH else f"{path[:499]}…{path[-500:]}"


def _metrics(run: Run, folder: RunFolder, kept: tuple[KeptFile, ...]) -> tuple[MetricPoint, ...]:
    if run.started_at is None or run.finished_at is None:
        return ()
    return collect_metrics(
        folder.outputs,
        [as_text(one.path) for one in kept if one.kept],
        stdout=folder.stdout,
        started_ms=milliseconds(run.started_at),
        finished_ms=milliseconds(run.finished_at),
    )


def _metric_line(point: MetricPoint) -> str:
    return json.dumps(
        {
            "key": point.key,
            "value": point.value,
            "step": point.step,
            "timestamp_ms": point.timestamp_ms,
        },
        ensure_ascii=False,
    )


def read_metrics(folder: RunFolder) -> Iterator[MetricPoint]:
    """Return the metrics that were kept; none where the run ended without any."""
    if folder.metrics.exists():
        with folder.metrics.open(encoding="utf-8") as lines:
            for line in lines:
                yield MetricPoint(**json.loads(line))
