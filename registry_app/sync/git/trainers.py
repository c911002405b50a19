"""Keep the trainers of the core repository: a row for each class, a copy of each folder.

Called with each sync, so that starts and pages need neither git nor the remote.
"""

from __future__ import annotations

import hashlib
import logging
import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from registry_app.files.core_copies import MAX_BYTES, digest_of, read_copy
from registry_app.files.core_scripts import FOLDER, copies_folder, copy_folder
from registry_app.inference.code.project import Project
from registry_app.inference.code.trainer_classes import trainer_classes
from registry_app.inference.readers.all import read_command_line
from registry_app.models import CoreTrainer
from registry_app.sync.git.plumbing import Git

logger = logging.getLogger(__name__)

BASE = "gf_base.py"
MAX_FILES = 100
_REGULAR = frozenset({"100644", "100755"})
_ODD = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One folder `trainers/NAME` of a commit: git's id of it, and its plain files by path."""

    name: str
    id: str
    blobs: Mapping[str, str]


def keep(git: Git, commit: str) -> None:
    """Store the trainers of a commit as rows, and their folders as copies; drop those that left.

    Raises SyncError if git fails, OSError if a copy cannot be written.
    """
    rows: list[CoreTrainer] = []
    for tree in trees_of(git, commit):
        files = extract(git, tree)
        rows += _rows(tree, files, commit)
    with transaction.atomic():
        CoreTrainer.objects.exclude(path__in=[row.path for row in rows]).delete()
        for row in rows:
            values = {
                field.name: getattr(row, field.name)
                for field in CoreTrainer._meta.concrete_fields
                if field.name not in {"id", "path", "at"}
            }
            CoreTrainer.objects.update_or_create(path=row.path, defaults=values)


def trees_of(git: Git, commit: str) -> Iterator[Tree]:
    """Yield the folders of trainers in a commit; links, submodules and odd names are left out."""
    for mode, kind, id_, path in _entries(git, f"{commit}:{FOLDER}"):
        if kind != "tree" or path in _ODD:
            continue
        blobs = {
            inner: blob
            for mode, kind, blob, inner in _entries(git, id_, "-r")
            if kind == "blob" and mode in _REGULAR and not _ODD & set(inner.split("/"))
        }
        if 0 < len(blobs) <= MAX_FILES:
            yield Tree(name=path, id=id_, blobs=blobs)
        elif blobs:
            logger.warning("not kept folder=%s/%s files=%s", FOLDER, path, len(blobs))


def _entries(git: Git, tree: str, *options: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield mode, kind, id and path of what is in a tree; nothing if there is no such tree."""
    done = git.ended("ls-tree", "-z", *options, tree)
    for line in done.stdout.split(b"\0") if done.returncode == 0 else ():
        if line:
            facts, _tab, path = line.partition(b"\t")
            mode, kind, id_ = facts.decode().split()
            text = path.decode(errors="replace")
            if text.isprintable() and "\\" not in text:
                yield mode, kind, id_, text


def extract(git: Git, tree: Tree) -> dict[str, bytes]:
    """Return the files of a folder, and make its copy complete; files above 1 MiB are left out."""
    files: dict[str, bytes] = {}
    for path, blob in tree.blobs.items():
        if git.size_bytes(blob, MAX_BYTES) is not None:
            files[path] = git.run("cat-file", "blob", blob)
    write_copy(files)
    return files


def write_copy(files: Mapping[str, bytes]) -> None:
    """Write a copy of a folder, read-only, complete or not at all; raises OSError."""
    digest = digest_of(files)
    folder = copy_folder(digest)
    if folder.is_dir() and digest_of(read_copy(folder)) == digest:
        return
    copies_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = Path(tempfile.mkdtemp(dir=copies_folder(), prefix=".new-"))
    for path, data in files.items():
        target = aside / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o444)
    if folder.exists():  # spoilt: a copy that is right is never replaced
        os.rename(folder, copies_folder() / f".old-{digest}-{os.getpid()}")
        shutil.rmtree(copies_folder() / f".old-{digest}-{os.getpid()}", ignore_errors=True)
    try:
        os.rename(aside, folder)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        if not folder.is_dir():  # else another process was first
            raise
    for place, _folders, _files in os.walk(folder):
        os.chmod(place, 0o555)  # noqa: S103  in a folder that only the portal enters


def _rows(tree: Tree, files: Mapping[str, bytes], commit: str) -> Iterator[CoreTrainer]:
    project = Project(name=tree.name, paths=list(files), read=files.get)
    for path in sorted(files):
        source = project.source(path) if path.endswith(".py") else None
        found = trainer_classes(path, source.tree) if source is not None else []
        if source is None or not found:
            continue
        first, command_line = found[0], read_command_line(source, project)
        base = files.get(posixpath.join(posixpath.dirname(path), BASE))
        yield CoreTrainer(
            path=f"{FOLDER}/{tree.name}/{path}",
            class_name=first.name,
            experiment_name=first.experiment,
            kind=first.kind,
            line=first.line,
            commit=commit,
            tree=tree.id,
            digest=digest_of(files),
            sha256=hashlib.sha256(files[path]).hexdigest(),
            base_sha256=hashlib.sha256(base).hexdigest() if base is not None else "",
            parameters=[parameter.to_json() for parameter in command_line.parameters],
            parameters_known=command_line.known,
        )
