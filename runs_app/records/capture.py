"""Saves the source and environment of a run right after its script was started.

Nothing here delays a script or ends a run. What could not be saved is logged, and tried once more
when the run has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from runs_app.executors.base import folder_of
from runs_app.models import Run
from runs_app.records import environment, source
from runs_app.runner.exceptions import RunnerError
from runs_app.runner.folder import RunFolder
from runs_app.runner.outputs.snapshot import Manifest
from runs_app.runner.own_file import is_own

logger = logging.getLogger(__name__)


def capture_started(run_pks: Iterable[int]) -> None:
    """Capture the runs that this process has just started."""
    for run in Run.objects.filter(pk__in=list(run_pks)):
        capture(run)


def capture(run: Run) -> None:
    """Save what is not saved yet; errors of files and other programs are never raised."""
    folder = folder_of(run)
    if not is_own(folder.manifest_before):  # the run ended before that
        return
    _try(run, source.NAME, folder, _source)
    _try(run, environment.NAME, folder, _environment)


def _try(run: Run, name: str, folder: RunFolder, keep: Callable[[Run, RunFolder], None]) -> None:
    if is_own(folder.path / name):
        return
    try:
        keep(run, folder)
    except (
        OSError,
        RunnerError,
        ValueError,
        TypeError,
        LookupError,
        StopIteration,
        RecursionError,
    ) as error:
        logger.warning("not saved run=%s file=%s error=%s", run.pk, name, error)


def _source(run: Run, folder: RunFolder) -> None:
    manifest = Manifest.load(folder.manifest_before)
    source.write(Path(run.cwd), manifest, folder.path, script=run.script)


def _environment(run: Run, folder: RunFolder) -> None:
    environment.write(Path(run.interpreter), folder.path)
