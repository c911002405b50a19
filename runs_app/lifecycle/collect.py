"""Keeps what a run created or changed, so that a later run cannot change it.

Nobody sees a run as ended before this is done, so it copies and does not hash: `hashing` does that
afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import transaction

from runs_app.choices import Notice
from runs_app.executors import notices, script_user
from runs_app.executors.local import folder_of
from runs_app.models import Run, RunFile
from runs_app.records import capture, damage, files, live_metrics
from runs_app.records import source as source_record
from runs_app.records.epoch import milliseconds
from runs_app.records.metrics import point_line
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs import small_files
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.keeping import LONGEST_PATH, KeptFile, as_text, keep
from runs_app.runner.outputs.metrics import MetricPoint, collect_metrics
from runs_app.runner.outputs.snapshot import CREATED, DELETED, FileDelta, Manifest, compare, take
from runs_app.runner.own_file import is_own
from runs_app.system.files import write_lines
from runs_app.tracking.artifact_names import artifact_path

logger = logging.getLogger(__name__)

MIB = 2**20
# Rows of files that were not kept; the list in the run folder has all of them.
MOST_NOT_KEPT = 500


def collect(run: Run) -> None:
    """Copy the new files into the run folder, and write their rows and the metrics.

    Repeatable: a second call leaves the same rows and files. Raises OSError or RunnerError.
    """
    folder = folder_of(run)
    if folder.spec_path.exists():
        script_user.fetch(folder)
    capture.capture(run)  # where the launcher died before it did
    deltas = _deltas(run, folder)
    kept = keep(
        Path(run.cwd),
        deltas or (),
        folder.outputs,
        patterns=settings.GUARDIANFLOW_OUTPUT_PATTERNS,
        limit_bytes=settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB * MIB,
    )
    kept += _executed_notebook(run, folder)
    if deltas is not None:
        files.write(folder.path, kept)
    changed = None if deltas is None else source_record.changed(Path(run.cwd), deltas, folder.path)
    _store_rows(run, _rows(run, folder, kept), source_changed=changed)
    if deltas is None:
        is_there = Path(run.cwd).is_dir()
        notices.add(run.pk, Notice.FILES_UNKNOWN if is_there else Notice.DIRECTORY_GONE)
    damage.note(run, kept)
    if changed:
        notices.add(run.pk, Notice.SOURCE_CHANGED, files=", ".join(changed))
    write_lines(folder.metrics, (point_line(point) for point in _metrics(run, folder, kept)))


def _executed_notebook(run: Run, folder: RunFolder) -> tuple[KeptFile, ...]:
    """Return a copy of the notebook with its results, which was never in the directory."""
    notebook = folder.executed_notebook
    output = folder.notebook_output.relative_to(folder.path).as_posix()
    with suppress(NotKeptError), opened(folder.path, output) as source:
        copy(source, notebook, aside=notebook.with_name(f"{notebook.name}.part"))
    if not notebook.is_file() or notebook.is_symlink():
        return ()
    return (
        KeptFile(
            path=str(PurePosixPath(run.script).with_suffix(".executed.ipynb")),
            change=CREATED,
            size_bytes=notebook.stat().st_size,
            kept=notebook.name,
        ),
    )


def _deltas(run: Run, folder: RunFolder) -> tuple[FileDelta, ...] | None:
    """Return what is different in the directory, None where nobody can know."""
    directory = Path(run.cwd)
    before = _manifest(folder.manifest_before)
    if before is None or not directory.is_dir():
        return None
    after = _manifest(folder.manifest_after)
    if after is None:
        after = take(directory, prunable=before.pruned)
        after.save(folder.manifest_after)
    return compare(before, after)


def _manifest(path: Path) -> Manifest | None:
    """Return a manifest; None where there is none, or none that the portal can have written."""
    try:
        return Manifest.load(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, LookupError, StopIteration, RecursionError) as error:
        if isinstance(error, OSError) and is_own(path):  # a disk in trouble: tried again
            raise
        logger.warning("not a manifest file=%s error=%s", path, error)
        return None


@dataclass(frozen=True, kw_only=True)
class _Span:
    """The time in which another run used the directory, in nanoseconds since 1970."""

    began_ns: int
    ended_ns: int | None

    def holds(self, moment_ns: int) -> bool:
        return moment_ns >= self.began_ns and (self.ended_ns is None or moment_ns <= self.ended_ns)


def _overlaps(run: Run) -> list[_Span]:
    """Return when other runs used the directory while this one did."""
    if run.started_at is None or run.finished_at is None:
        return []
    others = Run.objects.overlapping(run).values_list("started_at", "finished_at")
    return [
        _Span(began_ns=_ns(began), ended_ns=None if ended is None else _ns(ended))
        for began, ended in others
        if began is not None
    ]


def _ns(moment: datetime) -> int:
    return milliseconds(moment) * 1_000_000


def _rows(run: Run, folder: RunFolder, kept: Sequence[KeptFile]) -> Iterable[RunFile]:
    """Return a row for each file that people look for, and one for the archive of the others."""
    spans = _overlaps(run)
    rows: dict[str, RunFile] = {}
    not_kept = 0
    for one in kept:
        not_kept += not one.kept
        if one.archived or (not one.kept and not_kept > MOST_NOT_KEPT):
            continue
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
            uncertain=_is_uncertain(one, spans),
        )
    archived = [one for one in kept if one.archived]
    if archived:
        is_uncertain = any(_is_uncertain(one, spans) for one in archived)
        rows[small_files.NAME] = _archive_row(run, folder, len(archived), uncertain=is_uncertain)
    return rows.values()


def _is_uncertain(one: KeptFile, spans: Sequence[_Span]) -> bool:
    if one.change == DELETED:
        return bool(spans)
    return any(span.holds(one.changed_ns) for span in spans)


def _archive_row(run: Run, folder: RunFolder, members: int, *, uncertain: bool) -> RunFile:
    return RunFile(
        run=run,
        path=small_files.NAME,
        change=CREATED,
        size_bytes=(folder.path / small_files.NAME).stat().st_size,
        kept=small_files.NAME,
        artifact=small_files.NAME,
        members=members,
        uncertain=uncertain,
    )


def _store_rows(run: Run, rows: Iterable[RunFile], *, source_changed: list[str] | None) -> None:
    with transaction.atomic():
        run.files.all().delete()
        RunFile.objects.bulk_create(rows, batch_size=500)
        Run.objects.filter(pk=run.pk).update(source_changed=source_changed)


def _shortened(path: str) -> str:
    """Cut the middle out of a path that is too long to be stored; no copy of it was kept."""
    return path if len(path) <= LONGEST_PATH else f"{path[:499]}…{path[-500:]}"


def _metrics(run: Run, folder: RunFolder, kept: Sequence[KeptFile]) -> tuple[MetricPoint, ...]:
    if run.started_at is None or run.finished_at is None:
        return ()
    return collect_metrics(
        folder.outputs,
        [as_text(one.path) for one in kept if one.kept and not one.archived],
        stdout=folder.stdout,
        started_ms=milliseconds(run.started_at),
        finished_ms=milliseconds(run.finished_at),
        live=live_metrics.settled(folder),
    )
