"""Says when a run writes very much; the limit of its entry point is the supervisor's to keep."""

from __future__ import annotations

from runs_app.choices import Notice
from runs_app.executors import notices
from runs_app.models import Run
from runs_app.runner.folder import RunFolder

MIB = 2**20
LARGE_MIB = 1024


def watch(run: Run, folder: RunFolder) -> None:
    """Note it on the run when its output has grown large, and again each time it has doubled."""
    written = folder.output_bytes()
    reached_mib = threshold_mib(run.log_limit_mib)
    if written <= reached_mib * MIB:
        return
    while written > 2 * reached_mib * MIB:
        reached_mib *= 2
    if run.notices.get(Notice.LOG_LARGE) != {"mib": reached_mib}:
        notices.add(run.pk, Notice.LOG_LARGE, mib=reached_mib)


def threshold_mib(limit_mib: int | None) -> int:
    """Return when output counts as large: early enough before a limit to do something about it."""
    return min(LARGE_MIB, max(1, limit_mib * 4 // 5)) if limit_mib else LARGE_MIB
