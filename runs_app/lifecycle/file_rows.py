"""The rows of the files that a run made: those that users look for, and the unsure among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from runs_app.models import Run, RunFile
from runs_app.models.moments import earliest
from runs_app.queue import directories
from runs_app.records.epoch import nanoseconds
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.keeping import MAX_PATH_LENGTH, KeptFile, as_text
from runs_app.runner.outputs.snapshot import CREATED, DELETED
from runs_app.tracking.artifact_names import artifact_path

# Most rows of files that were not saved; the list in the run folder has all of them.
MAX_NOT_KEPT = 500


@dataclass(frozen=True, kw_only=True)
class _Span:
    """The time in which another run used the directory, in nanoseconds since 1970."""

    began_ns: int
    ended_ns: int | None

    def holds(self, moment_ns: int) -> bool:
        return moment_ns >= self.began_ns and (self.ended_ns is None or moment_ns <= self.ended_ns)


def rows(
    run: Run, folder: RunFolder, kept: Sequence[KeptFile], unsure_from_ns: int | None
) -> Iterable[RunFile]:
    """Return a row for each file that users look for, and one for each archive of the others.

    What changed while another run used the directory, or after `unsure_from_ns`, in nanoseconds
    since 1970, may come from another run.
    """
    spans = _overlaps(run, folder)
    if unsure_from_ns is not None:
        spans.append(_Span(began_ns=unsure_from_ns, ended_ns=None))
    found: dict[str, RunFile] = {}
    not_kept = 0
    for file in kept:
        not_kept += not file.kept
        is_one_of_many = not file.kept and not file.members and not_kept > MAX_NOT_KEPT
        if file.archived or is_one_of_many:
            continue
        path = _shortened(as_text(file.path))
        found[path] = RunFile(
            run=run,
            path=path,
            change=file.change,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            kept=file.kept,
            artifact=artifact_path(path) if file.kept else "",
            left_out=file.left_out,
            members=file.members or None,
            uncertain=_is_uncertain(file, spans),
        )
    for archive in sorted({file.kept for file in kept if file.archived}):
        members = [file for file in kept if file.archived and file.kept == archive]
        is_uncertain = any(_is_uncertain(file, spans) for file in members)
        found[archive] = _archive_row(run, folder, archive, len(members), uncertain=is_uncertain)
    return found.values()


def as_changed_now(kept: Iterable[KeptFile], directory: Path) -> tuple[KeptFile, ...]:
    """Return the files with the time of their last change, which may be after their listing."""
    return tuple(
        replace(file, changed_ns=max(file.changed_ns, _changed_ns(directory / file.path)))
        for file in kept
    )


def _changed_ns(path: Path) -> int:
    try:
        return path.lstat().st_ctime_ns
    except (OSError, ValueError):
        return 0


def store(run: Run, found: Iterable[RunFile], *, source_changed: list[str] | None) -> None:
    """Replace the rows of the files of a run; store which source files changed meanwhile."""
    with transaction.atomic():
        run.files.all().delete()
        RunFile.objects.bulk_create(found, batch_size=500)
        Run.objects.filter(pk=run.pk).update(source_changed=source_changed)


def _overlaps(run: Run, folder: RunFolder) -> list[_Span]:
    """Return when other runs used the directory while this one did.

    When those of another portal did is not known, so it counts as the whole time.
    """
    if run.started_at is None or run.finished_at is None:
        return []
    record = folder.exit_record()
    if record is not None and record.directory_shared and not directories.was_shared(run):
        return [_Span(began_ns=nanoseconds(run.started_at), ended_ns=None)]
    others = Run.objects.overlapping(run).values_list("started_at", "finished_at")
    return [
        _Span(
            began_ns=nanoseconds(earliest(began)),
            ended_ns=None if ended is None else nanoseconds(ended),
        )
        for began, ended in others
        if began is not None
    ]


def _is_uncertain(file: KeptFile, spans: Sequence[_Span]) -> bool:
    if file.change == DELETED:
        return bool(spans)
    return any(span.holds(file.changed_ns) for span in spans)


def _archive_row(
    run: Run, folder: RunFolder, archive: str, members: int, *, uncertain: bool
) -> RunFile:
    return RunFile(
        run=run,
        path=archive,
        change=CREATED,
        size_bytes=(folder.path / archive).stat().st_size,
        kept=archive,
        artifact=archive,
        members=members,
        uncertain=uncertain,
    )


def _shortened(path: str) -> str:
    """Cut the middle out of a path that is too long to store; its file was not copied."""
    return path if len(path) <= MAX_PATH_LENGTH else f"{path[:499]}…{path[-500:]}"
