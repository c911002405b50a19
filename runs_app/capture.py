"""Keeps what is true of a run's source and environment, right after its script was started.

Nothing here delays a script or ends a run: what could not be kept is logged, and tried once more
when the run has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from runs_app import executor, source_record
from runs_app.models import Run
from runs_app.runner.snapshot import Manifest

logger = logging.getLogger(__name__)


def capture_started(run_pks: Iterable[int]) -> None:
    """Capture the runs that this process has just started."""
    for run in Run.objects.filter(pk__in=list(run_pks)):
        capture(run)


def capture(run: Run) -> None:
    """Keep what is not kept yet; never raises what files and foreign programs may cause."""
    folder = executor.folder_of(run)
    if (folder.path / source_record.NAME).exists() or not folder.manifest_before.exists():
        return
    try:
        manifest = Manifest.load(folder.manifest_before)
        source_record.write(Path(run.cwd), manifest, folder.path)
    except (OSError, ValueError, TypeError, LookupError, StopIteration) as error:
        logger.warning("source not kept run=%s error=%s", run.pk, error)
