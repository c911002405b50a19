"""Pictures of the compared runs that have the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.db.models import Q

from registry_app.files.visible import visible
from runs_app.models import Run, RunFile
from runs_app.records.preview import IMAGE_TYPES

MAX_NAMES = 24
MAX_FILES = 4000
MAX_BYTES = 8 * 2**20


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The pictures of one name, one for each run, None where a run has none.

    `names`: those that at least two runs have, the most common first.
    """

    names: tuple[str, ...] = ()
    shown: str = ""
    files: tuple[RunFile | None, ...] = ()


def pictures_of(runs: Sequence[Run], asked: str) -> Pictures:
    """Return the pictures of the name that is asked for, else of the first one; one query.

    Of several pictures of one name in a run, the one with the last path is shown.
    """
    by_name: dict[str, dict[int, RunFile]] = {}
    for file in _images(runs):
        by_name.setdefault(PurePosixPath(file.path).name, {})[file.run_id] = file
    counts = Counter({name: len(files) for name, files in by_name.items() if len(files) > 1})
    names = sorted(counts, key=lambda name: (-counts[name], name))[:MAX_NAMES]
    shown = asked if asked in counts else next(iter(names), "")
    if not shown:
        return Pictures()
    return Pictures(
        names=tuple(names),
        shown=shown,
        files=tuple(by_name[shown].get(run.pk) for run in runs),
    )


def picture_label(name: str) -> str:
    """Return the name of a picture as pages show it."""
    return visible(PurePosixPath(name).stem)


def _images(runs: Sequence[Run]) -> list[RunFile]:
    is_image = Q()
    for suffix in IMAGE_TYPES:
        is_image |= Q(path__iendswith=suffix)
    files = RunFile.objects.filter(is_image, run__in=runs, size_bytes__lte=MAX_BYTES)
    return list(files.exclude(kept="").only("run", "path").order_by("path")[:MAX_FILES])
