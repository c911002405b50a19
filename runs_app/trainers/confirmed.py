"""Trainers of the core repository that no confirmed command covers: read first, then started.

The confirmation of a command covers the trainer that its entry point starts by default. Any other
one comes from git as well, so it is started only with the content that an engineer has read: named
in a shell, with a file of a run set, or on the page of a comparison.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User

from registry_app.choices import ConfirmedBy
from registry_app.fields.line_diff import Line, line_diff
from registry_app.files.core_copies import read_copy
from registry_app.files.core_scripts import copy_folder
from registry_app.messages import lines as several_lines
from registry_app.messages import plain
from registry_app.models import CoreTrainer, EntryPoint
from runs_app.exceptions import ScriptRefusedError
from runs_app.models import ConfirmedFile
from runs_app.texts import requests
from runs_app.texts import trainers as texts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class UnreadTrainer:
    """A trainer that waits for an engineer to read it.

    `lines` are its files, or what changed in them since they were confirmed last.
    """

    path: str
    digest: str
    content: str
    lines: tuple[Line, ...]


class UnreadTrainerError(ScriptRefusedError):
    """The content of a trainer was confirmed by no engineer; `unread` holds what must be read."""

    def __init__(self, unread: UnreadTrainer) -> None:
        shown = [plain(f"  {line.marked}") for line in unread.lines]
        advice = requests.READ_IT(digest=unread.digest)
        super().__init__(several_lines([texts.UNREAD(path=unread.path), *shown, advice]))
        self.unread = unread


def unread(row: CoreTrainer, entry: EntryPoint | None) -> UnreadTrainer | None:
    """Return what must be read before a trainer may be started, None if nothing must.

    At most two queries; the trainer is read from its copy and never started.
    """
    if entry is not None and entry.default_script == f"core:{row.path}":
        return None  # its digest is part of the confirmed command
    readings = ConfirmedFile.objects.filter(path=row.path)
    if readings.filter(digest=row.digest).exists():
        return None
    last = readings.first()
    content = _content(row)
    return UnreadTrainer(
        path=row.path,
        digest=row.digest,
        content=content,
        lines=tuple(line_diff(last.content if last else "", content)),
    )


def check(row: CoreTrainer, entry: EntryPoint | None, *, read: Collection[str]) -> None:
    """Raise UnreadTrainerError unless a trainer was confirmed, or its digest is in `read`."""
    if row.digest not in read and (waiting := unread(row, entry)) is not None:
        raise UnreadTrainerError(waiting)


def keep(waiting: UnreadTrainer, *, user: User | None) -> None:
    """Store that `user` has read a trainer; call it in the transaction that queues its run."""
    ConfirmedFile.objects.create(
        path=waiting.path,
        digest=waiting.digest,
        content=waiting.content,
        how=ConfirmedBy.COMMAND if user is None else ConfirmedBy.FORM,
        by=user,
    )
    logger.info("confirmed a trainer path=%s digest=%s", waiting.path, waiting.digest)


def _content(row: CoreTrainer) -> str:
    """Return the files of a trainer as one text; bytes that are no UTF-8 are written out."""
    files = read_copy(copy_folder(row.digest))
    parts = [
        f"# {path}\n" + data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
        for path, data in sorted(files.items())
    ]
    return "\n".join(parts)
