"""What a reader should know about a run's numbers, besides the state of the run."""

from __future__ import annotations

from collections import Counter

from runs_app.executors import notices
from runs_app.runner.outputs.metric_points import Collected
from runs_app.texts import remarks
from runs_app.texts import results as texts

MAX_NAMED = 10
# The note about one file, and the corresponding message about the run.
_OF_FILES = (
    (remarks.RESULTS_FROM_BEFORE, {texts.ROWS_FROM_BEFORE.code, texts.LINES_FROM_BEFORE.code}),
    (remarks.RESULTS_WRITTEN_AGAIN, {texts.ALSO_BEFORE.code}),
)


def note(run_pk: int, collected: Collected) -> None:
    """Note what is odd about the results of a run; replaces the notes made while it ran."""
    notices.take_back(run_pk, remarks.METRICS_SAMPLED)
    for remark, codes in _OF_FILES:
        files = [
            source.source
            for source in collected.sources
            if any(note.code in codes for note in source.notes)
        ]
        if files:
            notices.add(run_pk, remark(files=_few(files)))
    if collected.seen:
        kept = Counter(point.key for point in collected.points)
        names = [f"{name} ({kept[name]}/{seen})" for name, seen in collected.seen.items()]
        notices.add(run_pk, remarks.METRICS_THINNED(names=_few(names)))


def _few(names: list[str]) -> list[str]:
    return [*names[:MAX_NAMED], "…"] if len(names) > MAX_NAMED else names
