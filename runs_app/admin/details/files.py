"""What the best and the last good run of an experiment left: its weights first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from runs_app.models import RunFile
from runs_app.overview.standing import Standing
from runs_app.runner.outputs.kinds import WEIGHTS

SHOWN = 12
_WEIGHTS = tuple(pattern for patterns in WEIGHTS.values() for pattern in patterns)


@dataclass(frozen=True, kw_only=True)
class RunFiles:
    """The files of one run; `count` is how many it left in all."""

    label: str
    run_pk: int
    files: Sequence[RunFile]
    count: int


def files_of(standing: Standing, labels: tuple[str, str]) -> list[RunFiles]:
    """Return the kept files of the best and of the last good run, named by `labels`; one query."""
    runs: dict[int, str] = {}
    for run, label in zip((standing.best, standing.good), labels, strict=True):
        if run is not None:
            runs.setdefault(run.pk, label)
    rows = RunFile.objects.filter(run__in=runs).exclude(kept="").order_by("run", "path")
    found: dict[int, list[RunFile]] = {pk: [] for pk in runs}
    for row in rows.only("run", "path", "size_bytes", "kept", "sha256", "members"):
        found[row.run_id].append(row)
    return [
        RunFiles(label=runs[pk], run_pk=pk, files=sorted(rows, key=_rank)[:SHOWN], count=len(rows))
        for pk, rows in found.items()
        if rows
    ]


def _rank(file: RunFile) -> tuple[bool, str]:
    name = file.path.rpartition("/")[2].lower()
    return not any(fnmatch(name, pattern) for pattern in _WEIGHTS), file.path
