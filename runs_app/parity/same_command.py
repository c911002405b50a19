"""Whether a trainer that starts an unmodified script started the very command of the old side.

Then nothing about the training can differ, and one run is enough: what the trainer read of its
results must be what the portal reads of them. Anything that is not as it should be leads to the
usual comparison.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from registry_app.results.file_names import TRAINER_RECORD as RECORD
from runs_app.choices import ParityControl, ParityOutcome, ParityTier
from runs_app.comparing.main_metric import MetricRule
from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.parity import metrics
from runs_app.parity.rule import Conclusion
from runs_app.parity.table import Row
from runs_app.records import results
from runs_app.runner.folder import RunFolder
from runs_app.runner.own_file import open_own
from runs_app.texts import parity as texts
from runs_app.texts.results import REPEATED

MAX_RECORD_BYTES = 64 * 2**20


def conclude(
    run: Run, *, old_argv: Sequence[str], script_sha256: str, main: MetricRule
) -> Conclusion | None:
    """Return the conclusion from one run of the new side, None if more runs are needed.

    `old_argv` is what the old side would have started, `script_sha256` the digest of its script.
    """
    folder = folder_of(run)
    rows = list(_record(folder))
    if not rows or rows[0].get("trainer_kind") != "script":
        return None
    if not _is_same_command(rows, old_argv=old_argv, script_sha256=script_sha256):
        return None
    read = results.read(folder.path)
    own = _last_values(rows)
    portal = {metric.key: metric.last for metric in read.metrics}
    names = [name for name in own if metrics.counts(name) and math.isfinite(own[name])]
    if not names or not _is_read_twice(read) or any(portal.get(n) != own[n] for n in names):
        return None
    if _has_other_series(read, names):
        return None
    return Conclusion(
        outcome=ParityOutcome.EQUAL,
        reason=texts.SAME_COMMAND(count=len(names)),
        tier=ParityTier.SAME_COMMAND,
        control=ParityControl.NOT_RUN,
        rows=tuple(
            Row(
                metric=name,
                old=(portal[name],),
                new=(own[name],),
                difference=0.0,
                tolerance=0.0,
            )
            for name in metrics.chosen(names, main)
        ),
    )


def words_digest(words: Sequence[str]) -> str:
    """Return the digest of a command without its interpreter, as the trainer records it."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()


def _is_same_command(
    rows: Sequence[dict[str, Any]], *, old_argv: Sequence[str], script_sha256: str
) -> bool:
    """Whether the trainer started one process: the old script, as it is, with the same words."""
    started = [row for row in rows if row.get("kind") == "process"]
    return (
        len(started) == 1
        and bool(script_sha256)
        and started[0].get("sha256") == script_sha256
        and started[0].get("words_sha256") == words_digest(old_argv[1:])
    )


def _is_read_twice(read: results.RunResults) -> bool:
    """Whether a file of the script's own holds what the record holds."""
    for source in read.sources:
        for note in (*source.notes, *([source.reason] if source.reason else ())):
            if note.code == REPEATED.code and RECORD in {
                source.source,
                note.values.get("source"),
            }:
                return True
    return False


def _has_other_series(read: results.RunResults, names: Sequence[str]) -> bool:
    """Whether another file has other values of one of the names, under the name of that file."""
    ends = tuple(f"/{name}" for name in names)
    return any(metric.file != RECORD and metric.key.endswith(ends) for metric in read.metrics)


def _last_values(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the last value of each metric that the trainer recorded."""
    found: dict[str, float] = {}
    for row in rows:
        name, value = row.get("name"), row.get("value")
        if row.get("kind") == "metric" and isinstance(name, str) and isinstance(value, int | float):
            found[name] = float(value)
    return found


def _record(folder: RunFolder) -> Iterator[dict[str, Any]]:
    """Yield the lines of the kept record; nothing if there is none that a trainer can have left."""
    try:
        with open_own(folder.trainer_record) as file:
            for line in file.read(MAX_RECORD_BYTES).splitlines():
                row = json.loads(line)
                if isinstance(row, dict):
                    yield row
    except (OSError, ValueError, RecursionError):
        return
