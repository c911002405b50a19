"""The files of a run that are promoted: which, how they are called, and the portal's copies."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from runs_app.exceptions import RefusedError
from runs_app.models import Run, RunFile
from runs_app.records.kept_file import open_inside
from runs_app.texts import promotion as texts

MAX_NAMED = 8
_CHUNK = 2**20
# What a training leaves as its result, the most finished first.
_WEIGHTS = (".onnx", ".xml", ".engine", ".tflite", ".torchscript", ".pt", ".pth", ".h5", ".keras")
_OTHER_WEIGHTS = (".npz", ".safetensors", ".joblib", ".pkl", ".bin")
SUFFIXES = (*_WEIGHTS, *_OTHER_WEIGHTS)


def offered(run: Run) -> list[RunFile]:
    """Return the kept files of a run that look like models, likely ones first."""
    rows = [row for row in run.files.exclude(kept="") if is_model(row.path)]
    return sorted(rows, key=lambda row: likeliness(row.path))


def chosen(run: Run, paths: Sequence[str]) -> list[dict[str, Any]]:
    """Return the package of these files of a run, the first one the model itself.

    Without paths, the likeliest file; an OpenVINO model with its weights. Raises RefusedError for
    a file that the run did not leave or the portal has not kept.
    """
    rows = {row.path: row for row in run.files.exclude(change="deleted")}
    if not paths:
        likely = offered(run)
        if not likely:
            raise RefusedError(texts.NO_FILES(run=run.pk))
        paths = [likely[0].path]
    wanted = dict.fromkeys(path for first in paths for path in (first, *_with(first, rows)))
    for path in wanted:
        if path not in rows:
            names = list(rows)[:MAX_NAMED]
            raise RefusedError(texts.FILE_UNKNOWN(run=run.pk, path=path, names=names))
        if not rows[path].kept or not rows[path].sha256:
            raise RefusedError(texts.FILE_NOT_KEPT(run=run.pk, path=path))
    folder = posixpath.commonpath([posixpath.dirname(path) or "." for path in wanted])
    return [
        {
            "path": path,
            "name": posixpath.relpath(path, folder),
            "sha256": rows[path].sha256,
            "size_bytes": rows[path].size_bytes,
        }
        for path in wanted
    ]


def open_copy(run: Run, path: str) -> BinaryIO:
    """Open the portal's copy of a file of a run; raises RefusedError if there is none."""
    try:
        return open_inside(run.folder, kept_path(run, path))
    except FileNotFoundError as error:
        raise RefusedError(texts.FILE_NOT_KEPT(run=run.pk, path=path)) from error


def kept_path(run: Run, path: str) -> str:
    """Return the path of the copy of a file, inside the run folder; '' if there is none."""
    row = run.files.filter(path=path).exclude(kept="").first()
    return row.kept if row is not None else ""


def copies(run: Run, files: Sequence[dict[str, Any]]) -> list[tuple[Path, str]]:
    """Return the copies and their names in the package, after comparing each with its hash."""
    found = []
    for file in files:
        with open_copy(run, file["path"]) as copy:
            if _sha256(copy) != file["sha256"]:
                raise RefusedError(texts.FILE_DIFFERS(run=run.pk, path=file["path"]))
        found.append((run.folder / kept_path(run, file["path"]), str(file["name"])))
    return found


def _with(path: str, rows: dict[str, RunFile]) -> list[str]:
    """Return the files that a model cannot do without: weights and metadata of an OpenVINO one."""
    pure = PurePosixPath(path)
    if pure.suffix != ".xml":
        return []
    beside = (str(pure.with_suffix(".bin")), str(pure.with_name("metadata.yaml")))
    return [other for other in beside if other in rows]


def is_model(path: str) -> bool:
    """Whether a file is named like a model."""
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def likeliness(path: str) -> tuple[int, int, int, str]:
    """Return a key that sorts the likeliest model first: the best, the most finished."""
    pure = PurePosixPath(path)
    best = "best" in pure.stem.lower()
    return (not best, SUFFIXES.index(pure.suffix.lower()), len(pure.parts), path)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
