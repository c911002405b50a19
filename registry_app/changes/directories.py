"""Where the directories of all experiments are, and which of them are missing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import resolve_directory
from registry_app.messages import Message
from registry_app.models import Experiment
from registry_app.reading import error_text
from registry_app.texts.problems import SAME_DIRECTORY


@dataclass(frozen=True, kw_only=True)
class KnownDirectory:
    """The directory of one experiment, as written and with its links resolved.

    Both are None if the path leads outside every root.
    """

    pk: int
    name: str
    written: Path | None = None
    place: Path | None = None
    is_there: bool = False
    missing_since: datetime | None = None


def archived_directories() -> list[KnownDirectory]:
    """Locate the directories of the archived experiments, which no scan drafts again."""
    rows = Experiment.everything.exclude(archived_at=None).order_by("pk")
    return [_known(*row) for row in rows.values_list("pk", "name", "path", "missing_since")]


def known_directories(pks: Sequence[int] | None = None) -> list[KnownDirectory]:
    """Locate the directories of these experiments, or of all in use.

    One query, and a disk look-up per row.
    """
    rows = Experiment.objects.order_by("pk")
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    return [_known(*row) for row in rows.values_list("pk", "name", "path", "missing_since")]


def refused_directories() -> list[tuple[str, str]]:
    """Return the experiments whose path is not allowed, each with the reason."""
    found = []
    for name, path in Experiment.objects.order_by("name").values_list("name", "path"):
        try:
            resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
        except PathRefusedError as error:
            found.append((name, error_text(error)))
    return found


def named_twice(path: str, *, name: str, others: Mapping[str, str]) -> Message | None:
    """Return why `name` must not have its directory at `path`, None if it may.

    `others` are the paths of the other experiments by name. With one directory under two names,
    the exported registry file could not be imported again.
    """
    place = place_of(path)
    for other, written in others.items():
        if place is not None and other != name and place_of(written) == place:
            return SAME_DIRECTORY(name=name, other=other)
    return None


def place_of(path: str) -> Path | None:
    """Return the real path of a directory, None if the path leads outside every root."""
    try:
        return resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError:
        return None


def mark_missing(known: Sequence[KnownDirectory]) -> None:
    """Mark the directories that were not found, and unmark those that are back.

    Refused paths are not marked: they were not looked up.
    Writes no history: this is no decision of a user.
    """
    placed = [directory for directory in known if directory.written is not None]
    gone = [
        directory.pk
        for directory in placed
        if not directory.is_there and directory.missing_since is None
    ]
    back = [
        directory.pk
        for directory in known
        if directory.is_there and directory.missing_since is not None
    ]
    if gone:
        Experiment.objects.filter(pk__in=gone).update(missing_since=timezone.now())
    if back:
        Experiment.objects.filter(pk__in=back).update(missing_since=None)


def _known(pk: int, name: str, path: str, missing_since: datetime | None) -> KnownDirectory:
    try:
        written = resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError:
        return KnownDirectory(pk=pk, name=name, missing_since=missing_since)
    return KnownDirectory(
        pk=pk,
        name=name,
        written=written,
        place=Path(os.path.realpath(written)),
        # A root that may not be entered any more is as good as gone.
        is_there=os.path.isdir(written),
        missing_since=missing_since,
    )
