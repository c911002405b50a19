"""The list of what scans leave out: every child of a root that is no experiment of the registry."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from registry_app.changes.directories import KnownDirectory
from registry_app.models import LeftOutChild
from registry_app.scan.left_out import LeftOut, key_of
from registry_app.scan.run import ScanResult
from registry_app.texts import left_out as texts

AT_ONCE = 1000


def unknown(
    left: Iterable[LeftOut],
    known: Sequence[KnownDirectory],
    archived: Sequence[KnownDirectory] = (),
) -> tuple[LeftOut, ...]:
    """Return the children without those whose directory has an experiment.

    An archived experiment is the reason for its own directory.
    """
    in_use, put_away = _names(known), _names(archived)
    found = []
    for child in left:
        if _experiment_of(child.path, in_use) is not None:
            continue
        name = _experiment_of(child.path, put_away)
        found.append(child if name is None else replace(child, reason=texts.ARCHIVED(name=name)))
    return tuple(found)


def keep(result: ScanResult, left: Sequence[LeftOut]) -> None:
    """Write the list of the scanned roots, keeping the primary keys of rows that stay.

    Rows of folders that are no roots any more go.
    """
    rows = [
        LeftOutChild(
            path=child.key,
            root=key_of(child.path.parent),
            code=child.reason.code,
            reason=child.reason,
        )
        for child in left
    ]
    LeftOutChild.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["root", "code", "reason"],
    )
    present = {row.path for row in rows}
    scanned = [key_of(root) for root in result.roots]
    roots = [key_of(Path(root)) for root in settings.GUARDIANFLOW_ROOTS]
    stored = LeftOutChild.objects.filter(Q(root__in=scanned) | ~Q(root__in=roots))
    gone = [pk for pk, path in stored.values_list("pk", "path") if path not in present]
    for begin in range(0, len(gone), AT_ONCE):
        LeftOutChild.objects.filter(pk__in=gone[begin : begin + AT_ONCE]).delete()


def kept(roots: Sequence[Path]) -> tuple[LeftOut, ...]:
    """Return the stored list of some roots."""
    rows = LeftOutChild.objects.listed().filter(root__in=[key_of(root) for root in roots])
    return tuple(
        LeftOut(path=Path(row.path), reason=row.reason) for row in rows if row.reason is not None
    )


def experiment_of(path: Path, directories: Sequence[KnownDirectory]) -> str | None:
    """Return the name of the experiment whose directory is this child of a root."""
    return _experiment_of(path, _names(directories))


def _names(directories: Sequence[KnownDirectory]) -> dict[Path, tuple[str, bool]]:
    """Return the experiments by their directories; true for paths as they are written."""
    places = {
        directory.place: (directory.name, False)
        for directory in directories
        if directory.place is not None
    }
    written = {
        directory.written: (directory.name, True)
        for directory in directories
        if directory.written is not None
    }
    return places | written


def _experiment_of(path: Path, names: dict[Path, tuple[str, bool]]) -> str | None:
    """Return the experiment of a child of a root.

    A link to an experiment's directory is not the experiment, unless it is written so.
    """
    if not names:
        return None
    if path in names and (names[path][1] or not path.is_symlink()):
        return names[path][0]
    if path.is_symlink():
        return None
    found = names.get(Path(os.path.realpath(path)))
    return found[0] if found else None
