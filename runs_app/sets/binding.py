"""Which kept files of earlier steps a step gets, and under which paths.

A step gets copies of its own: exporters write beside what they read, and must not change another
run's record. Here it is only decided which files; `lifecycle.handed` makes the copies in the run
folder right before the start.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import UUID

from django.conf import settings

from registry_app.messages import Message, Value
from runs_app.choices import FileChange
from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunFile
from runs_app.records import hashing
from runs_app.runner.outputs.kinds import sets_of
from runs_app.sets.plan import INPUTS
from runs_app.sets.spec import FromStep, StepSpec
from runs_app.texts import sets as texts

MAX_NAMED = 12
FIRST, LAST = "first", "last"


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The values of parameters that get a file, and what is handed over, as rows store it."""

    paths: Mapping[str, str]
    files: tuple[dict[str, object], ...]


def bind(spec: StepSpec, runs: Mapping[str, Run], *, uuid: UUID) -> Bound:
    """Return what a step gets of the runs of earlier steps; `uuid` is the key of its own run.

    Raises RefusedError naming the files there are, or why the file was not kept.
    """
    folder = Path(settings.RUNS_DIR) / str(uuid)
    paths: dict[str, str] = {}
    files: list[dict[str, object]] = []
    taken: dict[str, str] = {}
    for name, source in spec.files.items():
        run = runs[source.step]
        chosen, *others = _set_of(run, source)
        place = _place(spec.name, (chosen, *others), taken)
        for row in (chosen, *others):
            path = posixpath.join(place, posixpath.basename(row.path))
            taken[path] = row.sha256
            files.append({"path": path, "name": name, **_facts(row, run, source)})
        paths[name] = str(folder / place / posixpath.basename(chosen.path))
    for path, source in spec.reads.items():
        run = runs[source.step]
        files.append({"reads": path, **_facts(_chosen(run, source), run, source)})
    return Bound(paths=paths, files=tuple(_once(files)))


def _once(files: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the files without those that two parameters share."""
    return list(
        {str(item.get("path") or f"reads {item['reads']}"): item for item in files}.values()
    )


def _place(step: str, rows: Sequence[RunFile], taken: Mapping[str, str]) -> str:
    """Return a folder for the files of a set that holds no other file of one of their names."""
    place = posixpath.join(INPUTS, step)
    number = 2
    while any(
        taken.get(posixpath.join(place, posixpath.basename(row.path)), row.sha256) != row.sha256
        for row in rows
    ):
        place = posixpath.join(INPUTS, f"{step}.{number}")
        number += 1
    return place


def _facts(row: RunFile, run: Run, source: FromStep) -> dict[str, object]:
    return {
        "step": source.step,
        "run": run.pk,
        "uuid": str(run.uuid),
        "file": row.path,
        "kept": row.kept,
        "sha256": row.sha256,
        "size_bytes": row.size_bytes,
    }


def _set_of(run: Run, source: FromStep) -> list[RunFile]:
    """Return the chosen file, then the other files of its stem: a model is often a set."""
    chosen = _chosen(run, source)
    folder, name = posixpath.split(chosen.path)
    stem = name.split(".", 1)[0] if name.startswith(".") else posixpath.splitext(name)[0]
    beside = [
        row
        for row in _files(run)
        if row.pk != chosen.pk
        and posixpath.dirname(row.path) == folder
        and posixpath.splitext(posixpath.basename(row.path))[0] == stem
        and row.members is None
    ]
    needed = _needed_beside(chosen, beside)
    for row in beside:
        if row.path in needed and not row.kept:
            raise _not_kept(row, run, source, row.left_out or texts.GONE())
    return [chosen, *(row for row in beside if row.kept)]


def _needed_beside(chosen: RunFile, beside: Sequence[RunFile]) -> frozenset[str]:
    """Return the files without which the chosen one is half a model."""
    sets = sets_of([chosen.path, *(row.path for row in beside)])
    return next((members for members in sets if chosen.path in members), frozenset())


def _chosen(run: Run, source: FromStep) -> RunFile:
    """Return the one file that the pattern names; raises RefusedError."""
    rows = _files(run)
    files = [row for row in rows if row.members is None]
    values: dict[str, Value] = {"step": source.step, "run": run.pk, "pattern": source.file}
    found = _matching(files, source.file)
    if not found and (packed := next((row for row in rows if row.members and row.kept), None)):
        raise RefusedError(texts.MAYBE_PACKED(archive=packed.path, **values))
    if not found and not files:
        raise RefusedError(texts.NO_FILES(**values))
    if not found:
        raise RefusedError(texts.NOTHING_MATCHED(files=_named(files), **values))
    if len(found) > 1 and source.pick not in {FIRST, LAST}:
        raise RefusedError(texts.SEVERAL_MATCHED(files=_named(found), **values))
    row = found[-1] if source.pick == LAST else found[0]
    if not row.kept:
        raise _not_kept(row, run, source, row.left_out or texts.GONE())
    if not row.sha256:
        hashing.hash_kept(run)
        row.refresh_from_db()
    if not row.kept or not row.sha256:
        raise _not_kept(row, run, source, row.left_out or texts.GONE())
    return row


def _matching(files: Sequence[RunFile], pattern: str) -> list[RunFile]:
    """Return the files that a pattern names; the path of a file names it whatever it consists of.

    A Mac writes Korean names as single letters (NFD), which look like those of other systems.
    """
    wanted = unicodedata.normalize("NFC", pattern)
    names = [(row, unicodedata.normalize("NFC", row.path)) for row in files]
    exact = [row for row, name in names if name == wanted]
    return exact or [row for row, name in names if fnmatchcase(name, wanted)]


def _files(run: Run) -> list[RunFile]:
    rows = run.files.exclude(change=FileChange.DELETED)
    return sorted(rows, key=lambda row: row.path)  # databases sort texts differently


def _named(rows: Sequence[RunFile]) -> list[str]:
    names = [row.path for row in rows[:MAX_NAMED]]
    return [*names, "…"] if len(rows) > MAX_NAMED else names


def _not_kept(row: RunFile, run: Run, source: FromStep, reason: Message) -> RefusedError:
    return RefusedError(texts.NOT_KEPT(file=row.path, step=source.step, run=run.pk, reason=reason))
