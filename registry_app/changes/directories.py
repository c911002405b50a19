"""Where the directories of all experiments are, and which of them are not there any more."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from registry_app.exceptions import PathRefusedError
from registry_app.files.paths import resolve_directory
from registry_app.models import Experiment


@dataclass(frozen=True, kw_only=True)
class KnownDirectory:
    """The directory of one experiment, as written and with its links resolved.

    Both are None where the path leads outside every root.
    """

    pk: int
    name: str
    written: Path | None = None
    place: Path | None = None
    is_there: bool = False
    missing_since: datetime | None = None


def known_directories(pks: Sequence[int] | None = None) -> list[KnownDirectory]:
    """Look for the directories of these experiments, or of all; one query, one look a row."""
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
            found.append((name, str(error)))
    return found


def named_twice(path: str, *, name: str, others: Mapping[str, str]) -> str:
    """Return why `name` may not have its directory at `path`, '' where it may.

    `others` are the paths of the other experiments by name. One directory under two names makes
    a registry file that no import takes back.
    """
    place = place_of(path)
    for other, written in others.items():
        if place is not None and other != name and place_of(written) == place:
            return same_directory(name, other)
    return ""


def same_directory(name: str, other: str) -> str:
    """Return why two experiments may not lie where they say."""
    text = _("{name} and {other} name the same directory; each directory is one experiment.")
    return text.format(name=name, other=other)


def place_of(path: str) -> Path | None:
    """Return where a directory lies, None where the path leads outside every root."""
    try:
        return resolve_directory(path, settings.GUARDIANFLOW_ROOTS)
    except PathRefusedError:
        return None


def mark_missing(known: Sequence[KnownDirectory]) -> None:
    """Write down which directories were not found, and forget it of those that are back.

    Of a path that is refused nothing is said: nobody looked there.
    No row of history: nobody decided anything.
    """
    placed = [one for one in known if one.written is not None]
    gone = [one.pk for one in placed if not one.is_there and one.missing_since is None]
    back = [one.pk for one in known if one.is_there and one.missing_since is not None]
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
        is_there=written.is_dir(),
        missing_since=missing_since,
    )
