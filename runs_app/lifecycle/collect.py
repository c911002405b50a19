"""Saves what a run created or changed, so that a later run cannot change it.

A run is not shown as ended before this is done. To be quick it only copies; `hashing` computes the
hashes afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import Error as DatabaseError

from registry_app.messages import Message, message_of, plain
from runs_app.exceptions import RunnerError
from runs_app.executors import notices, script_user
from runs_app.executors.base import folder_of
from runs_app.lifecycle import file_rows, handed, inputs
from runs_app.models import Run
from runs_app.queue import directories
from runs_app.records import (
    capture,
    damage,
    files,
    live_metrics,
    own_stores,
    result_files,
    result_remarks,
    results,
)
from runs_app.records import source as source_record
from runs_app.records.epoch import milliseconds, nanoseconds
from runs_app.records.metrics import point_line
from runs_app.runner.exceptions import FolderError
from runs_app.runner.folder import RunFolder
from runs_app.runner.guards.directory_lock import EXCLUSIVE, SHARED
from runs_app.runner.handover import keeping_directory
from runs_app.runner.outputs import links
from runs_app.runner.outputs.before import OldFiles
from runs_app.runner.outputs.copying import NotKeptError, copy, opened
from runs_app.runner.outputs.keeping import KeptFile, keep
from runs_app.runner.outputs.metrics import collect_metrics
from runs_app.runner.outputs.snapshot import CREATED, FileDelta, Manifest, compare, take
from runs_app.runner.own_file import is_own
from runs_app.runner.supervisor import HEARTBEAT_S
from runs_app.system.files import write_lines
from runs_app.texts import remarks
from runs_app.tracking.metric_keys import keys_of
from runs_app.trainers import record as trainer_record

logger = logging.getLogger(__name__)

MIB = 2**20
# The clock of a file server may be off by this.
CLOCK_SLACK_NS = 2_000_000_000


def collect(run: Run) -> None:
    """Copy the new files into the run folder, and write their rows and the metrics.

    Repeatable: a second call leaves the same rows and files. Runs of other portals wait meanwhile.
    Raises OSError or RunnerError.
    """
    folder = folder_of(run)
    with keeping_directory(folder, is_shared=partial(directories.is_shared, run)) as is_locked:
        _collect(run, folder, is_locked)


def _collect(run: Run, folder: RunFolder, is_locked: Callable[[], bool]) -> None:
    was_locked = is_locked()
    end = None if was_locked else _end_of(run, folder)
    until_ns = end.recorded_ns if end else None
    if folder.spec_path.exists():
        script_user.fetch(folder)
    capture.capture(run)  # in case the launcher died before doing it
    links.allow(settings.GUARDIANFLOW_ROOTS)
    deltas = _deltas(run, folder)
    if deltas is not None:
        OldFiles.load(folder.path).forget(but=(delta.path for delta in deltas))
    tracked = own_stores.keep(
        Path(run.cwd),
        deltas or (),
        folder,
        started_at=run.started_at,
        # A lost run has no end at first, and its second collection must save the same.
        finished_at=run.finished_at if folder.exit_record() else None,
        until_ns=until_ns,
    )
    kept = keep(
        Path(run.cwd),
        [delta for delta in deltas or () if delta.path not in tracked],
        folder.outputs,
        rule=handed.rule_of(run),
        limit_bytes=settings.GUARDIANFLOW_OUTPUT_LIMIT_MIB * MIB,
        until_ns=until_ns,
    )
    kept += _executed_notebook(run, folder)
    kept += handed.made(run, folder, taken=frozenset(file.path for file in kept))
    if deltas is not None:
        files.write(folder.path, kept)
    changed = None if deltas is None else _changed_source(run, folder, deltas, until_ns)
    if was_locked and not is_locked():  # it was lost while files were copied
        end, kept = _end_of(run, folder), file_rows.as_changed_now(kept, Path(run.cwd))
    unsure_from_ns = end.latest_ns if end else None
    file_rows.store(run, file_rows.rows(run, folder, kept, unsure_from_ns), source_changed=changed)
    if deltas is None:
        is_there = folder.has_directory(run.cwd)
        notices.add(run.pk, (remarks.FILES_UNKNOWN if is_there else remarks.DIRECTORY_GONE)())
    damage.note(run, kept)
    if changed:
        notices.add(run.pk, remarks.SOURCE_CHANGED(files=list(changed)))
    _keep_results(run, folder, kept)
    inputs.note_end(run)


def problem_of(run: Run) -> Message | None:
    """Save what the script made; return what went wrong, which never changes the outcome."""
    try:
        collect(run)
    except (OSError, RunnerError) as error:
        logger.warning("not collected run=%s error=%s", run.pk, error)
        return message_of(error)
    except DatabaseError:
        raise
    except Exception as error:
        # Catch everything: a run that never ends would hold its directory forever.
        logger.exception("not collected run=%s", run.pk)
        return plain(f"{type(error).__name__}: {error}")
    return None


@dataclass(frozen=True, kw_only=True)
class _End:
    """When a script had ended at the latest, by the clock of the file system; in nanoseconds.

    What changed after `latest_ns` is uncertain. What changed after `recorded_ns`, which for a lost
    run is the time of its closing, was changed by something else: it is not taken for a result.
    """

    recorded_ns: int | None
    latest_ns: int


def _end_of(run: Run, folder: RunFolder) -> _End | None:
    """Return the end of a script if something else may have used its directory since.

    That is after a failed collection, and where the lock on the directory ended before this one.
    """
    if run.collect_next_at is None and not _had_lock(folder):
        return None
    ended_ns = folder.recorded_at_ns()
    if ended_ns is not None:
        slack_ns = 0 if folder.is_on_disk_of(run.cwd) else CLOCK_SLACK_NS
        return _End(recorded_ns=ended_ns + CLOCK_SLACK_NS, latest_ns=ended_ns + slack_ns)
    # A lost run is closed later than its script ended: with its supervisor, before a heartbeat.
    closed_at = run.finished_at if run.collect_next_at is not None else None
    closed_ns = None if closed_at is None else nanoseconds(closed_at) + CLOCK_SLACK_NS
    if (beaten_at := folder.heartbeat_at()) is not None:
        latest_ns = int((beaten_at + HEARTBEAT_S) * 1e9) + CLOCK_SLACK_NS
        return _End(recorded_ns=closed_ns, latest_ns=latest_ns)
    return None if closed_ns is None else _End(recorded_ns=closed_ns, latest_ns=closed_ns)


def _changed_source(
    run: Run, folder: RunFolder, deltas: Iterable[FileDelta], until_ns: int | None
) -> list[str]:
    """Return the source files that changed while the script ran."""
    meanwhile = [delta for delta in deltas if until_ns is None or delta.changed_ns <= until_ns]
    return source_record.changed(Path(run.cwd), meanwhile, folder.path)


def _had_lock(folder: RunFolder) -> bool:
    """Return whether the directory was locked for the script: not on every file system."""
    started = folder.started()  # missing where the disk was full
    if started is not None and started.directory_refused:
        return False
    with suppress(FolderError):
        return folder.spec().directory_lock in {EXCLUSIVE, SHARED}
    return False


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
    """Return what changed in the directory, None if that cannot be known."""
    directory = Path(run.cwd)
    before = _manifest(folder.manifest_before)
    if before is None or not folder.has_directory(run.cwd):
        return None
    if not _may_have_run(folder):
        return ()
    after = _manifest(folder.manifest_after)
    # It was mounted again, which gave all its files other inodes.
    is_renumbered = folder.has_new_inode(run.cwd)
    if after is None:
        after = take(directory, prunable=before.pruned)
        if is_renumbered:
            after = after.with_inodes_of(before)
        after.save(folder.manifest_after)
    deltas = (delta for delta in compare(before, after) if not _is_input(delta, run))
    return tuple(replace(delta, seen=None) if is_renumbered else delta for delta in deltas)


def _may_have_run(folder: RunFolder) -> bool:
    """Return whether a script of the run may have been in its directory.

    Without an end and a start on record it may have: a full disk has no room for them. But every
    supervisor makes a lock, so without one the launch failed or was fenced.
    """
    record = folder.exit_record()
    if record is not None:
        return record.started_at is not None
    return folder.started_at() is not None or folder.heartbeat_at() is not None


def _is_input(delta: FileDelta, run: Run) -> bool:
    """Return whether a file was only linked to by the run, and was there before."""
    if delta.change != CREATED or run.started_at is None:
        return False
    is_old = delta.changed_ns < nanoseconds(run.started_at) - CLOCK_SLACK_NS
    return is_old and links.leads_out(delta.path, Path(run.cwd))


def _manifest(path: Path) -> Manifest | None:
    """Return a manifest; None if it is missing or cannot be the portal's own."""
    try:
        return Manifest.load(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, LookupError, StopIteration, RecursionError) as error:
        if isinstance(error, OSError) and is_own(path):  # a disk error: retried later
            raise
        logger.warning("not a manifest file=%s error=%s", path, error)
        return None


def _keep_results(run: Run, folder: RunFolder, kept: Sequence[KeptFile]) -> None:
    """Write the metrics and the record of what was read, and note what is odd about them."""
    if run.started_at is None or run.finished_at is None:
        return
    seen = live_metrics.settled(folder)
    files = result_files.choose(kept)
    trainer_record.keep(folder)
    with result_files.opener(folder, seen.rewritten) as as_result:
        collected = collect_metrics(
            [*trainer_record.result_files(folder), *map(as_result, files.read)],
            folder.path,
            old=OldFiles.load(folder.path),
            params={name: str(value) for name, value in run.params.items()},
            started_ms=milliseconds(run.started_at),
            finished_ms=milliseconds(run.finished_at),
            live=seen.points,
        )
    collected = replace(collected, sources=(*collected.sources, *files.not_read))
    keys = keys_of(point.key for point in collected.points)
    write_lines(folder.metrics, (point_line(point) for point in collected.points))
    results.write(folder.path, collected, keys=keys)
    result_remarks.note(run.pk, collected)
