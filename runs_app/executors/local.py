"""The line between runs and whatever carries them out: submit, observe, cancel.

Here it is a detached supervisor on this machine. Outcome and logs are read from the run folder
whatever carried the run out, so another engine would replace only this file.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from django.conf import settings

from runs_app.executors import script_user
from runs_app.models import Run
from runs_app.runner import process
from runs_app.runner.folder import Observation, RunFolder, Spec, boot_id

logger = logging.getLogger(__name__)


def folder_of(run: Run) -> RunFolder:
    """Return the run folder, which need not be there yet."""
    return RunFolder(run.folder)


def submit(folder: RunFolder, spec: Spec, environment: Mapping[str, str]) -> None:
    """Start the script once and return at once; raises RunnerError if that is impossible."""
    spec, environment = script_user.started_as(spec, environment)
    folder.create(spec)
    process.spawn_supervisor(folder, environment)


def observe(folder: RunFolder) -> Observation:
    """Return what the run folder shows now."""
    return folder.observe(boot_id=boot_id())


def forward_cancel(run: Run) -> None:
    """Hand a stored wish to cancel on to the supervisor, where it is on this machine."""
    folder = folder_of(run)
    if run.host == settings.GUARDIANFLOW_HOST and folder.path.is_dir():
        process.ask_to_stop(folder)


def is_supervised_elsewhere(folder: RunFolder) -> bool:
    """Return whether a folder that nobody holds is a copy, and its original still runs here."""
    return process.supervisor_pid(folder) != 0


def is_left_alive(run: Run) -> bool:
    """Return whether anything of a run lives on this machine, whatever its folder says."""
    return process.is_left_alive(str(run.uuid))


def end_leftovers(run: Run) -> None:
    """Kill what a supervisor that died left alive of a run on this machine."""
    if found := process.end_leftovers(folder_of(run), str(run.uuid)):
        logger.warning("killed what was left alive run=%s processes=%s", run.pk, found)


def base_environment() -> Mapping[str, str]:
    """Return the environment that scripts inherit before it is cleaned for them.

    It is this process's own, less the time zone that Django has put there.
    """
    environment = {name: value for name, value in os.environ.items() if name != "TZ"}
    zone = str(settings.GUARDIANFLOW_SCRIPT_TZ)
    return environment | ({"TZ": zone} if zone else {})
