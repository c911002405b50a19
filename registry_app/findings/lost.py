"""Whether a scan lost most of what it knew in a root: an unmounted disk, a moved folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import F
from django.utils import timezone

from registry_app.changes.directories import KnownDirectory, known_directories
from registry_app.models import Experiment

# A scan that finds less than this share of the known directories of a root may not be right.
LEAST_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class LostRoot:
    """A root with the number of directories that the registry knows in it, and of those there."""

    root: Path
    known: int
    there: int


def lost_roots(roots: Sequence[Path]) -> list[LostRoot]:
    """Return the roots in which less than half of the known directories are left.

    Archived experiments do not count, nor those whose loss was accepted.
    """
    accepted = set(
        Experiment.objects.filter(missing_accepted_at__gte=F("missing_since")).values_list(
            "pk", flat=True
        )
    )
    directories = [known for known in known_directories() if known.pk not in accepted]
    found = []
    for root in roots:
        inside = [known for known in directories if _is_in(known, root)]
        there = sum(known.is_there for known in inside)
        if inside and there < LEAST_SHARE * len(inside):
            found.append(LostRoot(root=root, known=len(inside), there=there))
    return found


def accept_lost(roots: Sequence[Path]) -> None:
    """Record that the directories that are missing in these roots are rightly gone.

    One that comes back and is lost again counts again: it is missing since a later time then.
    """
    gone = [
        known.pk
        for known in known_directories()
        if not known.is_there and any(_is_in(known, root) for root in roots)
    ]
    Experiment.objects.filter(pk__in=gone).update(missing_accepted_at=timezone.now())


def _is_in(known: KnownDirectory, root: Path) -> bool:
    return known.written is not None and known.written.parent == root
