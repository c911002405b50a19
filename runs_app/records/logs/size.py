"""Warns when a run writes much output; the limit itself is enforced by the supervisor."""

from __future__ import annotations

from runs_app.executors import notices
from runs_app.models import Run
from runs_app.runner.folder import RunFolder
from runs_app.texts.remarks import LOG_LARGE

MIB = 2**20
LARGE_MIB = 1024


def watch(run: Run, folder: RunFolder) -> None:
    """Note on the run that its output is large, and again each time the size has doubled."""
    written = folder.output_bytes()
    reached_mib = threshold_mib(run.log_limit_mib)
    if written <= reached_mib * MIB:
        return
    while written > 2 * reached_mib * MIB:
        reached_mib *= 2
    if run.notices.get(LOG_LARGE.code) != {"mib": reached_mib}:
        notices.add(run.pk, LOG_LARGE(mib=reached_mib))


def threshold_mib(limit_mib: int | None) -> int:
    """Return the size from which output counts as large: early enough to act before a limit."""
    return min(LARGE_MIB, max(1, limit_mib * 4 // 5)) if limit_mib else LARGE_MIB
