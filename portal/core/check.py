"""Report everything that is wrong in a core repository, with files and lines.

Works without a database, for CI. Files are read and parsed; nothing is imported or executed, and
links are not followed, because a link in a repository may lead anywhere.
"""

from __future__ import annotations

import ast
import errno
import json
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings

from portal.core.mlproject import FILE as MLPROJECT
from portal.core.mlproject import Entry, MlprojectReader
from registry_app.document import yaml_nodes
from registry_app.document.model import RegistryDocument
from registry_app.document.reader import load
from registry_app.document.yaml_nodes import MAX_BYTES
from registry_app.exceptions import Problem, RegistryFileError
from registry_app.files.visible import visible
from registry_app.inference.code.trainer_classes import trainer_classes
from registry_app.texts import core as texts

FOLDERS = ("scenario", "pipelines", "trainers")
# What opening says where the file, or a folder on the way to it, is a link or of another kind.
_NO_PLAIN_FILE = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})


@dataclass(frozen=True, kw_only=True)
class FileProblem:
    """A problem, and the file that has it, by its path inside the repository."""

    file: str
    problem: Problem

    def to_json(self) -> dict[str, Any]:
        message = self.problem.message
        return {
            "file": self.file,
            "line": self.problem.line,
            "code": message.code,
            "message": str(message),
        }


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The number of files that were read, and all problems by file and line."""

    files: int
    problems: tuple[FileProblem, ...]


class RefusedFileError(Exception):
    """A file is not read; the problem says why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


def registry_file() -> str:
    """Return the path of the registry file inside the repository."""
    return str(settings.GUARDIANFLOW_CORE_REGISTRY_PATH)


def check(directory: Path) -> Checked:
    """Return all problems of the core repository in `directory`."""
    problems: list[FileProblem] = []

    def read(file: str, reader: Callable[[bytes], Any]) -> Any:
        """Return what a file says, None after its problems were noted."""
        try:
            return reader(_content(directory, file))
        except (RegistryFileError, RefusedFileError) as error:
            problems.extend(
                FileProblem(file=visible(file), problem=problem) for problem in error.problems
            )
        return None

    file = registry_file()
    registry = read(file, lambda data: load(data, name=file))
    read(MLPROJECT, lambda data: _read_mlproject(data, registry))
    others = list(_files_below(directory))
    for other in others:
        reader = _READERS[PurePath(other).suffix]
        if reader is _read_python and registry is not None:
            reader = partial(_read_trainer, path=other, known=_names_of(registry))
        read(other, reader)
    return Checked(files=len(others) + 2, problems=tuple(problems))


def _content(directory: Path, file: str) -> bytes:
    """Return a file; raises RefusedFileError for a link, a special or a very large file.

    Each folder on the way is opened by itself, so that none of them can be a link.
    """
    *folders, name = PurePath(file).parts
    opened = [os.open(directory, os.O_RDONLY | os.O_DIRECTORY)]
    try:
        for folder in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            opened.append(os.open(folder, flags, dir_fd=opened[-1]))
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with os.fdopen(os.open(name, flags, dir_fd=opened[-1]), "rb") as content:
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                raise RefusedFileError(Problem(message=texts.NO_PLAIN_FILE()))
            return content.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise RefusedFileError(Problem(message=texts.FILE_MISSING())) from error
    except OSError as error:
        if error.errno in _NO_PLAIN_FILE:
            raise RefusedFileError(Problem(message=texts.NO_PLAIN_FILE())) from error
        problem = error.strerror or type(error).__name__
        raise RefusedFileError(Problem(message=texts.FILE_UNREADABLE(problem=problem))) from error
    finally:
        for handle in opened:
            os.close(handle)


def _files_below(directory: Path) -> Iterator[str]:
    """Yield the files of the folders that have a syntax to check, by path."""
    for name in FOLDERS:
        if (directory / name).is_symlink():
            continue
        for folder, inner, files in os.walk(directory / name):
            inner.sort()
            for file in sorted(files):
                if PurePath(file).suffix in _READERS:
                    yield os.path.relpath(os.path.join(folder, file), directory)


def _read_mlproject(data: bytes, registry: RegistryDocument | None) -> None:
    node = yaml_nodes.read(data)
    if node is None:
        raise RefusedFileError(Problem(message=texts.MLPROJECT_EMPTY(), line=1))
    reader = MlprojectReader()
    entries = reader.entries(node)
    if registry is not None:
        _check_registered(reader, entries, registry)
    if reader.problems:
        raise RegistryFileError(sorted(reader.problems, key=lambda problem: problem.line or 0))


def _check_registered(
    reader: MlprojectReader, entries: dict[str, Entry], registry: RegistryDocument
) -> None:
    """Report entry points that run what the registry file does not have."""
    types: dict[str, set[str]] = {}
    for experiment in registry.experiments:
        names = (experiment.name, PurePath(experiment.path).name, *(experiment.aliases or ()))
        for name in names:
            types.setdefault(name, set()).update(experiment.entry_points)
    for name, entry in entries.items():
        if entry.runs is None:
            continue
        values = {
            "file": registry_file(),
            "name": name,
            "experiment": entry.runs.experiment,
            "type": entry.runs.type,
        }
        if entry.runs.experiment not in types:
            reader.report(texts.NOT_REGISTERED(**values), entry.line)
        elif entry.runs.type not in types[entry.runs.experiment]:
            reader.report(texts.NO_SUCH_ENTRY_POINT(**values), entry.line)


def _names_of(registry: RegistryDocument) -> set[str]:
    """Return every name by which a trainer may name an experiment."""
    return {name for row in registry.experiments for name in (row.name, *(row.aliases or ()))}


def _read_trainer(data: bytes, *, path: str, known: set[str]) -> None:
    """Report a class of the standard interface whose experiment is not registered."""
    for trainer in trainer_classes(path, _read_python(data)):
        if trainer.experiment not in known:
            message = texts.TRAINER_NOT_REGISTERED(
                name=trainer.name, experiment=trainer.experiment, file=registry_file()
            )
            raise RefusedFileError(Problem(message=message, line=trainer.line))


def _read_python(data: bytes) -> ast.Module:
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(data)
    except SyntaxError as error:
        message = texts.NO_PYTHON(problem=error.msg)
        raise RefusedFileError(Problem(message=message, line=error.lineno)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        message = texts.NO_PYTHON(problem=str(error))
        raise RefusedFileError(Problem(message=message)) from error


def _read_json(data: bytes) -> None:
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        message = texts.NO_JSON(problem=error.msg)
        raise RefusedFileError(Problem(message=message, line=error.lineno)) from error
    except (ValueError, RecursionError) as error:
        raise RefusedFileError(Problem(message=texts.NO_JSON(problem=str(error)))) from error


_READERS: dict[str, Callable[[bytes], Any]] = {
    ".yaml": yaml_nodes.read,
    ".yml": yaml_nodes.read,
    ".py": _read_python,
    ".json": _read_json,
}
